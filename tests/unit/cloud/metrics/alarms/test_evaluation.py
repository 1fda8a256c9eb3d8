"""What state data points make, with the tables of AWS's page "Configuring how CloudWatch alarms treat missing data"."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labkit.cloud.metrics.alarms.evaluation import breaches, evaluate

MOMENTS = [60 * number for number in range(5)]
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
NAMES = {"A": "ALARM", "O": "OK", "I": "INSUFFICIENT_DATA", "=": None}


def settings(**more: Any) -> dict[str, Any]:
    return {
        "EvaluationPeriods": 3,
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "Period": 60,
        "Statistic": "Sum",
        **more,
    }


def state(data: str, **more: Any) -> str | None:
    """The state of "0 - X": fine, missing, breaching; None when it stays."""
    points = {
        moment: {"0": 0.0, "X": 9.0}[told] for moment, told in zip(MOMENTS, data.split(), strict=True) if told != "-"
    }
    found = evaluate(settings(**more), MOMENTS, points)
    return found.state if found else None


@pytest.mark.parametrize(
    ("data", "needed", "expected"),
    [
        ("0 - X - X", 3, "O O O O"),
        ("- - - - 0", 3, "O O O O"),
        ("- - - - -", 3, "I = A O"),
        ("0 X X - X", 3, "A A A A"),
        ("- - X - -", 3, "A = A O"),
        ("0 - X - X", 2, "A A A A"),
        ("0 0 X 0 X", 2, "A A A A"),
        ("0 - X - -", 2, "O O A O"),
        ("- - - - 0", 2, "O O A O"),
        ("- - - X -", 2, "A = A O"),
    ],
)
def test_missing_data(data: str, needed: int, expected: str) -> None:
    found = [state(data, DatapointsToAlarm=needed, TreatMissingData=treated) for treated in TREATMENTS]
    assert found == [NAMES[letter] for letter in expected.split()]


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("GreaterThanThreshold", [False, False, True]),
        ("GreaterThanOrEqualToThreshold", [False, True, True]),
        ("LessThanThreshold", [True, False, False]),
        ("LessThanOrEqualToThreshold", [True, True, False]),
    ],
)
def test_operators(operator: str, expected: list[bool]) -> None:
    assert [breaches(operator, value, 5.0) for value in (4.0, 5.0, 6.0)] == expected


@pytest.mark.parametrize(
    ("points", "more", "reason"),
    [
        ({240: 9.0}, {"EvaluationPeriods": 1},
         ("Threshold Crossed: 1 out of the last 1 datapoints [9.0 (01/01/70 00:04:00)] was greater than the threshold (5.0) "
         "(minimum 1 datapoint for OK -> ALARM transition).")),
        ({240: 1.0}, {"EvaluationPeriods": 1},
         ("Threshold Crossed: 1 out of the last 1 datapoints [1.0 (01/01/70 00:04:00)] was not greater than the threshold (5.0) "
         "(minimum 1 datapoint for ALARM -> OK transition).")),
        ({180: 8.0, 240: 9.0}, {"EvaluationPeriods": 2},
         ("Threshold Crossed: 2 out of the last 2 datapoints [9.0 (01/01/70 00:04:00), 8.0 (01/01/70 00:03:00)] were greater than the "
         "threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition).")),
        ({}, {"EvaluationPeriods": 1}, "Insufficient Data: 1 datapoint was unknown."),
        ({}, {}, "Insufficient Data: 3 datapoints were unknown."),
        ({}, {"EvaluationPeriods": 1, "TreatMissingData": "notBreaching"},
         "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching]."),
    ],
)  # fmt: skip
def test_reasons(points: dict[int, float], more: dict[str, Any], reason: str) -> None:
    found = evaluate(settings(**more), MOMENTS, points)
    assert found is not None
    assert found.reason == reason


def test_the_reason_as_data() -> None:
    found = evaluate(settings(EvaluationPeriods=1), MOMENTS, {240: 9.0})
    assert found is not None
    told = json.loads(found.data)
    told.pop("queryDate")
    assert told == {
        "version": "1.0", "recentDatapoints": [9.0], "threshold": 5.0, "period": 60, "statistic": "Sum",
        "startDate": "1970-01-01T00:04:00.000+0000", "evaluatedDatapoints": [{"timestamp": "1970-01-01T00:04:00.000+0000", "value": 9.0}],
    }  # fmt: skip
