"""Numbers that a student hands over: plain ones count, texts and truth values do not."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from labkit.checks.values import MISSING, Frame, Function, Other


def read_amount(value: Any) -> float | None:
    """The number, or None for anything that is not one (a text such as "12" included: Athena's rows are texts)."""
    if type(value) not in (int, float, Decimal):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def show_value(value: Any) -> str:
    """A value as a finding shows it: short, and a text with its quotes."""
    shown = _spell(value)
    return shown if len(shown) <= 60 else shown[:57] + "…"


def _spell(value: Any) -> str:
    if value is MISSING:
        return "..."
    if isinstance(value, Frame):
        return f"DataFrame ({value.total} × {len(value.columns)})"
    if isinstance(value, Function):
        return f"{value.name}()"
    if isinstance(value, Other):
        return value.type
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_spell(key)}: {_spell(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_spell(item) for item in value[:20]) + "]"
    if isinstance(value, float):
        # Sixteen figures hide the one that matters; eight still tell cents of a million.
        return f"{value:.8g}" if len(repr(value)) > 10 else repr(value)
    return repr(value)


def is_near(value: float, expected: float, tolerance: float) -> bool:
    """True when both differ by no more than `tolerance` (and the last digits of a float)."""
    return abs(value - expected) <= tolerance * (1 + 1e-9) + 1e-12
