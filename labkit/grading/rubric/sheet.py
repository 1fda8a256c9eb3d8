"""rubric.csv: one line a student and item, with a column to fill in; read back in whatever form a spreadsheet saves it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.errors import DataError
from labkit.grading.marks.files import plain_cell
from labkit.grading.rubric.scheme import Rubric, tidy
from labkit.i18n import build_lesson, text

if TYPE_CHECKING:
    from labkit.grading.marks.sheet import Row

# "8.5 context": a task alone would become a date in a spreadsheet that writes 8.5 for the eighth of May.
COLUMNS = ("student", "key", "item", "title", "points", "percent", "comment", "private")
_NEEDED = ("key", "item", "percent")
_ITEM = re.compile(r"(\d+\.\d+) (\S+)")
_YES = ("sí", "si", "s", "yes", "y", "x", "✓")
_NO = ("no", "n")
_NOTHING = ("-", "–", "—")
_MOST_SHOWN = 5
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Given:
    """What a person gave one item of one student: `share` between 0 and 1 (None: not read yet), `private` is nobody else's.

    `is_taken_back`: what was given before is to be forgotten (a percentage of "-").
    """

    key: str
    task: str
    item: str
    share: float | None = None
    comment: str = ""
    private: str = ""
    student: str = ""
    is_taken_back: bool = False

    @property
    def place(self) -> Key:
        return self.key, self.task, self.item

    @property
    def is_empty(self) -> bool:
        return self.share is None and not self.comment and not self.private and not self.is_taken_back


def read_sheet(path: Path) -> dict[Key, Given]:
    """What was filled in. DataError names the lines that cannot be understood; then nothing is taken."""
    try:
        words = path.read_bytes()
    except OSError as error:
        raise build_lesson(
            DataError, "error.rubric_sheet", file=str(path), reason=error.strerror or str(error)
        ) from error
    try:
        return _read_words(_decode(words), path)
    except csv.Error as error:
        raise build_lesson(DataError, "error.rubric_sheet", file=str(path), reason=str(error)) from error


def _decode(words: bytes) -> str:
    try:
        return words.decode("utf-8-sig")
    except UnicodeDecodeError:
        return words.decode("cp1252", "replace")


def _read_words(words: str, path: Path) -> dict[Key, Given]:
    first = words.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    rows = csv.DictReader(io.StringIO(words, newline=""), delimiter=mark)
    columns = {str(name).strip().lower(): str(name) for name in rows.fieldnames or ()}
    if missing := [name for name in _NEEDED if name not in columns]:
        raise build_lesson(DataError, "error.rubric_columns", file=str(path), missing=", ".join(missing), columns=first)
    found: dict[Key, Given] = {}
    faults = []
    for row in rows:
        cells = {name: str(row.get(column) or "").strip() for name, column in columns.items()}
        if not any(cells.values()):
            continue
        try:
            given = _read_row(cells)
        except ValueError as error:
            faults.append(text("rubric.line", line=rows.line_num, reason=str(error)))
            continue
        before = found.get(given.place)
        if before is not None and given not in (before, replace(before, student=given.student)):
            faults.append(text("rubric.line", line=rows.line_num, reason=text("rubric.twice")))
        found[given.place] = given
    if faults:
        shown = [*faults[:_MOST_SHOWN], *(["…"] if len(faults) > _MOST_SHOWN else [])]
        raise build_lesson(DataError, "error.rubric_lines", file=str(path), count=len(faults), lines="; ".join(shown))
    return found


def _read_row(cells: Mapping[str, str]) -> Given:
    named = _ITEM.fullmatch(cells["item"])
    if named is None:
        raise ValueError(text("rubric.bad_item", item=cells["item"][:40]))
    if not cells["key"]:
        raise ValueError(text("rubric.no_key"))
    is_taken_back = _unquote(cells["percent"]) in _NOTHING
    share = None if is_taken_back else _read_share(cells["percent"])
    comment, private, student = (_unquote(cells.get(name, "")) for name in ("comment", "private", "student"))
    return Given(cells["key"], named[1], named[2], share, comment, private, student, is_taken_back)


def _read_share(words: str) -> float | None:
    if not words:
        return None
    lowered = words.lower().rstrip("% \u00a0")
    if lowered in _YES:
        return 1.0
    if lowered in _NO:
        return 0.0
    try:
        percent = float(lowered.replace(",", "."))
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= 100:
        raise ValueError(text("rubric.bad_percent", percent=words[:20]))
    return percent / 100


def _unquote(words: str) -> str:
    """Without the quote that keeps a spreadsheet from running it."""
    return words[1:] if words.startswith("'") and plain_cell(words[1:]) == words else words


def merge_given(kept: Mapping[Key, Given], newer: Mapping[Key, Given]) -> dict[Key, Given]:
    """`newer` wins where it says anything; what it leaves empty stays."""
    taken = {place: replace(given, is_taken_back=False) for place, given in newer.items() if given.is_taken_back}
    return {
        **kept,
        **{place: given for place, given in newer.items() if not given.is_empty or place not in kept},
        **taken,
    }


def find_strangers(given: Mapping[Key, Given], students: Iterable[str], rubrics: Mapping[str, Rubric]) -> list[Given]:
    """Marks for a student or an item that there is none of: kept in the sheet, counted for nobody."""
    keys = set(students)
    return [
        one
        for one in given.values()
        if not one.is_empty and (one.key not in keys or one.task not in rubrics or not rubrics[one.task].find(one.item))
    ]


def build_sheet(rows: Sequence[Row], rubrics: Mapping[str, Rubric], given: Mapping[Key, Given]) -> str:
    """The file's text: the items of everybody who wrote, with what was filled in so far, and what belongs to nobody of this batch."""
    lines: list[Sequence[object]] = [COLUMNS]
    left = dict(given)
    for row in rows:
        for written in row.written:
            for mark in written.items:
                one = left.pop((row.graded.key, written.task, mark.item.id), None)
                if not written.is_blank or (one is not None and not one.is_empty):
                    one = one or Given(row.graded.key, written.task, mark.item.id)
                    lines.append(_line(replace(one, student=row.graded.student), rubrics))
    lines += [_line(one, rubrics) for one in left.values() if not one.is_empty]
    told = io.StringIO()
    csv.writer(told, lineterminator="\r\n").writerows(lines)
    return told.getvalue()


def _line(given: Given, rubrics: Mapping[str, Rubric]) -> list[object]:
    rubric = rubrics.get(given.task)
    item = rubric.find(given.item) if rubric else None
    percent = "" if given.share is None else tidy(given.share * 100)
    title = item.title_text() if item else ""
    points = item.points if item else ""
    words = [plain_cell(one) for one in (title, given.comment, given.private)]
    return [
        plain_cell(given.student),
        given.key,
        f"{given.task} {given.item}",
        words[0],
        points,
        percent,
        *words[1:],
    ]
