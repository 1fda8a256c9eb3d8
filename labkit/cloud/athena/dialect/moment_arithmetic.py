"""Arithmetic and comparison of dates, times, zones and intervals."""

from __future__ import annotations

import re

from labkit.cloud.athena.dialect.moments import (
    EXACT,
    converted,
    instant,
    once,
    packed,
    unpacked,
    wall,
    wall_us,
)
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.types import (
    BIGINT,
    DAY_INTERVAL,
    DOUBLE,
    INTEGERS,
    MOMENTS,
    MONTH_INTERVAL,
    NUMBERS,
    Type,
    clock,
    duckdb,
    precision,
)

_INTERVALS = (DAY_INTERVAL, MONTH_INTERVAL)
_INSTANTS = ("date", "timestamp", "timestamp with time zone")


def arithmetic(operator: str, left: Typed, right: Typed) -> Typed | None:
    """``+ - * /`` where a date, a time or an interval takes part; None for what Trino does not have."""
    if right.type.name == "unknown" and left.type in _INTERVALS and operator in "+-":
        right = Typed(f"CAST(NULL AS {duckdb(left.type)})", left.type)
    if (
        operator == "+"
        and {left.type.name, right.type.name} & {"unknown"}
        and {left.type.name, right.type.name} & set(MOMENTS)
    ):
        kind = left.type if left.type.name in MOMENTS else right.type
        return Typed(f"CAST(NULL AS {duckdb(kind)})", kind)
    if operator == "+" and left.type in _INTERVALS and right.type.name in MOMENTS:
        left, right = right, left
    if operator in "+-" and left.type.name in MOMENTS and right.type in _INTERVALS:
        return _moved(operator, left, right)
    if operator == "-" and left.type.name in MOMENTS and right.type.name in MOMENTS:
        return _between(left, right)
    if operator in "+-" and left.type in _INTERVALS and left.type == right.type:
        return Typed(f"({left.sql} {operator} {right.sql})", left.type)
    if operator == "*" and right.type in _INTERVALS:
        left, right = right, left
    if operator in "*/" and left.type in _INTERVALS and right.type.name in (*NUMBERS, "unknown"):
        return _scaled(operator, left, right)
    return None


def _moved(operator: str, value: Typed, interval: Typed) -> Typed | None:
    name, months = value.type.name, interval.type == MONTH_INTERVAL
    if name == "date":
        if months:
            return Typed(f"CAST({value.sql} {operator} to_months({interval.sql}) AS DATE)", value.type)
        known = re.fullmatch(r"CAST\((-?\d+) AS BIGINT\)", interval.sql)
        if known and int(known.group(1)) % 86_400_000 == 0:  # a literal: plain text, which DuckDB folds and prunes with
            days_known = int(known.group(1)) // 86_400_000
            return Typed(f"({value.sql} {operator} CAST({days_known} AS INTEGER))", value.type)
        kind = "added" if operator == "+" else "subtracted"
        days = once(interval.sql, lambda one: f"whole_days_{kind}({one})")
        return Typed(f"({value.sql} {operator} {days})", value.type)
    if months:
        return _months(operator, value, interval)
    target = clock(name, max(3, precision(value.type)))
    step = interval.sql if operator == "+" else f"(-{interval.sql})"
    if name == "timestamp":
        if precision(target) > EXACT:
            return Typed(f"({value.sql} {operator} CAST({interval.sql} AS HUGEINT) * 1000000000)", target)
        return Typed(f"({value.sql} {operator} to_microseconds({interval.sql} * 1000))", target)
    if name == "time":
        return Typed(once(value.sql, lambda one: f"moved_time({one}, {step})"), target)
    if name == "timestamp with time zone" and precision(target) <= EXACT:
        return Typed(f"zoned_shift({value.sql}, {step})", target)
    shift = "moment_shift" if name.startswith("timestamp") else "moment_daily_shift"
    return Typed(unpacked(f"{shift}({packed(value.sql)}, {step})"), target)


