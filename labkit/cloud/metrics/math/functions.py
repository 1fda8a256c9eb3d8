"""The functions of metric math that compute."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from labkit.cloud.metrics.math.series import Series, Value
from labkit.cloud.metrics.math.syntax import MathError, Name, Node
from labkit.cloud.metrics.periods import Window


@dataclass(frozen=True)
class Given:
    """An invocation: its name, its arguments as values (None for words such as REPEAT), and as they were written."""

    function: str
    values: tuple[Value | None, ...]
    nodes: tuple[Node, ...]
    window: Window

    def value(self, place: int) -> Value:
        """An argument that must be a value."""
        value = self.values[place] if place < len(self.values) else None
        if value is None:
            raise MathError(f"{self.function} needs a time series or number as argument {place + 1}")
        return value

    def number(self, place: int) -> float:
        """An argument that must be a number."""
        value = self.value(place)
        if not isinstance(value, float):
            raise MathError(f"{self.function} needs a number as argument {place + 1}")
        return value

    def series(self, place: int) -> Series:
        """An argument that must be one time series."""
        value = self.value(place)
        if not isinstance(value, Series):
            raise MathError(f"{self.function} needs a time series as argument {place + 1}")
        return value

    def all_series(self, place: int) -> tuple[Series, ...]:
        """An argument that must be an array of time series."""
        value = self.value(place)
        if not isinstance(value, tuple):
            raise MathError(f"{self.function} needs an array of time series as argument {place + 1}")
        return value

    def word(self, place: int) -> str:
        """An argument that is a word, in capitals; empty when there is none."""
        node = self.nodes[place] if place < len(self.nodes) else None
        return node.value.upper() if isinstance(node, Name) else ""


Function = Callable[[Given], Value]
_Mapping = Callable[[float], "float | None"]


def _elementwise(compute: _Mapping) -> Function:
    def run(given: Given) -> Value:
        value = given.value(0)
        if isinstance(value, tuple):
            return tuple(item.map(compute) for item in value)
        if isinstance(value, Series):
            return value.map(compute)
        found = compute(value)
        if found is None:
            raise MathError(f"{given.function}({value:g}) is not a number")
        return found

    return run


def _each_series(compute: Callable[[Series, Given], Series]) -> Function:
    def run(given: Given) -> Value:
        value = given.value(0)
        if isinstance(value, tuple):
            return tuple(compute(item, given) for item in value)
        return compute(given.series(0), given)

    return run


def _summary(compute: Callable[[Sequence[float]], float]) -> Function:
    """A number for one series; a series for an array, moment by moment."""

    def run(given: Given) -> Value:
        value = given.value(0)
        if isinstance(value, tuple):
            return _across(value, compute, given.window)
        if isinstance(value, Series):
            return compute(list(value.points.values())) if value.points else replace(value, points={})
        return compute([value])

    return run


def _across(found: tuple[Series, ...], compute: Callable[[Sequence[float]], float], window: Window) -> Series:
    moments = sorted({moment for item in found for moment in item.points})
    made = Series({}, max((item.period for item in found), default=window.period))
    return made.at(moments, lambda moment: compute([item.points[moment] for item in found if moment in item.points]))


def _changes(compute: Callable[[float, float], float]) -> Function:
    """From each value and the seconds since the one before it; the first value has none."""

    def run(item: Series, _: Given) -> Series:
        moments = sorted(item.points)
        before = dict(zip(moments[1:], moments, strict=False))
        return item.at(
            moments[1:],
            lambda moment: compute(item.points[moment] - item.points[before[moment]], moment - before[moment]),
        )

    return _each_series(run)


def _running_sum(item: Series, _: Given) -> Series:
    total, sums = 0.0, {}
    for moment in sorted(item.points):
        total += item.points[moment]
        sums[moment] = total
    return replace(item, points=sums)


def _fill(item: Series, given: Given) -> Series:
    if len(given.nodes) != 2:
        raise MathError("FILL needs a time series and a value, REPEAT or LINEAR")
    moments = sorted(item.points.keys() | set(replace(given.window, period=item.period).grid()))
    word = given.word(1)
    if given.values[1] is None and word not in ("REPEAT", "LINEAR"):
        raise MathError("FILL needs a number, a time series, REPEAT or LINEAR as argument 2")
    if word == "LINEAR" and given.values[1] is None:
        return item.at(moments, lambda moment: _between(item.points, moment))
    if word == "REPEAT" and given.values[1] is None:
        filled, last = {}, None
        for moment in moments:
            last = item.points.get(moment, last)
            if last is not None:
                filled[moment] = last
        return replace(item, points=filled)
    filling = given.value(1)
    if isinstance(filling, tuple):
        raise MathError("FILL cannot fill with an array of time series")
    spare = filling.points if isinstance(filling, Series) else dict.fromkeys(moments, filling)
    return item.at(moments, lambda moment: item.points.get(moment, spare.get(moment)))


def _between(points: dict[int, float], moment: int) -> float | None:
    if moment in points:
        return points[moment]
    before = max((known for known in points if known < moment), default=None)
    after = min((known for known in points if known > moment), default=None)
    if before is None or after is None:
        return None
    share = (moment - before) / (after - before)
    return points[before] + (points[after] - points[before]) * share


def _if(given: Given) -> Value:
    if len(given.values) not in (2, 3):
        raise MathError("IF needs a condition, a value, and optionally another value")
    condition = given.value(0)
    if isinstance(condition, tuple):
        raise MathError("IF needs a number or a time series as condition, not an array")
    choices = [given.value(1), given.value(2) if len(given.values) == 3 else None]
    if isinstance(condition, float):
        chosen = choices[0] if condition else choices[1]
        return chosen if chosen is not None else Series({}, given.window.period)
    tested = condition

    def pick(moment: int) -> float | None:
        chosen = choices[0] if tested.points[moment] else choices[1]
        if isinstance(chosen, tuple):
            raise MathError("IF needs numbers or time series, not arrays")
        return chosen.points.get(moment) if isinstance(chosen, Series) else chosen

    return tested.at(sorted(tested.points), pick)


def _clock(part: Callable[[datetime], int]) -> Function:
    """A value for each period of the query, whether the series has one there or not."""

    def run(item: Series, given: Given) -> Series:
        grid = replace(given.window, period=item.period).grid()
        return item.at(grid, lambda moment: float(part(datetime.fromtimestamp(moment, timezone.utc))))

    return _each_series(run)


def _slice(given: Given) -> Value:
    found, start = given.all_series(0), int(given.number(1))
    return found[start : int(given.number(2))] if len(given.values) > 2 else found[start:]


_RANKS: dict[str, Callable[[Series], float]] = {
    "AVG": lambda item: statistics.fmean(item.points.values()),
    "MIN": lambda item: min(item.points.values()),
    "MAX": lambda item: max(item.points.values()),
    "SUM": lambda item: math.fsum(item.points.values()),
}


def _sort(given: Given) -> Value:
    rank, order = _RANKS.get(given.word(1)), given.word(2)
    if rank is None or order not in ("ASC", "DESC"):
        raise MathError("SORT needs AVG, MIN, MAX or SUM, and ASC or DESC")
    full = [item for item in given.all_series(0) if item.points]
    empty = tuple(item for item in given.all_series(0) if not item.points)
    found = (*sorted(full, key=rank, reverse=order == "DESC"), *empty)
    return found[: int(given.number(3))] if len(given.values) > 3 else found


def _end_of(place: int) -> Function:
    def run(given: Given) -> Value:
        found = given.all_series(0)
        return found[place] if found else Series({}, given.window.period)

    return run


def _constant(given: Given) -> Value:
    number = given.number(0)
    return Series(dict.fromkeys(given.window.grid(), number), given.window.period)


def _period(given: Given) -> Value:
    return float(given.series(0).period)


def _log(value: float) -> float | None:
    return math.log(value) if value > 0 else None


def _log10(value: float) -> float | None:
    return math.log10(value) if value > 0 else None


FUNCTIONS: dict[str, Function] = {
    "ABS": _elementwise(abs),
    "CEIL": _elementwise(lambda value: float(math.ceil(value))),
    "FLOOR": _elementwise(lambda value: float(math.floor(value))),
    "LOG": _elementwise(_log),
    "LOG10": _elementwise(_log10),
    "AVG": _summary(statistics.fmean),
    "MAX": _summary(max),
    "MIN": _summary(min),
    "SUM": _summary(math.fsum),
    "STDDEV": _summary(statistics.pstdev),
    "DATAPOINT_COUNT": _summary(lambda values: float(len(values))),
    "METRIC_COUNT": lambda given: float(len(given.all_series(0))),
    "DIFF": _changes(lambda change, _: change),
    "DIFF_TIME": _changes(lambda _, seconds: seconds),
    "RATE": _changes(lambda change, seconds: change / seconds),
    "RUNNING_SUM": _each_series(_running_sum),
    "FILL": _each_series(_fill),
    "IF": _if,
    "FIRST": _end_of(0),
    "LAST": _end_of(-1),
    "SLICE": _slice,
    "SORT": _sort,
    "REMOVE_EMPTY": lambda given: tuple(item for item in given.all_series(0) if item.points),
    "TIME_SERIES": _constant,
    "PERIOD": _period,
    "MINUTE": _clock(lambda moment: moment.minute),
    "HOUR": _clock(lambda moment: moment.hour),
    "DAY": _clock(lambda moment: moment.isoweekday()),
    "DATE": _clock(lambda moment: moment.day),
    "MONTH": _clock(lambda moment: moment.month),
    "YEAR": _clock(lambda moment: moment.year),
    "EPOCH": _clock(lambda moment: int(moment.timestamp())),
}
# What AWS computes from models, rules or other services, none of which the local cloud has.
REFUSED = ("ANOMALY_DETECTION_BAND", "INSIGHT_RULE_METRIC", "SERVICE_QUOTA", "DB_PERF_INSIGHTS", "LAMBDA")
