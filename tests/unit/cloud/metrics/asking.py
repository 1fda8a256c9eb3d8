"""CloudWatch as a client sees it, at a fixed time, and how the tests ask it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from labkit.cloud.call import Call, Scope
from labkit.cloud.metrics.get_data import GetMetricData
from labkit.cloud.metrics.get_statistics import GetMetricStatistics
from labkit.cloud.metrics.listing import ListMetrics
from labkit.cloud.metrics.put import PutMetricData
from labkit.cloud.metrics.reading import Computed, Reader
from labkit.cloud.metrics.storage import MetricStorage

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
SCOPE = Scope("123456789012", "us-east-1")


class CloudWatch:
    """CloudWatch as a client sees it; the clock stands at NOW."""

    def __init__(self, storage: MetricStorage) -> None:
        self.storage = storage
        nothing = Computed("None", lambda _: (), lambda *_: ())
        reader = Reader(storage, nothing, NOW.timestamp)
        self._handlers: dict[str, Callable[[Call], dict[str, Any]]] = {
            "PutMetricData": PutMetricData(storage, NOW.timestamp),
            "GetMetricData": GetMetricData(reader),
            "GetMetricStatistics": GetMetricStatistics(reader),
            "ListMetrics": ListMetrics(storage, nothing.metrics, NOW.timestamp),
        }

    def __call__(self, action: str, **params: Any) -> dict[str, Any]:
        return self._handlers[action](Call("cloudwatch", action, params, SCOPE))

    def put(self, name: str, values: dict[int, float], unit: str = "None", **more: Any) -> None:
        """Put values at minutes counted from an hour before NOW."""
        data = [
            {"MetricName": name, "Value": value, "Unit": unit, "Timestamp": minute(at), **more}
            for at, value in values.items()
        ]
        self("PutMetricData", Namespace="Lab", MetricData=data)

    def results(self, *queries: dict[str, Any], start: int = 0, end: int = 10, **more: Any) -> list[dict[str, Any]]:
        """MetricDataResults of queries between two minutes, oldest first."""
        found = self(
            "GetMetricData", MetricDataQueries=list(queries), StartTime=minute(start), EndTime=minute(end),
            **{"ScanBy": "TimestampAscending", **more},
        )  # fmt: skip
        return list(found["MetricDataResults"])

    def points(self, *queries: dict[str, Any], **more: Any) -> list[dict[int, float]]:
        """Each result's values by minute."""
        return [
            dict(zip([minutes(at) for at in one["Timestamps"]], one["Values"], strict=True))
            for one in self.results(*queries, **more)
        ]


def minute(number: int) -> datetime:
    """The time at which a minute of the tests' hour begins."""
    return NOW - timedelta(hours=1) + timedelta(minutes=number)


def minutes(moment: datetime) -> int:
    """Which minute of the tests' hour a time is."""
    return round((moment - minute(0)).total_seconds() / 60)


def stat(query_id: str, name: str, statistic: str = "Sum", period: int = 60, **more: Any) -> dict[str, Any]:
    """A query for a metric without dimensions; `more` goes to MetricStat."""
    metric = {"Namespace": "Lab", "MetricName": name, "Dimensions": more.pop("Dimensions", [])}
    return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": period, "Stat": statistic, **more}}


def math(expression: str, **more: Any) -> dict[str, Any]:
    """A query for an expression, with Id e."""
    return {"Id": "e", "Expression": expression, **more}
