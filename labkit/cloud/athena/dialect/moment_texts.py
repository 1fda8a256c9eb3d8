"""Texts of dates, times, zones and intervals: casts to and from VARCHAR, and what a result shows."""

from __future__ import annotations

from labkit.cloud.athena.dialect.moments import EXACT, check_kept, date_of, day_number, once, packed, unpacked
from labkit.cloud.athena.types import Type, field_name, precision

_PLAIN_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_PLAIN_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"


def from_text(sql: str, target: Type) -> str:
    """A VARCHAR as a date, time or timestamp; usual texts are DuckDB's, all others Python's."""
    check_kept(target)
    digits = precision(target)
    if target.name == "date":
        return once(sql, lambda one: f"text_date({one})")
    if target.name == "time":
        return f"moment_text_time({sql}, {digits})"
    if target.name == "timestamp with time zone":
        return unpacked(f"moment_text_zoned({sql}, {digits})")
    if target.name == "time with time zone":
        return unpacked(f"moment_text_daily({sql}, {digits})")
    if digits > EXACT:
        return f"moment_text_picos({sql}, {digits})"
    fraction = f"([.][0-9]{{1,{digits}}})?" if digits else ""
    return once(sql, lambda one: f"text_timestamp({one}, '{_PLAIN_DATE}( {_PLAIN_CLOCK}{fraction})?', {digits})")


def to_text(sql: str, kind: Type) -> str:
    """CAST AS VARCHAR."""
    digits = precision(kind)
    if kind.name == "date":
        return once(sql, lambda one: f"date_text({one})")
    if kind.name == "timestamp":
        if digits > EXACT:
            return f"moment_picos_text({sql}, {digits})"
        return once(sql, lambda one: f"timestamp_text({one}, {20 + digits if digits else 19}, {digits})")
    simple = {
        "time": f"moment_time_text({sql}, {digits})",
        "timestamp with time zone": _zoned_text(sql, digits),
        "time with time zone": f"moment_daily_text({packed(sql)}, {digits})",
        "interval day to second": f"moment_days_text({sql})",
        "interval year to month": f"moment_months_text({sql})",
    }
    return simple[kind.name]


def _zoned_text(sql: str, digits: int) -> str:
    if digits > EXACT:
        return f"moment_zoned_text({packed(sql)}, {digits})"
    return f"zoned_text({sql}, {20 + digits if digits else 19}, {digits})"


def shown(sql: str, kind: Type) -> str:
    """What a result shows; only a DATE of a far year differs from the cast."""
    return f"date_shown({sql})" if kind.name == "date" else to_text(sql, kind)


MACROS = (
    # Half up to a multiple of ``step`` microseconds.
    """CREATE MACRO round_micros(t, step) AS make_timestamp(
         (epoch_us(t) + step // 2) - ((epoch_us(t) + step // 2) % step + step) % step)""",
    "CREATE MACRO time_of(t) AS ((epoch_us(t) % 86400000000 + 86400000000) % 86400000000) * 1000000",
    "CREATE MACRO time_of_picos(x) AS CAST((x % 86400000000000000 + 86400000000000000) % 86400000000000000 AS BIGINT)",
    f"""CREATE MACRO text_date(x) AS coalesce(TRY_CAST(CASE WHEN regexp_full_match(x, '{_PLAIN_DATE}') THEN x END AS DATE),
         {date_of("moment_text_date(x)")})""",
    """CREATE MACRO text_timestamp(x, plain, digits) AS coalesce(TRY_CAST(CASE WHEN regexp_full_match(x, plain) THEN x END AS TIMESTAMP),
         make_timestamp(moment_text_us(x, digits)))""",
    f"CREATE MACRO date_text(x) AS CASE WHEN x >= DATE '0001-01-01' THEN CAST(x AS VARCHAR) ELSE moment_date_text({day_number('x')}) END",
    f"""CREATE MACRO date_shown(x) AS CASE WHEN x >= DATE '0001-01-01' AND x <= DATE '9999-12-31' THEN CAST(x AS VARCHAR)
         ELSE moment_date_shown({day_number("x")}) END""",
    """CREATE MACRO timestamp_text(x, size, digits) AS CASE WHEN x >= TIMESTAMP '0001-01-01' AND x < TIMESTAMP '10000-01-01'
         THEN left(strftime(x, '%Y-%m-%d %H:%M:%S.%f'), size) ELSE moment_us_text(epoch_us(x), digits) END""",
)


def fetchable(sql: str, kind: Type) -> str:
    """A column of a result in a form that Python can take: values with a zone inside it become texts."""
    if kind.name in ("timestamp with time zone", "time with time zone"):
        return packed(sql)
    if not any(_holds_zone(item) for item in kind.items):
        return sql
    if kind.name == "array":
        return f"list_transform({sql}, lambda x: {fetchable('x', kind.items[0])})"
    if kind.name == "map":
        parts = [fetchable(f"struct_extract_at(x, {index})", item) for index, item in enumerate(kind.items, 1)]
        entries = f"list_transform(map_entries({sql}), lambda x: {{'k': {parts[0]}, 'v': {parts[1]}}})"
        return f"map_from_entries({entries})"
    fields = [
        f"'{field_name(kind, index).replace(chr(39), chr(39) * 2)}': {fetchable(f'struct_extract_at({sql}, {index + 1})', item)}"
        for index, item in enumerate(kind.items)
    ]
    return f"(CASE WHEN {sql} IS NOT NULL THEN {{{', '.join(fields)}}} END)"


def _holds_zone(kind: Type) -> bool:
    return kind.name in ("timestamp with time zone", "time with time zone") or any(map(_holds_zone, kind.items))
