"""PutMetricData: what is kept, and what is refused in CloudWatch's words."""

from __future__ import annotations

import math as numbers
from datetime import timedelta
from typing import Any

import pytest

from labkit.cloud.call import AwsError
from tests.unit.cloud.metrics.asking import NOW, CloudWatch, minute, stat

MEMBER = "MetricData.member.1"


def test_values_counts_and_sets_go_to_one_metric(cloudwatch: CloudWatch) -> None:
    at = minute(0)
    data = [
        {"MetricName": "m", "Value": 5.0, "Timestamp": at},
        {"MetricName": "m", "Values": [1.0, 2.0], "Counts": [2.0, 1.0], "Timestamp": at},
        {"MetricName": "m", "Values": [4.0], "Timestamp": at},
        {
            "MetricName": "m",
            "StatisticValues": {"SampleCount": 2.0, "Sum": 30.0, "Minimum": 10.0, "Maximum": 20.0},
            "Timestamp": at,
        },
    ]
    cloudwatch("PutMetricData", Namespace="Lab", MetricData=data)
    names = ("SampleCount", "Sum", "Average", "Minimum", "Maximum")
    found = cloudwatch.points(*(stat(f"m{place}", "m", name) for place, name in enumerate(names)))
    assert found == [{0: 7}, {0: 43}, {0: 43 / 7}, {0: 1}, {0: 20}]


def test_a_data_point_without_time_is_of_now(cloudwatch: CloudWatch) -> None:
    cloudwatch("PutMetricData", Namespace="Lab", MetricData=[{"MetricName": "m", "Value": 1.0}])
    assert cloudwatch.points(stat("m", "m"), start=50, end=70) == [{60: 1}]


def test_zero_is_a_value(cloudwatch: CloudWatch) -> None:
    cloudwatch.put("m", {0: 0.0, 1: -3.5})
    assert cloudwatch.points(stat("m", "m")) == [{0: 0, 1: -3.5}]


