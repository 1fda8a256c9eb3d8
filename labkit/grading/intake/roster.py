"""The class list: who there is, and which name seeds whose data."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import DataError
from labkit.grading.intake.entry_names import decode_name
from labkit.grading.intake.people import Person, fold, is_turned, split_words, tidy
from labkit.i18n import build_lesson

_NAMES = ("student", "estudiante", "alumno", "alumna", "nombre completo", "full name", "apellidos y nombre", "name")
_FIRST = ("nombre", "first name", "given name")
_LAST = ("apellido(s)", "apellidos", "last name", "surname", "family name")
_SEEDS = ("seed", "semilla", "labkit_student")
_IDS = (
    "id",
    "lms_id",
    "sis user id",
    "sis login id",
    "número de id",
    "numero de id",
    "id number",
    "identificador",
    "identifier",
)
_MORE_IDS = (
    "dirección de correo",
    "direccion de correo",
    "email address",
    "email",
    "correo",
    "username",
    "usuario",
    "login",
)


# A mark sheet of Moodle or Canvas does as a class list: "Participant 123456" is the number 123456, and some lines are no students.
_PARTICIPANT = re.compile(r"(?i)^participante?\s*(?=\d+$)")
_NO_STUDENTS = {"points possible", "puntos posibles", "student, test", "test student", "estudiante de prueba"}


@dataclass(frozen=True)
class Enrolled:
    """One student of the list: `seed` is LABKIT_STUDENT for them, `lms_id` a platform's number ("" when the list has none).

    `more_ids` are whatever else stands for this student alone: an address, its first half, a login.
    """

    name: str
    seed: str
    lms_id: str = ""
    more_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """Whom a submission was found to be by: `enrolled` is None for nobody and (`is_ambiguous`) for more than one.

    `is_close`: not the same name, but nobody else's.
    """

    enrolled: Enrolled | None
    is_ambiguous: bool = False
    is_close: bool = False


def read_roster(path: Path) -> tuple[Enrolled, ...]:
    """Read a CSV with a column of names (and, if wished, seeds and ids). DataError names the columns that were looked for."""
    try:
        words = _decode(path.read_bytes())
    except OSError as error:
        raise build_lesson(DataError, "error.roster_unreadable", file=str(path), reason=error.strerror or "") from error
    first = words.splitlines()[0] if words.strip() else ""
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.DictReader(io.StringIO(words), delimiter=delimiter))
    except csv.Error as error:
        raise build_lesson(DataError, "error.roster_unreadable", file=str(path), reason=str(error)) from error
    columns = {str(name).strip().lower(): name for name in (rows[0] if rows else {}) if name}
    found = _Columns(columns)
    if not found.names:
        known = ", ".join((*_NAMES, *_FIRST))
        raise build_lesson(DataError, "error.roster_columns", file=str(path), columns=first, known=known)
    return tuple(one for row in rows if (one := found.read(row)) is not None)


class _Columns:
    """Which columns of the list are which."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        def pick(*wishes: str) -> list[str]:
            return [columns[wish] for wish in wishes if wish in columns]

        whole = pick(*_NAMES)[:1]
        self.names = whole or [*pick(*_FIRST)[:1], *pick(*_LAST)[:1]]
        self._seeds, self._ids, self._more = pick(*_SEEDS)[:1], pick(*_IDS), pick(*_MORE_IDS)

    def read(self, row: Mapping[str, str]) -> Enrolled | None:
        name = tidy(" ".join(_cells(row, self.names)))
        if not name or name.casefold() in _NO_STUDENTS:
            return None
        ids = [_PARTICIPANT.sub("", mark) for mark in _cells(row, self._ids)]
        first = ids[0] if ids else ""
        ids = [*ids, *_cells(row, self._more)]
        more = [*ids[1:], *(one.partition("@")[0] for one in ids if "@" in one)]
        seed = next(_cells(row, self._seeds), name)
        return Enrolled(name, seed, first, tuple(dict.fromkeys([*ids[:1], *more])))


def _cells(row: Mapping[str, str], columns: Sequence[str]) -> Iterator[str]:
    for column in columns:
        value = row.get(column)
        if isinstance(value, str) and value.strip():
            yield value.strip()


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return decode_name(content.removeprefix(b"\xef\xbb\xbf"))


def match_enrolled(roster: Sequence[Enrolled], person: Person) -> Match:
    """The student of the list: by id, by the same name, by its words in any order, by Canvas's run-together form, by most of its words.

    An id alone is not enough where the name is another's: a platform's number in a download may be a list's number by chance.
    """
    by_id = [one for one in roster if person.lms_id and person.lms_id in (one.lms_id, *one.more_ids)]
    if len(by_id) == 1 and are_close(person.name, by_id[0].name):
        return _only(by_id)
    by_name = _match_name(roster, person)
    return _only(by_id) if by_id and by_name.enrolled is None else by_name


def _match_name(roster: Sequence[Enrolled], person: Person) -> Match:
    plain = fold(tidy(person.name))
    if known := [one for one in roster if plain in {fold(mark) for mark in (one.lms_id, *one.more_ids, one.seed)}]:
        return _only(known)
    if known := [one for one in roster if tidy(one.name).casefold() == tidy(person.name).casefold()]:
        return _only(known)
    wanted = frozenset(split_words(person.name))
    if not wanted:
        return Match(None)
    if known := [one for one in roster if frozenset(split_words(one.name)) == wanted]:
        return _only([one for one in known if is_turned(one.name, person.name)] or known)
    if len(wanted) == 1 and (known := [one for one in roster if _is_joined(plain, split_words(one.name))]):
        return _only([one for one in known if _is_turned_run(plain, split_words(one.name))] or known)
    close = [one for one in roster if _is_close(wanted, frozenset(split_words(one.name)))]
    return Match(close[0] if len(close) == 1 else None, len(close) > 1, is_close=len(close) == 1)


def are_close(one: str, other: str) -> bool:
    """True when two spellings may be one name: the same words, most of them, or run together as Canvas does."""
    words, others = split_words(one), split_words(other)
    if _is_joined("".join(words), others) or _is_joined("".join(others), words):
        return True
    return set(words) == set(others) or _is_close(frozenset(words), frozenset(others))


def _only(known: Sequence[Enrolled]) -> Match:
    return Match(known[0] if len(known) == 1 else None, is_ambiguous=len(known) > 1)


def _is_close(one: frozenset[str], other: frozenset[str]) -> bool:
    """One name has all words of the other, which has at least two: a second surname left out, a group put before."""
    return min(len(one), len(other)) >= 2 and (one < other or other < one)


def _is_joined(run: str, words: Sequence[str]) -> bool:
    """Canvas writes "nunezpenaana": two words or more, in any order, without a break."""
    if not run:
        return False
    return len(words) > 1 and _eats(run, tuple(words), 0)


def _is_turned_run(run: str, words: Sequence[str]) -> bool:
    return any(run == "".join((*words[cut:], *words[:cut])) for cut in range(len(words)))


def _eats(run: str, words: tuple[str, ...], eaten: int) -> bool:
    if not run:
        return eaten > 1
    return any(
        word and run.startswith(word) and _eats(run[len(word) :], words[:number] + words[number + 1 :], eaten + 1)
        for number, word in enumerate(words)
    )
