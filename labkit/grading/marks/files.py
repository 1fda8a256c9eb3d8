"""Marks as files: CSV for a spreadsheet, JSON for a program, JUnit XML for a build server."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from labkit.checks.task import OUTCOMES
from labkit.grading.marks.sheet import Row, list_task_ids

# A spreadsheet takes a cell that begins like this for a formula (East Asian ones take wide signs as well); with a quote in front it
# is text. A Spanish spreadsheet ends a cell at ";" when it opens a file made with ",", so what follows one counts as a beginning too.
_FORMULA = re.compile(r"(^|[;\t\r\n])([\s\"']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def plain_cell(words: str) -> str:
    """A text that no spreadsheet runs, without the signs that steer a terminal."""
    return _FORMULA.sub(r"\1\2'", _CONTROL.sub(" ", words))


def write_marks(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Write marks.csv (a student a line), cells.csv (a cell a line), marks.json (a student a line as well) and marks.xml; return them."""
    made = {
        "marks.csv": _build_marks(rows),
        "cells.csv": _build_cells(rows),
        "marks.json": _to_json_lines([_build_document(row) for row in rows]),
        "marks.xml": _build_junit(rows),
    }
    return [write_whole(folder / name, words) for name, words in made.items()]


def write_whole(path: Path, words: str) -> Path:
    """Write a file so that a reader never sees half of it; what no file can hold (half a character) is written as an escape."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}")
    # A byte-order mark, because Excel takes UTF-8 without one for the system's old encoding.
    encoding = "utf-8-sig" if path.suffix == ".csv" else "utf-8"
    draft.write_text(words, encoding=encoding, errors="backslashreplace", newline="")
    os.replace(draft, path)
    return path


def _build_document(row: Row) -> dict[str, Any]:
    written = [
        {
            "task": one.task,
            "earned": one.earned,
            "points": one.points,
            "blank": one.is_blank,
            "pending": [mark.item.id for mark in one.pending],
            "items": {mark.item.id: mark.earned for mark in one.items if mark.share is not None},
        }
        for one in row.written
    ]
    sums = {"total": row.total, "possible": row.points, "certain": row.is_certain, "written": written}
    document = row.graded.as_document()
    # What a cell printed is on the student's page; here it would be nine tenths of the file, and nobody's mark depends on it.
    cells = [{name: value for name, value in cell.items() if name != "output"} for cell in document["cells"]]
    return {**document, "cells": cells, **sums}


def _to_json_lines(documents: Sequence[Any]) -> str:
    """One JSON list, an item a line, as JSON's standard has it: a student's NaN is a word there, not a number."""
    lines = [json.dumps(_finite(document), ensure_ascii=False, allow_nan=False) for document in documents]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value


def _build_marks(rows: Sequence[Row]) -> str:
    tasks = list_task_ids(rows)
    texts = list(dict.fromkeys(one.task for row in rows for one in row.written))
    header = ["student", "key", "total", "points", "certain", "pending", *OUTCOMES, *tasks]
    header += [*(f"{task} text" for task in texts), "seconds", "memory_mb"]
    lines = [
        [
            plain_cell(row.graded.student),
            row.graded.key,
            row.total,
            row.points,
            "yes" if row.is_certain else "no",
            sum(len(one.pending) for one in row.written),
            *(row.by_outcome.get(outcome, 0) for outcome in OUTCOMES),
            *(row.by_task.get(task, "") for task in tasks),
            *(next((one.earned for one in row.written if one.task == task), "") for task in texts),
            row.graded.seconds,
            round(row.graded.memory_bytes / 1e6),
        ]
        for row in rows
    ]
    return _to_csv([header, *lines])


def _build_cells(rows: Sequence[Row]) -> str:
    header = ["student", "key", "notebook", "cell", "outcome", "seconds", "error"]
    lines = [
        [
            plain_cell(row.graded.student),
            row.graded.key,
            cell.notebook,
            cell.cell_id,
            cell.outcome,
            cell.seconds,
            plain_cell(cell.error),
        ]
        for row in rows
        for cell in row.graded.cells
    ]
    return _to_csv([header, *lines])


def _to_csv(lines: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue()


def _build_junit(rows: Sequence[Row]) -> str:
    suites = ElementTree.Element("testsuites")
    for row in rows:
        suite = ElementTree.SubElement(
            suites, "testsuite", name=_visible(row.graded.key), tests=str(len(row.graded.tasks))
        )
        for mark in row.graded.tasks:
            case = ElementTree.SubElement(suite, "testcase", classname=_visible(row.graded.key), name=mark.task)
            if mark.our_fault:
                ElementTree.SubElement(case, "error", message=mark.status)
            elif mark.status == "not_attempted":
                ElementTree.SubElement(case, "skipped", message=mark.status)
            elif mark.status != "passed":
                ElementTree.SubElement(case, "failure", message=mark.status)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _visible(words: str) -> str:
    return "".join(letter for letter in words if letter.isprintable())
