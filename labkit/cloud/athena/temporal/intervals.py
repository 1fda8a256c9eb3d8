"""INTERVAL literals and their arithmetic: milliseconds for days to seconds, months for years to months."""

from __future__ import annotations

import math
import re

from labkit.cloud.athena.errors import QueryFailure

_FIELDS = ("year", "month", "day", "hour", "minute", "second")
_MILLIS = {"day": 86_400_000, "hour": 3_600_000, "minute": 60_000, "second": 1000}
_BETWEEN = {"month": "-", "hour": " ", "minute": ":", "second": ":"}
_QUALIFIERS = {
    ("year", "year"), ("year", "month"), ("month", "month"), ("day", "day"), ("day", "hour"), ("day", "minute"), ("day", "second"),
    ("hour", "hour"), ("hour", "minute"), ("hour", "second"), ("minute", "minute"), ("minute", "second"), ("second", "second"),
}  # fmt: skip
_LARGEST = 2**31 - 1


def read_interval(text: str, first: str, last: str) -> tuple[int, bool] | None:
    """Milliseconds, or months (then True); None for a text or a qualifier that is none."""
    if (first, last) not in _QUALIFIERS:
        return None
    fields = _FIELDS[_FIELDS.index(first) : _FIELDS.index(last) + 1]
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text)
    for count in range(len(fields), 0, -1):
        values = _values(rest, fields[:count])
        if values is not None:
            months = first in ("year", "month")
            total = sum(_months(name, value) if months else _millis(name, value) for name, value in values)
            return sign * total, months
    return None


def _values(text: str, fields: tuple[str, ...]) -> list[tuple[str, str]] | None:
    pattern = ""
    for index, name in enumerate(fields):
        number = r"(\+?[0-9]+(?:\.[0-9]*)?)" if name == "second" else r"(\+?[0-9]+)"
        pattern += (re.escape(_BETWEEN[name]) if index else "") + number
    found = re.fullmatch(pattern, text)
    if found is None or any(float(value) > _LARGEST for value in found.groups()):
        return None
    return list(zip(fields, found.groups(), strict=True))


def _millis(name: str, value: str) -> int:
    whole, _, fraction = value.partition(".")
    return int(whole) * _MILLIS[name] + int(fraction[:3].ljust(3, "0"))


def _months(name: str, value: str) -> int:
    return int(value) * (12 if name == "year" else 1)


def scaled(value: int, factor: float) -> int:
    """An interval times a number, cut to a whole unit."""
    if math.isnan(factor):
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", "Cannot multiply by double NaN")
    return _long(value * factor)


def divided(value: int, factor: float) -> int:
    """An interval divided by a number, cut to a whole unit."""
    if math.isnan(factor) or factor == 0:
        shown = "NaN" if math.isnan(factor) else str(factor)
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"Cannot divide by double {shown}")
    return _long(value / factor)


def _long(value: float) -> int:
    """Java's cast of a double to a long: cut, and held at the ends."""
    if abs(value) >= 2.0**63:
        return 2**63 - 1 if value > 0 else -(2**63)
    return int(value)


_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*")
_DURATION_MILLIS = {"ns": 1e-6, "us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6, "d": 8.64e7}


def parse_duration(text: str) -> int:
    """``3.81 d`` in milliseconds."""
    if not text:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", "duration is empty")
    found = _DURATION.fullmatch(text)
    if found is None:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"duration is not a valid data duration string: {text}")
    scale = _DURATION_MILLIS.get(found.group(2))
    if scale is None:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"Unknown time unit: {found.group(2)}")
    return math.floor(float(found.group(1)) * scale + 0.5)


def human_readable_seconds(seconds: float) -> str:
    """``56363463`` as ``93 weeks, 1 day, 8 hours, 31 minutes, 3 seconds``."""
    if math.isnan(seconds) or math.isinf(seconds):
        shown = "NaN" if math.isnan(seconds) else "Infinity" if seconds > 0 else "-Infinity"
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"Invalid argument found: {shown}")
    rest, parts = min(math.floor(abs(seconds) + 0.5), 2**63 - 1), []
    for name, size in (("week", 604_800), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    return ", ".join(parts) or "0 seconds"
