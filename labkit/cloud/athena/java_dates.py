"""Java's date patterns (``yyyy-MM-dd'T'HH:mm``), as partition projection and timestamp.formats write them."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from labkit.cloud.athena.temporal.formats import DAYS, MONTHS

_NAMES = {"M": MONTHS, "L": MONTHS, "E": DAYS}


@dataclass(frozen=True)
class Pattern:
    """A pattern taken apart: literal texts, and (letter, count) for fields."""

    text: str
    parts: tuple[str | tuple[str, int], ...]

    def has(self, letters: str) -> bool:
        """Does one of these fields occur?"""
        return any(isinstance(part, tuple) and part[0] in letters for part in self.parts)


@functools.lru_cache(maxsize=256)
def compile_pattern(text: str) -> Pattern:
    """ValueError names a letter that is not known here."""
    parts: list[str | tuple[str, int]] = []
    for found in re.finditer(r"'((?:[^']|'')*)'|([A-Za-z])\2*|([^A-Za-z']+)", text):
        if found.group(2):
            if found.group(2) not in "yuMLdHhakKmsSnED" and found.group(2) not in "ZXxzG":
                raise ValueError(f"Unknown pattern letter: {found.group(2)}")
            parts.append((found.group(2), len(found.group(0))))
        elif found.group(3):
            parts.append(found.group(3))
        else:
            parts.append(found.group(1).replace("''", "'") or "'")
    return Pattern(text, tuple(parts))


def format_date(pattern: Pattern, moment: datetime) -> str:
    """The moment in this pattern."""
    return "".join(part if isinstance(part, str) else _shown(part[0], part[1], moment) for part in pattern.parts)


def _shown(letter: str, count: int, moment: datetime) -> str:
    if letter in "yu" and count == 2:
        return f"{moment.year % 100:02d}"
    if letter in _NAMES and count >= (3 if letter != "E" else 1):
        name = _NAMES[letter][moment.month - 1 if letter != "E" else moment.weekday()]
        return name if count == 4 else name[:3]
    if letter == "a":
        return "AM" if moment.hour < 12 else "PM"
    if letter == "S":
        return f"{moment.microsecond:06d}000"[:count]
    numbers = {
        "y": moment.year, "u": moment.year, "M": moment.month, "L": moment.month, "d": moment.day, "H": moment.hour,
        "h": (moment.hour - 1) % 12 + 1, "K": moment.hour % 12, "k": moment.hour or 24, "m": moment.minute, "s": moment.second,
        "n": moment.microsecond * 1000, "D": moment.timetuple().tm_yday,
    }  # fmt: skip
    if letter not in numbers:
        raise ValueError(f"Pattern letter {letter} cannot be written")
    return f"{numbers[letter]:0{count}d}"


def parse_date(pattern: Pattern, text: str, adjacent: bool = True) -> datetime:
    """The moment that a whole text names, from 1970 where fields are missing; ValueError otherwise."""
    found = _matcher(pattern, adjacent)(text)
    if found is None:
        raise ValueError(f"Text '{text}' could not be parsed")
    return found


@functools.lru_cache(maxsize=256)
def _matcher(pattern: Pattern, adjacent: bool) -> Callable[[str], datetime | None]:
    expression, letters = "", []
    for index, part in enumerate(pattern.parts):
        if isinstance(part, str):
            expression += re.escape(part)
            continue
        following = pattern.parts[index + 1] if index + 1 < len(pattern.parts) else ""
        before = pattern.parts[index - 1] if index else ""
        fixed = isinstance(following, tuple) or isinstance(before, tuple)
        expression += f"({_field(part[0], part[1], fixed and adjacent)})"
        letters.append(part[0])
    compiled = re.compile(expression, re.IGNORECASE)

    def read(text: str) -> datetime | None:
        found = compiled.fullmatch(text)
        return _moment(dict(zip(letters, found.groups(), strict=True))) if found else None

    return read


def _field(letter: str, count: int, fixed: bool) -> str:
    if letter in _NAMES and count >= (3 if letter != "E" else 1):
        return "|".join([*_NAMES[letter], *(name[:3] for name in _NAMES[letter])])
    if letter == "a":
        return "AM|PM"
    if letter in "ZXxz":
        return r"Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}"
    if letter == "S":
        return f"\\d{{{count}}}" if fixed else r"\d{1,9}"
    if letter in "yu":
        return r"\d{2}" if count == 2 else r"\d{4}" if fixed or count == 4 else r"[+-]?\d{1,9}"
    return f"\\d{{{max(count, 1)}}}" if fixed or count >= 2 else r"\d{1,9}" if letter == "n" else r"\d{1,3}"


def _moment(fields: dict[str, str]) -> datetime:
    def number(letters: str, default: int) -> int:
        return next((int(fields[one]) for one in letters if one in fields), default)

    written = next((fields[one] for one in "yu" if one in fields), "1970")
    year = int(written) + 2000 if len(written) == 2 else int(written)
    month = next((fields[one] for one in "ML" if one in fields), "1")
    if not month.isdigit():
        month = str(next(index for index, one in enumerate(MONTHS, 1) if one[:3].lower() == month[:3].lower()))
    hour = number("H", number("k", 0) % 24)
    if "h" in fields or "K" in fields:
        hour = number("hK", 0) % 12 + (12 if fields.get("a", "AM").upper() == "PM" else 0)
    micro = int(f"{fields.get('S', '0'):0<9}"[:6]) if "S" in fields else number("n", 0) // 1000
    made = datetime(year, int(month), number("d", 1), hour, number("m", 0), number("s", 0), micro)  # noqa: DTZ001  # SQL's TIMESTAMP has no zone
    if "D" in fields:
        made = made.replace(month=1, day=1) + timedelta(days=number("D", 1) - 1)
    return made - _offset(next((fields[one] for one in "ZXxz" if one in fields), "Z"))


def _offset(text: str) -> timedelta:
    if text[0] not in "+-":
        return timedelta()
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -size if text[0] == "-" else size
