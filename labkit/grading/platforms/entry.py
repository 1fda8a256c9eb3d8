"""What goes into a mark sheet: a student's mark, and which line of the sheet it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from labkit.grading.intake.people import Person
from labkit.grading.intake.roster import Enrolled, Match, are_close, match_enrolled


@dataclass(frozen=True)
class Entry:
    """One student's mark. `ids` are the platform's number and whatever the class list knows of them; `detail` is for feedback.

    `is_certain` is False when it is no mark (a check of ours broke), `is_pending` True while a free text waits for its reader.
    """

    student: str
    ids: tuple[str, ...]
    earned: float
    possible: float
    detail: str = ""
    is_certain: bool = True
    is_pending: bool = False


@dataclass(frozen=True)
class Remark:
    """Something to tell the instructor: a key of the catalogue and its facts."""

    key: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Filled:
    """The sheet to upload, how many marks are in it, and what is to be told about the others."""

    content: bytes
    count: int
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class Line:
    """One student's line of a sheet: its number, the name and the ids in it, and why it must not be filled ("" when it may)."""

    row: int
    name: str
    ids: tuple[str, ...]
    closed: str = ""


def match_lines(entries: Sequence[Entry], lines: Sequence[Line]) -> tuple[dict[int, Entry], list[Remark]]:
    """Which entry belongs to which row. Nobody's mark is put where there is any doubt: what is left is told."""
    roster = [Enrolled(line.name, line.name, "", line.ids) for line in lines]
    rows = {id(one): line for one, line in zip(roster, lines, strict=True)}
    claims: dict[int, list[Entry]] = {}
    remarks = []
    for entry in entries:
        match = _find(roster, entry)
        if match.enrolled is None:
            remarks.append(Remark("platforms.no_line", {"student": entry.student}))
            continue
        if match.is_close:
            remarks.append(Remark("platforms.close", {"student": entry.student, "line": match.enrolled.name}))
        claims.setdefault(rows[id(match.enrolled)].row, []).append(entry)
    matched = {}
    for line in lines:
        claimed = claims.get(line.row, [])
        if not claimed:
            remarks.append(Remark("platforms.no_mark", {"student": line.name}))
        elif len(claimed) > 1:
            names = ", ".join(entry.student for entry in claimed)
            remarks.append(Remark("platforms.two_marks", {"student": line.name, "names": names}))
        elif line.closed:
            remarks.append(Remark(line.closed, {"student": line.name}))
        elif not claimed[0].is_certain:
            remarks.append(Remark("platforms.not_certain", {"student": line.name}))
        else:
            matched[line.row] = claimed[0]
    return matched, remarks


def _find(roster: Sequence[Enrolled], entry: Entry) -> Match:
    for mark in entry.ids:
        match = match_enrolled(roster, Person(entry.student, mark))
        # A short number is a number in many lists: it must come with the name.
        is_same = match.enrolled is not None and are_close(match.enrolled.name, entry.student)
        if match.enrolled is not None and (is_same or mark in entry.student or not mark.isdigit() or len(mark) > 3):
            return match if is_same else replace(match, is_close=True)
    return match_enrolled(roster, Person(entry.student))
