"""Marks as files: CSV for a spreadsheet, JSON for a program, JUnit XML for a build server."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree import ElementTree

from labkit.checks.task import OUTCOMES
from labkit.grading.marks.sheet import Row, list_task_ids

# A spreadsheet takes a cell that begins like this for a formula; with a quote in front it is text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plain_cell(words: str) -> str:
    """A text that no spreadsheet runs."""
    return f"'{words}" if words.startswith(_FORMULA) else words


def write_marks(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Write marks.csv (a student a line), cells.csv (a cell a line), marks.json and marks.xml; return them."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        "marks.csv": _build_marks(rows),
        "cells.csv": _build_cells(rows),
        "marks.json": json.dumps([row.graded.as_document() for row in rows], ensure_ascii=False, indent=1) + "\n",
        "marks.xml": _build_junit(rows),
    }
    paths = []
    for name, words in made.items():
        path = folder / name
        draft = folder / f".{name}"
        # A byte-order mark, because Excel takes UTF-8 without one for the system's old encoding.
        draft.write_text(words, encoding="utf-8-sig" if name.endswith(".csv") else "utf-8", newline="")
        os.replace(draft, path)
        paths.append(path)
    return paths


def _build_marks(rows: Sequence[Row]) -> str:
    tasks = list_task_ids(rows)
    header = ["student", "key", "total", "points", "certain", *OUTCOMES, *tasks, "seconds", "memory_mb"]
    lines = [
        [
            plain_cell(row.graded.student),
            row.graded.key,
            row.total,
            row.graded.points,
            "yes" if row.is_certain else "no",
            *(row.by_outcome.get(outcome, 0) for outcome in OUTCOMES),
            *(row.by_task.get(task, "") for task in tasks),
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
