"""The end of `labkit grade`: what a person gave free texts joins the marks, and files and pages are written."""

from __future__ import annotations

import argparse
import hashlib
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.errors import LabError
from labkit.i18n import build_lesson, text

if TYPE_CHECKING:
    from labkit.grading.editions.cells import Notebook
    from labkit.grading.intake.submission import Intake
    from labkit.grading.marks.sheet import Row
    from labkit.grading.pages.report import Report
    from labkit.grading.rubric.scheme import Rubric
    from labkit.grading.rubric.sheet import Given, Key
    from labkit.grading.rubric.written import FreeText
    from labkit.grading.worker.outcome import Graded

SHEET = "rubric.csv"
FORM = "rubric.html"
# Options without which the same command would be another batch.
_SAME_BATCH = (
    "roster",
    "notebooks",
    "notebook_language",
    "chain",
    "scheme",
    "lang",
    "moodle",
    "canvas",
    "canvas_column",
)


@dataclass(frozen=True)
class Marking:
    """Rubrics of the free texts of these notebooks, where they stand, and what has been given so far."""

    rubrics: Mapping[str, Rubric]
    free_texts: Sequence[FreeText]
    given: Mapping[Key, Given]

    def build_rows(self, found: Sequence[Graded]) -> list[Row]:
        """The class, with the free texts' points."""
        from labkit.grading.marks.sheet import build_row
        from labkit.grading.rubric.written import build_written

        return [build_row(one, build_written(one, self.free_texts, self.given)) for one in found]


def read_marking(options: argparse.Namespace, references: Sequence[Notebook]) -> Marking:
    """Read rubric and marks: before anything is run, so that a slip in a file costs nobody an evening."""
    from labkit.grading.editions.places import find_places
    from labkit.grading.editions.validate import read_source
    from labkit.grading.rubric.scheme import find_rubrics
    from labkit.grading.rubric.sheet import merge_given, read_sheet
    from labkit.grading.rubric.written import find_free_texts

    rubrics = find_rubrics([notebook.step for notebook in references], options.scheme)
    kept = options.out / SHEET
    given = read_sheet(kept) if kept.is_file() else {}
    if options.rubric:
        given = merge_given(given, read_sheet(options.rubric))
    tasked = {int(task.partition(".")[0]) for task in rubrics}
    places = find_places()
    free_texts = [
        one
        for notebook in references
        if notebook.step in tasked
        for one in find_free_texts(notebook, read_source(places, notebook.name).translations, rubrics)
    ]
    return Marking(rubrics, free_texts, given)


def write_results(
    options: argparse.Namespace,
    references: Sequence[Notebook],
    intake: Intake,
    walls: str,
    rows: Sequence[Row],
    marking: Marking,
) -> None:
    """Write marks, pages, and what is needed to read free texts; say where, and what still waits for a person."""
    from labkit.grading.marks.files import write_marks
    from labkit.grading.pages.write import write_pages

    try:
        paths = write_marks(rows, options.out)
        paths += write_pages(_build_report(references, intake, walls, rows), options.out)
        if marking.free_texts:
            paths += _write_rubric(options, rows, marking)
    except OSError as error:
        reason = error.strerror or str(error)
        raise build_lesson(LabError, "error.out_unwritable", folder=str(options.out), reason=reason) from error
    for path in paths:
        print(path)
    _say_what_waits(rows, marking, intake)


def _build_report(references: Sequence[Notebook], intake: Intake, walls: str, rows: Sequence[Row]) -> Report:
    import labkit
    from labkit.grading.batch.fingerprint import hash_reference
    from labkit.grading.pages.report import Report

    reference = hashlib.sha256("".join(hash_reference(one) for one in references).encode()).hexdigest()[:16]
    when = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")
    return Report(
        rows, references, intake.unplaced, walls, reference, labkit.__version__, when, _list_left_out(intake, rows)
    )


def _list_left_out(intake: Intake, rows: Sequence[Row]) -> list[str]:
    graded = {row.graded.key for row in rows}
    return [one.student for one in intake.submissions if one.key not in graded]


def _write_rubric(options: argparse.Namespace, rows: Sequence[Row], marking: Marking) -> list[Path]:
    from labkit.grading.marks.files import write_whole
    from labkit.grading.rubric.form import build_form
    from labkit.grading.rubric.sheet import build_sheet

    sheet = options.out / SHEET
    if sheet.is_file():
        # It is a person's work: what it was before this run stays.
        kept = options.out / ".grading" / "rubric-before.csv"
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sheet, kept)
    return [
        write_whole(sheet, build_sheet(rows, marking.rubrics, marking.given)),
        write_whole(options.out / FORM, build_form(rows, marking.given, build_command(options))),
    ]


def build_command(options: argparse.Namespace) -> str:
    """The command that merges what the form saved: the same batch (class list, notebooks, templates), so that nothing is run again."""
    words = ["labkit", "grade", str(options.submissions), "--out", str(options.out)]
    for name, value in vars(options).items():
        if name in _SAME_BATCH and value:
            for one in value if isinstance(value, list) else [value]:
                words += [f"--{name.replace('_', '-')}", *([] if one is True else [str(one)])]
    return f"{shlex.join(words)} --rubric ~/Downloads/{SHEET}"


def _say_what_waits(rows: Sequence[Row], marking: Marking, intake: Intake) -> None:
    from labkit.grading.rubric.sheet import find_strangers

    waiting = sum(len(one.pending) for row in rows for one in row.written)
    if waiting:
        print(text("grade.texts_wait", students=sum(row.is_pending for row in rows), items=waiting))
    if left_out := _list_left_out(intake, rows):
        print(text("grade.left_out", students=", ".join(left_out)))
    students = [one.key for one in intake.submissions]
    for one in find_strangers(marking.given, students, marking.rubrics) if marking.free_texts else ():
        print(text("grade.rubric_stranger", key=one.key, item=f"{one.task} {one.item}"))
