"""Dates, times and their formats."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect import literals
from labkit.cloud.athena.dialect.casts import cast
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.types import BIGINT, DATE, TIMESTAMP, TIMESTAMP_TZ, duckdb, show

# MySQL's letters (date_format, date_parse) to strftime's. Trino itself refuses %D %U %u %V %w %X.
_MYSQL = {
    "a": "%a", "b": "%b", "c": "%-m", "d": "%d", "e": "%-d", "f": "%f", "H": "%H", "h": "%I", "I": "%I", "i": "%M", "j": "%j",
    "k": "%-H", "l": "%-I", "M": "%B", "m": "%m", "p": "%p", "r": "%I:%M:%S %p", "S": "%S", "s": "%S", "T": "%H:%M:%S",
    "v": "%V", "W": "%A", "x": "%G", "Y": "%Y", "y": "%y", "%": "%%",
}  # fmt: skip
# Joda's letters (format_datetime, parse_datetime) to strftime's, longest run first.
_JODA = {
    "yyyy": "%Y", "YYYY": "%Y", "yy": "%y", "y": "%Y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%-m", "dd": "%d", "d": "%-d",
    "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "m": "%-M", "ss": "%S", "s": "%-S", "SSS": "%g", "a": "%p",
    "EEEE": "%A", "EEE": "%a", "E": "%a", "DDD": "%j", "xxxx": "%G", "ww": "%V", "e": "%u", "ZZ": "+00:00", "Z": "+0000",
}  # fmt: skip
_UNITS = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")


def mysql_format(pattern: str, place: Any) -> str:
    """``%Y-%m-%d %H:%i:%s`` as strftime has it."""
    parts, letters = [], iter(pattern)
    for letter in letters:
        if letter != "%":
            parts.append(letter)
            continue
        code = next(letters, "")
        if code in "DUuVwX":
            raise QueryFailure(
                "INVALID_FUNCTION_ARGUMENT",
                f"{code and '%' + code} not currently supported in date format string",
                place,
            )
        parts.append(_MYSQL.get(code, code))
    return "".join(parts)


def joda_format(pattern: str, place: Any) -> str:
    """``yyyy-MM-dd'T'HH:mm`` as strftime has it; a letter without a faithful counterpart is refused."""
    parts, index = [], 0
    while index < len(pattern):
        letter = pattern[index]
        if letter == "'":
            close = pattern.find("'", index + 1)
            parts.append(pattern[index + 1 : close].replace("%", "%%") or "'")
            index = close + 1 if close > 0 else len(pattern)
            continue
        run = len(pattern[index:]) - len(pattern[index:].lstrip(letter))
        if letter.isalpha():
            code = _JODA.get(letter * run)
            if code is None:
                raise not_supported(f"the date format letter {letter * run}", place)
            parts.append(code)
        else:
            parts.append(letter.replace("%", "%%") * run)
        index += run
    return "".join(parts)


def _literal(call: Any, index: int, what: str) -> str:
    text = call.text(index)
    if text is None:
        raise not_supported(f"{call.name}() with a {what} that is not a literal", call.place)
    return str(text)


def _wall(value: Typed) -> str:
    """The value as a timestamp without zone, in UTC."""
    if value.type == TIMESTAMP_TZ:
        return f"timezone('UTC', {value.sql})"
    return f"CAST({value.sql} AS TIMESTAMP)"


def _instant(value: Typed) -> str:
    return value.sql if value.type == TIMESTAMP_TZ else f"timezone('UTC', CAST({value.sql} AS TIMESTAMP))"


def _date_format(call: Any) -> str:
    pattern = mysql_format(_literal(call, 1, "format"), call.place)
    return f"strftime({_wall(call.values[0])}, {literals.text(pattern)})"


def _date_parse(call: Any) -> str:
    pattern = mysql_format(_literal(call, 1, "format"), call.place)
    return f"strptime({call.values[0].sql}, {literals.text(pattern)})"


def _format_datetime(call: Any) -> str:
    return f"strftime({_wall(call.values[0])}, {literals.text(joda_format(_literal(call, 1, 'format'), call.place))})"


def _parse_datetime(call: Any) -> str:
    pattern = _literal(call, 1, "format")
    if "Z" in pattern.replace("'Z'", "") or "z" in pattern:
        raise not_supported("parse_datetime() with a time zone in its format", call.place)
    return f"timezone('UTC', strptime({call.values[0].sql}, {literals.text(joda_format(pattern, call.place))}))"


def _unit(call: Any) -> str:
    unit = _literal(call, 0, "unit").lower()
    if unit not in _UNITS:
        kind = show(call.values[-1].type)
        raise QueryFailure(
            "INVALID_FUNCTION_ARGUMENT", f"'{unit}' is not a valid {kind.split('(')[0].upper()} field", call.place
        )
    return unit


def _moment(call: Any, index: int) -> Typed:
    value: Typed = call.values[index]
    if value.type not in (DATE, TIMESTAMP, TIMESTAMP_TZ):
        raise call.unexpected()
    return value


def _date_trunc(call: Any) -> Typed:
    unit, value = _unit(call), _moment(call, 1)
    if value.type == DATE and _UNITS.index(unit) < _UNITS.index("day"):
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"'{unit}' is not a valid DATE field", call.place)
    return Typed(f"CAST(date_trunc('{unit}', {value.sql}) AS {duckdb(value.type)})", value.type)


def _date_add(call: Any) -> Typed:
    unit, count, value = _unit(call), call.values[1].sql, _moment(call, 2)
    step = {"week": "to_weeks", "quarter": "to_months", "millisecond": "to_milliseconds"}.get(unit, f"to_{unit}s")
    amount = f"{count} * 3" if unit == "quarter" else count
    wide = "INTEGER" if unit in ("day", "week", "month", "quarter", "year") else "BIGINT"
    return Typed(f"CAST({value.sql} + {step}(CAST({amount} AS {wide})) AS {duckdb(value.type)})", value.type)


def _date_diff(call: Any) -> Typed:
    """Whole units between two moments, as Trino counts them (DuckDB's date_diff counts boundaries)."""
    unit, first, second = _unit(call), _moment(call, 1), _moment(call, 2)
    return Typed(f"date_sub('{unit}', {_wall(first)}, {_wall(second)})", BIGINT)


_PARTS = {
    "year": "year", "quarter": "quarter", "month": "month", "week": "week", "week_of_year": "week", "day": "day",
    "day_of_month": "day", "day_of_week": "isodow", "dow": "isodow", "day_of_year": "dayofyear", "doy": "dayofyear",
    "hour": "hour", "minute": "minute", "second": "second", "year_of_week": "isoyear", "yow": "isoyear",
}  # fmt: skip


def part(name: str, value: Typed) -> Typed | None:
    """One field of a date (EXTRACT, year(), day_of_week() …), or None for a field Trino does not have."""
    if name == "millisecond":
        return Typed(f"(millisecond({_wall(value)}) % 1000)", BIGINT)
    found = _PARTS.get(name)
    return Typed(f"{found}({_wall(value)})", BIGINT) if found else None


def _part(name: str) -> Any:
    def translate(call: Any) -> Typed:
        value = part(name, _moment(call, 0))
        assert value is not None
        return value

    return translate


def _date(call: Any) -> Typed:
    return cast(call.values[0], DATE, call.place)


def _iso8601(call: Any) -> str:
    value = call.values[0]
    if value.type == DATE:
        return f"CAST({value.sql} AS VARCHAR)"
    zone = "Z" if value.type == TIMESTAMP_TZ else ""
    return f"strftime({_wall(_moment(call, 0))}, '%Y-%m-%dT%H:%M:%S.%g{zone}')"


def _now(call: Any) -> Typed:
    from labkit.cloud.athena.dialect.expressions import now

    return now(call.ctx)


ENTRIES: list[Entry] = [
    *((f"{name}(T) -> bigint", _part(name)) for name in (*_PARTS, "millisecond")),
    ("now() -> timestamp with time zone", _now),
    ("date(varchar) -> date", _date),
    ("date(timestamp) -> date", _date),
    ("date(date) -> date", _date),
    ("date(timestamp with time zone) -> date", _date),
    ("date_trunc(varchar, T) -> T", _date_trunc),
    ("date_add(varchar, bigint, T) -> T", _date_add),
    ("date_diff(varchar, T, T) -> bigint", _date_diff),
    ("date_format(timestamp, varchar) -> varchar", _date_format),
    ("date_format(timestamp with time zone, varchar) -> varchar", _date_format),
    ("date_parse(varchar, varchar) -> timestamp", _date_parse),
    ("format_datetime(timestamp, varchar) -> varchar", _format_datetime),
    ("format_datetime(timestamp with time zone, varchar) -> varchar", _format_datetime),
    ("parse_datetime(varchar, varchar) -> timestamp with time zone", _parse_datetime),
    ("from_iso8601_timestamp(varchar) -> timestamp with time zone", "CAST({0} AS TIMESTAMPTZ)"),
    ("from_iso8601_date(varchar) -> date", "CAST({0} AS DATE)"),
    ("to_iso8601(T) -> varchar", _iso8601),
    ("from_unixtime(double) -> timestamp with time zone", "to_timestamp({0})"),
    ("to_unixtime(T) -> double", lambda call: f"epoch({_instant(_moment(call, 0))})"),
    ("last_day_of_month(T) -> date", lambda call: f"last_day(CAST({_wall(_moment(call, 0))} AS DATE))"),
    ("with_timezone(timestamp, varchar) -> timestamp with time zone", "timezone({1}, {0})"),
]  # fmt: skip
