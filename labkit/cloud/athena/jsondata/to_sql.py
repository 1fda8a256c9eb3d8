"""What json_value makes of the item it found: CAST to the type asked for."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.jsondata.from_json import scalar_taker, scientific
from labkit.cloud.athena.rendering import moment
from labkit.cloud.athena.types import Type

_MOMENT = re.compile(r"\s*(\d{4,6})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,12}))?)?)?\s*")


def sql_value(kind: Type) -> Callable[[Any], Any]:
    """An item (text, number, boolean, date) as a value of ``stored(kind)``; QueryFailure or ValueError when it does not fit."""
    if kind.name in ("varchar", "char"):
        return lambda item: _limited(_text(item), kind)
    if kind.name == "date":
        return lambda item: _moment(item).date()
    if kind.name == "timestamp":
        return _moment
    take = scalar_taker(kind)
    if kind.name in ("double", "real"):  # as digits, see from_json.stored
        return lambda item: repr(take(_plain(item)))
    return lambda item: take(_plain(item))


def _plain(item: Any) -> Any:
    if isinstance(item, date | time):
        raise QueryFailure("INVALID_CAST_ARGUMENT", "a date is no number")
    if isinstance(item, float):
        if not math.isfinite(item):
            raise ValueError("not finite")
        return Decimal(repr(item))
    return item


def _text(item: Any) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, float):
        return scientific(item)
    if isinstance(item, datetime):
        return moment(item)
    if isinstance(item, date | time):
        return item.isoformat()
    return format(item, "f") if isinstance(item, Decimal) else str(item)


def _limited(text: str, kind: Type) -> str:
    if not kind.params:
        return text
    return text[: kind.params[0]].ljust(kind.params[0] if kind.name == "char" else 0)


def _moment(item: Any) -> datetime:
    if isinstance(item, datetime):
        return item
    if isinstance(item, date):
        return datetime(item.year, item.month, item.day)  # noqa: DTZ001  # SQL's TIMESTAMP has no zone
    found = _MOMENT.fullmatch(item) if isinstance(item, str) else None
    if found is None:
        raise ValueError("no timestamp")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    micros = int((found.group(7) or "0").ljust(6, "0")[:6])
    return datetime(year, month, day, hour, minute, second, micros)  # noqa: DTZ001  # SQL's TIMESTAMP has no zone
