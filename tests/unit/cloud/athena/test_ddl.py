"""Statements that change and show the catalog, and queries that write."""

from __future__ import annotations

import gzip
import re

import pytest

from tests.unit.cloud.athena.fakes import Athena


def test_databases(athena: Athena) -> None:
    athena.ok("CREATE DATABASE IF NOT EXISTS ventas_db COMMENT 'x' LOCATION 's3://data/'")
    assert athena.services.glue.databases["ventas_db"]["Description"] == "x"
    assert "already exists" in athena.fails("CREATE DATABASE ventas_db")
    athena.ok("CREATE DATABASE IF NOT EXISTS ventas_db")
    assert athena.ok("SHOW DATABASES LIKE 'ventas*'") == [["ventas_db"]]
    athena.ok("DROP SCHEMA ventas_db")
    assert "Database does not exist: ventas_db" in athena.fails("DROP DATABASE ventas_db")
    athena.ok("DROP DATABASE IF EXISTS ventas_db")


def test_a_database_with_tables_is_dropped_only_with_cascade(athena: Athena) -> None:
    athena.ok("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://data/t/'")
    assert "is not empty" in athena.fails("DROP DATABASE db")
    athena.ok("DROP DATABASE db CASCADE")
    assert athena.services.glue.databases == {}


def test_create_external_table_writes_what_athena_writes(athena: Athena) -> None:
    athena.ok(
        "CREATE EXTERNAL TABLE IF NOT EXISTS db.`T` (`Año` int COMMENT 'y', m map<string,array<int>>) "
        "PARTITIONED BY (d string) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' STORED AS TEXTFILE "
        "LOCATION 's3://data/t/' TBLPROPERTIES ('a'='b')"
    )
    table = athena.services.glue.tables["db", "t"]
    storage = table["StorageDescriptor"]
    assert storage["Columns"] == [
        {"Name": "año", "Type": "int", "Comment": "y"},
        {"Name": "m", "Type": "map<string,array<int>>"},
    ]
    assert storage["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": "\t", "serialization.format": "\t"},
    }
    assert table["PartitionKeys"] == [{"Name": "d", "Type": "string"}]
    assert {key: value for key, value in table["Parameters"].items() if key != "transient_lastDdlTime"} == {
        "EXTERNAL": "TRUE",
        "a": "b",
    }
    assert table["Parameters"]["transient_lastDdlTime"].isdigit()


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("CREATE EXTERNAL TABLE t (a int)", "No location was specified for table. An S3 location must be specified"),
        (
            "CREATE EXTERNAL TABLE t (a nada) LOCATION 's3://data/'",
            "cannot recognize input near 'nada' ')' 'LOCATION' in column type",
        ),
        ("CREATE EXTERNAL TABLE t (año int) LOCATION 's3://data/'", "cannot recognize input near"),
        ("CREATE EXTERNAL TABLE t (a int, a int) LOCATION 's3://data/'", "Duplicate column name"),
        (
            "CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (a int) LOCATION 's3://data/'",
            "Column repeated in partitioning",
        ),
        ("CREATE TABLE t (a int) LOCATION 's3://data/' TBLPROPERTIES ('table_type'='ICEBERG')", "Iceberg"),
        (
            "CREATE EXTERNAL TABLE t (a int) STORED AS NADA LOCATION 's3://data/'",
            "Unrecognized file format in STORED AS clause",
        ),
        ("DROP TABLE nada", "Table not found db.nada"),
        ("DESCRIBE nada", "Table not found db.nada"),
        ("ALTER TABLE nada ADD COLUMNS (b int)", "Table not found db.nada"),
        ("MSCK REPAIR TABLE nada", "Table not found db.nada"),
        ("SHOW TABLES IN nada", "Database does not exist: nada"),
    ],
)
def test_ddl_that_cannot_be_done_says_why(athena: Athena, sql: str, reason: str) -> None:
    assert reason in athena.fails(sql)


def test_show_and_describe(athena: Athena) -> None:
    athena.ok(
        "CREATE EXTERNAL TABLE t (a int, b string) PARTITIONED BY (d date) STORED AS PARQUET LOCATION 's3://data/t/'"
    )
    assert [row[0].split("\t")[0].strip() for row in athena.ok("DESCRIBE t")[:3]] == ["a", "b", "d"]
    assert [row[0].strip() for row in athena.ok("SHOW COLUMNS IN t")] == ["a", "b", "d"]
    assert athena.ok("SHOW TABLES") == [["t"]]
    assert athena.ok("SHOW TABLES 'x*'") == []
    text = "\n".join(row[0] for row in athena.ok("SHOW CREATE TABLE t"))
    athena.ok("DROP TABLE t")
    athena.ok(text)
    again = "\n".join(row[0] for row in athena.ok("SHOW CREATE TABLE t"))
    made_at = r"'transient_lastDdlTime'='\d+'"  # the second in which it was made
    assert re.sub(made_at, "", again) == re.sub(made_at, "", text)


