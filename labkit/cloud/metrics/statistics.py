"""CloudWatch's statistics of an aggregate: Sum, Average … p99, TM(10%:90%), PR(:300)
(docs.aws.amazon.com/AmazonCloudWatch, "CloudWatch statistics definitions").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from labkit.cloud.metrics.aggregate import Aggregate

BASIC = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
Compute = Callable[[Aggregate], "float | None"]

_NUMBER = r"(?:\d+(?:\.\d{1,10})?)"
_SIMPLE = re.compile(rf"(p|tm|tc|ts|wm)({_NUMBER})", re.IGNORECASE)
_RANGE = re.compile(rf"(TM|TC|TS|WM|PR)\(({_NUMBER}%?)?:({_NUMBER}%?)?\)", re.IGNORECASE)


@dataclass(frozen=True)
class Bounds:
    """What part of the values counts: by rank (percent of all) or by value; lower bound exclusive, upper inclusive."""

    lower: float | None
    upper: float | None
    by_rank: bool


def find_statistic(name: str) -> Compute | None:
    """The function of a statistic's name, None when CloudWatch has no such statistic; it answers None for "no data"."""
    if name in BASIC:
        return lambda found: _basic(name, found)
    if name.upper() == "IQM":
        return lambda found: _trimmed("TM", Bounds(25.0, 75.0, True), found)
    simple = _SIMPLE.fullmatch(name)
    if simple:
        kind, number = simple[1].upper(), float(simple[2])
        if number > 100:
            return None
        if kind == "P":
            return lambda found: percentile(found, number)
        return lambda found: _trimmed(kind, Bounds(None, number, True), found)
    ranged = _RANGE.fullmatch(name)
    bounds = _bounds(ranged[2], ranged[3]) if ranged else None
    if ranged is None or bounds is None or (ranged[1].upper() == "PR" and bounds.by_rank):
        return None
    kind = ranged[1].upper()
    return lambda found: _trimmed(kind, bounds, found)


def percentile(found: Aggregate, rank: float) -> float | None:
    """The value below which `rank` percent lie, between the neighbours; None with negative values or none known (as on AWS)."""
    values = _known(found)
    if values is None or found.minimum < 0:
        return None
    if rank >= 100:
        return found.maximum
    position = (found.count - 1) * rank / 100 if found.count > 1 else 0.0
    below, share = int(position), position - int(position)
    low = _at(values, below)
    return low if share == 0 else low + (_at(values, below + 1) - low) * share


def _basic(name: str, found: Aggregate) -> float | None:
    if not found.count:
        return None
    return _BASIC[name](found)


_BASIC: dict[str, Callable[[Aggregate], float]] = {
    "SampleCount": lambda found: found.count,
    "Sum": lambda found: found.total,
    "Average": lambda found: found.total / found.count,
    "Minimum": lambda found: found.minimum,
    "Maximum": lambda found: found.maximum,
}


def _bounds(lower: str | None, upper: str | None) -> Bounds | None:
    told = [text for text in (lower, upper) if text is not None]
    if not told or len({text.endswith("%") for text in told}) != 1:
        return None
    by_rank = told[0].endswith("%")
    low, high = (None if text is None else float(text.rstrip("%")) for text in (lower, upper))
    if by_rank and any(number is not None and number > 100 for number in (low, high)):
        return None
    if low is not None and high is not None and low >= high:
        return None
    return Bounds(low, high, by_rank)


def _known(found: Aggregate) -> list[tuple[float, float]] | None:
    """Values and their counts, sorted; None when there is no distribution."""
    return sorted(found.values.items()) if found.values else None


def _at(values: list[tuple[float, float]], position: int) -> float:
    """The value at a place (from 0) of the sorted values."""
    seen = 0.0
    for value, times in values:
        seen += times
        if position < seen:
            return value
    return values[-1][0]


def _trimmed(kind: str, bounds: Bounds, found: Aggregate) -> float | None:
    values = _known(found)
    if values is None or found.minimum < 0:
        return None
    kept = _between_ranks(values, found.count, bounds) if bounds.by_rank else _between_values(values, bounds)
    count = sum(times for _, times in kept)
    total = sum(value * times for value, times in kept)
    if kind == "TC":
        return count
    if kind == "TS":
        return total
    if kind == "PR":
        return 100.0 * count / found.count
    if kind == "WM":
        return _winsorized(found, values, bounds)
    return total / count if count else None


def _between_values(values: list[tuple[float, float]], bounds: Bounds) -> list[tuple[float, float]]:
    return [
        (value, times)
        for value, times in values
        if (bounds.lower is None or value > bounds.lower) and (bounds.upper is None or value <= bounds.upper)
    ]


def _between_ranks(values: list[tuple[float, float]], count: float, bounds: Bounds) -> list[tuple[float, float]]:
    """What lies between two shares of all values; a value at the edge counts with the part that is inside."""
    low, high = (bounds.lower or 0.0) / 100 * count, (100.0 if bounds.upper is None else bounds.upper) / 100 * count
    kept, seen = [], 0.0
    for value, times in values:
        inside = min(seen + times, high) - max(seen, low)
        seen += times
        if inside > 1e-9:
            kept.append((value, inside))
    return kept


def _winsorized(found: Aggregate, values: list[tuple[float, float]], bounds: Bounds) -> float:
    """The mean, with the values outside set to the nearest bound."""
    low, high = bounds.lower, bounds.upper
    if bounds.by_rank:
        low = None if low is None else percentile(found, low)
        high = None if high is None else percentile(found, high)
    total = 0.0
    for value, times in values:
        raised = value if low is None else max(value, low)
        total += (raised if high is None else min(raised, high)) * times
    return total / found.count
