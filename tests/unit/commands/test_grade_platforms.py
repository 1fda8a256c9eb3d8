"""From the marks of a class to the two sheets, at the end of `labkit grade`."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import pytest

from labkit.commands.grade_platforms import build_entries, check_platforms, write_platforms
from labkit.errors import DataError
from labkit.grading.intake.roster import Enrolled
from labkit.grading.intake.submission import Paper, Submission
from labkit.grading.marks.sheet import Row, build_row
from labkit.grading.worker.outcome import Graded, TaskMark
from labkit.i18n import use_language

MOODLE = (
    "Identifier,Full name,ID number,Grade,Maximum Grade,Feedback comments\n"
    "Participant 11,Ana Núñez,N1,,10.00,\n"
    "Participant 12,Luis Gil,N2,,10.00,\n"
    "Participant 13,Eva Paz,N3,,10.00,\n"
    "Participant 14,Otra Persona,N4,,10.00,\n"
)
CANVAS = (
    'Student,ID,SIS User ID,Section,Lab (7)\n    Points Possible,,,,50\n"Núñez, Ana",1,N1,A,\n"Gil, Luis",2,N2,A,\n'
)
CLASS = (
    Enrolled("Ana Núñez", "ana", "N1", ("N1",)),
    Enrolled("Luis Gil", "luis", "N2"),
    Enrolled("Eva Paz", "eva", "N3"),
)


def _row(key: str, earned: int, *, our_fault: bool = False) -> Row:
    marks = (
        TaskMark("1.1", "passed", earned, 10, "etl", our_fault=our_fault),
        TaskMark("2.1", "not_yet", 0, 10, "etl"),
    )
    return build_row(Graded("", key, marks, (), (), {}, 1.0))


@pytest.fixture
def options(tmp_path: Path) -> argparse.Namespace:
    use_language("es")
    (tmp_path / "m.csv").write_text(MOODLE, encoding="utf-8")
    (tmp_path / "c.csv").write_text(CANVAS, encoding="utf-8")
    return argparse.Namespace(
        moodle=tmp_path / "m.csv", canvas=tmp_path / "c.csv", canvas_column=None, out=tmp_path / "notas"
    )


def _submissions(tmp_path: Path) -> list[Submission]:
    paper = Paper("01_s3", tmp_path / "01_s3.ipynb", "x")
    return [
        Submission("Ana Núñez", "ana-nunez", "ana", (paper,), "11", late=True),
        Submission("Luis Gil", "luis-gil", "luis", (paper,)),
        Submission("Eva Paz", "eva-paz", "eva", ()),
    ]


def test_both_sheets(options: argparse.Namespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [_row("ana-nunez", 10), _row("luis-gil", 5, our_fault=True), _row("eva-paz", 0)]
    write_platforms(options, _submissions(tmp_path), CLASS, rows)
    moodle = (tmp_path / "notas/moodle.csv").read_text(encoding="utf-8").splitlines()
    assert moodle[1] == (
        'Participant 11,Ana Núñez,N1,5.00,10.00,"labkit: 10 de 20 puntos; 5.00 sobre 10.00 · 01: 10/10, 02: 0/10, entregado tarde"'
    )
    assert moodle[2] == MOODLE.splitlines()[2]
    assert moodle[3] == "Participant 13,Eva Paz,N3,0.00,10.00,labkit: 0 de 20 puntos; 0.00 sobre 10.00 · sin entrega"
    assert (tmp_path / "notas/canvas.csv").read_text(encoding="utf-8") == CANVAS.replace("N1,A,", "N1,A,25.00")
    said = capsys.readouterr().out
    assert "moodle.csv: 2 notas puestas" in said
    assert "Luis Gil: una comprobación nuestra falló" in said
    assert "Otra Persona: su fila queda como estaba" in said
    assert "Eva Paz: no hay una fila que sea solo suya" in said


def test_nothing_of_a_submission_gets_into_a_sheet(options: argparse.Namespace, tmp_path: Path) -> None:
    evil = "=HYPERLINK(1)"
    (one,) = build_entries([Submission(evil, "evil", evil, (), "11")], (), [replace(_row("evil", 1))])
    assert evil not in one.detail
    write_platforms(options, [Submission(evil, "evil", evil, (), "11")], (), [_row("evil", 1)])
    assert evil not in (tmp_path / "notas/moodle.csv").read_text(encoding="utf-8")


def test_only_those_who_were_graded_now(options: argparse.Namespace, tmp_path: Path) -> None:
    assert [one.student for one in build_entries(_submissions(tmp_path), CLASS, [_row("eva-paz", 0)])] == ["Eva Paz"]


def test_a_wrong_template_is_found_before_anything_is_run(options: argparse.Namespace, tmp_path: Path) -> None:
    check_platforms(options)
    assert not options.out.exists()
    options.moodle = options.canvas
    with pytest.raises(DataError):
        check_platforms(options)
    options.moodle = tmp_path / "none.csv"
    with pytest.raises(DataError):
        check_platforms(options)
