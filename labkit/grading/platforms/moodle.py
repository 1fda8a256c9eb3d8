"""Moodle's offline grading worksheet: the instructor's own export, with grades and feedback filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from labkit.errors import DataError
from labkit.grading.platforms.entry import Entry, Filled, Line, Remark, match_lines
from labkit.grading.platforms.scale import Scale, read_scale
from labkit.grading.platforms.template import Template, find_column, find_column_with, read_template
from labkit.i18n import build_lesson, text

_IDENTIFIER = ("identifier", "identificador")
_NAME = ("full name", "nombre completo", "nombre", "nombre / apellido(s)", "apellido(s) y nombre", "name")
_NUMBERS = ("id number", "número de id", "numero de id", "número de identificación")
_ADDRESS = ("email address", "dirección de correo", "dirección email", "correo electrónico", "email")
_GRADE = ("grade", "calificación")
_MAXIMUM = ("maximum grade", "calificación máxima")
# Of these two the wording differs between versions; pieces of it do not.
_CHANGEABLE = ("can be changed", "puede ser cambiad", "puede cambiar", "puede modificar", "puede ser modificad")
_FEEDBACK = ("feedback comments", "comentarios de", "comentarios como")
_NO = ("no",)
_OURS = "labkit:"


def fill_moodle(path: Path, entries: Sequence[Entry]) -> Filled:
    """Fill the worksheet. DataError when it is none, or grades by a scale of words."""
    template = read_template(path)
    header = template.rows[0]
    grade, maximum = find_column(header, _GRADE), find_column(header, _MAXIMUM)
    if grade is None or (find_column(header, _IDENTIFIER) is None and find_column(header, _NAME) is None):
        found = ", ".join(field.value for field in header)
        raise build_lesson(DataError, "error.moodle_columns", file=str(path), columns=found)
    lines = _read_lines(template, grade)
    scales = {line.row: read_scale(template.cell(line.row, maximum)) for line in lines}
    if lines and not any(scales.values()):
        raise build_lesson(DataError, "error.moodle_scale", file=str(path))
    matched, remarks = match_lines(entries, lines)
    feedback = find_column_with(header, _FEEDBACK)
    values = {}
    for row, entry in matched.items():
        scale = scales[row]
        if scale is None:
            remarks.append(Remark("platforms.no_maximum", {"student": entry.student}))
            continue
        value = scale.write(scale.rescale(entry.earned, entry.possible))
        values[row, grade] = value
        if feedback is not None and feedback < len(template.rows[row]):
            values[row, feedback] = _join(template.cell(row, feedback), _describe(entry, scale, value))
        if entry.is_pending:
            remarks.append(Remark("platforms.provisional", {"student": entry.student}))
    count = sum(column == grade for _row, column in values)
    return Filled(template.fill(values), count, tuple(remarks))


def _read_lines(template: Template, grade: int) -> list[Line]:
    header = template.rows[0]
    name, identifier = find_column(header, _NAME), find_column(header, _IDENTIFIER)
    columns = [find_column(header, names) for names in (_NUMBERS, _ADDRESS)]
    changeable = find_column_with(header, _CHANGEABLE)
    lines = []
    for row in range(1, len(template.rows)):
        # "Participant 123456": the number that stands in the names of the download too.
        number = re.findall(r"\d+", template.cell(row, identifier))[-1:]
        shown = template.cell(row, name) or template.cell(row, identifier)
        ids = [*number, *(template.cell(row, column).strip() for column in columns if column is not None)]
        is_closed = template.cell(row, changeable).strip().casefold() in _NO or grade >= len(template.rows[row])
        lines.append(Line(row, shown, tuple(filter(None, ids)), "platforms.locked" if is_closed else ""))
    return lines


def _describe(entry: Entry, scale: Scale, value: str) -> str:
    words = text(
        "platforms.feedback",
        earned=f"{entry.earned:g}",
        possible=f"{entry.possible:g}",
        mark=value,
        maximum=scale.write(scale.maximum),
    )
    parts = [words, entry.detail, text("platforms.feedback_provisional") if entry.is_pending else ""]
    return f"{_OURS} " + " · ".join(part for part in parts if part)


def _join(kept: str, ours: str) -> str:
    """A comment that somebody wrote stays; what an earlier run put there is replaced."""
    own = kept.partition(_OURS)[0].rstrip()
    return f"{own}\n{ours}" if own else ours