def test_alter_table(athena: Athena) -> None:
    athena.put("t/d=1/f", "1,2\n")
    athena.ok(
        "CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (d string) ROW FORMAT DELIMITED FIELDS TERMINATED BY "
        "',' LOCATION 's3://data/t/'"
    )
    athena.ok("ALTER TABLE t ADD PARTITION (d = '1')")
    assert "Partition already exists: d=1" in athena.fails("ALTER TABLE t ADD PARTITION (d = '1')")
    athena.ok("ALTER TABLE t ADD IF NOT EXISTS PARTITION (d = '1') PARTITION (d = '2') LOCATION 's3://data/t/d=1/'")
    athena.ok("ALTER TABLE t ADD COLUMNS (b int)")
    assert athena.ok("SELECT * FROM t ORDER BY d") == [["1", "2", "1"], ["1", "2", "2"]]
    athena.ok("ALTER TABLE t DROP PARTITION (d = '1')")
    assert athena.ok("SHOW PARTITIONS t") == [["d=2"]]
    assert "is not a partition column" in athena.fails("ALTER TABLE t DROP PARTITION (x = '1')")
    athena.ok("ALTER TABLE t SET TBLPROPERTIES ('skip.header.line.count' = '1')")
    assert athena.ok("SELECT * FROM t") == []


def test_views(athena: Athena) -> None:
    athena.ok("CREATE VIEW v AS SELECT 1 AS a, 'x' AS b")
    assert athena.ok("SELECT b, a FROM v") == [["x", "1"]]
    assert "already exists" in athena.fails("CREATE VIEW v AS SELECT 2 AS a")
    athena.ok("CREATE OR REPLACE VIEW v AS SELECT a + 1 AS a FROM (VALUES 1) t(a)")
    athena.ok("CREATE VIEW w AS SELECT a * 10 AS z FROM v")
    assert athena.ok("SELECT z FROM w") == [["20"]]
    assert athena.ok("SHOW VIEWS") == [["v"], ["w"]]
    assert "COLUMN_NOT_FOUND" in athena.fails("CREATE VIEW bad AS SELECT nada FROM v")
    athena.ok("DROP VIEW v")
    assert "INVALID_VIEW" in athena.fails("SELECT z FROM w")


def test_a_view_of_itself_is_refused(athena: Athena) -> None:
    athena.ok("CREATE VIEW v AS SELECT 1 AS a")
    athena.ok("CREATE OR REPLACE VIEW v AS SELECT a FROM v")
    assert "recursive" in athena.fails("SELECT a FROM v")


@pytest.mark.parametrize("kind", ["PARQUET", "TEXTFILE", "JSON"])
def test_create_table_as_then_insert(athena: Athena, kind: str) -> None:
    answer = athena.run(
        f"CREATE TABLE t WITH (format = '{kind}', external_location = 's3://data/t/', partitioned_by = "
        f"ARRAY['p']) AS SELECT 1 AS n, 'ñ,\"x' AS s, DATE '2024-01-02' AS d, 1.50 AS m, 'a b' AS p"
    )
    assert answer.state == "SUCCEEDED", answer.reason
    assert athena.ok("SELECT * FROM t") == [["1", 'ñ,"x', "2024-01-02", "1.50", "a b"]]
    assert athena.ok("SHOW PARTITIONS t") == [["p=a b"]]
    athena.ok("INSERT INTO t (s, n, p) VALUES ('y', 2, 'q')")
    athena.ok("INSERT INTO t SELECT n + 5, s, d, m, 'q' FROM t WHERE p = 'a b'")
    assert athena.ok("SELECT n, s, d, p FROM t ORDER BY n") == [
        ["1", 'ñ,"x', "2024-01-02", "a b"],
        ["2", "y", None, "q"],
        ["6", 'ñ,"x', "2024-01-02", "q"],
    ]


