"""PutMetricData: users' own metrics."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from labkit.cloud.call import AwsError, Call
from labkit.cloud.metrics.aggregate import Aggregate
from labkit.cloud.metrics.checks import (
    check_namespace,
    check_text,
    check_unit,
    conflict,
    invalid,
    missing,
    read_dimensions,
)
from labkit.cloud.metrics.periods import epoch
from labkit.cloud.metrics.storage import Metric, MetricStorage

_MOST_DATA = 1000
_MOST_VALUES = 150
_LARGEST = 2.0**360
_OLDEST_S = 14 * 86400
_NEWEST_S = 2 * 3600
_IN_SET = ("Maximum", "Minimum", "SampleCount", "Sum")
_Put = tuple[Metric, str, int, int, Aggregate]


class PutMetricData:
    """The handler of PutMetricData: all of a request is kept, or nothing."""

    def __init__(self, storage: MetricStorage, now: Callable[[], float] = time.time) -> None:
        self._storage = storage
        self._now = now

    def __call__(self, call: Call) -> dict[str, Any]:
        """Check everything, then keep it."""
        namespace = call.params.get("Namespace")
        check_namespace(namespace)
        if str(namespace).startswith("AWS/"):
            raise invalid("The value AWS/ for parameter Namespace is invalid.")
        puts: list[_Put] = []
        told = [("MetricData", call.params.get("MetricData") or [])]
        for number, entity in enumerate(call.params.get("EntityMetricData") or [], 1):
            told.append((f"EntityMetricData.member.{number}.MetricData", entity.get("MetricData") or []))
        count = sum(len(data) for _, data in told)
        if not count:
            raise missing("MetricData")
        if count > _MOST_DATA:
            raise invalid(f"The collection MetricData must not have a size greater than {_MOST_DATA}.")
        for name, data in told:
            for number, datum in enumerate(data, 1):
                puts.append(self._read(str(namespace), datum, f"{name}.member.{number}"))
        for metric, unit, moment, resolution, values in puts:
            self._storage.add(call.scope, metric, unit, moment, resolution, values)
        self._storage.flush()  # what a caller put is not lost with the process
        return {}

    def _read(self, namespace: str, datum: Mapping[str, Any], name: str) -> _Put:
        check_text(datum.get("MetricName"), f"{name}.MetricName", 255)
        dimensions = read_dimensions(datum.get("Dimensions"), f"{name}.Dimensions", strict=True)
        check_unit(datum.get("Unit"), f"{name}.Unit")
        resolution = datum.get("StorageResolution", 60)
        if resolution not in (1, 60):
            raise invalid(f"The value {resolution} for parameter {name}.StorageResolution is invalid.")
        metric = Metric(namespace, datum["MetricName"], dimensions)
        moment = self._moment(datum.get("Timestamp"), f"{name}.Timestamp")
        return metric, datum.get("Unit") or "None", moment, resolution, _values(datum, name)

    def _moment(self, told: datetime | None, name: str) -> int:
        now = self._now()
        if told is None:
            return int(now)
        moment = epoch(told)
        if moment < now - _OLDEST_S:
            raise invalid(f"The parameter {name} must specify a time within the past two weeks.")
        if moment > now + _NEWEST_S:
            raise invalid(f"The parameter {name} must specify a time no more than two hours in the future.")
        return int(moment // 1)


def _values(datum: Mapping[str, Any], name: str) -> Aggregate:
    given = [field for field in ("Value", "Values", "StatisticValues") if datum.get(field) not in (None, [], {})]
    if not given:
        if datum.get("Counts"):
            raise missing(f"{name}.Values")
        parts = f"{name}.Value or {name}.StatisticValues"
        raise AwsError("MissingParameter", f"At least one of the parameters {parts} must be specified.")
    if len(given) > 1:
        first, second = f"{name}.{given[0]}", f"{name}.{given[1]}"
        message = f"The parameters {first} and {second} are mutually exclusive and you have specified both."
        raise conflict(message) if "StatisticValues" in given else invalid(message)
    found = Aggregate()
    if given[0] == "Value":
        found.add(_number(datum["Value"], f"{name}.Value"))
    elif given[0] == "Values":
        for value, times in _counted(datum, name):
            found.add(value, times)
    else:
        _add_set(found, datum["StatisticValues"], f"{name}.StatisticValues")
    return found


def _counted(datum: Mapping[str, Any], name: str) -> list[tuple[float, float]]:
    values, counts = datum["Values"], datum.get("Counts")
    for field, given in (("Values", values), ("Counts", counts or [])):
        if len(given) > _MOST_VALUES:
            raise invalid(f"The collection {name}.{field} must not have a size greater than {_MOST_VALUES}.")
    if counts and len(counts) != len(values):
        raise invalid(f"The parameters {name}.Values and {name}.Counts must be of the same size.")
    numbers = [_number(value, f"{name}.Values.member.{at}") for at, value in enumerate(values, 1)]
    times = [_number(count, f"{name}.Counts.member.{at}") for at, count in enumerate(counts or [1.0] * len(values), 1)]
    for at, count in enumerate(times, 1):
        if count <= 0:
            raise invalid(f"The value {count} for parameter {name}.Counts.member.{at} is invalid.")
    return list(zip(numbers, times, strict=True))


def _add_set(found: Aggregate, told: Mapping[str, Any], name: str) -> None:
    absent = [field for field in _IN_SET if told.get(field) is None]
    if absent:
        lines = "\n".join(f"The parameter {name}.{field} is required." for field in absent)
        raise AwsError("MissingParameter", lines)
    part = {field: _number(told[field], f"{name}.{field}") for field in _IN_SET}
    if part["Maximum"] < part["Minimum"]:
        raise invalid(f"The parameter {name}.Maximum must be greater than {name}.Minimum.")
    if part["SampleCount"] < 0:
        raise invalid(f"The parameter {name}.SampleCount must be greater than 0.")
    if part["SampleCount"] == 0:
        raise invalid(f"The parameter {name}.SampleCount must not equal 0.")
    found.add_set(part["SampleCount"], part["Sum"], part["Minimum"], part["Maximum"])


def _number(value: Any, name: str) -> float:
    number = float(value)
    if not math.isfinite(number) or abs(number) > _LARGEST:
        shown = {math.inf: "Infinity", -math.inf: "-Infinity"}.get(number, "NaN" if math.isnan(number) else str(number))
        raise invalid(f"The value {shown} for parameter {name} is invalid.")
    return number
