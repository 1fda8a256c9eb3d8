"""Partitions whose columns, SerDe or format differ from their table's."""

from __future__ import annotations

import pytest

from tests.unit.cloud.athena.fakes import Athena

CSV = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"

# The partition's type, the table's type, the cell, what SELECT shows; None for the mismatch. Trino's rules of coercion.
PAIRS = [
    ("int", "bigint", "5", "5"),
    ("tinyint", "smallint", "5", "5"),
    ("float", "double", "1.5", "1.5"),
    ("int", "string", "5", "5"),
    ("string", "int", "5", "5"),
    ("decimal(5,2)", "decimal(7,3)", "1.5", "1.500"),
    ("bigint", "int", "5", None),
    ("int", "double", "5", None),
    ("bigint", "double", "5", None),
    ("string", "double", "5", None),
    ("string", "boolean", "true", None),
    ("array<int>", "array<bigint>", "1\x022", "[1, 2]"),
    ("int", "array<int>", "5", None),
]


@pytest.mark.parametrize(("theirs", "ours", "cell", "shown"), PAIRS)
def test_a_partition_of_another_type(lake: Athena, theirs: str, ours: str, cell: str, shown: str | None) -> None:
    lake.put("t/p=1/f", f"x,{cell}\n")
    lake.ok(f"CREATE EXTERNAL TABLE t (a string, v {theirs}) PARTITIONED BY (p string) {CSV} LOCATION 's3://data/t/'")
    lake.ok("MSCK REPAIR TABLE t")
    lake.ok(f"ALTER TABLE t REPLACE COLUMNS (a string, v {ours})")
    if shown is not None:
        assert lake.ok("SELECT v FROM t") == [[shown]]
        return
    assert lake.fails("SELECT a FROM t") == (
        "HIVE_PARTITION_SCHEMA_MISMATCH: There is a mismatch between the table and partition schemas. The types are incompatible "
        f"and cannot be coerced. The column 'v' in table 'db.t' is declared as type '{ours}', but partition 'p=1' declared "
        f"column 'v' as type '{theirs}'."
    )


def test_text_columns_go_by_position_and_new_ones_are_read(lake: Athena) -> None:
    lake.put("t/p=1/f", "1,2,3\n")
    lake.ok(f"CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (p string) {CSV} LOCATION 's3://data/t/'")
    lake.ok("MSCK REPAIR TABLE t")
    lake.ok("ALTER TABLE t REPLACE COLUMNS (b int, c int)")
    assert lake.ok("SELECT b, c FROM t") == [["1", "2"]]


def test_a_partition_that_is_pruned_cannot_mismatch(lake: Athena) -> None:
    lake.put("t/p=1/f", "1\n")
    lake.ok(f"CREATE EXTERNAL TABLE t (a string) PARTITIONED BY (p string) {CSV} LOCATION 's3://data/t/'")
    lake.ok("MSCK REPAIR TABLE t")
    lake.put("t/p=2/f", "2\n")
    lake.ok("ALTER TABLE t REPLACE COLUMNS (a double)")
    lake.ok("MSCK REPAIR TABLE t")
    assert lake.ok("SELECT a FROM t WHERE p = '2'") == [["2.0"]]
    assert "HIVE_PARTITION_SCHEMA_MISMATCH" in lake.fails("SELECT a FROM t")


def test_partitions_of_different_formats(lake: Athena) -> None:
    lake.put("t/p=csv/f", "1,a\n")
    lake.ok(f"CREATE EXTERNAL TABLE t (n bigint, s string) PARTITIONED BY (p string) {CSV} LOCATION 's3://data/t/'")
    lake.ok("MSCK REPAIR TABLE t")
    lake.ok(
        "CREATE TABLE u WITH (external_location = 's3://data/u/') AS SELECT BIGINT '2' AS n, CAST('b' AS varchar) AS s"
    )
    lake.ok("CREATE EXTERNAL TABLE w (n bigint, s string) STORED AS PARQUET LOCATION 's3://data/u/'")
    parquet = dict(lake.services.glue.tables["db", "w"]["StorageDescriptor"])
    lake.services.glue.create_partitions(
        "db", "t", [{"Values": ["parquet"], "StorageDescriptor": parquet, "Parameters": {}}]
    )
    assert lake.ok("SELECT n, s, p FROM t ORDER BY n") == [["1", "a", "csv"], ["2", "b", "parquet"]]


def test_parquet_partitions_are_compared_by_name(lake: Athena) -> None:
    lake.ok(
        "CREATE TABLE t WITH (external_location = 's3://data/t/', partitioned_by = ARRAY['p']) AS "
        "SELECT 1 AS a, 'x' AS b, 'q' AS p"
    )
    lake.ok("ALTER TABLE t REPLACE COLUMNS (b varchar(1), a bigint)")
    assert lake.ok("SELECT a, b FROM t") == [["1", "x"]]


def test_no_partition_registered_no_rows_and_a_missing_folder_neither(lake: Athena) -> None:
    lake.put("t/p=1/f", "1\n")
    lake.ok(f"CREATE EXTERNAL TABLE t (a int, b int) PARTITIONED BY (p string) {CSV} LOCATION 's3://data/t/'")
    assert lake.ok("SELECT * FROM t") == []
    lake.ok("ALTER TABLE t ADD PARTITION (p = 'gone') PARTITION (p = '1')")
    assert lake.ok("SELECT a, p FROM t") == [["1", "1"]]
    assert lake.ok("SELECT count(*) FROM t WHERE p = 'gone'") == [["0"]]


def test_another_input_format_is_refused_by_name(lake: Athena) -> None:
    lake.put("t/f", "s3://data/x\n")
    lake.ok(
        "CREATE EXTERNAL TABLE t (a int) STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat' "
        "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat' LOCATION 's3://data/t/'"
    )
    assert "NOT_SUPPORTED: the input format org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat of db.t" in lake.fails(
        "SELECT a FROM t"
    )


@pytest.mark.parametrize("kind", ["ICEBERG", "delta"])
def test_table_formats_are_refused_by_name(lake: Athena, kind: str) -> None:
    lake.ok("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://data/t/'")
    lake.services.glue.tables["db", "t"]["Parameters"]["table_type"] = kind
    assert f"NOT_SUPPORTED: a table of type {kind}" in lake.fails("SELECT a FROM t")


def test_a_partition_value_that_is_not_of_its_keys_type(lake: Athena) -> None:
    lake.put("t/y=abc/f", "1\n")
    lake.ok(f"CREATE EXTERNAL TABLE t (a int, b int) PARTITIONED BY (y int) {CSV} LOCATION 's3://data/t/'")
    lake.ok("MSCK REPAIR TABLE t")
    assert "HIVE_INVALID_PARTITION_VALUE: Invalid partition value 'abc' for INTEGER partition key: y=abc" in lake.fails(
        "SELECT a FROM t"
    )


def test_decimal_alone_has_ten_digits_in_the_catalog(lake: Athena) -> None:
    lake.put("t/f", "1.5,2\n")
    lake.ok(f"CREATE EXTERNAL TABLE t (m decimal, n int) {CSV} LOCATION 's3://data/t/'")
    lake.services.glue.tables["db", "t"]["StorageDescriptor"]["Columns"][0]["Type"] = "decimal"
    assert lake.ok("SELECT m, typeof(m) FROM t") == [["2", "decimal(10,0)"]]
