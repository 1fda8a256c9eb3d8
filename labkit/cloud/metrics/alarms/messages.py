"""What an alarm tells others when its state changes: SNS, Lambda, EventBridge."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.metrics.alarms.records import Alarm

_REGIONS = {
    "us-east-1": "US East (N. Virginia)", "us-east-2": "US East (Ohio)", "us-west-1": "US West (N. California)",
    "us-west-2": "US West (Oregon)", "eu-west-1": "EU (Ireland)", "eu-west-2": "EU (London)", "eu-west-3": "EU (Paris)",
    "eu-central-1": "EU (Frankfurt)", "eu-south-2": "Europe (Spain)", "sa-east-1": "South America (Sao Paulo)",
}  # fmt: skip


def region_name(region: str) -> str:
    """A region as messages call it."""
    return _REGIONS.get(region, region)


def sns_message(scope: Scope, before: Alarm, after: Alarm) -> dict[str, Any]:
    """The JSON that SNS subscribers get."""
    settings = after.settings
    return {
        "AlarmName": after.name,
        "AlarmDescription": settings.get("AlarmDescription"),
        "AWSAccountId": scope.account,
        "AlarmConfigurationUpdatedTimestamp": stamp(after.configured),
        "NewStateValue": after.state,
        "NewStateReason": after.reason,
        "StateChangeTime": stamp(after.state_updated),
        "Region": region_name(scope.region),
        "AlarmArn": after.arn(scope),
        "OldStateValue": before.state,
        **{name: settings.get(name) or [] for name in ("OKActions", "AlarmActions", "InsufficientDataActions")},
        "Trigger": _trigger(settings),
    }


def lambda_event(scope: Scope, before: Alarm, after: Alarm) -> dict[str, Any]:
    """The event that a function gets."""
    data = _event_detail(before, after)
    return {
        "source": "aws.cloudwatch",
        "alarmArn": after.arn(scope),
        "accountId": scope.account,
        "time": stamp(after.state_updated),
        "region": scope.region,
        "alarmData": data,
    }


def event_detail(before: Alarm, after: Alarm) -> dict[str, Any]:
    """The detail of EventBridge's `CloudWatch Alarm State Change`."""
    return _event_detail(before, after)


def stamp(moment: float) -> str:
    """A time as alarms write it: 2026-03-02T11:05:00.123+0000."""
    told = datetime.fromtimestamp(moment, timezone.utc)
    return f"{told.strftime('%Y-%m-%dT%H:%M:%S')}.{told.microsecond // 1000:03}+0000"


def state_of(alarm: Alarm) -> dict[str, Any]:
    """A state with its reason."""
    told = {"value": alarm.state, "reason": alarm.reason, "timestamp": stamp(alarm.state_updated)}
    return {**told, "reasonData": alarm.reason_data} if alarm.reason_data else told


def _event_detail(before: Alarm, after: Alarm) -> dict[str, Any]:
    configuration: dict[str, Any] = {"metrics": _metrics(after.settings)}
    if after.settings.get("AlarmDescription"):
        configuration["description"] = after.settings["AlarmDescription"]
    return {
        "alarmName": after.name,
        "state": state_of(after),
        "previousState": state_of(before),
        "configuration": configuration,
    }


def _metrics(settings: dict[str, Any]) -> list[dict[str, Any]]:
    if not settings.get("Metrics"):
        metric = {
            "namespace": settings["Namespace"],
            "name": settings["MetricName"],
            "dimensions": {pair["Name"]: pair["Value"] for pair in settings.get("Dimensions") or []},
        }
        statistic = settings.get("Statistic") or settings.get("ExtendedStatistic")
        told = {"metric": metric, "period": settings["Period"], "stat": statistic}
        return [{"id": "m1", "metricStat": told, "returnData": True}]
    return [_query(query) for query in settings["Metrics"]]


def _query(query: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"id": query["Id"], "returnData": query.get("ReturnData", True)}
    if query.get("Expression"):
        return {**told, "expression": query["Expression"], "label": query.get("Label") or ""}
    stat, metric = query["MetricStat"], query["MetricStat"]["Metric"]
    named = {"namespace": metric["Namespace"], "name": metric["MetricName"]}
    dimensions = {pair["Name"]: pair["Value"] for pair in metric.get("Dimensions") or []}
    return {
        **told,
        "metricStat": {"metric": {**named, "dimensions": dimensions}, "period": stat["Period"], "stat": stat["Stat"]},
    }


def _trigger(settings: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "EvaluationPeriods": settings["EvaluationPeriods"],
        "DatapointsToAlarm": settings.get("DatapointsToAlarm") or settings["EvaluationPeriods"],
        "ComparisonOperator": settings["ComparisonOperator"],
        "Threshold": float(settings["Threshold"]),
        "TreatMissingData": settings.get("TreatMissingData") or "",
        "EvaluateLowSampleCountPercentile": settings.get("EvaluateLowSampleCountPercentile") or "",
    }
    if settings.get("Metrics"):
        return {**told, "Metrics": settings["Metrics"]}
    basic = settings.get("Statistic")
    statistic = {"StatisticType": "Statistic", "Statistic": _UPPER[basic]} if basic else {
        "StatisticType": "ExtendedStatistic", "ExtendedStatistic": settings.get("ExtendedStatistic"),
    }  # fmt: skip
    dimensions = [{"value": pair["Value"], "name": pair["Name"]} for pair in settings.get("Dimensions") or []]
    named = {"MetricName": settings["MetricName"], "Namespace": settings["Namespace"], "Unit": settings.get("Unit")}
    return {**named, **statistic, "Dimensions": dimensions, "Period": settings["Period"], **told}


_UPPER = {"Average": "AVERAGE", "Sum": "SUM", "Minimum": "MINIMUM", "Maximum": "MAXIMUM", "SampleCount": "SAMPLE_COUNT"}
