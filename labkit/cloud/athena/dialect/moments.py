"""Dates, times, zones and intervals as DuckDB text: how values of one type become values of another.

DATE and TIMESTAMP up to microseconds are DuckDB's own. A finer TIMESTAMP is a HUGEINT of picoseconds, TIME is a BIGINT of picoseconds,
a value with a zone is an INTERVAL (temporal/zoned.py), and INTERVALs are milliseconds or months. Functions called ``moment_…`` are
Python's (temporal/session.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.types import Type, duckdb, precision, show

EXACT = 6  # digits that DuckDB's TIMESTAMP keeps
_ZONED = ("timestamp with time zone", "time with time zone")
_LONG = 9  # digits that a value with a zone keeps


def check_kept(kind: Type, place: tuple[int, int] | None = None) -> None:
    """NOT_SUPPORTED for what cannot be kept exactly: picoseconds with a zone."""
    for item in kind.items:
        check_kept(item, place)
    if kind.name in _ZONED and precision(kind) > _LONG:
        raise not_supported(f"the type {show(kind)}: more than nanoseconds with a zone", place)


# These macros repeat their argument: one inside another is computed once and bound to a name, so that nested casts do not grow.
_REPEATING = re.compile(
    r"\b(text_date|date_text|text_timestamp|timestamp_text|round_micros|mysql_text|mysql_moment|joda_text|joda_moment|time_of|time_of_picos"
    r"|iso_moment|unix_moment|moved_time|whole_days_added|whole_days_subtracted|micros_to_millis|zoned_wall|fitting_text|double_text|refused)\("
)
_LONG_TEXT = 300


def once(sql: str, build: Callable[[str], str]) -> str:
    """``build(sql)``, with an expression that is more than a column or a call evaluated once."""
    plain = len(sql) <= _LONG_TEXT and not _REPEATING.search(sql)
    return build(sql) if plain else f"list_transform([{sql}], lambda m: {build('m')})[1]"


def packed(sql: str) -> str:
    """A value with a zone, as the Python functions take it."""
    return f"CAST({sql} AS VARCHAR)"


def unpacked(sql: str) -> str:
    """What a Python function gave, as a value with a zone."""
    return f"CAST({sql} AS INTERVAL)"


def wall(value: Typed) -> str:
    """The wall clock of a DATE or TIMESTAMP, as DuckDB's TIMESTAMP; below microseconds it is cut."""
    name = value.type.name
    if name == "timestamp with time zone":
        return f"make_timestamp(zoned_wall({value.sql}))"
    if name == "timestamp" and precision(value.type) > EXACT:
        return f"make_timestamp(moment_picos_us({value.sql}))"
    return value.sql if duckdb(value.type) == "TIMESTAMP" else f"CAST({value.sql} AS TIMESTAMP)"


def wall_us(value: Typed) -> str:
    """The same as microseconds."""
    made = wall(value)
    return (
        made[len("make_timestamp(") : -1]
        if made.startswith(("make_timestamp(moment_", "make_timestamp(zoned_"))
        else f"epoch_us({made})"
    )


def instant(value: Typed) -> str:
    """The instant as a TIMESTAMP in UTC; a value without a zone is in UTC, Athena's session zone."""
    if value.type.name == "timestamp with time zone":
        return f"make_timestamp(zoned_instant({value.sql}))"
    return wall(value)


def picos(value: Typed) -> str:
    """Picoseconds of the wall clock as a HUGEINT."""
    if value.type.name == "timestamp with time zone":
        return f"moment_wall_picos({packed(value.sql)})"
    if value.type.name == "timestamp" and precision(value.type) > EXACT:
        return value.sql
    return f"(CAST({wall_us(value)} AS HUGEINT) * 1000000)"


def day_number(sql: str) -> str:
    """Days since 1970 of a DATE."""
    return f"CAST({sql} - DATE '1970-01-01' AS INTEGER)"


def date_of(days: str) -> str:
    """The DATE of a day number."""
    return f"(DATE '1970-01-01' + {days})"


def rounded(value: Typed, digits: int) -> Typed:
    """The same type with fewer digits, half up; the value itself when it has no more."""
    kind, sql = value.type, value.sql
    if precision(kind) <= digits:
        return value
    target = Type(kind.name, () if digits == 3 else (digits,))
    if kind.name in _ZONED:
        name = "moment_zoned_round" if kind.name.startswith("timestamp") else "moment_daily_round"
        return Typed(unpacked(f"{name}({packed(sql)}, {digits})"), target)
    if kind.name == "time":
        return Typed(f"moment_time_round({sql}, {digits})", target)
    if precision(kind) > EXACT:
        made = f"moment_picos_round({sql}, {digits})"
        return Typed(made if digits > EXACT else f"make_timestamp(moment_picos_us({made}))", target)
    return Typed(once(sql, lambda one: f"round_micros({one}, {10 ** (EXACT - digits)})"), target)


