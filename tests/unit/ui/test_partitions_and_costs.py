"""Partitions matched between catalog and S3, and charges with AWS's minimums."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from labkit.aws.crawls import Crawl
from labkit.aws.glue_jobs import JobRun
from labkit.aws.invocations import Invocation
from labkit.aws.s3 import S3Object
from labkit.aws.usage import BucketUse, QueryUse, Usage
from labkit.prices import load_prices
from labkit.ui.cost_meter import build_meter
from labkit.ui.partition_browser import match_partitions

NOON = datetime(2026, 11, 29, 12, tzinfo=timezone.utc)
BASE = "s3://b/sales"
PRICES = load_prices()


def item(key: str, size: int = 5) -> S3Object:
    return S3Object("b", key, size, NOON)


def test_partitions_are_matched_by_folder_and_each_side_may_lack_some() -> None:
    registered = {
        f"{BASE}/año=2024/mes=1": ("2024", "1"),
        f"{BASE}/año=2024/mes=2": ("2024", "2"),
        "s3://otro/x": ("2023", "9"),
    }
    objects = [
        item("sales/año=2024/mes=1/a"),
        item("sales/año=2024/mes=1/b"),
        item("sales/año=2024/mes=a%3Db/c"),
        item("sales/suelto"),
    ]
    found = match_partitions(f"{BASE}/", ["año", "mes"], registered, objects)
    assert {(part.values, part.state, part.objects, part.size_bytes) for part in found} == {
        (("2024", "1"), "both", 2, 10),
        (("2024", "2"), "only_catalog", 0, 0),
        (("2023", "9"), "only_catalog", 0, 0),
        (("2024", "a=b"), "only_s3", 1, 5),
    }


def test_a_folder_that_only_begins_like_a_partition_is_another_one() -> None:
    found = match_partitions(BASE, ["mes"], {f"{BASE}/mes=1": ("1",)}, [item("sales/mes=10/a")])
    assert {(part.values, part.state) for part in found} == {(("1",), "only_catalog"), (("10",), "only_s3")}


def usage(*queries: QueryUse) -> Usage:
    runs = (
        JobRun("jr_1", "etl", "SUCCEEDED", NOON, NOON, 9, "", {}, 2.0),
        JobRun("jr_2", "etl", "FAILED", NOON, NOON, 600, "", {}, 2.0),
    )
    crawl = Crawl("c", "raw", "COMPLETED", NOON, NOON + timedelta(seconds=2), "", {}, {}, "", 0.0)
    invocation = Invocation("r", "f", 0, 9, billed_ms=268, memory_mb=128)
    return Usage(
        runs, (crawl,), queries, (invocation,), (BucketUse("b", 10, 1_000_000, True), BucketUse("vacío", 0, 0, True))
    )


def query(kind: str, state: str, scanned: int, reused: bool = False) -> QueryUse:
    return QueryUse("q", "primary", "", kind, state, scanned, reused)


def test_charges_have_their_minimums() -> None:
    meter = build_meter(usage(query("DML", "SUCCEEDED", 5)), PRICES)
    charges = {charge.kind: charge for charge in meter.charges}
    assert charges["job"].usd == pytest.approx((60 + 600) * 2 / 3600 * 0.44)
    assert charges["crawler"].usd == pytest.approx(600 * 2 / 3600 * 0.44)
    assert charges["query"].usd == pytest.approx(10e6 / 1e12 * 5)
    assert charges["put"].usd == pytest.approx(10 * 0.000005)
    assert meter.monthly == pytest.approx(0.001 * 0.023)
    assert meter.total == pytest.approx(sum(charge.usd for charge in meter.charges) - meter.monthly)
    assert meter.total - meter.total_with_free_tier == pytest.approx(charges["function"].usd)


@pytest.mark.parametrize(
    "free",
    [
        query("DDL", "SUCCEEDED", 0),
        query("DML", "FAILED", 900),
        query("DML", "SUCCEEDED", 0, reused=True),
        query("UTILITY", "SUCCEEDED", 0),
    ],
)
def test_what_athena_does_not_bill_costs_nothing(free: QueryUse) -> None:
    meter = build_meter(usage(free), PRICES)
    assert next(charge.usd for charge in meter.charges if charge.kind == "query") == 0


def test_a_table_made_from_a_query_and_a_query_that_was_stopped_are_billed() -> None:
    for billed in (query("DDL", "SUCCEEDED", 20_000_000), query("DML", "CANCELLED", 20_000_000)):
        meter = build_meter(usage(billed), PRICES)
        assert next(charge.usd for charge in meter.charges if charge.kind == "query") == pytest.approx(0.0001)


def test_the_meter_says_where_prices_come_from_and_what_is_not_counted() -> None:
    told = repr(build_meter(usage(), PRICES))
    assert PRICES.read_on in told
    assert PRICES.source in told
    assert "no una factura" in told
    assert "vacío" not in told
