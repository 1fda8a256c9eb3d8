"""What the values of a column look like to a crawler, and so why it gives the column its type."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from labkit.checks.truth import parse_date

# The reasons that task 3.1 offers: every value a number; numbers but for some values; values of a kind that a CSV column has
# no type for; texts.
NUMBER, MIXED, NO_TYPE, TEXT = "number", "mixed", "no_type", "text"
REASONS = (NUMBER, MIXED, NO_TYPE, TEXT)

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)


def is_number(value: str) -> bool:
    """True for what a crawler takes for a bigint or a double: a decimal comma is none."""
    return _NUMBER.fullmatch(value.strip()) is not None


def find_reason(values: Iterable[str]) -> str:
    """Why a crawler gives a column of these values its type; empty cells do not count."""
    # Most columns repeat a few values many times.
    filled = Counter(value for value in values if value.strip())
    numbers = sum(count for value, count in filled.items() if is_number(value))
    if numbers * 2 > filled.total():
        return NUMBER if numbers == filled.total() else MIXED
    dates = sum(count for value, count in filled.items() if parse_date(value) is not None)
    return NO_TYPE if dates * 2 > filled.total() else TEXT
