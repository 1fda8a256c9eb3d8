"""Numbers that a student hands over: plain ones count, texts and truth values do not."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any


def read_amount(value: Any) -> float | None:
    """The number, or None for anything that is not one (a text such as "12" included: Athena's rows are texts)."""
    if type(value) not in (int, float, Decimal):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def show_value(value: Any) -> str:
    """A value as a finding shows it: short, and a text with its quotes."""
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "…"


def is_near(value: float, expected: float, tolerance: float) -> bool:
    """True when both differ by no more than `tolerance` (and the last digits of a float)."""
    return abs(value - expected) <= tolerance * (1 + 1e-9) + 1e-12