def test_create_table_as_refuses_what_it_must(athena: Athena) -> None:
    athena.put("full/x", "1")
    for sql, reason in [
        ("CREATE TABLE t WITH (bucketed_by = ARRAY['a'], bucket_count = 2) AS SELECT 1 AS a", "bucketed_by"),
        ("CREATE TABLE t WITH (nada = 'x') AS SELECT 1 AS a", "nada"),
        ("CREATE TABLE t AS SELECT 1", "Column name not specified at position 1"),
        ("CREATE TABLE t WITH (external_location = 's3://data/full/') AS SELECT 1 AS a", "HIVE_PATH_ALREADY_EXISTS"),
        ("CREATE TABLE t WITH (partitioned_by = ARRAY['a']) AS SELECT 1 AS a, 2 AS b", "HIVE_COLUMN_ORDER_MISMATCH"),
        (
            "CREATE TABLE t WITH (partitioned_by = ARRAY['p']) AS SELECT 1 AS a, p FROM UNNEST(sequence(1, 101)) AS u(p)",
            "Exceeded limit of 100",
        ),
        ("CREATE TABLE t AS SELECT NULL AS a", "Column type is unknown"),
        ("CREATE TABLE t WITH (format = 'XML') AS SELECT 1 AS a", "Invalid value [XML]"),
    ]:
        assert reason in athena.fails(sql), sql
    assert athena.services.glue.tables == {}


def test_create_table_as_without_data(athena: Athena) -> None:
    athena.ok("CREATE TABLE t AS SELECT 1 AS a WITH NO DATA")
    assert athena.ok("SELECT * FROM t") == []


def test_insert_checks_types(athena: Athena) -> None:
    athena.ok("CREATE TABLE t AS SELECT 1 AS a, 'x' AS b")
    assert "TYPE_MISMATCH: Insert query has mismatched column types" in athena.fails("INSERT INTO t SELECT 'a', 'b'")
    assert "mismatched column types" in athena.fails("INSERT INTO t SELECT 1")
    assert "does not exist in target table: z" in athena.fails("INSERT INTO t (z) VALUES (1)")


def test_unload_writes_files_and_a_manifest(athena: Athena) -> None:
    answer = athena.run(
        "UNLOAD (SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, NULL ORDER BY 1) TO 's3://data/u/' WITH (format "
        "= 'TEXTFILE')"
    )
    assert answer.state == "SUCCEEDED", answer.reason
    (file,) = athena.services.store.list("data", "u/")
    assert gzip.decompress(file.path.read_bytes()) == b"1\x01x\n2\x01\\N\n"
    manifest = answer.execution["Statistics"]["DataManifestLocation"]
    stored = athena.services.store.find("results", manifest.removeprefix("s3://results/"))
    assert stored is not None
    assert stored.path.read_text() == f"s3://data/{file.key}\n"
    assert "HIVE_PATH_ALREADY_EXISTS" in athena.fails("UNLOAD (SELECT 1 AS a) TO 's3://data/u/' WITH (format = 'JSON')")


def test_prepared_statements(athena: Athena) -> None:
    athena.ok("PREPARE p FROM SELECT x FROM (VALUES 1, 2) t(x) WHERE x = ? OR 'a' = ?")
    assert athena.ok("EXECUTE p USING 2, 'b'") == [["2"]]
    assert athena.ok("EXECUTE p", ExecutionParameters=["1", "'b'"]) == [["1"]]
    assert "expected 2 but found 1" in athena.fails("EXECUTE p USING 1")
    athena.ok("DEALLOCATE PREPARE p")
    assert "not found: p" in athena.fails("EXECUTE p USING 1, 'a'")


def test_execution_parameters_are_literals(athena: Athena) -> None:
    assert athena.ok("SELECT ?, ?", ExecutionParameters=["'a''b'", "-5"]) == [["a'b", "-5"]]
    assert athena.ok("SELECT '?', ?", ExecutionParameters=["DATE '2024-01-01'"]) == [["?", "2024-01-01"]]
    for value in ("x", "lower(y)"):
        assert "Execution parameter is not a constant" in athena.fails("SELECT ?", ExecutionParameters=[value])
    assert "expected 1 but found 2" in athena.fails("SELECT ?", ExecutionParameters=["1", "2"])


def test_system_tables(athena: Athena) -> None:
    athena.ok("CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (d string) LOCATION 's3://data/t/'")
    athena.ok("ALTER TABLE t ADD PARTITION (d = 'x')")
    assert athena.ok('SELECT d FROM "t$partitions"') == [["x"]]
    assert athena.ok("SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'db'") == [
        ["t", "BASE TABLE"]
    ]
    columns = "SELECT column_name, data_type, extra_info FROM information_schema.columns WHERE table_name = 't' ORDER BY ordinal_position"
    assert athena.ok(columns) == [["a", "integer", None], ["d", "varchar", "partition key"]]


def test_explain_names_what_is_read(athena: Athena) -> None:
    athena.ok("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://data/t/'")
    lines = [row[0] for row in athena.ok("EXPLAIN SELECT a FROM t")]
    assert any("TableScan[awsdatacatalog:db:t] columns ['a']" in line for line in lines)
