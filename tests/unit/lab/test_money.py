from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest

import labkit
from labkit.aws.athena import QueryResult
from labkit.aws.glue_jobs import JobRun
from labkit.aws.logs import LogLine
from labkit.errors import SettingsError
from labkit.prices import (
    compute_crawl_cost,
    compute_function_cost,
    compute_job_cost,
    compute_query_cost,
    compute_storage_cost,
    load_prices,
)
from labkit.run.costs import build_costs

PRICES = load_prices()


def test_the_list_says_where_and_when_it_was_read() -> None:
    document = json.loads((Path(labkit.__file__).parent / "prices.json").read_text(encoding="utf-8"))
    assert PRICES.read_on == document["read_on"]
    assert "aws.amazon.com" in PRICES.source


def test_a_job_pays_a_minute_at_least_and_seconds_after_that() -> None:
    assert compute_job_cost(PRICES, 1, 2) == pytest.approx(0.0146667, abs=1e-7)
    assert compute_job_cost(PRICES, 60, 2) == compute_job_cost(PRICES, 1, 2)
    assert compute_job_cost(PRICES, 120, 2) == pytest.approx(2 * compute_job_cost(PRICES, 60, 2))


def test_a_crawl_pays_ten_minutes_at_least() -> None:
    assert compute_crawl_cost(PRICES, 40) == pytest.approx(0.1466667, abs=1e-7)
    assert compute_crawl_cost(PRICES, 1200) == pytest.approx(2 * compute_crawl_cost(PRICES, 40))


def test_a_query_pays_ten_megabytes_at_least_and_rounds_up() -> None:
    assert compute_query_cost(PRICES, 0) == pytest.approx(0.00005)
    assert compute_query_cost(PRICES, 10_000_001) == pytest.approx(11e6 / 1e12 * 5)


def test_small_things_cost_little() -> None:
    assert compute_function_cost(PRICES, 1.0, 1024) == pytest.approx(0.0000168667)
    assert compute_storage_cost(PRICES, 1_000_000_000) == pytest.approx(0.023)


def test_a_price_of_the_users_wins_and_an_unknown_one_is_named() -> None:
    assert compute_job_cost(load_prices({"dpu_hour": 0.29}), 60, 2) == pytest.approx(0.29 / 30)
    with pytest.raises(SettingsError, match="dpu_huor"):
        load_prices({"dpu_huor": 1})


def test_a_run_is_charged_for_what_it_did() -> None:
    now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    run = JobRun("jr", "job", "SUCCEEDED", now, now, 90, "", {})
    query = QueryResult("q", "select 1", (), (), 25_000_000, "")
    report = (
        "REPORT RequestId: 1\tDuration: 15.74 ms\tBilled Duration: 147 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB"
    )
    lines = [LogLine("1", 0, "g", "s", "START RequestId: 1"), LogLine("2", 1, "g", "s", report)]
    costs = {line.key: line for line in build_costs(PRICES, run, [1.0, 1.0], [query, query], lines, 3, 10**9)}
    assert costs["cost.job"].usd == pytest.approx(90 / 3600 * 2 * 0.44)
    assert costs["cost.crawls"].usd == pytest.approx(2 * 0.1466667, abs=1e-6)
    assert costs["cost.queries"].usd == pytest.approx(2 * 25e6 / 1e12 * 5)
    assert costs["cost.function"].facts == {"count": 1}
    assert costs["cost.function"].usd == pytest.approx(compute_function_cost(PRICES, 0.147, 128))
    assert costs["cost.puts"].usd == pytest.approx(0.000015)
    assert costs["cost.storage"].usd == pytest.approx(0.023)
