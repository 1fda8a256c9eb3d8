"""Scripts that load what is new, keep a catalog up to date, purge and group files; run unmodified through StartJobRun."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import Any

import pytest

from tests.cloud.glue_scripts.support.bench import Aws, Bench, ordered

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def bench(aws: Aws) -> Bench:
    return Bench(aws, "scripts-incremental")


ORDERS_A = "order_id,customer,total\n1,c1,10.5\n2,c2,0.25\n"
ORDERS_B = 'order_id,customer,total\n3,c1,99.99\n4,"c,9",7.0\n'
ORDERS_A2 = "order_id,customer,total\n1,c1,11.5\n2,c2,0.25\n5,c2,1.0\n"
CUSTOMERS = 'id,name\nc1,"Ana ""la"" Ruiz"\nc2,Çelik\n'


def expected_orders(*files: str) -> Rows:
    names = {row["id"]: row["name"] for row in csv.DictReader(io.StringIO(CUSTOMERS))}
    rows = [row for text in files for row in csv.DictReader(io.StringIO(text))]
    return ordered({**row, "name": names.get(row["customer"], "")} for row in rows)


def orders_of(bench: Bench, run_id: str) -> Rows:
    rows = [row for row in bench.rows("inc/out/", "csv") if row["run_id"] == run_id]
    return ordered({k: v for k, v in row.items() if k != "run_id"} for row in rows)


def test_bookmarks_over_several_runs(bench: Bench) -> None:
    bench.put("inc/customers/all.csv", CUSTOMERS)
    bench.put("inc/orders/2024-01.csv", ORDERS_A)
    bench.put("inc/extra/x/1.json", '{"a": 1}\n')
    columns = [("order_id", "bigint"), ("customer", "string"), ("total", "double")]
    bench.create_table("orders", "inc/orders/", "csv", columns)
    job = bench.create_job("incremental_orders", {"--job-bookmark-option": "job-bookmark-enable"})
    where = {"--bucket": bench.bucket, "--database": bench.database}

    first = bench.succeed(job, where)
    assert "orders=2 customers=2 extra=1" in bench.printed(first)
    assert orders_of(bench, first["Id"]) == expected_orders(ORDERS_A)

    second = bench.succeed(job, where)
    assert "orders=0 customers=2 extra=0\nnothing new" in bench.printed(second)

    bench.put("inc/orders/2023-12.csv", ORDERS_B)  # an older name, a newer object
    bench.put("inc/orders/2024-01.csv", ORDERS_A2)  # changed: read again whole
    failed = bench.run_job(job, {**where, "--fail": "TRUE"})
    assert failed["JobRunState"] == "FAILED"
    assert "Simulated: the warehouse said no" in failed["ErrorMessage"]
    assert bench.keys("inc/failed_marker")

    third = bench.succeed(job, where)
    assert "orders=5 customers=2 extra=0" in bench.printed(third)
    assert orders_of(bench, third["Id"]) == expected_orders(ORDERS_B, ORDERS_A2)

    everything = bench.succeed(job, {**where, "--job-bookmark-option": "job-bookmark-disable"})
    assert "orders=5 customers=2 extra=1" in bench.printed(everything)

    bench.put("inc/extra/y/2.json", '{"a": 2}\n{"a": 3}\n')
    paused = bench.succeed(job, {**where, "--job-bookmark-option": "job-bookmark-pause"})
    assert "orders=0 customers=2 extra=2" in bench.printed(paused)
    fourth = bench.succeed(job, where)
    assert "orders=0 customers=2 extra=2" in bench.printed(fourth)

    bench.aws("glue").reset_job_bookmark(JobName=job)
    again = bench.succeed(job, where)
    assert "orders=5 customers=2 extra=3" in bench.printed(again)


RIDES_1 = "day;station;rides\n2023-12-31;Sol;10\n2024-01-01;Atocha;20\n2024-01-02;Sol;n/a\n"
RIDES_2 = "day;station;rides;line\n2024-01-03;Sol;30;L1\n2024-02-01;Ópera;40;L2\n"


def rides(*texts: str) -> Rows:
    rows = []
    for text in texts:
        for row in csv.DictReader(io.StringIO(text), delimiter=";"):
            year, month, _ = row["day"].split("-")
            number = {"rides": int(row["rides"])} if row["rides"].isdigit() else {}
            kept = {k: v for k, v in row.items() if k != "rides"}
            rows.append({**kept, **number, "year": year, "month": str(int(month))})
    return rows


@pytest.fixture(scope="module")
def converted(bench: Bench) -> str:
    bench.put("rides/in1/a.csv", RIDES_1)
    bench.put("rides/in2/b.csv", RIDES_2)
    job = bench.create_job("partitioned_conversion")
    base = {"--db": bench.database, "--target": bench.uri("rides/out")}
    bench.succeed(job, {**base, "--source": bench.uri("rides/in1/")})
    assert bench.columns("rides") == [("day", "date"), ("station", "string"), ("rides", "int")]
    assert bench.partitions("rides") == [("2023", "12"), ("2024", "1")]
    bench.succeed(job, {**base, "--source": bench.uri("rides/in2/")})
    return job


def test_a_second_run_adds_partitions_and_the_new_column(bench: Bench, converted: str) -> None:
    assert bench.partitions("rides") == [("2023", "12"), ("2024", "1"), ("2024", "2")]
    assert bench.columns("rides") == [("day", "date"), ("station", "string"), ("rides", "int"), ("line", "string")]
    assert [(key["Name"], key["Type"]) for key in bench.table("rides")["PartitionKeys"]] == [
        ("year", "string"),
        ("month", "string"),
    ]
    found = bench.rows("rides/out/", "parquet")
    clean = [{k: str(v) if k == "day" else v for k, v in row.items() if v is not None} for row in found]
    assert ordered(clean) == ordered(rides(RIDES_1, RIDES_2))


@pytest.mark.parametrize(
    ("predicate", "catalog_predicate", "kept"),
    [
        ("", "", lambda row: True),
        ("year == '2024' and month == '1'", "", lambda row: (row["year"], row["month"]) == ("2024", "1")),
        ("(year='2023' or month in ('2','3'))", "", lambda row: row["year"] == "2023" or row["month"] == "2"),
        ("", "year='2024' AND month > '1'", lambda row: row["month"] == "2"),
        ("month = '1'", "year = '2024'", lambda row: (row["year"], row["month"]) == ("2024", "1")),
        ("to_date(concat(year, '-', month, '-01')) >= date '2024-02-01'", "", lambda row: row["month"] == "2"),
    ],
)
def test_predicates_prune_partitions(
    bench: Bench, converted: str, predicate: str, catalog_predicate: str, kept: Any
) -> None:
    prefix = f"rides/report/{abs(hash((predicate, catalog_predicate)))}/"
    given = {"--db": bench.database, "--source": "s3://none/", "--target": "s3://none/", "--report": bench.uri(prefix)}
    if predicate:
        given["--predicate"] = predicate
    if catalog_predicate:
        given["--catalog_predicate"] = catalog_predicate
    bench.succeed(converted, given)
    assert bench.rows(prefix, "json") == ordered(row for row in rides(RIDES_1, RIDES_2) if kept(row))


def test_purge_keeps_what_is_young_unless_told_otherwise(bench: Bench) -> None:
    for name in ("kept", "fresh", "fresh_sibling"):
        bench.put(f"purge/{name}/old.csv", "day,label\n0,old\n")
        bench.put(f"purge/{name}/deep/er/old.csv", "day,label\n0,deeper\n")
    bench.run("purge_then_write", {"--path": bench.uri("purge"), "--days": "1,2"})
    new = [{"day": "1", "label": "día 1"}, {"day": "2", "label": "día 2"}]
    old = [{"day": "0", "label": "old"}, {"day": "0", "label": "deeper"}]
    assert bench.rows("purge/fresh/", "csv") == ordered(new)
    assert bench.rows("purge/kept/", "csv") == ordered([*new, *old])
    assert bench.rows("purge/fresh_sibling/", "csv") == ordered(old)
    bench.run("purge_then_write", {"--path": bench.uri("purge"), "--days": "3"})
    assert bench.rows("purge/fresh/", "csv") == [{"day": "3", "label": "día 3"}]
    assert len(bench.rows("purge/kept/", "csv")) == 5


LOGS: dict[str, Rows] = {
    "app/2024/a.json.gz": [{"n": 1, "msg": "ñ"}, {"n": 2, "msg": 'say "hi"'}],
    "app/2024/skip/x.json": [{"n": 100, "msg": "never"}],
    "app/b.json": [{"n": 3}, {"n": 4, "msg": None}, {"n": 5, "msg": "five", "level": {"name": "WARN"}}],
    "app/c.tmp": [{"n": 6, "msg": "temporary"}],
    "app/2024/01/d e+f.json": [{"n": 7, "msg": "deep, with a blank and a plus"}],
}


@pytest.fixture(scope="module")
def logs(bench: Bench) -> str:
    for key, rows in LOGS.items():
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        bench.put(f"logs/{key}", gzip.compress(text.encode()) if key.endswith(".gz") else text)
    bench.put("logs/app/_SUCCESS", b"")
    bench.put("logs/noext/data", gzip.compress(b"a\tb\n1\t'x'\n2\t\"t\tab\"\n"))
    parameters = {"recurse": "true", "groupFiles": "inPartition", "exclusions": '["**.tmp", "**/skip/**"]'}
    bench.create_table("app_logs", "logs/app/", "json", [("n", "int"), ("msg", "string")], parameters=parameters)
    return bench.run("small_files", {"--bucket": bench.bucket, "--database": bench.database})


def without_null(keys: list[str]) -> Rows:
    return ordered({k: v for k, v in row.items() if v is not None} for key in keys for row in LOGS[key])


def test_groups_recursion_and_exclusions_choose_the_files(bench: Bench, logs: str) -> None:
    deep = ["app/2024/a.json.gz", "app/b.json", "app/2024/01/d e+f.json"]
    assert bench.rows("logs/out/grouped/", "json") == without_null(deep)
    assert bench.rows("logs/out/table/", "json") == without_null(deep)
    assert bench.rows("logs/out/flat/", "json") == without_null(["app/b.json", "app/c.tmp"])
    assert bench.rows("logs/out/one/", "json") == without_null(["app/2024/a.json.gz", "app/b.json"])


def test_compression_can_be_named_where_the_name_does_not_tell(bench: Bench, logs: str) -> None:
    assert bench.rows("logs/out/zipped/", "json") == [{"a": "1", "b": "'x'"}, {"a": "2", "b": "t\tab"}]


def test_bounded_files_limit_a_run(logs: str) -> None:
    (line,) = [line for line in logs.splitlines() if line.startswith("bounded ")]
    assert int(line.split()[1]) in (2 + 3, 3 + 1, 2 + 1)


def test_written_files_are_compressed(bench: Bench, logs: str) -> None:
    assert all(data[:2] == b"\x1f\x8b" for _, data in bench.files("logs/out/grouped/"))


def test_a_run_with_nothing_new_goes_through_every_step(bench: Bench) -> None:
    bench.create_table("clicks", "clicks/", "json", [("page", "string"), ("ms", "bigint")], [("day", "string")])
    bench.put_json("pages/p.json", [{"id": "home", "title": "Inicio"}, {"id": "faq", "title": "¿Qué?"}])
    bench.create_table("pages", "pages/", "json", [("id", "string"), ("title", "string")])

    def add(day: str, rows: Rows) -> None:
        bench.put_json(f"clicks/day={day}/c.json", rows)
        bench.add_partition("clicks", [day], f"clicks/day={day}/")

    titles = {"home": "Inicio", "faq": "¿Qué?"}

    def expected(day: str, rows: Rows) -> Rows:
        good = [row for row in rows if row["page"] in titles and (row.get("ms") or 0) > 0]
        return [{"page_id": row["page"], "ms": row["ms"], "title": titles[row["page"]], "day": day} for row in good]

    one = [{"page": "home", "ms": 5}, {"page": "faq", "ms": None}, {"page": "faq", "ms": 7}, {"page": "gone", "ms": 1}]
    two = [{"page": "home", "ms": 0}, {"page": "home", "ms": 9}]
    add("2024-01-01", one)
    job = bench.create_job("unguarded_incremental", {"--job-bookmark-option": "job-bookmark-enable"})
    where = {"--db": bench.database, "--out": bench.uri("clicks_out/")}
    assert "rows 2" in bench.printed(bench.succeed(job, where))
    keys = bench.keys("clicks_out/")
    assert "rows 0" in bench.printed(bench.succeed(job, where))
    assert bench.keys("clicks_out/") == keys
    add("2024-01-02", two)
    assert "rows 1" in bench.printed(bench.succeed(job, where))
    assert bench.rows("clicks_out/", "parquet") == ordered([*expected("2024-01-01", one), *expected("2024-01-02", two)])
    assert bench.partitions("clicks_out") == [("2024-01-01",), ("2024-01-02",)]
    assert dict(bench.columns("clicks_out")) == {"page_id": "string", "ms": "int", "title": "string"}


@pytest.fixture(scope="module")
def empty_night(bench: Bench) -> dict[str, str]:
    """What each step on a frame without records said: `ok`, or its error."""
    bench.put("night/empty/nothing.json", b"")
    bench.put_json("night/some/s.json", [{"id": 1, "a": {"b": "x"}}, {"id": 2}])
    given = {"--base": bench.uri("night"), "--db": bench.database, "--TempDir": bench.uri("tmp/")}
    printed = bench.run("empty_everywhere", given)
    lines = [line.split(" ", 2) for line in printed.splitlines() if line.startswith("step ")]
    return {name: said for _, name, said in lines}


def test_no_step_fails_on_a_frame_without_records(bench: Bench, empty_night: dict[str, str]) -> None:
    assert {name: said for name, said in empty_night.items() if said != "ok"} == {}
    assert len(empty_night) == 30
    assert bench.files("night/out/") == []
