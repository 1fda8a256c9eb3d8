"""The end of `labkit grade`: marks into the instructor's own exports of Moodle and Canvas."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.errors import LabError
from labkit.i18n import build_lesson, text

if TYPE_CHECKING:
    from labkit.grading.intake.roster import Enrolled
    from labkit.grading.intake.submission import Submission
    from labkit.grading.marks.sheet import Row
    from labkit.grading.platforms.entry import Entry, Filled


def check_platforms(options: argparse.Namespace) -> None:
    """Read the templates before anything is run: a wrong file must not be found out after an evening."""
    _fill(options, [])


def write_platforms(
    options: argparse.Namespace, submissions: Sequence[Submission], roster: Sequence[Enrolled], rows: Sequence[Row]
) -> None:
    """Write OUT/moodle.csv and OUT/canvas.csv for the templates that were given; say who is not in them."""
    for name, filled in _fill(options, build_entries(submissions, roster, rows)):
        path = options.out / name
        _write(path, filled.content)
        print(text("platforms.filled", file=path, count=filled.count))
        for remark in filled.remarks:
            print(text(remark.key, **remark.facts))


def build_entries(submissions: Sequence[Submission], roster: Sequence[Enrolled], rows: Sequence[Row]) -> list[Entry]:
    """What the rows say, with all that is known of who each student is."""
    from labkit.grading.platforms.entry import Entry

    of_key = {row.graded.key: row for row in rows}
    entries = []
    for one in submissions:
        row = of_key.get(one.key)
        if row is None:
            continue
        known = next((who for who in roster if who.name == one.student and who.seed == one.seed), None)
        ids = [one.lms_id, *((known.lms_id, *known.more_ids) if known else ())]
        entries.append(
            Entry(
                student=one.student,
                ids=tuple(dict.fromkeys(filter(None, ids))),
                earned=row.total,
                possible=row.points,
                detail=_describe(one, row),
                is_certain=row.is_certain,
                is_pending=row.is_pending,
            )
        )
    return entries


def _fill(options: argparse.Namespace, entries: Sequence[Entry]) -> list[tuple[str, Filled]]:
    from labkit.grading.platforms.canvas import fill_canvas
    from labkit.grading.platforms.moodle import fill_moodle

    filled = []
    if options.moodle:
        filled.append(("moodle.csv", fill_moodle(options.moodle, entries)))
    if options.canvas:
        filled.append(("canvas.csv", fill_canvas(options.canvas, entries, options.canvas_column or "")))
    return filled


def _describe(one: Submission, row: Row) -> str:
    """Points by notebook, in the words of the platform's comment: nothing in it is the student's own."""
    possible: dict[int, float] = {}
    points = [(mark.task, float(mark.points)) for mark in row.graded.tasks]
    points += [(written.task, written.points) for written in row.written]
    for task, most in points:
        step = int(task.partition(".")[0])
        possible[step] = possible.get(step, 0) + most
    parts = [
        text("platforms.part", notebook=f"{step:02d}", earned=f"{earned:g}", possible=f"{possible[step]:g}")
        for step, earned in sorted(row.by_notebook.items())
    ]
    if one.late:
        parts.append(text("platforms.late"))
    return ", ".join(parts) if one.papers else text("platforms.missing")


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}")
        draft.write_bytes(content)
        os.replace(draft, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise build_lesson(LabError, "error.out_unwritable", folder=str(path.parent), reason=reason) from error