@pytest.mark.parametrize(
    ("datum", "code", "message"),
    [
        ({"MetricName": "m"}, "MissingParameter",
         f"At least one of the parameters {MEMBER}.Value or {MEMBER}.StatisticValues must be specified."),
        ({"Value": 1.0}, "MissingParameter", f"The parameter {MEMBER}.MetricName is required."),
        ({"MetricName": "m" * 256, "Value": 1.0}, "InvalidParameterValue",
         f"The parameter {MEMBER}.MetricName must be shorter than 256 characters."),
        ({"MetricName": "m", "Value": numbers.nan}, "InvalidParameterValue", f"The value NaN for parameter {MEMBER}.Value is invalid."),
        ({"MetricName": "m", "Value": numbers.inf}, "InvalidParameterValue",
         f"The value Infinity for parameter {MEMBER}.Value is invalid."),
        ({"MetricName": "m", "Value": 2.0**361}, "InvalidParameterValue",
         f"The value {2.0**361} for parameter {MEMBER}.Value is invalid."),
        ({"MetricName": "m", "Value": 1.0, "Unit": "Parsecs"}, "InvalidParameterValue", "must be a value in the set [ Seconds, "),
        ({"MetricName": "m", "Value": 1.0, "StorageResolution": 30}, "InvalidParameterValue",
         f"The value 30 for parameter {MEMBER}.StorageResolution is invalid."),
        ({"MetricName": "m", "Value": 1.0, "Values": [1.0]}, "InvalidParameterValue",
         f"The parameters {MEMBER}.Value and {MEMBER}.Values are mutually exclusive and you have specified both."),
        ({"MetricName": "m", "Value": 1.0, "StatisticValues": {"Sum": 1.0}}, "InvalidParameterCombination", "mutually exclusive"),
        ({"MetricName": "m", "Values": [1.0, 2.0], "Counts": [1.0]}, "InvalidParameterValue",
         f"The parameters {MEMBER}.Values and {MEMBER}.Counts must be of the same size."),
        ({"MetricName": "m", "Values": [1.0] * 151}, "InvalidParameterValue",
         f"The collection {MEMBER}.Values must not have a size greater than 150."),
        ({"MetricName": "m", "Values": [1.0], "Counts": [0.0]}, "InvalidParameterValue", "Counts.member.1 is invalid."),
        ({"MetricName": "m", "StatisticValues": {"SampleCount": 1.0, "Sum": 1.0}}, "MissingParameter",
         f"The parameter {MEMBER}.StatisticValues.Maximum is required.\nThe parameter {MEMBER}.StatisticValues.Minimum is required."),
        ({"MetricName": "m", "StatisticValues": {"SampleCount": 0.0, "Sum": 1.0, "Minimum": 1.0, "Maximum": 1.0}},
         "InvalidParameterValue", f"The parameter {MEMBER}.StatisticValues.SampleCount must not equal 0."),
        ({"MetricName": "m", "StatisticValues": {"SampleCount": 1.0, "Sum": 1.0, "Minimum": 2.0, "Maximum": 1.0}},
         "InvalidParameterValue", "Maximum must be greater than"),
        ({"MetricName": "m", "Value": 1.0, "Timestamp": NOW - timedelta(days=14, seconds=1)}, "InvalidParameterValue",
         f"The parameter {MEMBER}.Timestamp must specify a time within the past two weeks."),
        ({"MetricName": "m", "Value": 1.0, "Timestamp": NOW + timedelta(hours=2, seconds=1)}, "InvalidParameterValue",
         f"The parameter {MEMBER}.Timestamp must specify a time no more than two hours in the future."),
        ({"MetricName": "m", "Value": 1.0, "Dimensions": [{"Name": "a", "Value": "b"}] * 2}, "InvalidParameterValue",
         "No Metric may specify the same dimension twice."),
        ({"MetricName": "m", "Value": 1.0, "Dimensions": [{"Name": f"a{n}", "Value": "b"} for n in range(31)]},
         "InvalidParameterValue", f"The collection {MEMBER}.Dimensions must not have a size greater than 30."),
        ({"MetricName": "m", "Value": 1.0, "Dimensions": [{"Name": "a", "Value": ""}]}, "MissingParameter",
         f"The parameter {MEMBER}.Dimensions.member.1.Value is required."),
        ({"MetricName": "m", "Value": 1.0, "Dimensions": [{"Name": "a", "Value": "año"}]}, "InvalidParameterValue", "only ASCII"),
        ({"MetricName": "m", "Value": 1.0, "Dimensions": [{"Name": ":a", "Value": "b"}]}, "InvalidParameterValue",
         f"The value :a for parameter {MEMBER}.Dimensions.member.1.Name is invalid."),
    ],
)  # fmt: skip
def test_what_is_refused(cloudwatch: CloudWatch, datum: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(AwsError) as caught:
        cloudwatch("PutMetricData", Namespace="Lab", MetricData=[datum])
    assert (caught.value.code, message in caught.value.message) == (code, True), caught.value.message


@pytest.mark.parametrize(
    ("namespace", "code", "message"),
    [
        ("AWS/Lambda", "InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid."),
        (":x", "InvalidParameterValue", "The value :x for parameter Namespace is invalid."),
        ("", "MissingParameter", "The parameter Namespace is required."),
    ],
)
def test_namespaces_that_are_refused(cloudwatch: CloudWatch, namespace: str, code: str, message: str) -> None:
    with pytest.raises(AwsError) as caught:
        cloudwatch("PutMetricData", Namespace=namespace, MetricData=[{"MetricName": "m", "Value": 1.0}])
    assert (caught.value.code, caught.value.message) == (code, message)


def test_one_bad_data_point_refuses_them_all(cloudwatch: CloudWatch) -> None:
    data = [{"MetricName": "m", "Value": 1.0}, {"MetricName": "m", "Value": numbers.nan}]
    with pytest.raises(AwsError, match=r"MetricData.member.2.Value"):
        cloudwatch("PutMetricData", Namespace="Lab", MetricData=data)
    assert cloudwatch("ListMetrics")["Metrics"] == []


def test_at_most_1000_at_a_time(cloudwatch: CloudWatch) -> None:
    data = [{"MetricName": "m", "Value": 1.0}] * 1001
    with pytest.raises(AwsError, match="must not have a size greater than 1000"):
        cloudwatch("PutMetricData", Namespace="Lab", MetricData=data)


def test_data_of_an_entity_is_data(cloudwatch: CloudWatch) -> None:
    told = [{"Entity": {}, "MetricData": [{"MetricName": "m", "Value": 3.0, "Timestamp": minute(2)}]}]
    cloudwatch("PutMetricData", Namespace="Lab", EntityMetricData=told)
    assert cloudwatch.points(stat("m", "m")) == [{2: 3}]
