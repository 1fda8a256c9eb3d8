"""What a check believes of the student's side."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from labkit.checks.finding import NOT_YET
from labkit.checks.journal import open_journal
from labkit.checks.values import export
from labkit.grading.worker.orders import Orders
from labkit.grading.worker.places import Places, find_notebook
from labkit.grading.worker.trusted import TrustedChecks, is_alive, read_plain_file


def _orders(tmp_path: Path, cloud_pid: int) -> Orders:
    own, state = tmp_path / "own", tmp_path / "state"
    own.mkdir()
    state.mkdir()
    environ = {"LABKIT_STUDENT": "Ana", "LABKIT_STATE": str(own)}
    return Orders({}, (), environ, own, state, "http://127.0.0.1:9", cloud_pid, own / "results")


def test_only_plain_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"x" * 10)
    (tmp_path / "link").symlink_to(tmp_path / "plain")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    assert read_plain_file(tmp_path / "plain", 10) == b"x" * 10
    assert read_plain_file(tmp_path / "plain", 9) is None
    assert read_plain_file(tmp_path / "none", 9) == b""
    assert [read_plain_file(tmp_path / name, 99) for name in ("link", "pipe", "folder")] == [None, None, None]


def test_a_process_that_ended_is_not_alive() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    assert is_alive(os.getpid())
    while is_alive(process.pid):
        pass
    process.wait()
    assert not is_alive(process.pid)


def test_nothing_is_believed_of_a_cloud_that_ended(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    result = TrustedChecks(_orders(tmp_path, process.pid)).check("1.1", {}, lambda _name, _calls: [])
    assert (result.status, [item.key for item in result.findings]) == ("broken", ["grading.cloud_ended"])


def test_values_that_are_none_are_the_students_affair(tmp_path: Path) -> None:
    checks = TrustedChecks(_orders(tmp_path, os.getpid()))
    for forged in ({"$": "no such kind"}, {"$": ["a"]}, {"$": "frame"}, {"$": "dict", "items": 3}, {"no": "tag"}):
        result = checks.check("1.2", {"measure_folder": forged}, lambda _name, _calls: [])
        assert (result.status, result.findings[0].key) == (NOT_YET, "grading.values_unreadable")


def test_a_journal_that_was_written_anew_between_two_checks_is_not_believed(tmp_path: Path) -> None:
    orders = _orders(tmp_path, os.getpid())
    checks, journal = TrustedChecks(orders), open_journal(replace(orders.settings, state_dir=orders.state))

    def look() -> list[str]:
        return [item.key for item in checks.check("8.1", {"seconds": export(3)}, lambda _name, _calls: []).findings]

    journal.record("open", step=8)
    assert look() == ["task_8.predict.not_locked"]
    journal.record("hint", task="8.1")
    assert look() == ["task_8.predict.not_locked"]
    whole = journal.path.read_bytes()
    journal.path.unlink()
    journal.record("prediction", task="8.1", values={})
    assert look() == ["check.journal_altered"]
    journal.path.write_bytes(whole)
    assert look() == ["task_8.predict.not_locked"]


def test_truth_and_settings_are_the_graders_own(tmp_path: Path) -> None:
    orders = _orders(tmp_path, os.getpid())
    (orders.state / "data").mkdir()
    (orders.state.parent / "labkit.toml").write_text('target = "aws"\nstudent = "Eva"', encoding="utf-8")
    settings = orders.settings
    assert (settings.student, settings.target.name, settings.state_dir) == ("Ana", "local", orders.folder)


def test_each_notebook_has_a_room_that_nobody_used(tmp_path: Path) -> None:
    places = Places(tmp_path / "work")
    places.make()
    first = places.new_room("kernel-01_s3")
    (first / "home/.ipython").mkdir()
    second = places.new_room("kernel-01_s3")
    assert first != second
    assert list((second / "home").iterdir()) == []
    (second / "notebooks/es").mkdir(parents=True)
    (second / "notebooks/es/01_s3.ipynb").touch()
    assert find_notebook(places.work, "01_s3", "es") == second / "notebooks/es/01_s3.ipynb"
    assert find_notebook(places.work, "02_iam", "es") is None
