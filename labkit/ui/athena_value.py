"""Athena sends every value as text: here it becomes what it is in Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_INTEGERS = ("tinyint", "smallint", "integer", "int", "bigint")


def convert(kind: str, value: str | None) -> Any:
    """The value of a column of this Athena type; None for NULL, and the text itself for types that Python has no word for."""
    if value is None:
        return None
    try:
        return _KINDS.get(kind.partition("(")[0], str)(value)
    except (ValueError, ArithmeticError):
        # A year beyond 9999, a time with more digits than a microsecond: the text says it exactly.
        return value


def _boolean(value: str) -> bool:
    return value.lower() == "true"


_KINDS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(_INTEGERS, int),
    **dict.fromkeys(("double", "float", "real"), float),
    "decimal": Decimal,
    "boolean": _boolean,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
}