def converted(value: Typed, target: Type) -> Typed | None:
    """A date, time or timestamp as another of them, by CAST's rules; None when there is no such cast."""
    source = value.type
    if source.name == target.name:
        return _same(value, target)
    made = _CONVERSIONS.get((source.name, target.name))
    if made is None:
        return None
    check_kept(target)
    return Typed(made(value, target), target)


def _same(value: Typed, target: Type) -> Typed:
    if value.type.name == "date":
        return value
    check_kept(target)
    narrowed = rounded(value, precision(target))
    if duckdb(narrowed.type) == duckdb(target):
        return Typed(narrowed.sql, target)
    return Typed(picos(narrowed), target)


def _to_timestamp(value: Typed, target: Type) -> str:
    """DATE or TIMESTAMP WITH TIME ZONE to TIMESTAMP."""
    if value.type.name != "date":
        value = rounded(value, precision(target))
    return wall(value) if precision(target) <= EXACT else picos(value)


def _to_zoned(value: Typed, target: Type) -> str:
    """DATE or TIMESTAMP in UTC."""
    if value.type.name != "date":
        value = rounded(value, precision(target))
    if value.type.name == "timestamp" and precision(value.type) > EXACT:
        return unpacked(f"moment_utc_ns({value.sql} // 1000)")
    return f"zoned_at({wall_us(value)}, 0)"


def _to_date(value: Typed, _target: Type) -> str:
    return f"CAST({wall(value)} AS DATE)"


def _to_time(value: Typed, target: Type) -> str:
    """TIMESTAMP or TIMESTAMP WITH TIME ZONE to TIME."""
    fine = precision(value.type) > EXACT
    whole = picos(value) if fine else wall(value)
    made = once(whole, lambda one: f"time_of_picos({one})" if fine else f"time_of({one})")
    return rounded(Typed(made, Type("time", (precision(value.type),))), precision(target)).sql


def _time_wall(value: Typed) -> str:
    if value.type.name == "time with time zone":
        return f"moment_daily_wall({packed(value.sql)})"
    return value.sql


def _time_to_time(value: Typed, target: Type) -> str:
    made = Typed(_time_wall(value), Type("time", (precision(value.type),)))
    return rounded(made, precision(target)).sql


def _time_to_daily(value: Typed, target: Type) -> str:
    return unpacked(f"moment_daily({rounded(value, precision(target)).sql})")


def _moment_to_daily(value: Typed, target: Type) -> str:
    if value.type.name == "timestamp":
        return _time_to_daily(Typed(_to_time(value, target), Type("time", target.params)), target)
    made = unpacked(f"moment_daily_of({packed(value.sql)})")
    return rounded(Typed(made, Type("time with time zone", (precision(value.type),))), precision(target)).sql


def _time_to_timestamp(value: Typed, target: Type) -> str:
    """A time of the day on which the query runs."""
    made = _time_to_time(value, target)
    today = "epoch_us(CAST(current_date AS TIMESTAMP))"
    if precision(target) > EXACT:
        return f"(CAST({today} AS HUGEINT) * 1000000 + {made})"
    return f"make_timestamp({today} + {made} // 1000000)"


def _time_to_zoned(value: Typed, target: Type) -> str:
    if value.type.name == "time with time zone":
        made = rounded(value, precision(target)).sql
        return unpacked(f"moment_daily_on({packed(made)}, {day_number('CAST(current_date AS DATE)')})")
    plain = Type("timestamp", target.params)
    return _to_zoned(Typed(_time_to_timestamp(value, plain), plain), target)


_TS, _TZ, _T, _TTZ = "timestamp", "timestamp with time zone", "time", "time with time zone"
_CONVERSIONS = {
    ("date", _TS): _to_timestamp, ("date", _TZ): _to_zoned,
    (_TS, "date"): _to_date, (_TS, _T): _to_time, (_TS, _TTZ): _moment_to_daily, (_TS, _TZ): _to_zoned,
    (_TZ, "date"): _to_date, (_TZ, _T): _to_time, (_TZ, _TTZ): _moment_to_daily, (_TZ, _TS): _to_timestamp,
    (_T, _TTZ): _time_to_daily, (_T, _TS): _time_to_timestamp, (_T, _TZ): _time_to_zoned,
    (_TTZ, _T): _time_to_time, (_TTZ, _TS): _time_to_timestamp, (_TTZ, _TZ): _time_to_zoned,
}  # fmt: skip
