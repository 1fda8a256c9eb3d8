"""CREATE EXTERNAL TABLE clause by clause, and what Athena says of what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.cloud.athena.cases_of_tables import table_cases
from tests.unit.cloud.athena.fakes import Athena

LOCATION = "LOCATION 's3://data/t/'"
TASK = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "


def created(lake: Athena, sql: str, name: str = "t") -> dict[str, Any]:
    lake.ok(sql)
    return dict(lake.services.glue.tables["db", name])


TYPES = table_cases("ddl_tables_types")


@pytest.mark.parametrize(("written", "kept"), TYPES)
def test_types_are_kept_as_hive_spells_them(lake: Athena, written: str, kept: str) -> None:
    table = created(lake, f"CREATE EXTERNAL TABLE t (c {written}, z int) {LOCATION}")
    assert table["StorageDescriptor"]["Columns"] == [{"Name": "c", "Type": kept}, {"Name": "z", "Type": "int"}]


WRONG_TYPES = table_cases("ddl_tables_wrong_types")


@pytest.mark.parametrize(("written", "reason"), WRONG_TYPES)
def test_what_is_no_type_of_hive(lake: Athena, written: str, reason: str) -> None:
    failure = lake.fails(f"CREATE EXTERNAL TABLE t (c {written}, z int) {LOCATION}")
    assert failure.startswith("FAILED: ")
    assert reason in failure


NAMES = table_cases("ddl_tables_names")


@pytest.mark.parametrize(("sql", "name", "column"), NAMES)
def test_names(lake: Athena, sql: str, name: str, column: str) -> None:
    table = created(lake, f"{sql} {LOCATION}", name)
    assert table["StorageDescriptor"]["Columns"] == [{"Name": column, "Type": "int"}]


CLAUSES = table_cases("ddl_tables_clauses")


@pytest.mark.parametrize(("clause", "parameters"), CLAUSES)
def test_row_formats(lake: Athena, clause: str, parameters: dict[str, str]) -> None:
    table = created(lake, f"CREATE EXTERNAL TABLE t (a int) {clause} {LOCATION}")
    assert table["StorageDescriptor"]["SerdeInfo"]["Parameters"] == parameters


STORED = table_cases("ddl_tables_stored")


@pytest.mark.parametrize(("stored", "source", "target", "serde"), STORED)
def test_stored_as(lake: Athena, stored: str, source: str, target: str, serde: str) -> None:
    storage = created(lake, f"CREATE EXTERNAL TABLE t (a int) STORED AS {stored} {LOCATION}")["StorageDescriptor"]
    found = (storage["InputFormat"], storage["OutputFormat"], storage["SerdeInfo"]["SerializationLibrary"])
    assert tuple(one.rsplit(".", 1)[-1] for one in found) == (source, target, serde)


def test_every_clause_at_once(lake: Athena) -> None:
    table = created(
        lake,
        "CREATE EXTERNAL TABLE IF NOT EXISTS t (a int COMMENT 'first; \\'one\\'', b string) COMMENT 'the table' PARTITIONED BY (y int COMMENT 'year', `mes` string) "  # noqa: E501
        "CLUSTERED BY (a, b) INTO 8 BUCKETS ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' STORED AS PARQUET "  # noqa: E501
        "LOCATION 's3://data/t' TBLPROPERTIES ('has_encrypted_data'='false', \"classification\"='parquet', 'parquet.compress'='SNAPPY')",
    )
    assert table["StorageDescriptor"]["Columns"][0] == {"Name": "a", "Type": "int", "Comment": "first; 'one'"}
    assert table["PartitionKeys"] == [
        {"Name": "y", "Type": "int", "Comment": "year"},
        {"Name": "mes", "Type": "string"},
    ]
    assert (table["StorageDescriptor"]["BucketColumns"], table["StorageDescriptor"]["NumberOfBuckets"]) == (
        ["a", "b"],
        8,
    )
    assert table["StorageDescriptor"]["Location"] == "s3://data/t"
    kept = {key: value for key, value in table["Parameters"].items() if key != "transient_lastDdlTime"}
    assert kept == {
        "EXTERNAL": "TRUE",
        "comment": "the table",
        "has_encrypted_data": "false",
        "classification": "parquet",
        "parquet.compress": "SNAPPY",
    }


REFUSED = table_cases("ddl_tables_refused")


@pytest.mark.parametrize(("sql", "reason"), REFUSED)
def test_create_table_refuses(lake: Athena, sql: str, reason: str) -> None:
    lake.put("file.csv", "1")
    lake.ok("CREATE EXTERNAL TABLE old (a int) LOCATION 's3://data/old/'")
    assert reason in lake.fails(sql)
    assert list(lake.services.glue.tables) == [("db", "old")]


def test_if_not_exists_leaves_the_table_as_it_is(lake: Athena) -> None:
    lake.ok(f"CREATE EXTERNAL TABLE t (a int) {LOCATION}")
    lake.ok(f"CREATE EXTERNAL TABLE IF NOT EXISTS t (zzz int) {LOCATION}")
    assert lake.services.glue.tables["db", "t"]["StorageDescriptor"]["Columns"] == [{"Name": "a", "Type": "int"}]


SHOWN = table_cases("ddl_tables_shown")


@pytest.mark.parametrize("given", SHOWN)
def test_show_create_table_is_accepted_again(lake: Athena, given: str) -> None:
    before = created(lake, f"CREATE EXTERNAL TABLE t {given} LOCATION 's3://data/t/' TBLPROPERTIES ('x'='y\\nz')")
    text = "\n".join(str(row[0]) for row in lake.ok("SHOW CREATE TABLE t"))
    assert text.startswith("CREATE EXTERNAL TABLE `db.t`(\n  `")
    lake.ok("DROP TABLE t")
    after = created(lake, text)
    for key in ("PartitionKeys", "TableType"):
        assert after[key] == before[key]
    names = [
        [{k: v for k, v in one.items() if v != "from deserializer"} for one in table["StorageDescriptor"]["Columns"]]
        for table in (before, after)
    ]
    assert names[0] == names[1]
    for key in ("Location", "InputFormat", "OutputFormat", "SerdeInfo", "BucketColumns", "NumberOfBuckets"):
        assert after["StorageDescriptor"][key] == before["StorageDescriptor"][key]
    assert (
        "\n".join(str(row[0]) for row in lake.ok("SHOW CREATE TABLE t")).split("TBLPROPERTIES")[0]
        == text.split("TBLPROPERTIES")[0]
    )


def test_show_create_table_as_athena_prints_it(lake: Athena) -> None:
    created(
        lake,
        "CREATE EXTERNAL TABLE t (a int, b string COMMENT 'x') PARTITIONED BY (p string) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' "
        "LOCATION 's3://data/t' TBLPROPERTIES ('skip.header.line.count'='1', 'transient_lastDdlTime'='1')",
    )
    lake.services.glue.tables["db", "t"]["Parameters"]["transient_lastDdlTime"] = "1635321440"
    assert [row[0] for row in lake.ok("SHOW CREATE TABLE t")] == [
        "CREATE EXTERNAL TABLE `db.t`(", "  `a` int, ", "  `b` string COMMENT 'x')", "PARTITIONED BY ( ", "  `p` string)", "ROW FORMAT DELIMITED ",  # noqa: E501
        "  FIELDS TERMINATED BY '\\t' ", "STORED AS INPUTFORMAT ", "  'org.apache.hadoop.mapred.TextInputFormat' ", "OUTPUTFORMAT ",
        "  'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'", "LOCATION", "  's3://data/t'", "TBLPROPERTIES (", "  'skip.header.line.count'='1', ",  # noqa: E501
        "  'transient_lastDdlTime'='1635321440')",
    ]  # fmt: skip


def test_the_guides_own_examples_have_start_and_timestamp_without_backticks(lake: Athena) -> None:
    # https://docs.aws.amazon.com/athena/latest/ug/vpc-flow-logs-create-table-statement.html and elasticloadbalancer-classic-logs.html
    table = created(lake, f"CREATE EXTERNAL TABLE t (timestamp string, start bigint, `end` bigint) {LOCATION}")
    assert [one["Name"] for one in table["StorageDescriptor"]["Columns"]] == ["timestamp", "start", "end"]
    assert "cannot recognize input near 'end'" in lake.fails(f"CREATE EXTERNAL TABLE u (end bigint) {LOCATION}")
