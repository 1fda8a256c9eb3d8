"""The Hive type of one value that is written as text, with integers as small as JSON's."""

from __future__ import annotations

from labkit.cloud.crawler.csv_types import value_kind
from labkit.cloud.crawler.hive_types import NULL

_INT_LIMIT = 1 << 31


def scalar_type(text: str) -> str:
    """Return int, bigint, double, boolean or string; ``null`` for nothing."""
    value = text.strip()
    if not value:
        return NULL
    kind = value_kind(value)
    return "int" if kind == "bigint" and -_INT_LIMIT <= int(value) < _INT_LIMIT else kind
