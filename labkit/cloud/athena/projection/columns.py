"""The values of one projected column: enum, integer, date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.java_dates import Pattern, compile_pattern, format_date, parse_date
from labkit.cloud.athena.types import INTEGERS, Type, show

# A column that projects more values than this is refused: Athena would time out on it.
_MOST_VALUES = 1_000_000
_NOW = re.compile(r"\s*NOW\s*(?:([+-])\s*([0-9]+)\s*(YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?\s*)?")
_SPANS = {
    "WEEKS": timedelta(weeks=1), "DAYS": timedelta(days=1), "HOURS": timedelta(hours=1), "MINUTES": timedelta(minutes=1),
    "SECONDS": timedelta(seconds=1), "MILLISECONDS": timedelta(milliseconds=1),
}  # fmt: skip


def invalid(column: str, text: str) -> QueryFailure:
    """A projection that cannot be read."""
    return QueryFailure("INVALID_TABLE_PROPERTY", f"Column projection for column '{column}' failed. {text}")


def values(column: str, kind: Type, properties: Mapping[str, str], now: datetime) -> list[tuple[str, str]]:
    """What the column may be: its value, and how a location writes it."""
    chosen = properties["type"].strip().lower()
    if chosen == "enum":
        return [(one, one) for one in _required(column, properties, "values").split(",")]
    if chosen == "integer":
        return [(one, one) for one in _integers(column, kind, properties)]
    if chosen == "date":
        return _dates(column, kind, properties, now)
    raise invalid(column, f"Unknown projection type '{properties['type']}'")


def _required(column: str, properties: Mapping[str, str], name: str) -> str:
    found = properties.get(name)
    if found is None:
        raise invalid(column, f"Missing required property: 'projection.{column}.{name}'")
    return found


def _range(column: str, properties: Mapping[str, str]) -> tuple[str, str]:
    found = _required(column, properties, "range").split(",")
    if len(found) != 2:
        raise invalid(column, f"Property 'projection.{column}.range' needs two values separated by a comma")
    return found[0], found[1]


def _whole(column: str, properties: Mapping[str, str], name: str) -> int | None:
    found = properties.get(name)
    if found is None:
        return None
    if not found.strip().isdigit() or int(found) < 1:
        raise invalid(column, f"Property 'projection.{column}.{name}' must be a positive integer: '{found}'")
    return int(found)


def _integers(column: str, kind: Type, properties: Mapping[str, str]) -> list[str]:
    if kind.name not in (*INTEGERS, "varchar"):
        raise invalid(column, f"Unsupported column type: {show(kind)}")
    try:
        first, last = (int(one.strip()) for one in _range(column, properties))
    except ValueError:
        raise invalid(column, f"Property 'projection.{column}.range' must be two integers") from None
    if first > last:
        raise invalid(column, f"Property 'projection.{column}.range': {first} is greater than {last}")
    step, digits = _whole(column, properties, "interval") or 1, _whole(column, properties, "digits") or 0
    if (last - first) // step >= _MOST_VALUES:
        raise invalid(column, f"The range has more than {_MOST_VALUES} values")
    return [f"{one:0{digits + (one < 0)}d}" if digits else str(one) for one in range(first, last + 1, step)]


def _dates(column: str, kind: Type, properties: Mapping[str, str], now: datetime) -> list[tuple[str, str]]:
    if kind.name not in ("varchar", "date", "timestamp"):
        raise invalid(column, f"Unsupported column type: {show(kind)}")
    try:
        pattern = compile_pattern(_required(column, properties, "format"))
    except ValueError as failure:
        raise invalid(column, str(failure)) from None
    first, last = (_bound(column, one, pattern, now) for one in _range(column, properties))
    if first > last:
        raise invalid(column, f"Property 'projection.{column}.range': the first date is after the second")
    step, unit = _step(column, properties, pattern)
    found: list[tuple[str, str]] = []
    current = first
    while current <= last:
        shown = format_date(pattern, current)
        found.append((_typed(kind, current, shown), shown))
        if len(found) > _MOST_VALUES:
            raise invalid(column, f"The range has more than {_MOST_VALUES} values")
        current = _plus(current, step, unit)
    return list(dict.fromkeys(found))


def _step(column: str, properties: Mapping[str, str], pattern: Pattern) -> tuple[int, str]:
    step, unit = _whole(column, properties, "interval"), properties.get("interval.unit")
    if pattern.has("HhKkmsSna") and (step is None or unit is None):
        text = (
            f"Property: 'projection.{column}.interval' and 'projection.{column}.interval.unit' need to be set when "
            "the format is less than single-day precision"
        )
        raise invalid(column, text)
    chosen = (unit or ("DAYS" if pattern.has("dD") else "MONTHS" if pattern.has("ML") else "YEARS")).strip().upper()
    if chosen not in (*_SPANS, "YEARS", "MONTHS"):
        raise invalid(column, f"Property: 'projection.{column}.interval.unit' value '{unit}' is invalid")
    return step or 1, chosen


def _bound(column: str, text: str, pattern: Pattern, now: datetime) -> datetime:
    """A date in the pattern, or NOW with an offset cut to what the pattern shows."""
    found = _NOW.fullmatch(text)
    try:
        if found is None:
            return parse_date(pattern, text)
        moment = now.replace(tzinfo=None)
        if found.group(1):
            size = int(found.group(2)) * (-1 if found.group(1) == "-" else 1)
            moment = _plus(moment, size, found.group(3) + "S")
        return parse_date(pattern, format_date(pattern, moment))
    except (ValueError, OverflowError) as failure:
        text = f"Property 'projection.{column}.range' needs two dates formatted as '{pattern.text}': {failure}"
        raise invalid(column, text) from None


def _plus(moment: datetime, size: int, unit: str) -> datetime:
    if unit in _SPANS:
        return moment + size * _SPANS[unit]
    months = moment.year * 12 + moment.month - 1 + size * (12 if unit == "YEARS" else 1)
    year, month = divmod(months, 12)
    following = datetime(year + month // 11, (month + 1) % 12 + 1, 1)  # noqa: DTZ001  # SQL's TIMESTAMP has no zone
    longest = (following - timedelta(days=1)).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, longest))


def _typed(kind: Type, moment: datetime, shown: str) -> str:
    if kind.name == "date":
        return f"{moment:%Y-%m-%d}"
    return f"{moment:%Y-%m-%d %H:%M:%S}" if kind.name == "timestamp" else shown
