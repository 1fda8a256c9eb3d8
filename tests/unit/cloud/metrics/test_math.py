"""Metric math, with the answers of AWS's page "Using metric math"."""

from __future__ import annotations

import pytest

from labkit.cloud.call import AwsError
from tests.unit.cloud.metrics.asking import CloudWatch, math, stat

A = {0: 30.0, 1: 20.0, 2: 0.0, 3: 0.0}
B = {0: 20.0, 2: 20.0}


@pytest.fixture
def put(cloudwatch: CloudWatch) -> CloudWatch:
    """m1 and m2 have AWS's own example: 30, 20, 0, 0 and 20, -, 20, -."""
    cloudwatch.put("a", A)
    cloudwatch.put("b", B)
    return cloudwatch


def ask(cloudwatch: CloudWatch, expression: str, end: int = 4) -> list[dict[int, float]]:
    hidden = [{**stat(name, metric), "ReturnData": False} for name, metric in (("m1", "a"), ("m2", "b"))]
    return cloudwatch.points(*hidden, math(expression), end=end)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("m1 + m2", {0: 50, 2: 20}),
        ("m1 - 10 * 2", {0: 10, 1: 0, 2: -20, 3: -20}),
        ("(m1 - 10) * 2", {0: 40, 1: 20, 2: -20, 3: -20}),
        ("100 / m1", {0: 100 / 30, 1: 5}),
        ("m1 / m2", {0: 1.5, 2: 0}),
        ("2 ^ 3 ^ 2 + m2*0", {0: 512, 2: 512}),
        ("-m2 ^ 2", {0: -400, 2: -400}),
        ("m1 < m2", {0: 0, 1: 0, 2: 1, 3: 0}),
        ("m1 >= 30", {0: 1, 1: 0, 2: 0, 3: 0}),
        ("m1 > 15 AND m2 > 15", {0: 1, 1: 0, 2: 0, 3: 0}),
        ("m1 > 15 || m2 > 15", {0: 1, 1: 0, 2: 1, 3: 0}),
        ("m1 == 0 && m1 != 1", {0: 0, 1: 0, 2: 1, 3: 1}),
        ("ABS(-m2)", {0: 20, 2: 20}),
        ("CEIL(m1/7)", {0: 5, 1: 3, 2: 0, 3: 0}),
        ("FLOOR(m1/7)", {0: 4, 1: 2, 2: 0, 3: 0}),
        ("LOG10(m1*0+1000)", {0: 3, 1: 3, 2: 3, 3: 3}),
        ("LOG(m1)*0", {0: 0, 1: 0}),
        ("DIFF(m1)", {1: -10, 2: -20, 3: 0}),
        ("DIFF(m2)", {2: 0}),
        ("DIFF_TIME(m2)", {2: 120}),
        ("RATE(m1)", {1: -10 / 60, 2: -20 / 60, 3: 0}),
        ("RUNNING_SUM(m1)", {0: 30, 1: 50, 2: 50, 3: 50}),
        ("SUM(m1)", {0: 50, 1: 50, 2: 50, 3: 50}),
        ("AVG(m1)", dict.fromkeys(range(4), 12.5)),
        ("MAX(m1) - MIN(m2)", dict.fromkeys(range(4), 10)),
        ("DATAPOINT_COUNT(m2)", dict.fromkeys(range(4), 2)),
        ("METRIC_COUNT(METRICS())", dict.fromkeys(range(4), 2)),
        ("STDDEV(m2)", dict.fromkeys(range(4), 0)),
        ("SUM([m1, m2])", {0: 50, 1: 20, 2: 20, 3: 0}),
        ("AVG(METRICS())", {0: 25, 1: 20, 2: 10, 3: 0}),
        ('MAX(METRICS("2"))', {0: 20, 2: 20}),
        ("DATAPOINT_COUNT(METRICS())", {0: 2, 1: 1, 2: 2, 3: 1}),
        ("FILL(m2, 7)", {0: 20, 1: 7, 2: 20, 3: 7}),
        ("FILL(m2, REPEAT)", {0: 20, 1: 20, 2: 20, 3: 20}),
        ("FILL(m2/20 + m2 - m1, LINEAR)", {0: -9, 1: 6, 2: 21}),
        ("FILL(m2, m1)", {0: 20, 1: 20, 2: 20, 3: 0}),
        ("IF(m1 > 15, m1, -1)", {0: 30, 1: 20, 2: -1, 3: -1}),
        ("IF(m1 > 15, 1)", {0: 1, 1: 1}),
        ("IF(m1 > 15, m2, m1)", {0: 20, 2: 0, 3: 0}),
        ("IF(1 > 2, m1, m2)", {0: 20, 2: 20}),
        ("FIRST(METRICS())", A),
        ("LAST(METRICS())", B),
        ("PERIOD(m1)", dict.fromkeys(range(4), 60)),
        ("TIME_SERIES(5)", dict.fromkeys(range(4), 5)),
        ("MINUTE(m2)", {0: 0, 1: 1, 2: 2, 3: 3}),
        ("HOUR(m1)", dict.fromkeys(range(4), 11)),
        ("DAY(m1)", dict.fromkeys(range(4), 1)),
        ("DATE(m1) + MONTH(m1)*100 + YEAR(m1)*10000", dict.fromkeys(range(4), 20260302)),
        ("sum(m1)", dict.fromkeys(range(4), 50)),
        ("1e2 + .5", dict.fromkeys(range(4), 100.5)),
    ],
)  # fmt: skip
def test_expressions(put: CloudWatch, expression: str, expected: dict[int, float]) -> None:
    (found,) = ask(put, expression)
    assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("METRICS() * 2", [{0: 60, 1: 40, 2: 0, 3: 0}, {0: 40, 2: 40}]),
        ("[m2, m1]", [B, A]),
        ("SORT(METRICS(), SUM, ASC)", [B, A]),
        ("SORT(METRICS(), MAX, DESC, 1)", [A]),
        ("SLICE(METRICS(), 1)", [B]),
        ("SLICE(METRICS(), 0, 1)", [A]),
        ("REMOVE_EMPTY([m1, IF(m1 > 99, m1)])", [A]),
        ("m1 - [m1, m2]", [{0: 0, 1: 0, 2: 0, 3: 0}, {0: 10, 2: -20}]),
    ],
)
def test_expressions_that_have_several_series(
    put: CloudWatch, expression: str, expected: list[dict[int, float]]
) -> None:
    assert ask(put, expression) == expected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("m1 +", "Unexpected 'end of expression'"),
        ("m1 % 2", "Unexpected '%'"),
        ("(m1", "Unexpected 'end of expression'"),
        ("m9 * 2", "Unknown identifier 'm9'"),
        ("FOO(m1)", "Unknown function 'FOO'"),
        ("e + 1", "The expression uses itself"),
        ("METRICS() + METRICS()", "cannot be used between two arrays"),
        ("ANOMALY_DETECTION_BAND(m1, 2)", "does not compute ANOMALY_DETECTION_BAND"),
        ("SUM()", "SUM needs arguments"),
        ("FILL(m1)", "FILL needs"),
        ("PERIOD(3)", "PERIOD needs a time series"),
        ("SORT(m1, SUM, ASC)", "SORT needs an array"),
        ("SEARCH('x', 'Median', 60)", "SEARCH has no statistic 'Median'"),
        ("'text'", "Unexpected text"),
        ("1 / 0", "is not a number"),
        ("(" * 5000, "too deeply"),
        ("-" * 2000 + "1", "too deeply"),
    ],
)
def test_expressions_that_are_refused(put: CloudWatch, expression: str, message: str) -> None:
    with pytest.raises(AwsError) as caught:
        ask(put, expression[:2048])
    told = caught.value.message
    assert (caught.value.code, told.startswith("Error in expression 'e': "), message in told) == (
        "ValidationError",
        True,
        True,
    ), told


