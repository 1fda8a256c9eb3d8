"""date_add, date_trunc and date_diff for units that a row decides, and for values with a zone."""

from __future__ import annotations

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.temporal import calendar
from labkit.cloud.athena.temporal.calendar import CLOCK_UNITS
from labkit.cloud.athena.temporal.texts import DAY_PICOS
from labkit.cloud.athena.temporal.zoned import Zoned
from labkit.cloud.athena.temporal.zones import offset_us, wall_of

DATE_UNITS = ("day", "week", "month", "quarter", "year")
_KINDS = {
    "date": ("DATE", DATE_UNITS),
    "time": ("Time", CLOCK_UNITS),
    "timestamp": ("Timestamp", (*CLOCK_UNITS, *DATE_UNITS)),
}
_PICOS = {"millisecond": 10**9, "second": 10**12, "minute": 60 * 10**12, "hour": 3600 * 10**12}


def checked(unit: str, kind: str) -> str:
    """The unit in lower case; INVALID_FUNCTION_ARGUMENT when the type has no such field."""
    name, units = _KINDS[kind]
    lowered = unit.lower()
    if lowered not in units:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"'{lowered}' is not a valid {name} field")
    return lowered


def trunc_wall(unit: str, wall_us: int, kind: str) -> int:
    """date_trunc of a DATE or TIMESTAMP."""
    return calendar.floor(checked(unit, kind), wall_us)


def add_wall(unit: str, count: int, wall_us: int, kind: str) -> int:
    """date_add of a DATE or TIMESTAMP."""
    return calendar.add(checked(unit, kind), count, wall_us)


def diff_wall(unit: str, first_us: int, last_us: int, kind: str) -> int:
    """date_diff of DATEs or TIMESTAMPs."""
    return calendar.difference(checked(unit, kind), first_us, last_us)


def trunc_zoned(unit: str, value: Zoned) -> Zoned:
    """date_trunc on the wall clock of the value's zone."""
    unit = checked(unit, "timestamp")
    if unit in CLOCK_UNITS:
        offset = offset_us(value.zone, value.us)
        return Zoned((calendar.floor(unit, value.us + offset) - offset) * 1000, value.zone)
    floored = value.on_wall(calendar.floor(unit, value.wall_us))
    return Zoned(floored.us * 1000, value.zone)


def add_zoned(unit: str, count: int, value: Zoned) -> Zoned:
    """date_add: hours and less on the time line, days and more on the wall clock."""
    unit = checked(unit, "timestamp")
    if unit in CLOCK_UNITS:
        return value.moved(calendar.add(unit, count, value.us))
    return value.on_wall(calendar.add(unit, count, value.wall_us))


def diff_zoned(unit: str, first: Zoned, last: Zoned) -> int:
    """date_diff in the zone of the first value."""
    unit = checked(unit, "timestamp")
    if unit in CLOCK_UNITS:
        return calendar.difference(unit, first.us // 1000 * 1000, last.us // 1000 * 1000)
    walls = [wall_of(first.zone, moment.us // 1000 * 1000) for moment in (first, last)]
    return calendar.difference(unit, walls[0], walls[1])


def trunc_time(unit: str, picos: int) -> int:
    """date_trunc of a TIME."""
    return picos - picos % _PICOS[checked(unit, "time")]


def add_time(unit: str, count: int, picos: int) -> int:
    """date_add of a TIME, around midnight."""
    return (picos + count * _PICOS[checked(unit, "time")]) % DAY_PICOS


def diff_time(unit: str, first: int, last: int) -> int:
    """date_diff of two TIMEs."""
    whole = abs(last - first) // _PICOS[checked(unit, "time")]
    return whole if last >= first else -whole
