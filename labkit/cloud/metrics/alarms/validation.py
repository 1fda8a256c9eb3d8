"""PutMetricAlarm's parameters, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.metrics.checks import (
    check_namespace,
    check_text,
    check_unit,
    conflict,
    invalid,
    missing,
    read_dimensions,
    validation,
)
from labkit.cloud.metrics.periods import is_period
from labkit.cloud.metrics.query import Query, read_queries
from labkit.cloud.metrics.statistics import BASIC, find_statistic

OPERATORS = (
    "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold",
)  # fmt: skip
_BANDS = ("LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold")
MISSING = ("breaching", "notBreaching", "ignore", "missing")
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[^:]*:[^:]*:.+")
_CARRIED_OUT = re.compile(r"arn:aws[a-z-]*:(sns|lambda):")
_MOST_ACTIONS = 5
_DAY_S = 86400


def check_alarm(params: Mapping[str, Any]) -> None:
    """Refuse what CloudWatch refuses, and by name what the local cloud cannot watch."""
    check_text(params.get("AlarmName"), "AlarmName", 255)
    check_text(params.get("AlarmDescription"), "AlarmDescription", 1024, required=False)
    _check_refused(params)
    operator = params.get("ComparisonOperator")
    if not operator:
        raise missing("ComparisonOperator")
    if operator not in OPERATORS:
        raise invalid(
            f"The parameter ComparisonOperator must be a value in the set [ {', '.join((*OPERATORS, *_BANDS))} ]."
        )
    if params.get("Threshold") is None:
        raise missing("Threshold")
    _check_periods(params)
    if params.get("TreatMissingData", "missing") not in MISSING:
        raise validation(
            f"Option {params['TreatMissingData']} is not supported. Supported options for parameter TreatMissingData are "
            "breaching, notBreaching, ignore and missing."
        )
    if params.get("EvaluateLowSampleCountPercentile", "evaluate") not in ("evaluate", "ignore"):
        raise validation(
            f"Option {params['EvaluateLowSampleCountPercentile']} is not supported. Supported options for parameter "
            "EvaluateLowSampleCountPercentile are evaluate and ignore."
        )
    for name in ("OKActions", "AlarmActions", "InsufficientDataActions"):
        _check_actions(params.get(name) or [], name)
    if params.get("Metrics"):
        _check_metrics(params)
    else:
        _check_metric(params)


def alarm_queries(params: Mapping[str, Any]) -> list[Query]:
    """The queries of an alarm over Metrics; its own is the one that returns data."""
    return read_queries(params["Metrics"])


def _check_refused(params: Mapping[str, Any]) -> None:
    if params.get("ThresholdMetricId") or params.get("ComparisonOperator") in _BANDS:
        raise validation(
            "labkit's local cloud has no anomaly detection models, so it watches no anomaly detection band."
        )
    for name in ("EvaluationCriteria", "EvaluationInterval"):
        if params.get(name):
            raise validation(f"labkit's local cloud does not evaluate {name} (PromQL alarms).")


def _check_periods(params: Mapping[str, Any]) -> None:
    evaluated = params.get("EvaluationPeriods")
    if evaluated is None:
        raise missing("EvaluationPeriods")
    if evaluated < 1:
        raise invalid("The parameter EvaluationPeriods must be greater than 0.")
    needed = params.get("DatapointsToAlarm")
    if needed is not None and not 1 <= needed <= evaluated:
        raise validation("DatapointsToAlarm must be between 1 and EvaluationPeriods.")
    period = params.get("Period")
    if period is None:
        return
    if period in (1, 5) or not is_period(period):
        raise invalid("The parameter Period must be 10, 20, 30 or a multiple of 60.")
    most = 7 * _DAY_S if period >= 3600 else _DAY_S
    if period * evaluated > most:
        raise validation(
            f"Metrics cannot be checked across more than {'seven days' if most > _DAY_S else 'a day'} "
            f"(EvaluationPeriods * Period must be <= {most})."
        )


def _check_actions(actions: list[str], name: str) -> None:
    if len(actions) > _MOST_ACTIONS:
        raise invalid(f"The collection {name} must not have a size greater than {_MOST_ACTIONS}.")
    for action in actions:
        if not _ARN.fullmatch(action):
            raise validation(f"Invalid arn syntax: {action}")
        if not _CARRIED_OUT.match(action):
            raise validation(f"labkit's local cloud carries out alarm actions of SNS and Lambda only, not {action}.")


def _check_metric(params: Mapping[str, Any]) -> None:
    check_text(params.get("MetricName"), "MetricName", 255)
    check_namespace(params.get("Namespace"))
    check_unit(params.get("Unit"), "Unit")
    read_dimensions(params.get("Dimensions"), "Dimensions")
    if params.get("Period") is None:
        raise missing("Period")
    basic, extended = params.get("Statistic"), params.get("ExtendedStatistic")
    if basic and extended:
        raise conflict("Must specify only one of Statistic and ExtendedStatistic")
    if not basic and not extended:
        raise conflict("Must specify either Statistic or ExtendedStatistic")
    if basic and basic not in BASIC:
        raise invalid(f"The parameter Statistic must be a value in the set [ {', '.join(BASIC)} ].")
    if extended and (extended in BASIC or find_statistic(extended) is None):
        raise invalid(f"The value {extended} for parameter ExtendedStatistic is not supported.")


def _check_metrics(params: Mapping[str, Any]) -> None:
    for name in ("MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic"):
        if params.get(name):
            raise conflict(f"The parameters {name} and Metrics are mutually exclusive and you have specified both.")
    queries = alarm_queries(params)
    if sum(query.returned for query in queries) != 1:
        raise validation("Exactly one element of the metrics list should return data.")
    for told in params["Metrics"]:
        if told.get("AccountId"):
            raise AwsError(
                "ValidationError", "labkit's local cloud has one account; AccountId cannot be used in an alarm."
            )
