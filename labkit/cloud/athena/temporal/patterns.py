"""The three languages of formats: MySQL's letters, Joda-Time's and Teradata's."""

from __future__ import annotations

import functools
import re
from datetime import datetime, timezone

from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.temporal.fields import Moment
from labkit.cloud.athena.temporal.formats import (
    Format,
    Fraction,
    Literal,
    Name,
    Number,
    Offset,
    Part,
    TwoDigitYear,
    ZoneId,
    ZoneName,
)
from labkit.cloud.athena.temporal.zones import UTC, Zone

_CLOCK_24 = (
    Number("hourOfDay", 2, 2),
    Literal(":"),
    Number("minuteOfHour", 2, 2),
    Literal(":"),
    Number("secondOfMinute", 2, 2),
)
_CLOCK_12 = (Number("clockhourOfHalfday", 2, 2), *_CLOCK_24[1:], Literal(" "), Name("halfdayOfDay"))
_MYSQL: dict[str, tuple[Part, ...]] = {
    "a": (Name("dayOfWeek", True),), "b": (Name("monthOfYear", True),), "c": (Number("monthOfYear", 1, 2),),
    "d": (Number("dayOfMonth", 2, 2),), "e": (Number("dayOfMonth", 1, 2),), "f": (Fraction(6, 9),), "H": (Number("hourOfDay", 2, 2),),
    "h": (Number("clockhourOfHalfday", 2, 2),), "I": (Number("clockhourOfHalfday", 2, 2),), "i": (Number("minuteOfHour", 2, 2),),
    "j": (Number("dayOfYear", 3, 3),), "k": (Number("hourOfDay", 1, 2),), "l": (Number("clockhourOfHalfday", 1, 2),),
    "M": (Name("monthOfYear"),), "m": (Number("monthOfYear", 2, 2),), "p": (Name("halfdayOfDay"),), "r": _CLOCK_12,
    "S": (Number("secondOfMinute", 2, 2),), "s": (Number("secondOfMinute", 2, 2),), "T": _CLOCK_24,
    "v": (Number("weekOfWeekyear", 2, 2),), "x": (Number("weekyear", 4, 4, True),), "W": (Name("dayOfWeek"),),
    "Y": (Number("year", 4, 4, True),), "y": (TwoDigitYear("year", 2020, False),), "%": (Literal("%"),),
}  # fmt: skip
UNSUPPORTED_MYSQL = "wUuVXD"


@functools.lru_cache(maxsize=512)
def mysql(pattern: str) -> Format:
    """``%Y-%m-%d``; INVALID_FUNCTION_ARGUMENT for the letters that Trino refuses."""
    parts: list[Part] = []
    letters = iter(pattern)
    for letter in letters:
        code = next(letters, None) if letter == "%" else None
        if letter != "%":
            parts.append(Literal(letter))
        elif code is not None and code in UNSUPPORTED_MYSQL:
            raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"%{code} not supported in date format string")
        elif code is not None:
            parts += _MYSQL.get(code, (Literal(code),))
    if not parts:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", "Both printing and parsing not supported")
    return Format(tuple(parts), 2020)


_JODA_NUMBERS = {
    "d": ("dayOfMonth", 2), "h": ("clockhourOfHalfday", 2), "H": ("hourOfDay", 2), "k": ("clockhourOfDay", 2), "K": ("hourOfHalfday", 2),
    "m": ("minuteOfHour", 2), "s": ("secondOfMinute", 2), "e": ("dayOfWeek", 1), "D": ("dayOfYear", 3), "w": ("weekOfWeekyear", 2),
}  # fmt: skip
_JODA_TOKEN = re.compile(r"([A-Za-z])\1*|(?:'(?:[^']|'')*(?:'|$)|[^A-Za-z'])+")


@functools.lru_cache(maxsize=512)
def joda(pattern: str) -> Format:
    """``yyyy-MM-dd'T'HH:mm:ss.SSSZZ``; INVALID_FUNCTION_ARGUMENT for a letter that Joda-Time does not have."""
    if not pattern:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", "Invalid pattern specification")
    tokens = [found.group() for found in _JODA_TOKEN.finditer(pattern)]
    parts: list[Part] = []
    for index, token in enumerate(tokens):
        following = tokens[index + 1] if index + 1 < len(tokens) else ""
        if token[0].isascii() and token[0].isalpha():
            parts.append(_joda_part(token, _is_number(following)))
        else:
            parts.append(Literal(_unquoted(token)))
    return Format(tuple(parts), _this_year() - 30)


