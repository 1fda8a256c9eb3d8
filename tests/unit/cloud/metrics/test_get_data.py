"""GetMetricData: periods, statistics, units, pages, labels; and GetMetricStatistics and ListMetrics over the same data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from labkit.cloud.call import AwsError
from tests.unit.cloud.metrics.asking import NOW, CloudWatch, math, minute, minutes, stat

VALUES = {0: 1.0, 1: 2.0, 4: 3.0, 5: 10.0}


def test_periods_gather_what_begins_in_them(cloudwatch: CloudWatch) -> None:
    cloudwatch.put("m", VALUES)
    assert cloudwatch.points(stat("m", "m")) == [VALUES]
    assert cloudwatch.points(stat("m", "m", period=300)) == [{0: 6, 5: 10}]


def test_periods_count_from_the_start_time(cloudwatch: CloudWatch) -> None:
    """The AWS CLI reference's example: an hour's data points at :18 for a StartTime of 23:18."""
    cloudwatch.put("m", VALUES)
    assert cloudwatch.points(stat("m", "m", period=300), start=1) == [{1: 15}]


def test_the_start_is_inclusive_and_rounded_down_and_the_end_exclusive(cloudwatch: CloudWatch) -> None:
    cloudwatch.put("m", VALUES)
    found = cloudwatch(
        "GetMetricData", MetricDataQueries=[stat("m", "m")], StartTime=minute(1) + timedelta(seconds=59), EndTime=minute(5),
    )["MetricDataResults"][0]  # fmt: skip
    assert [minutes(at) for at in found["Timestamps"]] == [4, 1]


def test_the_newest_comes_first_unless_asked_otherwise(cloudwatch: CloudWatch) -> None:
    cloudwatch.put("m", VALUES)
    assert cloudwatch.results(stat("m", "m"), ScanBy=None)[0]["Values"] == [10, 3, 2, 1]


def test_a_metric_without_data_has_an_empty_result(cloudwatch: CloudWatch) -> None:
    (found,) = cloudwatch.results(stat("m", "nothing"))
    assert (found["Label"], found["Values"], found["Timestamps"], found["StatusCode"]) == (
        "nothing",
        [],
        [],
        "Complete",
    )


def test_dimensions_name_another_metric(cloudwatch: CloudWatch) -> None:
    cloudwatch.put("m", {0: 1.0})
    cloudwatch.put("m", {0: 2.0}, Dimensions=[{"Name": "B", "Value": "2"}, {"Name": "A", "Value": "1"}])
    both = [{"Name": "A", "Value": "1"}, {"Name": "B", "Value": "2"}]
    found = cloudwatch.points(stat("m1", "m"), stat("m2", "m", Dimensions=both), stat("m3", "m", Dimensions=both[:1]))
    assert found == [{0: 1}, {0: 2}, {}]


def test_units_are_a_filter_and_nothing_is_converted(cloudwatch: CloudWatch) -> None:
    cloudwatch.put("m", {0: 1.0}, "Seconds")
    cloudwatch.put("m", {0: 5.0}, "Milliseconds")
    found = cloudwatch.points(stat("a", "m"), stat("b", "m", Unit="Seconds"), stat("c", "m", Unit="Bytes"))
    assert found == [{0: 6}, {0: 1}, {}]


def test_high_resolution_data_has_seconds(cloudwatch: CloudWatch) -> None:
    for second, value in ((0, 1.0), (3, 2.0), (11, 4.0)):
        data = [
            {
                "MetricName": "m",
                "Value": value,
                "StorageResolution": 1,
                "Timestamp": minute(0) + timedelta(seconds=second),
            }
        ]
        cloudwatch("PutMetricData", Namespace="Lab", MetricData=data)
    found = cloudwatch.results(*(stat(f"m{period}", "m", period=period) for period in (1, 5, 10, 60)), end=1)
    assert [one["Values"] for one in found] == [[1, 2, 4], [3, 4], [3, 4], [7]]
    assert found[1]["Timestamps"][1] == minute(0) + timedelta(seconds=10)


def test_return_data_hides_a_query(cloudwatch: CloudWatch) -> None:
    cloudwatch.put("m", {0: 2.0})
    (found,) = cloudwatch.results({**stat("m", "m"), "ReturnData": False}, math("m*2"))
    assert (found["Id"], found["Label"], found["Values"]) == ("e", "e", [4])


def test_pages_give_every_point_once(cloudwatch: CloudWatch) -> None:
    cloudwatch.put("a", {n: float(n) for n in range(5)})
    cloudwatch.put("b", {n: float(n) for n in range(3)})
    queries = [stat("a", "a"), stat("b", "b"), stat("c", "nothing")]
    seen: dict[str, list[float]] = {}
    token, pages, states = None, 0, []
    while pages == 0 or token:
        asked = {"MetricDataQueries": queries, "StartTime": minute(0), "EndTime": minute(9), "MaxDatapoints": 2}
        found = cloudwatch("GetMetricData", **asked, ScanBy="TimestampAscending", NextToken=token)
        for one in found["MetricDataResults"]:
            seen.setdefault(one["Id"], []).extend(one["Values"])
            states.append((one["Id"], one["StatusCode"]))
        token, pages = found.get("NextToken"), pages + 1
    assert (pages, seen) == (4, {"a": [0, 1, 2, 3, 4], "b": [0, 1, 2], "c": []})
    assert states[:3] == [("a", "PartialData"), ("a", "PartialData"), ("a", "Complete")]


def test_a_token_that_is_none(cloudwatch: CloudWatch) -> None:
    with pytest.raises(AwsError) as caught:
        cloudwatch.results(stat("m", "m"), NextToken="nonsense")
    assert caught.value.code == "InvalidNextToken"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("plain", "plain"),
        ("[max: ${MAX}] ${LABEL}", "[max: 10] m"),
        ("${MIN}/${AVG}/${SUM}/${FIRST}/${LAST}/${RANGE}/${DATAPOINT_COUNT}", "1/4/16/1/10/9/4"),
        ("${MAX_TIME}", "2026-03-02 11:05:00"),
        ("${PROP('MetricName')} ${PROP('Stat')} ${PROP('Period')} ${PROP('Region')}", "m Sum 60 us-east-1"),
        ("${NONSENSE} ${PROP('Dim.X')}", "${NONSENSE} ${PROP('Dim.X')}"),
    ],
)
def test_labels(cloudwatch: CloudWatch, label: str, expected: str) -> None:
    cloudwatch.put("m", VALUES)
    assert cloudwatch.results({**stat("m", "m"), "Label": label})[0]["Label"] == expected


def test_times_in_labels_have_the_zone_that_was_asked_for(cloudwatch: CloudWatch) -> None:
    cloudwatch.put("m", VALUES)
    query = {**stat("m", "m"), "Label": "${LAST_TIME}"}
    assert cloudwatch.results(query, LabelOptions={"Timezone": "-0130"})[0]["Label"] == "2026-03-02 09:35:00"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"Id": "m"}, "The parameter MetricDataQueries.member.1.MetricStat is required.\n"),
        ({**stat("M", "m")}, "The value M for parameter MetricDataQueries.member.1.Id is not matching the expected pattern"),
        ({**stat("m", "m"), "Expression": "1"}, "are mutually exclusive and you have specified both."),
        (stat("m", "m", period=61), "MetricStat.Period must be a value in the set [1, 5, 10, 20, 30] or a multiple of 60."),
        (stat("m", "m", "Median"), "The value Median for parameter MetricDataQueries.member.1.MetricStat.Stat is not supported."),
        (stat("m", "m", Unit="Parsecs"), "MetricStat.Unit must be a value in the set"),
        ({"Id": "m", "MetricStat": {"Metric": {"MetricName": "m"}, "Period": 60, "Stat": "Sum"}},
         "The parameter MetricDataQueries.member.1.MetricStat.Metric.Namespace is required."),
        ({"Id": "e", "Expression": 'SELECT AVG(x) FROM SCHEMA("Lab")'}, "does not answer Metrics Insights queries"),
        ({**stat("m", "m"), "AccountId": "999999999999"}, "is not linked"),
    ],
)  # fmt: skip
def test_queries_that_are_refused(cloudwatch: CloudWatch, query: dict[str, Any], message: str) -> None:
    with pytest.raises(AwsError) as caught:
        cloudwatch.results(query)
    assert (caught.value.code, message in caught.value.message) == ("ValidationError", True), caught.value.message


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [(5, 5, "StartTime must not equal parameter EndTime"), (6, 5, "EndTime must be greater than StartTime")],
)
def test_times_that_are_refused(cloudwatch: CloudWatch, start: int, end: int, message: str) -> None:
    with pytest.raises(AwsError, match=message):
        cloudwatch.results(stat("m", "m"), start=start, end=end)


def test_ids_are_unique_and_at_most_500(cloudwatch: CloudWatch) -> None:
    with pytest.raises(AwsError, match="not unique"):
        cloudwatch.results(stat("m", "m"), stat("m", "m"))
    with pytest.raises(AwsError, match="must not have a size greater than 500"):
        cloudwatch.results(*(stat(f"m{n}", "m") for n in range(501)))


def test_a_range_of_centuries_costs_what_is_kept(cloudwatch: CloudWatch) -> None:
    cloudwatch.put("m", {0: 1.0})
    long_ago = NOW - timedelta(days=36500)
    found = cloudwatch(
        "GetMetricData", MetricDataQueries=[stat("m", "m"), math("TIME_SERIES(1)", Period=60)], StartTime=long_ago, EndTime=NOW,
    )["MetricDataResults"]  # fmt: skip
    assert (found[0]["Values"], len(found[1]["Values"])) == ([1], 15 * 1440)


def test_statistics_of_one_call(cloudwatch: CloudWatch) -> None:
    cloudwatch.put("m", VALUES, "Bytes")
    cloudwatch.put("m", {0: 99.0}, "Count")
    asked = {"Namespace": "Lab", "MetricName": "m", "StartTime": minute(0), "EndTime": minute(10), "Period": 300}
    found = cloudwatch("GetMetricStatistics", **asked, Statistics=["Sum", "Maximum"], Unit="Bytes")
    assert (found["Label"], found["Datapoints"]) == (
        "m",
        [
            {"Timestamp": minute(0), "Sum": 6, "Maximum": 3, "Unit": "Bytes"},
            {"Timestamp": minute(5), "Sum": 10, "Maximum": 10, "Unit": "Bytes"},
        ],
    )
    every = cloudwatch("GetMetricStatistics", **asked, Statistics=["Sum"])["Datapoints"]
    assert [(point["Sum"], point["Unit"]) for point in every] == [(6, "Bytes"), (99, "Count"), (10, "Bytes")]
    percentiles = cloudwatch("GetMetricStatistics", **asked, ExtendedStatistics=["p50", "p100"], Unit="Bytes")
    assert percentiles["Datapoints"][0]["ExtendedStatistics"] == {"p50": 2, "p100": 3}


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"Statistics": []}, "InvalidParameterCombination", "Must specify either Statistics or ExtendedStatistics"),
        ({"Statistics": ["Median"]}, "InvalidParameterValue", "The parameter Statistics.member.1 must be a value in the set"),
        ({"ExtendedStatistics": ["p101"], "Statistics": []}, "InvalidParameterValue", "The value p101 for parameter"),
        ({"Period": 45}, "InvalidParameterValue", "The parameter Period must be a value in the set"),
        ({"EndTime": minute(0)}, "InvalidParameterValue", "The parameter StartTime must be less than the parameter EndTime."),
        ({"StartTime": minute(0) - timedelta(days=1)}, "InvalidParameterCombination",
         "You have requested up to 1,450 datapoints, which exceeds the limit of 1,440."),
    ],
)  # fmt: skip
def test_statistics_that_are_refused(cloudwatch: CloudWatch, change: dict[str, Any], code: str, message: str) -> None:
    asked = {
        "Namespace": "Lab",
        "MetricName": "m",
        "StartTime": minute(0),
        "EndTime": minute(10),
        "Period": 60,
        "Statistics": ["Sum"],
    }
    with pytest.raises(AwsError) as caught:
        cloudwatch("GetMetricStatistics", **{**asked, **change})
    assert (caught.value.code, message in caught.value.message) == (code, True), caught.value.message


def test_metrics_are_listed_by_name_and_dimension(cloudwatch: CloudWatch) -> None:
    for name, dimensions in (("a", {}), ("a", {"X": "1"}), ("b", {"X": "2", "Y": "3"})):
        told = [{"Name": key, "Value": value} for key, value in dimensions.items()]
        cloudwatch.put(name, {0: 1.0}, Dimensions=told)

    def listed(**asked: Any) -> list[tuple[str, dict[str, str]]]:
        found = cloudwatch("ListMetrics", **asked)["Metrics"]
        return [(one["MetricName"], {pair["Name"]: pair["Value"] for pair in one["Dimensions"]}) for one in found]

    assert listed() == [("a", {}), ("a", {"X": "1"}), ("b", {"X": "2", "Y": "3"})]
    assert listed(Dimensions=[{"Name": "X"}]) == [("a", {"X": "1"}), ("b", {"X": "2", "Y": "3"})]
    assert listed(Dimensions=[{"Name": "X", "Value": "2"}, {"Name": "Y"}]) == [("b", {"X": "2", "Y": "3"})]
    assert listed(MetricName="a", Namespace="Lab", Dimensions=[{"Name": "X"}]) == [("a", {"X": "1"})]
    assert listed(Namespace="Other") == []


def test_recently_active_metrics_are_of_the_last_three_hours(cloudwatch: CloudWatch) -> None:
    cloudwatch.put("old", {-180: 1.0})
    cloudwatch.put("new", {0: 1.0})
    found = cloudwatch("ListMetrics", RecentlyActive="PT3H")["Metrics"]
    assert [one["MetricName"] for one in found] == ["new"]


def test_metrics_come_in_pages_of_500(cloudwatch: CloudWatch) -> None:
    for start in (0, 600):
        data = [{"MetricName": f"m{n:04}", "Value": 1.0} for n in range(start, start + 600)]
        cloudwatch("PutMetricData", Namespace="Lab", MetricData=data)
    first = cloudwatch("ListMetrics")
    second = cloudwatch("ListMetrics", NextToken=first["NextToken"])
    third = cloudwatch("ListMetrics", NextToken=second["NextToken"])
    names = [one["MetricName"] for page in (first, second, third) for one in page["Metrics"]]
    assert (names, "NextToken" in third) == ([f"m{n:04}" for n in range(1200)], False)
    with pytest.raises(AwsError, match="NextToken is invalid"):
        cloudwatch("ListMetrics", NextToken="nonsense")