def _months(operator: str, value: Typed, interval: Typed) -> Typed | None:
    if value.type.name == "timestamp":
        moved = f"CAST({wall(value)} {operator} to_months({interval.sql}) AS TIMESTAMP)"
        if precision(value.type) <= EXACT:
            return Typed(moved, value.type)
        below = f"({value.sql} - CAST({wall_us(value)} AS HUGEINT) * 1000000)"
        return Typed(f"(CAST(epoch_us({moved}) AS HUGEINT) * 1000000 + {below})", value.type)
    if value.type.name == "timestamp with time zone":
        step = interval.sql if operator == "+" else f"(-{interval.sql})"
        return Typed(unpacked(f"moment_zoned_add('month', {step}, {packed(value.sql)})"), value.type)
    return None


def _between(left: Typed, right: Typed) -> Typed | None:
    """The interval between two moments, in milliseconds."""
    from labkit.cloud.athena.coercion import common_type

    kind = common_type(left.type, right.type)
    if kind is None:
        return None
    if kind.name == "date":
        return Typed(f"(({left.sql} - {right.sql}) * 86400000)", DAY_INTERVAL)
    if kind.name == "timestamp with time zone":
        return Typed(f"(epoch_ms({instant(left)}) - epoch_ms({instant(right)}))", DAY_INTERVAL)
    if kind.name == "timestamp":
        return Typed(_millis(f"{wall_us(left)} - {wall_us(right)}"), DAY_INTERVAL)
    if kind.name == "time":
        return Typed(_millis(f"({left.sql} - {right.sql}) // 1000000"), DAY_INTERVAL)
    first, second = (converted(one, kind) for one in (left, right))
    assert first is not None
    assert second is not None
    instants = [f"zoned_instant({one.sql})" for one in (first, second)]
    return Typed(_millis(f"{instants[0]} - {instants[1]}"), DAY_INTERVAL)


def _millis(micros: str) -> str:
    return once(micros, lambda one: f"micros_to_millis({one})")


def _scaled(operator: str, interval: Typed, number: Typed) -> Typed:
    kind = interval.type
    if operator == "*" and number.type.name in (*INTEGERS, "unknown"):
        factor = f"CAST({number.sql} AS {duckdb(BIGINT)})"
        return Typed(f"CAST({interval.sql} * {factor} AS {duckdb(kind)})", kind)
    name = "moment_scaled" if operator == "*" else "moment_divided"
    return Typed(f"CAST({name}({interval.sql}, CAST({number.sql} AS {duckdb(DOUBLE)})) AS {duckdb(kind)})", kind)


def comparable(left: Typed, right: Typed) -> tuple[str, str] | None:
    """Two moments, one of them with a zone and one without, as UTC timestamps: a column is then compared as it is."""
    names = {left.type.name, right.type.name}
    fine = any(side.type.name == "timestamp" and precision(side.type) > EXACT for side in (left, right))
    if "timestamp with time zone" not in names or len(names) == 1 or not names <= set(_INSTANTS) or fine:
        return None
    zoned = left if left.type.name == "timestamp with time zone" else right
    if precision(zoned.type) > EXACT:
        return None
    return instant(left), instant(right)


def coerced(value: Typed, target: Type) -> Typed | None:
    """What Trino converts by itself among dates and times, in arrays too, or None for other types."""
    if value.type.name == target.name == "array" and duckdb(value.type) != duckdb(target):
        item = coerced(Typed("x", value.type.items[0]), target.items[0])
        return item and Typed(f"list_transform({value.sql}, lambda x: {item.sql})", target)
    if value.type.name not in MOMENTS or target.name not in MOMENTS:
        return None
    return converted(value, target)


MACROS = (
    *(
        f"""CREATE MACRO whole_days_{kind}(ms) AS CASE WHEN ms % 86400000 <> 0
              THEN refused('INVALID_FUNCTION_ARGUMENT|Cannot {words} a date') ELSE CAST(ms // 86400000 AS INTEGER) END"""
        for kind, words in (
            ("added", "add hour, minutes or seconds to"),
            ("subtracted", "subtract hour, minutes or seconds from"),
        )
    ),
    """CREATE MACRO moved_time(t, ms) AS CAST(((t + (ms % 86400000) * 1000000000) % 86400000000000000 + 86400000000000000)
         % 86400000000000000 AS BIGINT)""",
    # Half up, as Trino rounds a difference of microseconds.
    "CREATE MACRO micros_to_millis(d) AS ((d + 500) - ((d + 500) % 1000 + 1000) % 1000) // 1000",
)