def _this_year() -> int:
    return datetime.now(timezone.utc).year


def _unquoted(token: str) -> str:
    return re.sub(r"''|'", lambda found: "'" if found.group() == "''" else "", token)


def _is_number(token: str) -> bool:
    if not token or token[0] not in "CxyYdhHmsSeDFwWkKM":
        return False
    return token[0] != "M" or len(token) <= 2


def _joda_part(token: str, number_follows: bool) -> Part:
    letter, size = token[0], len(token)
    if letter in "xyY":
        name = {"x": "weekyear", "y": "year", "Y": "yearOfEra"}[letter]
        if size == 2:
            return TwoDigitYear("weekyear" if letter == "x" else "year", _this_year() - 30, not number_follows)
        return Number(name, size, size if number_follows else 9, letter != "Y")
    if letter == "M":
        return Number("monthOfYear", size, 2) if size < 3 else Name("monthOfYear", size == 3)
    if letter in _JODA_NUMBERS:
        name, most = _JODA_NUMBERS[letter]
        return Number(name, size, most)
    simple: dict[str, Part] = {
        "C": Number("centuryOfEra", size, size), "G": Name("era"), "a": Name("halfdayOfDay"), "S": Fraction(size, size),
        "E": Name("dayOfWeek", size < 4), "Z": Offset(size == 2) if size < 3 else ZoneId(),
    }  # fmt: skip
    if letter in simple:
        return simple[letter]
    if letter == "z":
        if size >= 4:
            raise not_supported("the date format letters zzzz (the long name of a time zone)")
        return ZoneName()
    raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"Illegal pattern component: {token}")


def names_zone(pattern: str) -> bool:
    """Does a Joda-Time format print a zone?"""
    return bool(re.search("[zZ]", re.sub("'[^']*'?", "", pattern)))


_TERADATA: dict[str, Part] = {
    "dd": Number("dayOfMonth", 2, 2), "hh24": Number("hourOfDay", 2, 2), "hh": Number("hourOfHalfday", 2, 2),
    "mi": Number("minuteOfHour", 2, 2), "mm": Number("monthOfYear", 2, 2), "ss": Number("secondOfMinute", 2, 2),
    "yyyy": Number("year", 4, 4, True), "yy": TwoDigitYear("year", 2050, False),
}  # fmt: skip
_TERADATA_TOKEN = re.compile(r"dd|hh24|hh|mi|mm|ss|yyyy|yy|[-/,.;:\s]|(?P<other>.)", re.DOTALL)


@functools.lru_cache(maxsize=512)
def teradata(pattern: str) -> Format:
    """``yyyy-mm-dd hh24:mi:ss``."""
    parts: list[Part] = []
    for found in _TERADATA_TOKEN.finditer(pattern):
        if found.group("other"):
            text = f"Failed to tokenize string [{found.group()}] at offset [{found.start()}]"
            raise QueryFailure("INVALID_FUNCTION_ARGUMENT", text)
        parts.append(_TERADATA.get(found.group()) or Literal(found.group()))
    return Format(tuple(parts), 2050)


def show(made: Format, wall_us: int, zone: Zone = UTC) -> str:
    """A wall time in a format; microseconds are rounded to milliseconds first."""
    return made.show(Moment((wall_us + 500) // 1000, zone))


def read_wall(made: Format, text: str) -> int:
    """Microseconds of a text without a zone; INVALID_FUNCTION_ARGUMENT in Joda-Time's words."""
    try:
        return made.read(text).instant(text)[0] * 1000
    except ValueError as failure:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", str(failure)) from None


def read_zoned(made: Format, text: str) -> tuple[int, Zone]:
    """Microseconds in UTC of a text, and its zone or offset (UTC when it names none)."""
    from labkit.cloud.athena.temporal.zones import fixed

    try:
        bucket = made.read(text)
        instant, zone = bucket.instant(text)
    except ValueError as failure:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", str(failure)) from None
    if bucket.offset_ms is not None:
        zone = fixed(bucket.offset_ms // 60_000)
    return instant * 1000, zone or UTC
