"""Scripts around the Data Catalog, run unmodified through StartJobRun; expected rows computed in plain Python."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cloud.glue_scripts.support.bench import Aws, Bench, ordered

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def bench(aws: Aws) -> Bench:
    return Bench(aws, "scripts-catalog")


def append(bench: Bench, rows: Rows, behavior: str, keys: str, table: str) -> dict[str, Any]:
    name = f"sink/in/{table}-{len(bench.keys('sink/in/'))}.json"
    bench.put_json(name, rows)
    given = {"--db": bench.database, "--source": bench.uri(name), "--path": bench.uri(f"sink/{table}/")}
    return bench.run_job(
        bench.create_job("append_log_sink"),
        {**given, "--behavior": behavior, "--keys": keys, "--table": table},
    )


def test_log_keeps_the_schema_and_adds_partitions_of_known_columns_only(bench: Bench) -> None:
    first = [{"a": 1, "b": "x", "day": "2024-01-01"}]
    subset = [{"a": 2, "day": "2024-01-02"}]
    wider = [{"a": 3, "b": "y", "c": True, "day": "2024-01-03"}]
    assert append(bench, first, "UPDATE_IN_DATABASE", "day", "events")["JobRunState"] == "SUCCEEDED"
    assert append(bench, subset, "LOG", "day", "events")["JobRunState"] == "SUCCEEDED"
    assert bench.partitions("events") == [("2024-01-01",), ("2024-01-02",)]
    assert append(bench, wider, "LOG", "day", "events")["JobRunState"] == "SUCCEEDED"
    assert bench.columns("events") == [("a", "int"), ("b", "string")]
    assert bench.partitions("events") == [("2024-01-01",), ("2024-01-02",)]
    assert bench.rows("sink/events/", "json") == ordered([*first, *subset, *wider])


def test_update_overwrites_the_schema_of_a_partitioned_table(bench: Bench) -> None:
    append(bench, [{"a": 1, "b": "x", "day": "1"}], "UPDATE_IN_DATABASE", "day", "wide")
    append(bench, [{"a": 1, "c": 2.5, "day": "2"}], "UPDATE_IN_DATABASE", "day", "wide")
    assert [name for name, _ in bench.columns("wide")] == ["a", "c"]
    assert bench.partitions("wide") == [("1",), ("2",)]


def test_other_partition_keys_are_refused_and_nothing_is_written(bench: Bench) -> None:
    append(bench, [{"a": 1, "b": "x", "day": "1"}], "UPDATE_IN_DATABASE", "day", "keyed")
    before = bench.keys("sink/keyed/")
    run = append(bench, [{"a": 1, "b": "x", "day": "1"}], "UPDATE_IN_DATABASE", "b,day", "keyed")
    assert run["JobRunState"] == "FAILED"
    assert "partitionKeys" in run["ErrorMessage"]
    assert bench.keys("sink/keyed/") == before


def test_a_table_without_partitions_keeps_its_schema(bench: Bench) -> None:
    append(bench, [{"a": 1}], "UPDATE_IN_DATABASE", "", "flat")
    append(bench, [{"a": 2, "b": "new"}], "UPDATE_IN_DATABASE", "", "flat")
    assert bench.columns("flat") == [("a", "int")]
    assert bench.rows("sink/flat/", "json") == ordered([{"a": 1}, {"a": 2, "b": "new"}])


def csv_table(
    bench: Bench, name: str, text: str, columns: list[tuple[str, str]], key: str = "data.csv", **facts: str
) -> None:
    bench.put(f"dialects/{name}/{key}", text)
    bench.create_table(name, f"dialects/{name}/", "csv", columns, parameters=facts)


def make_open_csv(bench: Bench) -> None:
    """A table of OpenCSVSerde, its dialect in the serde's parameters as Athena's DDL leaves it."""
    csv_table(bench, "open", "id;text\n1;'a;b'\n2;'it\\'s'\n", [("id", "string"), ("text", "string")])
    table = bench.table("open")
    storage = table["StorageDescriptor"]
    storage["SerdeInfo"] = {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde",
        "Parameters": {"separatorChar": ";", "quoteChar": "'", "escapeChar": "\\"},
    }
    facts = {"skip.header.line.count": "1", "classification": "csv"}
    document = {"Name": "open", "StorageDescriptor": storage, "Parameters": facts, "PartitionKeys": []}
    bench.aws("glue").update_table(DatabaseName=bench.database, TableInput=document)


TYPED = """id,price,born,at,ok,ratio
1,12.50,2024-02-29,2024-02-29 10:00:00,true,0.5
2,-0.01,1999-12-31,1999-12-31 23:59:59.123,FALSE,1e3
"""


@pytest.fixture(scope="module")
def dialects(bench: Bench) -> str:
    csv_table(
        bench,
        "pipes",
        'ID|Full Name|note\n1|"Ana|María"|""\n2|"say ""hi"""|ñ\n',
        [("id", "bigint"), ("full name", "string"), ("note", "string")],
        delimiter="|",
    )
    make_open_csv(bench)
    bench.put("dialects/nohead/d.csv", "7,siete\n8,ocho\n")
    bench.create_table("nohead", "dialects/nohead/", "csv", [("n", "int"), ("word", "string")])
    table = bench.table("nohead")
    facts = {k: v for k, v in table["Parameters"].items() if k != "skip.header.line.count"}
    document = {
        "Name": "nohead",
        "StorageDescriptor": table["StorageDescriptor"],
        "Parameters": facts,
        "PartitionKeys": [],
    }
    bench.aws("glue").update_table(DatabaseName=bench.database, TableInput=document)
    types = [
        ("id", "bigint"),
        ("price", "decimal(8,2)"),
        ("born", "date"),
        ("at", "timestamp"),
        ("ok", "boolean"),
        ("ratio", "double"),
    ]
    csv_table(bench, "typed", TYPED, types)
    for month, city in (("01", "San Juan"), ("12", "Peña")):
        bench.put(f"dialects/parts/month={month}/city={city.replace(' ', '%20')}/d.json", f'{{"v": {int(month)}}}\n')
    bench.create_table("parts", "dialects/parts/", "json", [("v", "int")], [("month", "string"), ("city", "string")])
    for month, city in (("01", "San Juan"), ("12", "Peña")):
        bench.add_partition("parts", [month, city], f"dialects/parts/month={month}/city={city.replace(' ', '%20')}/")
    bench.put("dialects/numbered/n=7/d.json", '{"v": 1}\n')
    bench.create_table("numbered", "dialects/numbered/", "json", [("v", "int")], [("n", "int")])
    bench.add_partition("numbered", ["7"], "dialects/numbered/n=7/")
    bench.put("dialects/lone/one.csv", "a,b\n1,x\n")
    bench.put("dialects/lone/two.csv", "a,b\n2,y\n")
    bench.create_table("lone", "dialects/lone/one.csv", "csv", [("a", "bigint"), ("b", "string")])
    bench.put("dialects/crawled/year=2024/month=01/a.csv", 'id,name,total\n1,"Ruiz, Ana",1.5\n2,Ñu,2\n')
    bench.put("dialects/crawled/year=2024/month=02/a.csv", "id,name,total\n3,Bo,3.25\n")
    bench.crawl("dialects/crawled/")
    tables = "pipes,open,nohead,typed,parts,numbered,lone,crawled"
    return bench.run("catalog_dialects", {"--db": bench.database, "--out": bench.uri("dialects_out"), "--tables": tables})  # fmt: skip


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("open", [{"id": "1", "text": "a;b"}, {"id": "2", "text": "it's"}]),
        ("nohead", [{"n": 7, "word": "siete"}, {"n": 8, "word": "ocho"}]),
        ("parts", [{"v": 1, "month": "01", "city": "San Juan"}, {"v": 12, "month": "12", "city": "Peña"}]),
        ("numbered", [{"v": 1, "n": 7}]),
        ("lone", [{"a": 1, "b": "x"}]),
        (
            "crawled",
            [
                {"id": 1, "name": "Ruiz, Ana", "total": 1.5, "year": "2024", "month": "01"},
                {"id": 2, "name": "Ñu", "total": 2.0, "year": "2024", "month": "01"},
                {"id": 3, "name": "Bo", "total": 3.25, "year": "2024", "month": "02"},
            ],
        ),
    ],
)
def test_tables_of_many_dialects(bench: Bench, dialects: str, table: str, expected: Rows) -> None:
    assert bench.rows(f"dialects_out/{table}/", "json") == ordered(expected)


