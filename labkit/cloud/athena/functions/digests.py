"""Quantiles and histograms of weighted values, as Trino's digests compute them while they still hold every value."""

from __future__ import annotations

import functools
import heapq
import math
from collections.abc import Callable
from typing import Any

from labkit.cloud.athena.errors import QueryFailure


def value_at(entries: Any, share: Any) -> Any:
    """The value below which ``share`` of all weight lies."""
    found = None if share is None else _values(entries, [share])
    return None if found is None else found[0]


def values_at(entries: Any, shares: Any) -> Any:
    """The same for several shares."""
    return None if shares is None else _values(entries, shares)


def rounding(body: Callable[..., Any]) -> Callable[..., Any]:
    """The same function with its answers rounded to whole numbers, as BIGINT needs them."""

    @functools.wraps(body)
    def rounded(entries: Any, share: Any) -> Any:
        found = body(entries, share)
        if isinstance(found, list):
            return [float(math.floor(value + 0.5)) for value in found]
        return None if found is None else float(math.floor(found + 0.5))

    del rounded.__wrapped__  # DuckDB would look for parameters there
    return rounded


def _values(entries: Any, shares: Any) -> list[float] | None:
    if not entries:
        return None
    for share in shares:
        if share is None or not 0 <= share <= 1:
            raise QueryFailure("INVALID_FUNCTION_ARGUMENT", "Percentile must be between 0 and 1")
    merged: dict[float, float] = {}
    for entry in entries:
        merged[entry["v"]] = merged.get(entry["v"], 0.0) + entry["w"]
    pairs = sorted(merged.items())
    total = sum(weight for _, weight in pairs)
    return [_at(pairs, total, share * total) for share in shares]


def _at(pairs: list[tuple[float, float]], total: float, offset: float) -> float:
    so_far = 0.0
    for value, weight in pairs:
        so_far += weight
        if so_far > offset:
            return value
    return pairs[-1][0]


def share_below(entries: Any, value: Any) -> Any:
    """Which share of the weight lies below a value; None outside of what was seen."""
    seen = [entry["v"] for entry in entries or ()]
    if value is None or not seen or not min(seen) <= value <= max(seen):
        return None
    total = sum(entry["w"] for entry in entries)
    return float(sum(entry["w"] for entry in entries if entry["v"] < value) / total)


def histogram(entries: Any) -> Any:
    """At most ``b`` buckets: the two neighbours whose union costs least are joined until so many are left."""
    if not entries:
        return None
    size = entries[0]["b"]
    if size < 2:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", "numeric_histogram bucket count must be greater than one")
    merged: dict[float, float] = {}
    for entry in entries:
        merged[entry["v"]] = merged.get(entry["v"], 0.0) + entry["w"]
    buckets = _joined(sorted(merged.items()), size)
    return {"key": [value for value, _ in buckets], "value": [weight for _, weight in buckets]}


def _joined(buckets: list[tuple[float, float]], size: int) -> list[tuple[float, float]]:
    following = [*range(1, len(buckets)), -1]
    before = [-1, *range(len(buckets) - 1)]
    alive = [True] * len(buckets)
    queue = [(_cost(buckets[i], buckets[i + 1]), i, buckets[i], buckets[i + 1]) for i in range(len(buckets) - 1)]
    heapq.heapify(queue)
    left = len(buckets)
    while left > size:
        _, i, first, second = heapq.heappop(queue)
        j = following[i]
        if not alive[i] or j < 0 or buckets[i] != first or buckets[j] != second:
            continue
        weight = first[1] + second[1]
        buckets[i] = ((first[0] * first[1] + second[0] * second[1]) / weight, weight)
        alive[j] = False
        following[i] = following[j]
        if following[j] >= 0:
            before[following[j]] = i
        left -= 1
        for a, b in ((before[i], i), (i, following[i])):
            if a >= 0 and b >= 0:
                heapq.heappush(queue, (_cost(buckets[a], buckets[b]), a, buckets[a], buckets[b]))
    return [bucket for bucket, kept in zip(buckets, alive, strict=True) if kept]


def _cost(first: tuple[float, float], second: tuple[float, float]) -> float:
    mean = (first[0] * first[1] + second[0] * second[1]) / (first[1] + second[1])
    return first[1] * (first[0] - mean) ** 2 + second[1] * (second[0] - mean) ** 2
