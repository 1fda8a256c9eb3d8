"""GetMetricStatistics: several statistics of one metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labkit.cloud.call import Call
from labkit.cloud.metrics.checks import (
    check_namespace,
    check_text,
    check_unit,
    conflict,
    invalid,
    missing,
    read_dimensions,
)
from labkit.cloud.metrics.periods import as_datetime, by_period, epoch, is_period
from labkit.cloud.metrics.reading import Reader
from labkit.cloud.metrics.statistics import BASIC, Compute, find_statistic
from labkit.cloud.metrics.storage import Metric

_MOST_POINTS = 1440
_MOST_EXTENDED = 10


class GetMetricStatistics:
    """The handler of GetMetricStatistics."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def __call__(self, call: Call) -> dict[str, Any]:
        """Data points in the order of time (AWS promises none); those of other units are kept apart."""
        params = call.params
        check_namespace(params.get("Namespace"))
        check_text(params.get("MetricName"), "MetricName", 255)
        check_unit(params.get("Unit"), "Unit")
        metric = Metric(
            params["Namespace"], params["MetricName"], read_dimensions(params.get("Dimensions"), "Dimensions")
        )
        basic, extended = _statistics(params)
        start, end, period = _times(params)
        asked = self._reader.window(start, end, period)
        rows = self._reader.rows(call.scope, metric, asked, params.get("Unit"), values=bool(extended))
        points = []
        for unit in sorted({row.unit for row in rows}):
            found = by_period((row for row in rows if row.unit == unit), asked)
            for moment, aggregate in found.items():
                point = {name: compute(aggregate) for name, compute in basic.items()}
                more = {name: compute(aggregate) for name, compute in extended.items()}
                more = {name: value for name, value in more.items() if value is not None}
                if more:
                    point["ExtendedStatistics"] = more  # type: ignore[assignment]
                if point:
                    points.append({"Timestamp": as_datetime(moment), **point, "Unit": unit})
        return {"Label": metric.name, "Datapoints": sorted(points, key=lambda point: point["Timestamp"])}


def _statistics(params: Mapping[str, Any]) -> tuple[dict[str, Compute], dict[str, Compute]]:
    basic, extended = params.get("Statistics") or [], params.get("ExtendedStatistics") or []
    if not basic and not extended:
        raise conflict("Must specify either Statistics or ExtendedStatistics")
    if basic and extended:
        raise conflict("Must specify only one of Statistics and ExtendedStatistics")
    for number, name in enumerate(basic, 1):
        if name not in BASIC:
            raise invalid(
                f"The parameter Statistics.member.{number} must be a value in the set [ {', '.join(BASIC)} ]."
            )
    if len(extended) > _MOST_EXTENDED:
        raise invalid(f"The collection ExtendedStatistics must not have a size greater than {_MOST_EXTENDED}.")
    for number, name in enumerate(extended, 1):
        if name in BASIC or find_statistic(name) is None:
            raise invalid(f"The value {name} for parameter ExtendedStatistics.member.{number} is invalid.")
    return _functions(basic), _functions(extended)


def _functions(given: Sequence[str]) -> dict[str, Compute]:
    found = {name: find_statistic(name) for name in given}
    return {name: compute for name, compute in found.items() if compute is not None}


def _times(params: Mapping[str, Any]) -> tuple[float, float, int]:
    for name in ("StartTime", "EndTime", "Period"):
        if params.get(name) is None:
            raise missing(name)
    start, end, period = epoch(params["StartTime"]), epoch(params["EndTime"]), int(params["Period"])
    if start >= end:
        raise invalid("The parameter StartTime must be less than the parameter EndTime.")
    if period < 0:
        raise invalid("The parameter Period must be greater than 0.")
    if not is_period(period):
        raise invalid("The parameter Period must be a value in the set [1, 5, 10, 20, 30] or a multiple of 60.")
    points = int((end - start) / period)
    if points > _MOST_POINTS:
        raise conflict(
            f"You have requested up to {points:,} datapoints, which exceeds the limit of {_MOST_POINTS:,}. You may reduce the "
            "datapoints requested by increasing Period, or decreasing the time range."
        )
    return start, end, period
