"""The statistics of many values: exact counts, sums and extremes, and a distribution that stays small."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

# Up to so many distinct values a distribution is exact; beyond, values are rounded to fewer significant digits.
_EXACT_VALUES = 512
_FEWEST_DIGITS = 1
_FIRST_DIGITS = 3
_ALL_DIGITS = 17
_NONE = "-"


@dataclass(slots=True)
class Aggregate:
    """Values of one metric, unit and moment; `values` counts each value, None when only a statistic set is known."""

    count: float = 0.0
    total: float = 0.0
    minimum: float = math.inf
    maximum: float = -math.inf
    values: dict[float, float] | None = field(default_factory=dict)
    digits: int = _ALL_DIGITS

    def add(self, value: float, times: float = 1.0) -> None:
        """Count a value; times may be a fraction, as CloudWatch's Counts may."""
        self.count += times
        self.total += value * times
        # Not min() and max(): this is what each S3 request and each invocation costs, several times.
        if value < self.minimum:  # noqa: PLR1730
            self.minimum = value
        if value > self.maximum:  # noqa: PLR1730
            self.maximum = value
        if self.values is not None:
            kept = value if self.digits == _ALL_DIGITS else _round(value, self.digits)
            self.values[kept] = self.values.get(kept, 0.0) + times
            if len(self.values) > _EXACT_VALUES and self.digits > _FEWEST_DIGITS:
                self._coarsen()

    def add_set(self, count: float, total: float, minimum: float, maximum: float) -> None:
        """Count a statistic set; its distribution is known only when it holds one value (AWS's rule for percentiles)."""
        if count == 1 or minimum == maximum:
            known = {minimum if count != 1 else total: count} if count else {}
            self.merge(Aggregate(count, total, minimum, maximum, known))
        else:
            self.merge(Aggregate(count, total, minimum, maximum, None))

    def merge(self, other: Aggregate) -> None:
        """Add what another aggregate counted."""
        self.count += other.count
        self.total += other.total
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        if self.values is None or other.values is None:
            self.values = None
            return
        if other.digits < self.digits:
            self.digits = other.digits
            self.values = _rounded(self.values, self.digits)
        for value, times in other.values.items():
            kept = value if self.digits == _ALL_DIGITS else _round(value, self.digits)
            self.values[kept] = self.values.get(kept, 0.0) + times
        if len(self.values) > _EXACT_VALUES and self.digits > _FEWEST_DIGITS:
            self._coarsen()

    def distribution(self) -> str | None:
        """The distribution as text: None when count and extremes say it all."""
        if self.values is None:
            return _NONE
        if self.minimum == self.maximum:
            return None
        return json.dumps([self.digits, list(self.values.items())])

    def _coarsen(self) -> None:
        """Round until few values are left: to 3 digits (0.5 % off), 2 (5 %) or 1."""
        self.digits = min(self.digits - 1, _FIRST_DIGITS)
        while self.values is not None:
            self.values = _rounded(self.values, self.digits)
            if len(self.values) <= _EXACT_VALUES // 2 or self.digits == _FEWEST_DIGITS:
                return
            self.digits -= 1


def read_aggregate(count: float, total: float, minimum: float, maximum: float, distribution: str | None) -> Aggregate:
    """An aggregate from its stored parts."""
    if distribution is None:
        return Aggregate(count, total, minimum, maximum, {minimum: count})
    if distribution == _NONE:
        return Aggregate(count, total, minimum, maximum, None)
    digits, pairs = json.loads(distribution)
    return Aggregate(count, total, minimum, maximum, dict(pairs), digits)


def _rounded(values: Mapping[float, float], digits: int) -> dict[float, float]:
    found: dict[float, float] = {}
    for value, times in values.items():
        kept = _round(value, digits)
        found[kept] = found.get(kept, 0.0) + times
    return found


def _round(value: float, digits: int) -> float:
    return float(f"{value:.{digits - 1}e}")
