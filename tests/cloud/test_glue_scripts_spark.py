"""Scripts that are mostly Spark, and Python shell jobs, run unmodified through StartJobRun."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import re
import statistics
from collections import Counter
from typing import Any

import pytest

from tests.cloud.glue_scripts.support.bench import Aws, Bench, ordered

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def bench(aws: Aws) -> Bench:
    return Bench(aws, "scripts-spark")


TRIPS = """pickup,dropoff,payment,passengers,fare
2024-03-10 01:59:59,2024-03-10 02:10:00,card,2,12.50
2024-03-10 01:00:00,2024-03-10 01:07:30,cash,two,7.25
2024-03-10 02:30:00,2024-03-10 02:20:00,card,1,5.00
2024-03-10 23:59:00,2024-03-11 00:09:00,card,4,free
2024-03-11 00:00:00,2024-03-11 00:30:00,"card",6,100
2024-03-11 00:59:59,2024-03-11 01:00:59,voucher,1,3.1
not a time,2024-03-11 01:00:59,cash,1,3
"""


@pytest.fixture(scope="module")
def trips(bench: Bench) -> str:
    bench.put("trips/t.csv", TRIPS)
    columns = [
        ("pickup", "string"),
        ("dropoff", "string"),
        ("payment", "string"),
        ("passengers", "bigint"),
        ("fare", "double"),
    ]
    bench.create_table("trips", "trips/", "csv", columns)
    return bench.run("trip_report", {"--db": bench.database, "--table": "trips", "--out": bench.uri("trip_out")})  # fmt: skip


def good_trips() -> Rows:
    found = []
    for row in csv.DictReader(io.StringIO(TRIPS)):
        try:
            start, end = (dt.datetime.fromisoformat(row[name]) for name in ("pickup", "dropoff"))
            fare = float(row["fare"])
        except ValueError:
            continue
        passengers = int(row["passengers"]) if row["passengers"].isdigit() else None
        if end > start:
            found.append(
                {
                    "at": start,
                    "minutes": (end - start).total_seconds() / 60,
                    "payment": row["payment"],
                    "fare": fare,
                    "passengers": passengers,
                }
            )
    return found  # fmt: skip


def test_trips_by_hour(bench: Bench, trips: str) -> None:
    groups: dict[str, Rows] = {}
    for row in good_trips():
        groups.setdefault(row["at"].strftime("%Y-%m-%dT%H:00"), []).append(row)
    expected = [
        (
            hour, len(rows), sum(row["fare"] for row in rows), max(row["passengers"] or 0 for row in rows),
            round(statistics.median(row["minutes"] for row in rows), 6),
        )
        for hour, rows in sorted(groups.items())
    ]  # fmt: skip
    found = [
        (row["hour"], int(row["trips"]), float(row["fares"]), int(row["most"]), round(float(row["median_minutes"]), 6))
        for row in bench.rows("trip_out/by_hour/", "csv")
    ]
    assert sorted(found) == expected
    assert (
        "|-- passengers: choice\n|    |-- long\n|    |-- string\n|-- fare: choice\n|    |-- double\n|    |-- string"
        in trips
    )


def test_trips_pivoted(bench: Bench, trips: str) -> None:
    counts = Counter((row["at"].isoweekday() % 7 + 1, row["payment"]) for row in good_trips())
    expected = [
        {"weekday": day, **{kind: counts[day, kind] for kind in ("card", "cash")}} for day in {day for day, _ in counts}
    ]
    assert bench.rows("trip_out/pivot/", "json") == ordered(expected)


UTC_MIDNIGHT = 1704067200


@pytest.mark.parametrize(
    ("way", "zone", "partitions"),
    [
        ("nothing", "UTC", None), ("session", "UTC", "3"), ("context_of_session", "UTC", None), ("conf", "Asia/Tokyo", None),
        ("get_or_create_conf", "Asia/Tokyo", None), ("twice", "UTC", None),
    ],
)  # fmt: skip
def test_every_way_to_a_glue_context(bench: Bench, way: str, zone: str, partitions: str | None) -> None:
    printed = bench.run("ways_to_a_context", {"--way": way})
    assert f"{way} 1 ['one', 'text']" in printed
    assert "initialized True" in printed
    midnight = UTC_MIDNIGHT - (9 * 3600 if zone == "Asia/Tokyo" else 0)
    assert f"midnight {midnight}" in printed
    if zone == "Asia/Tokyo":
        assert f"zone {zone}" in printed
    if partitions:
        assert f"partitions {partitions}" in printed


DOCS: Rows = [
    {"id": 1, "lang": "es", "text": "El ñandú corre, EL ratón y el camión"},
    {"id": 2, "lang": "en", "text": 'the "quick" fox\'s den'},
    {"id": 3, "lang": "es"},
    {"id": 4, "lang": None, "text": "no language"},
    {"id": 5, "lang": "en", "text": "the of"},
]
STOP = ["el", "y", "the", "of"]


def test_udfs_broadcasts_and_threads(bench: Bench) -> None:
    bench.put_json("udf/docs/a.json", DOCS[:2])
    bench.put_json("udf/docs/b.json", DOCS[2:])
    bench.put("udf/config.json", json.dumps({"stop_words": STOP}))
    printed = bench.run("udf_broadcast", {"--BUCKET": bench.bucket})

    def words(row: dict[str, Any]) -> list[str]:
        return [word for word in re.findall(r"\w+", row.get("text", "").lower()) if word not in STOP]

    total = sum(len(words(row)) for row in DOCS)
    for code, language in (("es", "Español"), ("en", "English")):
        expected = []
        for row in DOCS:
            if row["lang"] == code:
                found = words(row)
                longest = {"longest": max(found, key=len), "first": found[0]} if found else {}
                digest = hashlib.sha256(str(row["id"]).encode()).hexdigest()
                share = len(found) / total
                expected.append(
                    {
                        "id": row["id"],
                        "language": language,
                        "n": len(found),
                        **longest,
                        "share": share,
                        "digest": digest,
                    }
                )
        assert bench.rows(f"udf/out/{language}/", "json") == ordered(expected)
    assert 'counts {"English": 2, "Español": 2}' in printed
    assert "accumulated True" in printed
    report = json.loads(bench.files("udf/report.json")[0][1])
    assert report["counts"] == {"English": 2, "Español": 2}


def test_a_python_shell_job_with_pandas_and_boto3(bench: Bench) -> None:
    bench.put("shell/in/a.csv", "code,amount\n007,1.5\nñ,2\n007,x\n")
    bench.put("shell/in/b b.csv", 'code,amount\n"a,b",3\n007,0.25\n')
    command = {"Name": "pythonshell", "PythonVersion": "3.9", "ScriptLocation": bench.uri("assets/shell.py")}
    job = bench.create_job("shell_report", Command=command, MaxCapacity=0.0625, GlueVersion="3.0")
    script = bench.files(f"assets/{job}.py")[0][1]
    bench.put("assets/shell.py", script)
    run = bench.succeed(job, {"--bucket": bench.bucket, "--prefix": "shell/in/", "--limit": "2"})
    assert bench.printed(run) == "2 códigos\njobs 1"
    assert bench.files("shell/report.csv")[0][1].decode() == 'code,amount\n007,1.75\n"a,b",3.0\n'
    failed = bench.run_job(job, {"--bucket": bench.bucket, "--prefix": "shell/in/", "--limit": "0"})
    assert failed["JobRunState"] == "FAILED"


def test_a_script_of_the_days_of_sqlcontext(bench: Bench) -> None:
    bench.put_json("old/in/a.json", [{"n": 1}, {"n": 5}])
    printed = bench.run("sqlcontext_days", {"--base": bench.uri("old")})
    for line in (
        "sql 2 5", "made 1 ['n']", "conf 4", "parquet 1 ['a', 'b']", "also [Row(a=1, b='x')]", "orc 1",
        "nulls [('a', 'long'), ('b', 'string'), ('c', 'string'), ('d', 'array')]",
    ):  # fmt: skip
        assert line in printed
