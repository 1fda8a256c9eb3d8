"""Whole Glue scripts that clean dirty data, run unmodified through StartJobRun; expected rows computed in plain Python."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cloud.glue_scripts.support.bench import Aws, Bench, ordered

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def bench(aws: Aws) -> Bench:
    return Bench(aws, "scripts-cleaning")


READINGS: Rows = [
    {"id": 1, "temperature": 21.5, "room": {"name": " salón ", "floor": 0}, "tags": ["b", "a"], "zip": "08001", "raw": "x"},
    {"id": 2, "temperature": 20, "room": {"name": "ÁTICO", "floor": 7}, "raw": None},
    {"id": 3, "room": {"name": "cellar", "floor": 0}},
    {"id": 4, "temperature": "hot", "room": {"name": "sauna", "floor": 1}},
    {"id": 5, "temperature": 19.25, "room": {"name": "garage", "floor": -1}},
    {"id": 6, "temperature": 999, "room": {"name": "oven", "floor": 1}},
    {"id": 7, "temperature": None, "room": {"name": "attic", "floor": 2}},
    {"id": 8, "temperature": 18.0, "room": {"name": 'kitchen "2"', "floor": 1}, "tags": [], "zip": ""},
    {"id": 9, "temperature": 17, "room": {"floor": 1}},
]  # fmt: skip


@pytest.fixture(scope="module")
def thermostats(bench: Bench) -> str:
    bench.put_json("readings/a.json", READINGS[:5])
    bench.put_json("readings/b.json", READINGS[5:])
    return bench.run("thermostat_cleaning", {"--in": bench.uri("readings/"), "--out": bench.uri("tidied/")})


def plausible() -> Rows:
    numbers = [row for row in READINGS if isinstance(row.get("temperature"), (int, float))]
    return [row for row in numbers if row["temperature"] < 60 and row["room"]["floor"] >= 0]


def test_filter_drops_rows_without_the_key_and_of_another_type(thermostats: str) -> None:
    assert "good 4 errors 0" in thermostats  # KeyError and TypeError drop, they are no errors
    assert [row["id"] for row in plausible()] == [1, 2, 8, 9]


def test_map_makes_an_error_record_of_an_exception(thermostats: str) -> None:
    assert "tidied 3 errors 1" in thermostats  # 9 has no name of the room
    assert "halved 6 failed 3 3" in thermostats  # 3 no key, 4 text, 7 null


def test_map_adds_deletes_and_nests(bench: Bench, thermostats: str) -> None:
    expected = [
        {
            "id": row["id"], "temperature": row["temperature"], "fahrenheit": round(row["temperature"] * 9 / 5 + 32, 1),
            "where": {"label": row["room"]["name"].strip().title()}, "tags": sorted(row.get("tags") or ["none"]),
            "postcode": row.get("zip", "00000"),
        }
        for row in plausible() if "name" in row["room"]
    ]  # fmt: skip
    assert bench.rows("tidied/", "json") == ordered(expected)


CUSTOMERS: Rows = [
    {
        "customerName": "Iñaki", "email": "i@x.example", "phone": "1", "birthDay": "1990-01-01", "serialNumber": "s-1",
        "registrationDate": 1655295830524, "lastUpdateDate": 1655295830524, "shareWithResearchAsOfDate": 1655295830524,
        "timeStamp": 1655295830000, "home": {"street": "Calle 1", "city": "León"},
    },
    {
        "customerName": "No share", "email": "n@x.example", "phone": "2", "birthDay": "1991-01-01", "serialNumber": "s-2",
        "registrationDate": 1655295830999, "lastUpdateDate": 1655295830999, "timeStamp": 1655295830001,
        "home": {"street": "Calle 2", "city": "León"},
    },
    {
        "customerName": "Zero", "email": "z@x.example", "phone": "3", "birthDay": "1992-01-01", "serialNumber": "s-3",
        "registrationDate": 1655295831999, "lastUpdateDate": 1655295831999, "shareWithResearchAsOfDate": 0,
        "timeStamp": 1655295830002, "home": {"street": "Calle 3", "city": "León"},
    },
    {
        "customerName": "O'Hara", "email": "o@x.example", "phone": "4", "birthDay": "1993-01-01", "serialNumber": "s-4",
        "registrationDate": 1655295832999, "lastUpdateDate": 1655295832999, "shareWithResearchAsOfDate": 1655295832999,
        "timeStamp": 1655295830003, "home": {"street": "Calle 4", "city": "Soria"},
    },
]  # fmt: skip
CUSTOMERS = [*CUSTOMERS, CUSTOMERS[0]]  # one is there twice
STEPS: Rows = [
    {"user": "i@x.example", "timeStamp": 1655296571764, "x": 1.0, "y": -1.5, "z": 0.25},
    {"user": "i@x.example", "timeStamp": 1655296571765, "x": 2.0, "y": -2.5, "z": 1.25},
    {"user": "n@x.example", "timeStamp": 1655296571766, "x": 3.0, "y": -3.5, "z": 2.25},
    {"user": "O@x.example", "timeStamp": 1655296571767, "x": 4.0, "y": -4.5, "z": 3.25},
    {"timeStamp": 1655296571768, "x": 5.0, "y": -5.5, "z": 4.25},
]


@pytest.fixture(scope="module")
def steps(bench: Bench) -> str:
    bench.put_json("customer/landing/customer-1.json", CUSTOMERS)
    bench.put_json("walker/landing/2022/06/steps.json", STEPS)
    columns = [
        ("customername", "string"), ("email", "string"), ("phone", "string"), ("birthday", "string"), ("serialnumber", "string"),
        ("registrationdate", "bigint"), ("lastupdatedate", "bigint"), ("sharewithresearchasofdate", "bigint"),
    ]  # fmt: skip
    bench.create_table("customer_landing", "customer/landing/", "json", columns)
    return bench.run("steps_trusted", {"--bucket": bench.bucket, "--db": bench.database})


def sharing() -> Rows:
    return [row for row in CUSTOMERS if row.get("shareWithResearchAsOfDate", 0) != 0]


def test_rows_without_the_consent_key_are_dropped(bench: Bench, steps: str) -> None:
    assert bench.rows("customer/trusted/", "json") == ordered(sharing())


def test_join_and_drop_of_dotted_names(bench: Bench, steps: str) -> None:
    expected = [
        {"user": step["user"], "x": step["x"], "y": step["y"], "z": step["z"], "serialNumber": one["serialNumber"],
         "home": {"city": one["home"]["city"]}}
        for step in STEPS
        for one in sharing()
        if one["email"] == step.get("user")
    ]  # fmt: skip
    assert bench.rows("walker/trusted/", "json") == ordered(expected)
    assert bench.columns("walker_trusted")
    assert bench.partitions("walker_trusted") == []


def test_curated_customers_are_distinct(bench: Bench, steps: str) -> None:
    assert bench.rows("customer/curated/", "csv") == [{"email": "i@x.example", "serialNumber": "s-1"}]


RATIOS: Rows = [
    {"good": 1, "all": 2}, {"good": 1, "all": 0}, {"all": 3}, {"good": "x", "all": 1}, {"good": 3, "all": 4, "note": "ñ"},
]  # fmt: skip


@pytest.fixture(scope="module")
def tolerant(bench: Bench) -> str:
    bench.put_json("strict/in/a.json", RATIOS)
    return bench.run("strict_thresholds", {"--base": bench.uri("strict"), "--threshold": "3"})


def test_errors_are_counted_by_stage_and_in_all(tolerant: str) -> None:
    assert "count 2 errors 3 stage 3" in tolerant
    assert "after 3 0" in tolerant
    assert "error rows 3 True" in tolerant
    assert "|-- error: struct" in tolerant


def test_error_records_can_be_written(bench: Bench, tolerant: str) -> None:
    records = bench.rows("strict/errors/", "json")
    assert len(records) == 3
    assert all(set(record) == {"error"} for record in records)
    texts = [str(record) for record in records]
    for name in ("ZeroDivisionError", "KeyError", "TypeError"):
        assert sum(name in text for text in texts) == 1


def test_a_stage_within_its_threshold_goes_on(bench: Bench, tolerant: str) -> None:
    expected = [{**row, "ratio": row["good"] / row["all"]} for row in (RATIOS[0], RATIOS[4])]
    assert bench.rows("strict/out/", "json") == ordered(expected)


def test_a_stage_over_its_threshold_fails_and_says_why(bench: Bench, tolerant: str) -> None:
    before = bench.keys("strict/out/")
    run = bench.run_job(bench.create_job("strict_thresholds"), {"--base": bench.uri("strict"), "--threshold": "2"})
    assert run["JobRunState"] == "FAILED"
    message = run["ErrorMessage"].lower()
    assert "threshold" in message or "error" in message
    assert any(name in run["ErrorMessage"] for name in ("ZeroDivisionError", "KeyError", "TypeError"))
    assert "strict_thresholds" in bench.printed(run, "error")
    assert bench.keys("strict/out/") == before