def test_expressions_may_use_expressions_but_not_in_a_circle(put: CloudWatch) -> None:
    queries = [stat("m", "a"), {"Id": "x", "Expression": "m + 1"}, {"Id": "y", "Expression": "x * 2"}]
    assert put.points(*queries, end=1) == [{0: 30}, {0: 31}, {0: 62}]
    with pytest.raises(AwsError, match="uses itself"):
        put.points({"Id": "x", "Expression": "y"}, {"Id": "y", "Expression": "x"})


def test_the_series_of_an_array_are_labelled(put: CloudWatch) -> None:
    found = put.results(stat("m1", "a"), math("METRICS()", Label="twice"))
    assert [one["Label"] for one in found] == ["a", "twice a"]


@pytest.fixture
def fleet(cloudwatch: CloudWatch) -> CloudWatch:
    for place, (name, job) in enumerate(
        (("CPUUtilization", "sales-daily"), ("CPUUtilization", "hr"), ("DiskReads", "sales-daily"))
    ):
        cloudwatch.put(name, {0: float(place)}, Dimensions=[{"Name": "JobName", "Value": job}])
    cloudwatch.put("CPUUtilization", {0: 9.0})
    return cloudwatch


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("{Lab,JobName}", [1, 0, 2]),
        ('{Lab,JobName} MetricName="CPUUtilization"', [1, 0]),
        ('{Lab} MetricName="CPUUtilization"', [9]),
        ("{Lab,JobName} sales", [0, 2]),
        ("{Lab,JobName} JobName=daily cpu", [0]),
        ("{Lab,JobName} NOT cpu", [2]),
        ("{Lab,JobName} hr OR reads", [1, 2]),
        ('{Lab,JobName} JobName=("hr" OR "none")', [1]),
        ('{Lab,JobName} "sales"', []),
        ("{Other,JobName}", []),
        ("Namespace=Lab disk", [2]),
    ],
)  # fmt: skip
def test_searches(fleet: CloudWatch, search: str, expected: list[float]) -> None:
    found = fleet.points(math(f"SEARCH('{search}', 'Sum', 60)"))
    assert [one[0] for one in found] == expected
