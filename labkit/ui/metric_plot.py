"""A CloudWatch metric as a plot with its points."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from labkit.aws.session import Clients, aws_errors
from labkit.i18n import text
from labkit.ui.plots import Plot, draw_lines

if TYPE_CHECKING:
    from labkit.names import Names


def read_metric(
    clients: Clients,
    namespace: str,
    name: str,
    dimensions: dict[str, str],
    statistic: str,
    minutes: float,
    period_s: int,
) -> Plot:
    """The values of the last minutes, one a period; a period without a value has no point."""
    end = datetime.now(timezone.utc) + timedelta(seconds=period_s)
    start = end - timedelta(minutes=minutes)
    metric: Any = {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
    }
    wanted: Any = [{"Id": "m", "MetricStat": {"Metric": metric, "Period": period_s, "Stat": statistic}}]
    with aws_errors(f"cloudwatch.get_metric_data ({namespace} {name})"):
        pages = clients.cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=wanted, StartTime=start, EndTime=end, ScanBy="TimestampAscending"
        )
        points = [
            # matplotlib would draw a time with a zone in UTC.
            (at.astimezone().replace(tzinfo=None), value)
            for page in pages
            for found in page["MetricDataResults"]
            for at, value in zip(found["Timestamps"], found["Values"], strict=True)
        ]
    of = ", ".join(f"{key}={value}" for key, value in dimensions.items())
    title = text("metric.title", name=name, statistic=statistic, of=of or namespace)
    return draw_lines(title, {f"{name} ({statistic})": points}, text("log.time"), name)


def find_dimensions(names: Names, namespace: str, given: dict[str, str]) -> dict[str, str]:
    """The dimensions that were given; else those of the lab's own resource in this namespace."""
    own = {
        "AWS/Lambda": {"FunctionName": names.function},
        "AWS/Athena": {"WorkGroup": names.workgroup},
        "AWS/S3": {"BucketName": names.processed_bucket, "StorageType": "StandardStorage"},
    }
    return given or own.get(namespace, {})