def test_columns_bear_the_names_of_the_catalog(bench: Bench, dialects: str) -> None:
    found = [{k: v for k, v in row.items() if v} for row in bench.rows("dialects_out/pipes/", "json")]
    assert ordered(found) == ordered(
        [{"id": 1, "full name": "Ana|María"}, {"id": 2, "full name": 'say "hi"', "note": "ñ"}]
    )


def test_csv_values_take_the_type_of_their_column(dialects: str) -> None:
    types = "[('id', 'long'), ('price', 'decimal'), ('born', 'date'), ('at', 'timestamp'), ('ok', 'boolean'), ('ratio', 'double')]"
    assert f"typed 2 {types}" in dialects


# No header lines: Spark SQL does not know skip.header.line.count (SPARK-11374), on AWS neither.
SALES = {"2024": "1,Sur,1.5\n2,Ñ,2.25\n3,Sur,3\n", "2025": "4,Sur,10\n"}


@pytest.fixture(scope="module")
def sql(bench: Bench) -> str:
    for year, text in SALES.items():
        bench.put(f"sales_csv/year={year}/d.csv", text)
    bench.create_table(
        "sales_csv",
        "sales_csv/",
        "csv",
        [("id", "bigint"), ("shop", "string"), ("amount", "double")],
        [("year", "string")],
        {"skip.header.line.count": "0"},
    )
    for year in SALES:
        bench.add_partition("sales_csv", [year], f"sales_csv/year={year}/")
    job = bench.create_job("catalog_sql", {"--enable-glue-datacatalog": "true"})
    return bench.printed(bench.succeed(job, {"--db": bench.database, "--bucket": bench.bucket}))


