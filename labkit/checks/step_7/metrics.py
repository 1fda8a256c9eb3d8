"""7.4: what CloudWatch measured of the function, read by the student and once more here over the same window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from labkit.checks.amounts import is_near, read_amount, show_value
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted

_PERIOD_S = 60
# GetMetricStatistics gives at most 1,440 points: a day of minutes.
_LONGEST = timedelta(hours=24)


@dataclass(frozen=True)
class Metric:
    """One metric over the window: the points' own figures, oldest first."""

    sums: tuple[float, ...]
    maxima: tuple[float, ...]
    samples: float

    @property
    def total(self) -> float:
        return sum(self.sums)

    @property
    def maximum(self) -> float:
        return max(self.maxima, default=0.0)

    @property
    def average(self) -> float:
        return self.total / self.samples if self.samples else 0.0


def check_metrics(context: Context) -> list[Finding]:
    """Invocations, errors, their share and the slowest invocation must be CloudWatch's own for the student's window."""
    window = _read_window(context.get("window"))
    if window is None:
        facts = {"value": show_value(context.get("window"))}
        return [Finding(False, "task_7.metrics.window_differs", facts, "task_7.metrics.two_moments")]
    measured = {name: _read_metric(context, name, window) for name in ("Invocations", "Errors", "Duration")}
    invocations, errors = measured["Invocations"], measured["Errors"]
    facts = {
        "start": window[0].isoformat(timespec="minutes"),
        "end": window[1].isoformat(timespec="minutes"),
        "function": context.names.function,
    }
    if not invocations.total:
        raise NotAttempted("task_7.metrics.nothing", **facts)
    percent = errors.total / invocations.total * 100
    return [
        Finding(True, "task_7.metrics.window", facts),
        _judge("invocations", context.get("invocations"), invocations.total, 0, _sum_mistakes(invocations)),
        _judge("errors", context.get("errors"), errors.total, 0, _error_mistakes(errors, invocations)),
        _judge("error_percent", context.get("error_percent"), percent, 0.05, _percent_mistakes(errors, invocations)),
        _judge(
            "slowest_ms",
            context.get("slowest_ms"),
            measured["Duration"].maximum,
            0.006,
            _slow_mistakes(measured["Duration"]),
        ),
    ]


def _read_window(value: Any) -> tuple[datetime, datetime] | None:
    """Start and end, from datetimes or ISO texts; a time without a zone is local, as boto3 takes it."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return None
    try:
        start, end = (_read_moment(item).astimezone() for item in value)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return (start, end) if timedelta(0) < end - start <= _LONGEST else None


def _read_moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    # Python 3.10 does not read the Z of UTC.
    return datetime.fromisoformat(value.replace("Z", "+00:00") if isinstance(value, str) else value)


def _read_metric(context: Context, name: str, window: tuple[datetime, datetime]) -> Metric:
    points = context.clients.cloudwatch.get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName=name,
        Dimensions=[{"Name": "FunctionName", "Value": context.names.function}],
        StartTime=window[0],
        EndTime=window[1],
        Period=_PERIOD_S,
        Statistics=["Sum", "Maximum", "Average", "SampleCount"],
    )["Datapoints"]
    points = sorted(points, key=lambda point: point["Timestamp"])
    return Metric(
        tuple(point["Sum"] for point in points),
        tuple(point["Maximum"] for point in points),
        sum(point["SampleCount"] for point in points),
    )


def _judge(name: str, value: Any, right: float, tolerance: float, mistakes: Mapping[str, float]) -> Finding:
    number, facts = read_amount(value), {"name": name, "value": show_value(value)}
    if number is None:
        return Finding(False, "task_7.metrics.value_differs", facts, "task_7.answers_are_texts")
    if is_near(number, right, tolerance):
        return Finding(True, "task_7.metrics.value", facts)
    found = next(
        (key for key, wrong in mistakes.items() if is_near(number, wrong, tolerance)), "task_7.metrics.moved_on"
    )
    return Finding(False, "task_7.metrics.value_differs", facts, found)


def _sum_mistakes(metric: Metric) -> dict[str, float]:
    return {
        "task_7.metrics.one_point": metric.sums[-1],
        "task_7.metrics.first_point": metric.sums[0],
        "task_7.metrics.points_counted": float(len(metric.sums)),
        "task_7.metrics.averaged": metric.average,
    }


def _error_mistakes(errors: Metric, invocations: Metric) -> dict[str, float]:
    return {
        "task_7.metrics.samples_counted": errors.samples,
        "task_7.metrics.averaged": errors.average,
        **_sum_mistakes(errors if errors.sums else invocations),
    }


def _percent_mistakes(errors: Metric, invocations: Metric) -> dict[str, float]:
    return {
        "task_7.metrics.fraction": errors.total / invocations.total,
        "task_7.metrics.of_the_good_ones": errors.total / max(invocations.total - errors.total, 1) * 100,
    }


def _slow_mistakes(duration: Metric) -> dict[str, float]:
    return {
        "task_7.metrics.averaged": duration.average,
        "task_7.metrics.durations_added": duration.total,
        "task_7.metrics.seconds": duration.maximum / 1000,
        "task_7.metrics.one_point": duration.maxima[-1] if duration.maxima else 0.0,
    }
