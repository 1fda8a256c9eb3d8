"""The aggregations of `stats`: each takes the values of one group."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any

from labkit.cloud.logs.insights.values import sort_key, to_number, to_text

Aggregate = Callable[[Sequence[Any], Sequence[Any], Sequence[int]], Any]


def _numbers(values: Sequence[Any]) -> list[float]:
    found = (to_number(value) for value in values)
    return [number for number in found if number is not None]


def percentile(values: Sequence[Any], percent: float) -> float | None:
    """The value below which a share of the numbers lies, between two neighbours where it falls there."""
    numbers = sorted(_numbers(values))
    if not numbers:
        return None
    place = (len(numbers) - 1) * percent / 100
    low = math.floor(place)
    high = min(low + 1, len(numbers) - 1)
    return numbers[low] + (numbers[high] - numbers[low]) * (place - low)


def _extreme(values: Sequence[Any], *, last: bool) -> Any:
    present = [value for value in values if value is not None]
    return (max if last else min)(present, key=sort_key) if present else None


def _by_time(values: Sequence[Any], times: Sequence[int], *, last: bool) -> Any:
    present = [(at, n) for n, (at, value) in enumerate(zip(times, values, strict=True)) if value is not None]
    return values[(max if last else min)(present)[1]] if present else None


# name → (number of arguments, function of values, further arguments, times of the events)
AGGREGATES: dict[str, tuple[int, Aggregate]] = {
    "count": (1, lambda values, _rest, _times: sum(value is not None for value in values)),
    "count_distinct": (1, lambda values, _rest, _times: len({to_text(value) for value in values if value is not None})),
    "sum": (1, lambda values, _rest, _times: sum(_numbers(values)) if _numbers(values) else None),
    "avg": (1, lambda values, _rest, _times: statistics.fmean(_numbers(values)) if _numbers(values) else None),
    "min": (1, lambda values, _rest, _times: _extreme(values, last=False)),
    "max": (1, lambda values, _rest, _times: _extreme(values, last=True)),
    "median": (1, lambda values, _rest, _times: percentile(values, 50)),
    "pct": (2, lambda values, rest, _times: percentile(values, float(to_number(rest[0]) or 0))),
    "percentile": (2, lambda values, rest, _times: percentile(values, float(to_number(rest[0]) or 0))),
    "stddev": (1, lambda values, _rest, _times: statistics.pstdev(_numbers(values)) if _numbers(values) else None),
    "earliest": (1, lambda values, _rest, times: _by_time(values, times, last=False)),
    "latest": (1, lambda values, _rest, times: _by_time(values, times, last=True)),
    "sortsfirst": (1, lambda values, _rest, _times: _extreme(values, last=False)),
    "sortslast": (1, lambda values, _rest, _times: _extreme(values, last=True)),
}
