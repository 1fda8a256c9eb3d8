"""Statistics, with CloudWatch's definitions ("CloudWatch statistics definitions") over values whose answers are known."""

from __future__ import annotations

import random

import pytest

from labkit.cloud.metrics.aggregate import Aggregate, read_aggregate
from labkit.cloud.metrics.statistics import find_statistic


def of(values: list[float]) -> Aggregate:
    found = Aggregate()
    for value in values:
        found.add(value)
    return found


def compute(name: str, found: Aggregate) -> float | None:
    statistic = find_statistic(name)
    assert statistic is not None
    return statistic(found)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SampleCount", 10), ("Sum", 55), ("Average", 5.5), ("Minimum", 1), ("Maximum", 10),
        ("p0", 1), ("p50", 5.5), ("p90", 9.1), ("p99.5", 9.955), ("p100", 10), ("P50", 5.5),
        ("tm90", 5), ("TM(10%:90%)", 5.5), ("TM(:90%)", 5), ("TM(10%:)", 6), ("TM(2:5)", 4), ("IQM", 5.5), ("iqm", 5.5),
        ("tc90", 9), ("TC(20%:)", 8), ("TC(3:)", 7), ("TC(:3)", 3), ("ts80", 36), ("TS(3:5)", 9), ("TS(100:)", 0),
        ("PR(:3)", 30), ("PR(3:5)", 20), ("PR(9.5:)", 10), ("wm90", 5.41), ("WM(2:9)", 5.5), ("WM(:8)", 5.2),
    ],
)  # fmt: skip
def test_statistics_of_the_numbers_from_1_to_10(name: str, expected: float) -> None:
    assert compute(name, of([float(n) for n in range(1, 11)])) == pytest.approx(expected)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "p",
        "p101",
        "pp5",
        "p-1",
        "sum",
        "Median",
        "tm",
        "TM()",
        "TM(:)",
        "TM(5%:3%)",
        "TM(1%:5)",
        "TM(:101%)",
        "PR(5%:6%)",
        "PR(:)",
    ],
)
def test_what_is_no_statistic(name: str) -> None:
    assert find_statistic(name) is None


def test_a_trimmed_mean_of_what_is_not_there_is_no_number() -> None:
    assert compute("TM(100:200)", of([1.0, 2.0])) is None


def test_negative_values_have_no_percentiles_but_means() -> None:
    found = of([-1.0, 3.0])
    assert (compute("p50", found), compute("tm90", found), compute("Average", found)) == (None, None, 1.0)


def test_a_statistic_set_of_many_values_has_no_percentiles() -> None:
    found = Aggregate()
    found.add_set(2, 10, 1, 9)
    assert (compute("p50", found), compute("Average", found)) == (None, 5)


@pytest.mark.parametrize(("count", "total", "minimum", "maximum", "expected"), [(1, 5, 5, 5, 5), (4, 20, 5, 5, 5)])
def test_a_statistic_set_of_one_value_has(
    count: float, total: float, minimum: float, maximum: float, expected: float
) -> None:
    found = Aggregate()
    found.add_set(count, total, minimum, maximum)
    assert compute("p99", found) == expected


def test_a_distribution_stays_small_and_near() -> None:
    rng = random.Random(1)
    values = [rng.expovariate(0.01) for _ in range(20_000)]
    found = of(values)
    assert found.values is not None
    assert len(found.values) <= 512
    exact = sorted(values)[int(0.9 * len(values))]
    assert compute("p90", found) == pytest.approx(exact, rel=0.06)
    assert (found.count, found.total) == (20_000, pytest.approx(sum(values)))


def test_values_of_every_size_are_bounded_too() -> None:
    rng = random.Random(2)
    found = of([10 ** rng.uniform(-300, 100) for _ in range(20_000)])
    assert found.values is not None
    assert len(found.values) < 10_000


@pytest.mark.parametrize("values", [[3.0], [3.0, 3.0], [1.0, 2.5, 2.5], [float(n) for n in range(600)]])
def test_an_aggregate_comes_back_from_storage_as_it_was(values: list[float]) -> None:
    found = of(values)
    kept = read_aggregate(found.count, found.total, found.minimum, found.maximum, found.distribution())
    assert (kept.values, kept.digits) == (found.values, found.digits)


def test_merging_counts_everything_once() -> None:
    found = of([1.0, 2.0])
    found.merge(of([2.0, 9.0]))
    assert (found.count, found.total, found.minimum, found.maximum, found.values) == (4, 14, 1, 9, {1: 1, 2: 2, 9: 1})
