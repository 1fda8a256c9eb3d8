"""Mark sheets: the sums are right, and nothing that a student wrote is run by whoever opens them."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from labkit.grading.marks.files import plain_cell, write_marks
from labkit.grading.marks.sheet import build_row, list_task_ids
from labkit.grading.note import Note
from labkit.grading.worker.outcome import CellMark, Graded, TaskMark, read_graded, write_graded

MARKS = (
    TaskMark("10.1", "not_attempted", 0, 4, "performance"),
    TaskMark("2.1", "passed", 3, 3, "etl"),
    TaskMark("2.2", "not_yet", 0, 2, "etl"),
)


def student(name: str = "Ana Núñez", tasks: tuple[TaskMark, ...] = MARKS, **more: Any) -> Graded:
    return Graded(
        name, "ana-nunez", tasks, more.pop("cells", ()), more.pop("notes", ()), {"network": True}, 12.3, **more
    )


def write(tmp_path: Path, *graded: Graded) -> dict[str, str]:
    paths = write_marks([build_row(one) for one in graded], tmp_path / "out")
    return {path.name: path.read_bytes().decode("utf-8-sig") for path in paths}


def read_csv(words: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(words, newline=""), delimiter=delimiter))


def test_a_row_sums_by_task_notebook_and_outcome() -> None:
    row = build_row(student())
    assert row.by_task == {"10.1": 0, "2.1": 3, "2.2": 0}
    assert row.by_notebook == {10: 0, 2: 3}
    assert row.by_outcome == {"etl": 3, "automation": 0, "performance": 0, "evaluation": 0}
    assert (row.total, row.points) == (3, 9)
    assert row.is_certain


def test_what_is_our_fault_is_not_certain() -> None:
    broken = TaskMark("2.1", "broken", 0, 3, "etl", our_fault=True)
    assert not build_row(student(tasks=(broken,))).is_certain
    assert not build_row(student(problem="grading.worker_failed")).is_certain


def test_tasks_are_in_the_labs_order_and_not_the_alphabets() -> None:
    assert list_task_ids([build_row(student())]) == ["2.1", "2.2", "10.1"]


def test_marks_csv(tmp_path: Path) -> None:
    words = write(tmp_path, student(memory_bytes=512_000_000))["marks.csv"]
    header, line = read_csv(words)
    found = dict(zip(header, line, strict=True))
    assert (found["student"], found["total"], found["points"], found["certain"]) == ("Ana Núñez", "3", "9", "yes")
    assert (found["2.1"], found["10.1"], found["etl"], found["memory_mb"]) == ("3", "0", "3", "512")
    assert (tmp_path / "out" / "marks.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_task_that_a_student_never_had_is_empty_and_not_zero(tmp_path: Path) -> None:
    other = student("Luis", tasks=MARKS[1:])
    header, _ana, luis = read_csv(write(tmp_path, student(), other)["marks.csv"])
    assert luis[header.index("10.1")] == ""


FORMULAS = [
    "=cmd|'/c calc'!A1",
    "+1+2",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    '"=1',
    "'=1",
    "Ana;=1",
    "Ana; -1",
    "＝1+1",
    "Ana\n+1",
    "\x00=1",
    "=1" + "x" * 5000,
]


@pytest.mark.parametrize("words", FORMULAS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_begins_a_formula_however_the_file_is_opened(tmp_path: Path, words: str, delimiter: str) -> None:
    cells = (CellMark("01_s3", "t1-1-answer", "failed", 0.1, words),)
    made = write(tmp_path, student(words, cells=cells))
    for name in ("marks.csv", "cells.csv"):
        found = [cell for line in read_csv(made[name], delimiter) for part in line for cell in part.split("\n")]
        begins = [cell.strip().strip('"').strip() for cell in found]
        assert not [cell for cell in begins if cell.startswith(("=", "+", "-", "@", "＝"))]


@pytest.mark.parametrize("words", ["Ana Núñez", "O'Hara", "x = 1", "a-b", "ana@example.org", "KeyError: 'a-b'", ""])
def test_what_is_no_formula_stays_as_it_is(words: str) -> None:
    assert plain_cell(words) == words


def test_cells_csv_has_a_line_a_cell(tmp_path: Path) -> None:
    error = 'ValueError: one, "two"\nthree'
    cells = (CellMark("01_s3", "a", "passed", 0.1), CellMark("01_s3", "b", "failed", 2.0, error))
    lines = read_csv(write(tmp_path, student(cells=cells))["cells.csv"])
    assert lines[1:] == [
        ["Ana Núñez", "ana-nunez", "01_s3", "a", "passed", "0.1", ""],
        ["Ana Núñez", "ana-nunez", "01_s3", "b", "failed", "2.0", error],
    ]


def test_marks_json_is_strict_json_whatever_a_student_made(tmp_path: Path) -> None:
    facts = {"mean": float("nan"), "most": [float("inf")], "word": "\ud800"}
    finding = {"ok": False, "key": "task_1.x", "facts": facts, "misconception": ""}
    cells = (CellMark("01_s3", "a", "failed", 0.1, "\ud800 error", "\udfff\x1b[31m"),)
    tasks = (TaskMark("1.1", "not_yet", 0, 3, "etl", (finding,)),)
    words = write(tmp_path, student("\ud800Ana", tasks=tasks, cells=cells))["marks.json"]

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    (document,) = json.loads(words, parse_constant=refuse)
    assert document["tasks"][0]["findings"][0]["facts"]["mean"] == "nan"
    assert (document["total"], document["certain"]) == (0, True)


def test_marks_json_has_every_cell_but_not_what_it_printed(tmp_path: Path) -> None:
    cells = tuple(CellMark("01_s3", f"c{number}", "failed", 0.1, "ValueError: x", "y" * 4_000) for number in range(200))
    words = write(tmp_path, student(cells=cells), student("Eva"))["marks.json"]
    ana, _eva = json.loads(words)
    assert len(words.splitlines()) == 4  # a student a line
    assert [cell["cell_id"] for cell in ana["cells"]] == [cell.cell_id for cell in cells]
    assert ana["cells"][0] == {
        "notebook": "01_s3",
        "cell_id": "c0",
        "outcome": "failed",
        "seconds": 0.1,
        "error": "ValueError: x",
    }
    assert len(words) < 40_000


def test_junit_tells_failures_from_ours(tmp_path: Path) -> None:
    tasks = (*MARKS, TaskMark("3.1", "broken", 0, 3, "etl", our_fault=True))
    root = ElementTree.fromstring(write(tmp_path, student(tasks=tasks))["marks.xml"])
    (suite,) = root
    assert suite.attrib == {"name": "ana-nunez", "tests": "4"}
    found = {case.attrib["name"]: [child.tag for child in case] for case in suite}
    assert found == {"10.1": ["skipped"], "2.1": [], "2.2": ["failure"], "3.1": ["error"]}


def test_junit_cannot_be_forged(tmp_path: Path) -> None:
    cells = (CellMark("01_s3", "a", "failed", 0.1, '</testcase><testcase name="9.9"/>'),)
    words = write(tmp_path, student('"/><testcase name="9.9"/>\x00\x1b', cells=cells))["marks.xml"]
    assert len(ElementTree.fromstring(words)[0]) == 3


def test_an_empty_class_has_sheets_too(tmp_path: Path) -> None:
    made = write(tmp_path)
    assert json.loads(made["marks.json"]) == []
    assert len(read_csv(made["marks.csv"])) == len(read_csv(made["cells.csv"])) == 1
    assert len(ElementTree.fromstring(made["marks.xml"])) == 0


def test_a_sheet_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = write(tmp_path, student())

    def crash(*_paths: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path, student("Luis"))
    assert (tmp_path / "out" / "marks.csv").read_bytes().decode("utf-8-sig") == before["marks.csv"]


def test_a_result_survives_the_disk(tmp_path: Path) -> None:
    notes = (Note("limit.time", "01_s3", detail="\ud800 ñ"),)
    before = student(notes=notes, cells=(CellMark("01_s3", "a", "failed", 0.1, "\udfff"),), texts={"t8": "ñ\ud800"})
    write_graded(tmp_path / "one.json", before)
    assert read_graded(json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))) == before
