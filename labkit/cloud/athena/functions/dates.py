"""Dates and times: their fields, date_add, date_diff, date_trunc, seconds since 1970."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect import moment_literals
from labkit.cloud.athena.dialect.casts import cast
from labkit.cloud.athena.dialect.moment_texts import to_text
from labkit.cloud.athena.dialect.moments import (
    EXACT,
    converted,
    date_of,
    instant,
    once,
    packed,
    picos,
    rounded,
    unpacked,
    wall,
    wall_us,
)
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.dialect.zoned_macros import code_of
from labkit.cloud.athena.functions import date_formats, zones
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.temporal.arithmetic import DATE_UNITS
from labkit.cloud.athena.temporal.calendar import CLOCK_UNITS
from labkit.cloud.athena.types import BIGINT, DATE, MOMENTS, Type, clock, precision, varchar

_DATES = ("date", "timestamp", "timestamp with time zone")
_TIMES = ("time", "time with time zone")
_DAYS, _MONTHS = "interval day to second", "interval year to month"
_FIELDS = {
    "year": "year", "quarter": "quarter", "month": "month", "week": "week", "week_of_year": "week", "day": "day",
    "day_of_month": "day", "day_of_week": "isodow", "dow": "isodow", "day_of_year": "dayofyear", "doy": "dayofyear",
    "year_of_week": "isoyear", "yow": "isoyear",
}  # fmt: skip
_CLOCK_FIELDS = {"hour": 3600 * 10**12, "minute": 60 * 10**12, "second": 10**12, "millisecond": 10**9}
_SIZES = {"hour": 24, "minute": 60, "second": 60, "millisecond": 1000}
_EXTRACTED = {*_FIELDS, "hour", "minute", "second", "timezone_hour", "timezone_minute"} - {"week_of_year"}


def extract(name: str, value: Typed) -> Typed | None:
    """EXTRACT(name FROM value); None when the type does not have the field."""
    kind = value.type.name
    if (
        name not in _EXTRACTED
        or (kind == "date" and name in _CLOCK_FIELDS)
        or (kind == _DAYS and name == "day_of_month")
    ):
        return None
    return part(name, value)


def part(name: str, value: Typed) -> Typed | None:
    """One field (year(), hour() …), or None when the type does not have it."""
    kind = value.type.name
    if name in ("timezone_hour", "timezone_minute"):
        return Typed(zones.offset_part(value, name[9:]), BIGINT) if kind.endswith("time zone") else None
    if name in _FIELDS and kind in _DATES:
        return Typed(f"{_FIELDS[name]}({value.sql if kind == 'date' else wall(value)})", BIGINT)
    if name in _CLOCK_FIELDS and kind in _DATES:
        if name == "millisecond":
            return Typed(f"(millisecond({wall(value)}) % 1000)", BIGINT)
        return Typed(f"{name}({wall(value)})", BIGINT)
    if name in _CLOCK_FIELDS and kind in _TIMES:
        return Typed(f"({_time(value)} // {_CLOCK_FIELDS[name]} % {_SIZES[name]})", BIGINT)
    return _interval_part(name, value)


def _interval_part(name: str, value: Typed) -> Typed | None:
    if value.type.name == _DAYS and name in _CLOCK_FIELDS:
        step = _CLOCK_FIELDS[name] // 10**9
        return Typed(f"({value.sql} % {step * _SIZES[name]} // {step})", BIGINT)
    if value.type.name == _DAYS and name in ("day", "day_of_month"):
        return Typed(f"({value.sql} // 86400000)", BIGINT)
    if value.type.name == _MONTHS and name in ("year", "month"):
        return Typed(f"CAST({value.sql} {'//' if name == 'year' else '%'} 12 AS BIGINT)", BIGINT)
    return None


def _time(value: Typed) -> str:
    return value.sql if value.type.name == "time" else f"moment_daily_wall({packed(value.sql)})"


def _part(name: str) -> Any:
    def translate(call: Any) -> Typed:
        value = part(name, call.values[0])
        if value is None:
            raise call.unexpected()
        return value

    return translate


def _moment(call: Any, index: int) -> Typed:
    value: Typed = call.values[index]
    if value.type.name not in MOMENTS:
        raise call.unexpected()
    return value


def _unit(call: Any, kind: Type) -> str | None:
    """A literal unit that the type has; None for one that a row decides, or that only Trino's error answers."""
    text = (call.text(0) or "").lower()
    known = DATE_UNITS if kind.name == "date" else (*CLOCK_UNITS, *DATE_UNITS)
    return text if text in known else None


def _again(sql: str, kind: Type) -> Typed:
    """A DuckDB TIMESTAMP as the type it came from."""
    if kind.name == "date":
        return Typed(f"CAST({sql} AS DATE)", kind)
    made = converted(Typed(sql, clock("timestamp", min(EXACT, precision(kind)))), kind)
    assert made is not None
    return made


def _family(kind: Type) -> str:
    return "'date'" if kind.name == "date" else "'timestamp'"


