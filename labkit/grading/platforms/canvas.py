"""Canvas's gradebook: the instructor's own export, with one assignment's column filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from labkit.errors import DataError
from labkit.grading.platforms.entry import Entry, Filled, Line, Remark, match_lines
from labkit.grading.platforms.scale import read_scale
from labkit.grading.platforms.template import Template, find_column, read_template
from labkit.i18n import build_lesson

_STUDENT = ("student", "estudiante", "alumno", "student name")
_IDS = ("id", "sis user id", "sis login id", "integration id", "id de usuario de sis", "id de inicio de sesión de sis")
_POINTS = ("points possible", "puntos posibles")
_TEST = ("student, test", "estudiante, prueba", "test student", "estudiante de prueba")
_ASSIGNMENT = re.compile(r"\((\d+)\)\s*$")


def fill_canvas(path: Path, entries: Sequence[Entry], wanted: str = "") -> Filled:
    """Fill one assignment's column: the only one, or the `wanted` one (name or number). DataError when it is not clear which."""
    template = read_template(path)
    header = template.rows[0]
    student = find_column(header, _STUDENT)
    points = next((row for row in range(1, len(template.rows)) if _plain(template.cell(row, student)) in _POINTS), None)
    if student is None or points is None:
        found = ", ".join(field.value for field in header)
        raise build_lesson(DataError, "error.canvas_columns", file=str(path), columns=found)
    column = _choose_column(template, path, wanted)
    scale = read_scale(template.cell(points, column))
    if scale is None:
        raise build_lesson(DataError, "error.canvas_points", file=str(path), column=header[column].value)
    # Everything above "Points Possible" is about columns ("Manual Posting"), not about students.
    matched, remarks = match_lines(entries, _read_lines(template, student, points + 1, column))
    values = {}
    for row, entry in matched.items():
        values[row, column] = scale.write(scale.rescale(entry.earned, entry.possible))
        if entry.is_pending:
            remarks.append(Remark("platforms.provisional", {"student": entry.student}))
    return Filled(template.fill(values), len(values), tuple(remarks))


def _choose_column(template: Template, path: Path, wanted: str) -> int:
    header = template.rows[0]
    found = {number: field.value for number, field in enumerate(header) if _ASSIGNMENT.search(field.value)}
    if wanted:
        plain = _plain(wanted)
        chosen = [number for number, name in found.items() if plain in (_plain(name), _number(name), _bare(name))]
    else:
        chosen = list(found)
    if len(chosen) != 1:
        names = " | ".join(found.values()) or "—"
        raise build_lesson(DataError, "error.canvas_assignment", file=str(path), columns=names)
    return chosen[0]


def _read_lines(template: Template, student: int, first: int, column: int) -> list[Line]:
    columns = [find_column(template.rows[0], (name,)) for name in _IDS]
    lines = []
    for row in range(first, len(template.rows)):
        name = template.cell(row, student).strip()
        if not name or _plain(name) in _TEST:
            continue
        ids = tuple(filter(None, (template.cell(row, one).strip() for one in columns if one is not None)))
        if column >= len(template.rows[row]):
            closed = "platforms.no_cell"
        else:
            closed = "platforms.not_assigned" if template.cell(row, column).strip().upper() == "N/A" else ""
        lines.append(Line(row, name, ids, closed))
    return lines


def _plain(words: str) -> str:
    return " ".join(words.split()).casefold()


def _number(name: str) -> str:
    found = _ASSIGNMENT.search(name)
    return found[1] if found else ""


def _bare(name: str) -> str:
    return _plain(_ASSIGNMENT.sub("", name))
