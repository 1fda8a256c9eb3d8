"""Events made by hand have the shape of S3's, and every seed's bad day holds the same traps."""

from __future__ import annotations

from urllib.parse import unquote_plus

import pytest

from labkit.checks.step_5.seed_day import find_wasted, list_arrivals, list_lost, run_seed
from labkit.data.s3_events import REMOVED, build_day, build_record


@pytest.mark.parametrize("key", ["a b.csv", "año+1.csv", "x/50% y.csv", "ventas%2B1.csv"])
def test_a_key_comes_encoded_and_decodes_to_itself(key: str) -> None:
    coded = build_record("bucket", key)["s3"]["object"]["key"]
    assert unquote_plus(coded) == key
    assert coded.count("/") == key.count("/")


def test_a_removal_has_neither_size_nor_etag() -> None:
    assert set(build_record("bucket", "a.csv", REMOVED)["s3"]["object"]) == {"key", "sequencer"}


@pytest.mark.parametrize("seed", range(60))
def test_every_days_traps_are_the_same_and_its_answers_unique(seed: int) -> None:
    day = build_day("bucket", "raw_sales/", seed)
    assert list(day) == [f"event_{number}" for number in range(1, 8)]
    assert sorted(map(run_seed, day.values())) == [
        "error",
        "ignored",
        "ignored",
        "ignored",
        "started",
        "started",
        "started",
    ]
    assert len(set(list_lost(day))) == 3
    assert [name for name, event in day.items() if run_seed(event) == "started" and not list_arrivals(event)] == [
        find_wasted(day)
    ]
    # Nobody gets the answer right without decoding.
    assert all(quoted != unquote_plus(quoted) for quoted in coded_keys(day))


def coded_keys(day: dict[str, dict[str, list[dict[str, dict[str, dict[str, str]]]]]]) -> list[str]:
    return [record["s3"]["object"]["key"] for event in day.values() for record in event.get("Records", [])]


def test_seeds_give_different_days() -> None:
    assert len({str(list_lost(build_day("bucket", "raw/", seed))) for seed in range(50)}) == 50
