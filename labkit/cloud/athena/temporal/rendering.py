"""Dates, times and intervals inside arrays, maps and rows of a result: DuckDB's values as Athena's texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from labkit.cloud.athena.temporal import texts
from labkit.cloud.athena.temporal.calendar import DAY_US, days_of
from labkit.cloud.athena.temporal.zoned import decode
from labkit.cloud.athena.types import Type, precision

# What DuckDB gives for a year that Python has no date for: 12345-01-01 10:00:00 or 0002-11-28 (BC) 10:00:00.
_FAR = re.compile(r"(\d+)-(\d\d)-(\d\d)( \(BC\))?(?: (\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?( \(BC\))?")


def micros(value: Any) -> int:
    """Microseconds since 1970 of a date or timestamp as DuckDB hands it to Python."""
    if isinstance(value, datetime):
        days, clock = value.toordinal() - 719_163, value
        return days * DAY_US + ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 10**6 + clock.microsecond
    if isinstance(value, date):
        return (value.toordinal() - 719_163) * DAY_US
    found = _FAR.fullmatch(str(value))
    assert found is not None
    year, month, day = (int(part) for part in found.groups()[:3])
    year = 1 - year if found.group(4) or found.group(9) else year
    hour, minute, second = (int(part or 0) for part in found.groups()[4:7])
    clock_us = ((hour * 60 + minute) * 60 + second) * 10**6 + int((found.group(8) or "").ljust(6, "0"))
    return days_of(year, month, day) * DAY_US + clock_us


def renderer(kind: Type) -> Callable[[Any], str] | None:
    """The function that writes one non-NULL value; None for other types. Values with a zone come as texts (see fetchable)."""
    digits = precision(kind)
    if kind.name == "timestamp" and digits > 6:
        return lambda value: texts.show_moment(value, digits)
    simple: dict[str, Callable[[Any], str]] = {
        "date": lambda value: texts.show_date(micros(value) // DAY_US),
        "timestamp": lambda value: texts.show_moment(micros(value) * 10**6, digits),
        "time": lambda value: texts.show_clock(value, digits),
        "timestamp with time zone": lambda value: texts.show_zoned(decode(value), digits),
        "time with time zone": lambda value: texts.show_zoned_time(decode(value), digits),
        "interval day to second": texts.show_days,
        "interval year to month": texts.show_months,
    }
    return simple.get(kind.name)
