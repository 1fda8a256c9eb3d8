"""Time series and what operators do with them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from labkit.cloud.metrics.math.syntax import MathError


@dataclass(frozen=True)
class Series:
    """Values by the epoch second at which their period begins; `label` and `properties` are for what is shown."""

    points: dict[int, float]
    period: int
    label: str = ""
    properties: dict[str, str] = field(default_factory=dict)

    def at(self, moments: Iterable[int], compute: Callable[[int], float | None]) -> Series:
        """The same series with other points; what is no number has no point."""
        points = {}
        for moment in moments:
            value = compute(moment)
            if value is not None and math.isfinite(value):
                points[moment] = value
        return replace(self, points=points)

    def map(self, compute: Callable[[float], float | None]) -> Series:
        """Each value changed by itself."""
        return self.at(sorted(self.points), lambda moment: compute(self.points[moment]))


# A number, a series, or several series (METRICS(), SEARCH(…), [m1, m2]).
Value = float | Series | tuple["Series", ...]
Operation = Callable[[float, float], "float | None"]


def _power(base: float, exponent: float) -> float | None:
    try:
        result = base**exponent
    except (OverflowError, ZeroDivisionError):
        return None
    return None if isinstance(result, complex) else result


OPERATIONS: dict[str, Operation] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else None,
    "^": _power,
    "==": lambda a, b: float(a == b),
    "!=": lambda a, b: float(a != b),
    "<": lambda a, b: float(a < b),
    ">": lambda a, b: float(a > b),
    "<=": lambda a, b: float(a <= b),
    ">=": lambda a, b: float(a >= b),
    "&&": lambda a, b: float(bool(a) and bool(b)),
    "||": lambda a, b: float(bool(a) or bool(b)),
}
_TRUTHS = ("==", "!=", "<", ">", "<=", ">=", "&&", "||")


def combine(operator: str, left: Value, right: Value) -> Value:
    """An operator between numbers and series; of two series, the moments at which both have a value count."""
    compute = OPERATIONS[operator]
    if isinstance(left, tuple) and isinstance(right, tuple):
        raise MathError(f"The operator {operator} cannot be used between two arrays of time series")
    if isinstance(left, tuple):
        return tuple(_pair(operator, item, right) for item in left)
    if isinstance(right, tuple):
        return tuple(_pair(operator, item, left, turned=True) for item in right)
    if isinstance(left, Series):
        return _pair(operator, left, right)
    if isinstance(right, Series):
        return _pair(operator, right, left, turned=True)
    result = compute(left, right)
    if result is None or not math.isfinite(result):
        raise MathError(f"{left:g} {operator} {right:g} is not a number")
    return result


def _pair(operator: str, series: Series, other: float | Series | tuple[Series, ...], *, turned: bool = False) -> Series:
    """A series with a number or another series; `turned` when the series stands on the right."""
    compute = OPERATIONS[operator]
    if isinstance(other, tuple):
        raise MathError("An array of time series cannot be used here")
    if not isinstance(other, Series):
        number = other
        return series.map(lambda value: compute(number, value) if turned else compute(value, number))
    left, right = (other, series) if turned else (series, other)
    if operator in _TRUTHS:
        # AWS's table: where one side has no value, the answer is 0.
        return series.at(
            sorted(left.points.keys() | right.points.keys()),
            lambda moment: (
                compute(left.points[moment], right.points[moment])
                if moment in left.points and moment in right.points
                else 0.0
            ),
        )
    both = sorted(left.points.keys() & right.points.keys())
    return replace(
        series.at(both, lambda moment: compute(left.points[moment], right.points[moment])),
        period=max(left.period, right.period),
    )
