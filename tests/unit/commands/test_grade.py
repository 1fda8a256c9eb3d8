"""The command around a batch: what it says while it works, and what stops it before it begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labkit.cli import main
from labkit.cli_parser import build_parser
from labkit.commands.grade_progress import Progress
from labkit.grading.batch.run import Done
from labkit.grading.intake.submission import Submission
from labkit.grading.worker.outcome import Graded
from labkit.i18n import use_language


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABKIT_LANG", "en")
    use_language("en")


def done(student: str, *ran: str) -> Done:
    graded = Graded(student, student, (), (), (), {}, 30.0)
    return Done(Submission(student, student, student, ()), graded, ran)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_is_left_is_foretold_from_what_was_run(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    progress = Progress(5, 3, clock)
    progress.finished(done("A"))
    progress.finished(done("B"))
    clock.now += 60
    progress.finished(done("C", "01_s3"))
    clock.now += 70
    progress.finished(done("D", "01_s3"))
    progress.finished(done("E", "01_s3"))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("left ")[1] for line in lines] == ["?", "?", "2:00", "1:05", "0:00"]
    assert [("known" in line) for line in lines] == [True, True, False, False, False]
    assert lines[2].startswith("3/5  C")


def test_all_known_leaves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Progress(1, 0, Clock()).finished(done("A"))
    assert capsys.readouterr().out.rstrip().endswith("left 0:00")


@pytest.mark.parametrize(
    ("words", "regrade"),
    [
        ([], None),
        (["--regrade"], [""]),
        (["--regrade", "4.2"], ["4.2"]),
        (["--regrade", "4.2", "--regrade", "Ana Núñez"], ["4.2", "Ana Núñez"]),
    ],
)
def test_regrade_takes_a_word_or_none_and_may_be_repeated(words: list[str], regrade: list[str] | None) -> None:
    options: Any = build_parser().parse_args(["grade", "subs", "--out", "marks", *words])
    assert options.regrade == regrade


def test_a_notebook_that_is_none_is_a_lesson(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["grade", str(tmp_path), "--out", str(tmp_path / "out"), "--notebooks", "77_nada"]
    assert main(words) == 1
    assert "77_nada" in capsys.readouterr().err


def test_nothing_handed_in_is_a_lesson(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grade", str(tmp_path / "none"), "--out", str(tmp_path / "out")]) == 1
    assert "none" in capsys.readouterr().err


def test_an_out_that_cannot_be_made_is_a_lesson(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "subs" / "Ana").mkdir(parents=True)
    (tmp_path / "subs" / "Ana" / "01_s3.ipynb").write_text("{}")
    (tmp_path / "out").write_text("a file stands here")
    assert main(["grade", str(tmp_path / "subs"), "--out", str(tmp_path / "out"), "--notebooks", "01_s3"]) == 1
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    assert "out" in shown.err


def test_a_dry_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "subs" / "Ana").mkdir(parents=True)
    (tmp_path / "subs" / "Ana" / "01_s3.ipynb").write_text("{}")
    assert main(["grade", str(tmp_path / "subs"), "--out", str(tmp_path / "out"), "--dry-run"]) == 0
    assert "Ana" in capsys.readouterr().out
    assert not (tmp_path / "out").exists()


def test_similarity_writes_its_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "subs" / "Ana").mkdir(parents=True)
    (tmp_path / "subs" / "Ana" / "01_s3.ipynb").write_text('{"cells": []}')
    page = tmp_path / "alike.html"
    assert main(["similarity", str(tmp_path / "subs"), "--out", str(page), "--notebooks", "01_s3"]) == 0
    assert "0 pairs" in capsys.readouterr().out
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