def _date_trunc(call: Any) -> Typed:
    value = _moment(call, 1)
    kind, given, unit = value.type, call.values[0].sql, _unit(call, value.type)
    if kind.name == "time":
        return Typed(f"moment_time_trunc({given}, {value.sql})", kind)
    if kind.name == "time with time zone":
        return _daily(value, f"moment_time_trunc({given}, {_time(value)})")
    if kind.name == "timestamp with time zone":
        in_python = unpacked(f"moment_zoned_trunc({given}, {packed(value.sql)})")
        return Typed(in_python if unit is None else f"zoned_trunc({value.sql}, '{unit}')", kind)
    if unit is None:
        return _again(f"make_timestamp(moment_trunc({given}, {wall_us(value)}, {_family(kind)}))", kind)
    return _again(f"date_trunc('{unit}', {value.sql if kind.name == 'date' else wall(value)})", kind)


def _daily(value: Typed, picos_sql: str) -> Typed:
    """A TIME WITH TIME ZONE at another time of its own clock."""
    made = Typed(unpacked(f"moment_daily_moved({packed(value.sql)}, {picos_sql})"), clock(value.type.name, 9))
    return Typed(rounded(made, precision(value.type)).sql, value.type)


def _date_add(call: Any) -> Typed:
    value, count = _moment(call, 2), call.values[1].sql
    kind, given, unit = value.type, call.values[0].sql, _unit(call, value.type)
    if kind.name == "time":
        return rounded(
            Typed(f"moment_time_add({given}, {count}, {value.sql})", clock("time", max(3, precision(kind)))),
            precision(kind),
        )
    if kind.name == "time with time zone":
        return _daily(value, f"moment_time_add({given}, {count}, {_time(value)})")
    if kind.name == "timestamp with time zone":
        return Typed(_zoned_add(value, unit, count, given), kind)
    if unit is None:
        moved = f"make_timestamp(moment_add({given}, {count}, {wall_us(value)}, {_family(kind)}))"
    else:
        moved = f"({value.sql if kind.name == 'date' else wall(value)} + {_step(unit, count)})"
    if precision(kind) > EXACT and kind.name == "timestamp":
        below = f"({value.sql} - CAST({wall_us(value)} AS HUGEINT) * 1000000)"
        return Typed(f"(CAST(epoch_us({moved}) AS HUGEINT) * 1000000 + {below})", kind)
    if unit == "millisecond" and precision(kind) < 3:
        return rounded(Typed(moved, Type("timestamp")), precision(kind))
    return _again(moved, kind)


def _zoned_add(value: Typed, unit: str | None, count: str, given: str) -> str:
    """Hours and less on the time line, days and more on the wall clock; Python for nanoseconds and for units of a row."""
    if unit is None or precision(value.type) > EXACT:
        return unpacked(f"moment_zoned_add({given}, {count}, {packed(value.sql)})")
    if unit in _CLOCK_MS:
        return f"zoned_shift({value.sql}, {count} * {_CLOCK_MS[unit]})"
    return f"zoned_stepped({value.sql}, {_step(unit, count)}, '{unit}', CAST({count} AS BIGINT))"


_CLOCK_MS = {"millisecond": 1, "second": 1000, "minute": 60_000, "hour": 3_600_000}


def _step(unit: str, count: str) -> str:
    if unit == "millisecond":
        return f"to_microseconds({count} * 1000)"
    if unit in CLOCK_UNITS:
        return f"to_{unit}s({count})"
    amount = f"{count} * 3" if unit == "quarter" else count
    name = {"quarter": "to_months"}.get(unit, f"to_{unit}s")
    return f"{name}(CAST({amount} AS INTEGER))"


def _date_diff(call: Any) -> Typed:
    """Whole units between two moments (DuckDB's date_sub; its date_diff counts boundaries)."""
    first, second = _moment(call, 1), _moment(call, 2)
    kind, given, unit = first.type, call.values[0].sql, _unit(call, first.type)
    if kind.name in _TIMES:
        sides = [
            value.sql if kind.name == "time" else f"moment_daily_instant({packed(value.sql)})"
            for value in (first, second)
        ]
        return Typed(f"moment_time_diff({given}, {sides[0]}, {sides[1]})", BIGINT)
    if kind.name == "timestamp with time zone":
        return Typed(_zoned_diff(first, second, unit, given), BIGINT)
    walls = [
        wall(value) if precision(kind) <= 3 else f"date_trunc('millisecond', {wall(value)})"
        for value in (first, second)
    ]
    if unit is None:
        return Typed(f"moment_diff({given}, epoch_us({walls[0]}), epoch_us({walls[1]}), {_family(kind)})", BIGINT)
    return Typed(f"date_sub('{unit}', {walls[0]}, {walls[1]})", BIGINT)


