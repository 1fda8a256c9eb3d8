"""A batch of submissions: N at once, stopped and resumed, workers that fail, hang and flood, a full disk."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from labkit.checks.tasks import list_step_tasks
from labkit.errors import LabError
from labkit.grading.batch import kept
from labkit.grading.batch.folder import lock_folder
from labkit.grading.batch.run import BatchOptions
from labkit.grading.batch.shares import split
from labkit.grading.editions.cells import Notebook
from labkit.grading.sandbox.watch import Ceiling


def wait_for(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def keys(done: Any) -> set[str]:
    return {note.key for note in done.graded.notes}


def test_each_student_gets_the_marks_of_all_notebooks(classroom: Any) -> None:
    ana, luis = classroom.hand_in("Ana", "earn", "earn"), classroom.hand_in("Luis", "", "earn")
    done = classroom.run(classroom.mark(ana, luis))
    assert {name: one.graded.earned for name, one in done.items()} == {"Ana": 2, "Luis": 1}
    assert [mark.task for mark in done["Ana"].graded.tasks] == ["1.1", "2.1"]
    assert done["Ana"].ran == ("01_s3", "02_iam")
    assert not done["Ana"].is_cached


def test_n_workers_run_at_once(classroom: Any) -> None:
    marked = classroom.mark(*(classroom.hand_in(name, "meet 3\nearn") for name in ("A", "B", "C")))
    assert len(classroom.run(marked, workers=3, submission_s=30)) == 3


def test_a_student_alone_has_all_workers(classroom: Any) -> None:
    done = classroom.run(classroom.mark(classroom.hand_in("Ana", "earn", "earn")), workers=2)["Ana"]
    assert (done.graded.earned, done.ran) == (2, ("01_s3", "02_iam"))
    assert sorted(classroom.ran()) == [("ana", ["01_s3"]), ("ana", ["02_iam"])]


def test_a_chain_and_a_full_house_are_not_split(classroom: Any) -> None:
    marked = classroom.mark(*(classroom.hand_in(name, "earn", "earn") for name in ("Ana", "Luis")))
    classroom.run(marked[:1], workers=2, chain=True)
    classroom.run(marked[1:] + classroom.mark(classroom.hand_in("Eva", "earn", "earn")), workers=2)
    assert [names for _key, names in classroom.ran()] == [["01_s3", "02_iam"]] * 3


def test_shares_take_about_as_long_and_keep_the_order() -> None:
    notebooks = {
        name: Notebook(name, ()) for name in ("01_s3", "04_glue_etl", "06_trigger", "08_evaluacion", "90_spark")
    }
    assert split(list(notebooks), notebooks, 2) == [
        ["04_glue_etl"],
        ["01_s3", "06_trigger", "08_evaluacion", "90_spark"],
    ]
    assert split(["06_trigger"], notebooks, 4) == [["06_trigger"]]


def test_one_worker_runs_alone(classroom: Any) -> None:
    done = classroom.run(classroom.mark(*(classroom.hand_in(name, "alone\nearn") for name in ("A", "B", "C"))))
    assert [one.graded.earned for one in done.values()] == [1, 1, 1]


def test_what_is_done_is_not_run_again(classroom: Any) -> None:
    marked = classroom.mark(classroom.hand_in("Ana", "earn", "earn"))
    first = classroom.run(marked)["Ana"].graded
    classroom.forget_ran()
    again = classroom.run(marked)["Ana"]
    assert again.is_cached
    assert again.graded == first
    assert classroom.ran() == []


def test_a_changed_notebook_is_run_again_and_only_that(classroom: Any) -> None:
    ana = classroom.hand_in("Ana", "earn", "earn")
    classroom.run(classroom.mark(ana))
    classroom.forget_ran()
    done = classroom.run(classroom.mark(ana, **{"02": "changed"}))
    assert done["Ana"].ran == ("02_iam",)
    assert classroom.ran() == [("ana", ["02_iam"])]
    assert done["Ana"].graded.earned == 2


def test_in_a_chain_a_change_runs_all_of_it_again(classroom: Any) -> None:
    ana = classroom.hand_in("Ana", "earn", "earn")
    classroom.run(classroom.mark(ana), chain=True)
    classroom.forget_ran()
    classroom.run(classroom.mark(ana, **{"02": "changed"}), chain=True)
    assert classroom.ran() == [("ana", ["01_s3", "02_iam"])]


def test_a_stopped_batch_keeps_what_is_done_and_ends_its_workers(classroom: Any) -> None:
    ana, luis = classroom.hand_in("Ana", "earn"), classroom.hand_in("Luis", "earn", "hang")
    marked = classroom.mark(ana, luis)
    running = classroom.batch(BatchOptions(workers=2)).run(marked, lambda _one: None)
    assert next(running).submission.student == "Ana"
    wait_for((classroom.board / "luis.hangs").exists)
    pids = [int((classroom.board / name).read_text()) for name in ("luis.pid", "luis.child")]
    with pytest.raises(KeyboardInterrupt):
        running.throw(KeyboardInterrupt)
    assert not [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"]
    assert not list((classroom.out / "work").iterdir())
    classroom.forget_ran()
    # Luis' first notebook was done; of the second nothing is said until it has been run.
    classroom.hand_in("Luis", "earn", "earn")
    done = classroom.run(marked)
    assert classroom.ran() == [("luis", ["02_iam"])]
    assert done["Luis"].graded.earned == 2
    assert done["Ana"].is_cached


def test_a_worker_that_fails_by_itself_is_our_fault_and_runs_again(classroom: Any) -> None:
    ana = classroom.hand_in("Ana", "fail", "earn")
    done = classroom.run(classroom.mark(ana))["Ana"]
    assert done.graded.problem == "grading.worker_failed"
    assert done.graded.earned == 1, "the notebook after it has its chance"
    classroom.forget_ran()
    classroom.hand_in("Ana", "earn", "earn")
    again = classroom.run(classroom.mark(ana))["Ana"]
    assert classroom.ran() == [("ana", ["01_s3"])]
    assert (again.graded.problem, again.graded.earned) == ("", 2)


def test_a_broken_check_is_our_fault_and_runs_again(classroom: Any) -> None:
    ana = classroom.hand_in("Ana", "broken")
    classroom.run(classroom.mark(ana))
    classroom.forget_ran()
    classroom.run(classroom.mark(ana))
    assert classroom.ran() == [("ana", ["01_s3"])]


def test_a_notebook_that_runs_out_of_time_is_the_students_and_stays_so(classroom: Any) -> None:
    ana = classroom.hand_in("Ana", "earn", "hang")
    done = classroom.run(classroom.mark(ana), submission_s=0.5)["Ana"]
    assert done.graded.problem == ""
    assert "limit.time" in keys(done)
    assert done.graded.earned == 1
    second = {mark.task: mark.status for mark in done.graded.tasks if mark.task.startswith("2.")}
    assert second == {task.id: "not_attempted" for task in list_step_tasks(2)}
    assert classroom.run(classroom.mark(ana), submission_s=0.5)["Ana"].is_cached


def test_a_flood_ends_its_own_notebook_and_no_other(classroom: Any) -> None:
    ana = classroom.hand_in("Ana", "flood", "earn")
    options = {"ceiling": Ceiling(disk_bytes=20_000_000), "submission_s": 60}
    done = classroom.run(classroom.mark(ana), **options)["Ana"]
    assert "limit.disk" in keys(done)
    assert done.graded.earned == 1
    assert (classroom.out / "results" / "ana" / "worker-01_s3.log").stat().st_size < 100_000


def test_one_bad_submission_does_not_stop_the_others(classroom: Any) -> None:
    papers = {"A": "earn", "B": "fail", "C": "earn"}
    done = classroom.run(classroom.mark(*(classroom.hand_in(name, words) for name, words in papers.items())))
    assert {name: one.graded.earned for name, one in done.items()} == {"A": 1, "B": 0, "C": 1}


@pytest.mark.parametrize("words", ["", "{", "[]", "null", '{"student": "Ana"}', '{"tasks": 3, "cells": null}'])
def test_half_a_result_is_none(classroom: Any, words: str) -> None:
    ana = classroom.hand_in("Ana", "earn", "earn")
    (marked,) = classroom.mark(ana)
    classroom.run([marked])
    classroom.batch().kept.place(marked, "01_s3").write_text(words)
    classroom.forget_ran()
    assert classroom.run([marked])["Ana"].graded.earned == 2
    assert classroom.ran() == [("ana", ["01_s3"])]


def test_a_crash_while_writing_leaves_the_result_before_it(classroom: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = classroom.hand_in("Ana", "earn", "earn")
    (marked,) = classroom.mark(ana)
    found = classroom.run([marked])["Ana"].graded

    def crash(*_paths: object) -> None:
        raise KeyboardInterrupt

    batch = classroom.batch()
    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        batch.kept.write(marked, "01_s3", batch.kept.read(marked, "01_s3"))
    monkeypatch.undo()
    assert batch.find_missing(marked) == ()
    assert found.earned == 2


def test_a_full_disk_is_a_lesson(classroom: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(kept, "write_graded", refuse)
    with pytest.raises(LabError) as caught:
        classroom.run(classroom.mark(classroom.hand_in("Ana", "earn")))
    assert caught.value.key == "error.out_unwritable"
    assert os.strerror(errno.ENOSPC) in str(caught.value)


def test_a_folder_that_cannot_be_made_is_a_lesson(classroom: Any) -> None:
    classroom.out.parent.write_text("a file stands here")
    with pytest.raises(LabError) as caught:
        classroom.run(classroom.mark(classroom.hand_in("Ana", "earn")))
    assert caught.value.key == "error.out_unwritable"


def test_two_batches_do_not_share_a_folder(classroom: Any) -> None:
    with lock_folder(classroom.out), pytest.raises(LabError) as caught:
        classroom.run(classroom.mark(classroom.hand_in("Ana", "earn")))
    assert caught.value.key == "error.grade_running"


def test_what_a_killed_batch_left_is_cleared(classroom: Any) -> None:
    (classroom.out / "work" / "luis-1-2").mkdir(parents=True)
    classroom.run(classroom.mark(classroom.hand_in("Ana", "earn")))
    assert not list((classroom.out / "work").iterdir())


def test_working_folders_are_kept_when_wished(classroom: Any, tmp_path: Path) -> None:
    ana = classroom.hand_in("Ana", "secret what was left\nearn")
    classroom.run(classroom.mark(ana), keep=tmp_path / "keep")
    assert (tmp_path / "keep" / "ana" / "left.txt").read_text() == "what was left"
    assert json.loads((tmp_path / "keep" / "ana" / "job.json").read_text())["seed"] == "Ana"
    assert not list((classroom.out / "work").iterdir())


def test_a_worker_is_told_everything(classroom: Any) -> None:
    ana = classroom.hand_in("Ana", "earn", seed="ñandú")
    classroom.run(classroom.mark(ana), language="en", cell_s=7.0)
    job = json.loads((classroom.board / "ran.jsonl").read_text())["job"]
    assert (job["seed"], job["language"], job["cell_s"]) == ("ñandú", "en", 7.0)
    assert list(job["papers"]) == ["01_s3"]