def test_sql_reads_the_catalog(sql: str) -> None:
    assert "databases True" in sql
    tables = next(line for line in sql.splitlines() if line.startswith("tables "))
    assert "'sales_csv'" in tables
    assert "describe [('id', 'bigint'), ('shop', 'string'), ('amount', 'double'), ('year', 'string')]" in sql
    assert "sales [('Sur', 4.5, 2), ('Ñ', 2.25, 1)]" in sql
    assert "files 1 1" in sql
    assert "partitions ['year=2024', 'year=2025']" in sql


def test_sql_writes_to_the_catalog(bench: Bench, sql: str) -> None:
    assert "ctas [('Sur', '2024', '4.50'), ('Sur', '2025', '10.00'), ('Ñ', '2024', '2.25')]" in sql
    assert "saved 4" in sql
    assert "after insertInto 5 [(100, 'Ñ')]" in sql
    assert "after insert 4" in sql
    assert "plain [(1, 'uno', 'x')]" in sql
    assert "exists True False" in sql
    assert "frame 2 ['amount', 'id', 'shop', 'year']" in sql
    assert bench.columns("by_shop") == [("shop", "string"), ("year", "string"), ("amount", "decimal(10,2)")]
    assert bench.partitions("saved") == [("2024",), ("2025",), ("2030",)]
    names = [one["Name"] for one in bench.aws("glue").get_tables(DatabaseName=bench.database)["TableList"]]
    assert "plain" not in names
    assert [row["id"] for row in bench.rows("sql/saved/year=2030/", "parquet")] == [100]


def test_without_the_option_spark_does_not_see_the_catalog(bench: Bench, sql: str) -> None:
    run = bench.run_job(bench.create_job("catalog_sql"), {"--db": bench.database, "--bucket": bench.bucket})
    assert run["JobRunState"] == "FAILED"
    assert bench.database in run["ErrorMessage"]


def test_hive_statements_on_the_catalog(bench: Bench) -> None:
    database = f"{bench.database}_hive"
    job = bench.create_job("hive_partitions", {"--enable-glue-datacatalog": "true"})
    printed = bench.printed(bench.succeed(job, {"--db": database, "--root": bench.uri("hive")}))
    for line in (
        "first [('1', 'Ana', '1.50', 'ES', 'd1'), ('2', 'Bo', '2.25', 'PT', 'd1'), ('3', 'Ñu', 'None', 'ES', 'd2')]",
        "second [(1, 'Ana'), (2, 'Bob'), (3, 'Ñu'), (4, 'Cy')]",
        "parts ['country=ES/day=d1', 'country=ES/day=d2', 'country=PT/day=d1']",
        "before repair 0", "after repair 1", "dropped 0", "columns ['id', 'who', 'spent', 'note', 'country', 'day']",
        "view [4, 9]", "list ['big_visits', 'visits']", "ddl True",
    ):  # fmt: skip
        assert line in printed
    glue = bench.aws("glue")
    table = glue.get_table(DatabaseName=database, Name="visits")["Table"]
    columns = [(one["Name"], one["Type"]) for one in table["StorageDescriptor"]["Columns"]]
    assert columns == [("id", "int"), ("who", "string"), ("spent", "decimal(8,2)"), ("note", "string")]
    partitions = glue.get_partitions(DatabaseName=database, TableName="visits")["Partitions"]
    assert sorted(tuple(one["Values"]) for one in partitions) == [("ES", "d1"), ("ES", "d2"), ("FR", "d9")]
    assert sorted(row["id"] for row in bench.rows("hive/visits/country=ES/", "parquet")) == [1, 3, 4]
