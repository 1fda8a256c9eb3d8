"""The class list: who there is, and which name seeds whose data."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import DataError
from labkit.grading.intake.people import build_key
from labkit.i18n import build_lesson

_NAMES = ("student", "estudiante", "alumno", "nombre completo", "full name", "nombre", "name")
_SEEDS = ("seed", "semilla", "labkit_student")
_IDS = ("id", "lms_id", "número de id", "id number", "sis user id")


@dataclass(frozen=True)
class Enrolled:
    """One student of the list: `seed` is LABKIT_STUDENT for them, `lms_id` a platform's number ("" when the list has none)."""

    name: str
    seed: str
    lms_id: str = ""


def read_roster(path: Path) -> tuple[Enrolled, ...]:
    """Read a CSV with a column of names (and, if wished, seeds and ids). DataError names the columns that were looked for."""
    try:
        words = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        words = path.read_text(encoding="cp1252")
    except OSError as error:
        raise build_lesson(DataError, "error.roster_unreadable", file=str(path), reason=error.strerror or "") from error
    first = words.splitlines()[0] if words.strip() else ""
    rows = list(csv.DictReader(words.splitlines(), delimiter=";" if first.count(";") > first.count(",") else ","))
    columns = {str(name).strip().lower(): name for name in (rows[0] if rows else {})}
    name = next((columns[wish] for wish in _NAMES if wish in columns), None)
    if name is None:
        known = ", ".join(_NAMES)
        raise build_lesson(DataError, "error.roster_columns", file=str(path), columns=first, known=known)
    seed = next((columns[wish] for wish in _SEEDS if wish in columns), None)
    number = next((columns[wish] for wish in _IDS if wish in columns), None)
    return tuple(_read(row, name, seed, number) for row in rows if (row.get(name) or "").strip())


def _read(row: Mapping[str, str], name: str, seed: str | None, number: str | None) -> Enrolled:
    student = row[name].strip()
    return Enrolled(student, (row.get(seed or "") or student).strip(), (row.get(number or "") or "").strip())


def find_enrolled(roster: tuple[Enrolled, ...], name: str, lms_id: str) -> Enrolled | None:
    """The student of the list that a submission is by: by the platform's number, else by the name in any order of its words."""
    for one in roster:
        if lms_id and one.lms_id == lms_id:
            return one
    wanted = _words(name)
    exact = [one for one in roster if _words(one.name) == wanted]
    if exact:
        return exact[0] if len(exact) == 1 else None
    # Canvas writes "nunezana": the same letters without a break.
    joined = "".join(sorted(wanted)) if len(wanted) > 1 else "".join(wanted)
    close = [one for one in roster if joined in _joined(one.name)]
    return close[0] if len(close) == 1 else None


def _words(name: str) -> frozenset[str]:
    return frozenset(build_key(name).split("-"))


def _joined(name: str) -> set[str]:
    from itertools import permutations

    words = build_key(name).split("-")[:5]
    return {"".join(order) for size in range(1, len(words) + 1) for order in permutations(words, size) if size > 1}