def _zoned_diff(first: Typed, second: Typed, unit: str | None, given: str) -> str:
    if unit is None or max(precision(first.type), precision(second.type)) > EXACT:
        return f"moment_zoned_diff({given}, {packed(first.sql)}, {packed(second.sql)})"
    if unit in _CLOCK_MS:
        sides = [f"date_trunc('millisecond', {instant(value)})" for value in (first, second)]
        return f"date_sub('{unit}', {sides[0]}, {sides[1]})"
    walls = f"zoned_walls({first.sql}, {second.sql})"
    return f"list_transform([{walls}], lambda w: date_sub('{unit}', w.first, w.last))[1]"


def _date(call: Any) -> Typed:
    return cast(call.values[0], DATE, call.place)


def _last_day(call: Any) -> Typed:
    value = call.values[0]
    return Typed(f"last_day({value.sql if value.type.name == 'date' else wall(value)})", DATE)


def _iso8601(call: Any) -> Typed:
    value = call.values[0]
    digits = precision(value.type)
    length = 22 + min(digits, 1) + digits
    if value.type.name == "date":
        return Typed(to_text(value.sql, DATE), varchar(16))
    if value.type.name == "timestamp":
        return Typed(f"replace({to_text(value.sql, value.type)}, ' ', 'T')", varchar(length))
    return Typed(f"moment_iso_zoned({packed(value.sql)}, {digits})", varchar(length + 6))


def _to_unixtime(call: Any) -> str:
    value = call.values[0]
    if value.type.name == "timestamp" and precision(value.type) > EXACT:
        return f"(CAST({picos(value)} AS DOUBLE) / 1e12)"
    return f"(epoch_us({instant(value)}) / 1e6)"


def _now(call: Any) -> Typed:
    return moment_literals.now(call.ctx, "now", None, call.place)


_NANOS = Type("timestamp with time zone", (9,))


def _from_unixtime(call: Any) -> str:
    seconds, zone = call.values[0].sql, call.values[1].sql
    code = code_of(call.text(1))
    if code is None:
        return unpacked(f"moment_unix({seconds}, {zone})")
    return once(seconds, lambda one: f"zoned_moved_to(unix_moment({one}), {code})")


def _unix_nanos(call: Any) -> Typed:
    value = call.values[0]
    whole = f"round({value.sql})" if value.type.name == "decimal" else value.sql
    return Typed(unpacked(f"moment_utc_ns(CAST({whole} AS HUGEINT))"), _NANOS)


def _iso_nanos(call: Any) -> Typed:
    return Typed(unpacked(f"moment_iso_nanos({call.values[0].sql})"), _NANOS)


_ZONED = "timestamp with time zone"
_OF_TIMES = (*_DATES[1:], *_TIMES, _DAYS)

ENTRIES: list[Entry] = [
    *((f"{name}({kind}) -> bigint", _part(name)) for name in _FIELDS for kind in _DATES),
    *((f"{name}({kind}) -> bigint", _part(name)) for name in _CLOCK_FIELDS for kind in _OF_TIMES),
    *((f"{name}({_DAYS}) -> bigint", _part(name)) for name in ("day", "day_of_month")),
    *((f"{name}({_MONTHS}) -> bigint", _part(name)) for name in ("year", "month")),
    (f"now() -> {_ZONED}", _now),
    *((f"date({kind}) -> date", _date) for kind in ("varchar", *_DATES)),
    *((f"date_trunc(varchar, {kind}) -> {kind}", _date_trunc) for kind in MOMENTS),
    *((f"date_add(varchar, bigint, {kind}) -> {kind}", _date_add) for kind in MOMENTS),
    ("date_diff(varchar, T, T) -> bigint", _date_diff),
    *((f"last_day_of_month({kind}) -> date", _last_day) for kind in _DATES),
    *((f"to_iso8601({kind}) -> varchar", _iso8601) for kind in _DATES),
    *((f"to_unixtime({kind}) -> double", _to_unixtime) for kind in _DATES[1:]),
    (f"from_unixtime(double) -> {_ZONED}", lambda call: once(call.values[0].sql, lambda one: f"unix_moment({one})")),
    (f"from_unixtime(double, varchar) -> {_ZONED}", _from_unixtime),
    (f"from_unixtime(double, bigint, bigint) -> {_ZONED}", unpacked("moment_unix_offset({0}, {1}, {2})")),
    (f"from_unixtime_nanos(bigint) -> {_ZONED}", _unix_nanos),
    (f"from_unixtime_nanos(decimal) -> {_ZONED}", _unix_nanos),
    (
        f"from_iso8601_timestamp(varchar) -> {_ZONED}",
        lambda call: once(call.values[0].sql, lambda one: f"iso_moment({one})"),
    ),
    (f"from_iso8601_timestamp_nanos(varchar) -> {_ZONED}", _iso_nanos),
    ("from_iso8601_date(varchar) -> date", date_of("moment_iso_date({0})")),
    (f"to_milliseconds({_DAYS}) -> bigint", "{0}"),
    (f"parse_duration(varchar) -> {_DAYS}", "moment_duration({0})"),
    ("human_readable_seconds(double) -> varchar", "moment_human_seconds({0})"),
    *date_formats.ENTRIES,
    *zones.ENTRIES,
]
