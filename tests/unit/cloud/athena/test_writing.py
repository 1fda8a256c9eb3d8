"""CREATE TABLE AS, INSERT INTO and UNLOAD: files of every format, partitions, and what is refused."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cloud.athena.cases_of_tables import table_cases
from tests.unit.cloud.athena.fakes import Athena

# One column of each type that Hive can keep.
EVERYTHING = (
    "SELECT true AS b, TINYINT '1' AS t, SMALLINT '2' AS s, 3 AS i, BIGINT '4' AS l, REAL '1.5' AS f, 2.5E0 AS d, DECIMAL '12.30' AS m, "
    "'ñ \"x\", y' AS v, CAST('ab' AS varchar(5)) AS w, DATE '2024-02-29' AS dt, TIMESTAMP '2024-02-29 10:11:12.345' AS ts, "
    "ARRAY[1, NULL, 3] AS a, MAP(ARRAY['k'], ARRAY[7]) AS mp, CAST(ROW(1, 'q') AS ROW(x integer, y varchar)) AS r, CAST(NULL AS varchar) AS n"  # noqa: E501
)
SHOWN = [
    "true",
    "1",
    "2",
    "3",
    "4",
    "1.5",
    "2.5",
    "12.30",
    'ñ "x", y',
    "ab",
    "2024-02-29",
    "2024-02-29 10:11:12.345",
    "[1, null, 3]",
    "{k=7}",
    "{x=1, y=q}",
    None,
]
TYPES = [
    "boolean",
    "tinyint",
    "smallint",
    "int",
    "bigint",
    "float",
    "double",
    "decimal(4,2)",
    "varchar(8)",
    "varchar(5)",
    "date",
    "timestamp",
    "array<int>",
    "map<varchar(1),int>",
    "struct<x:int,y:string>",
    "string",
]


def files(lake: Athena, prefix: str, bucket: str = "data") -> list[Any]:
    return list(lake.services.store.list(bucket, prefix))


@pytest.mark.parametrize("kind", ["PARQUET", "ORC", "AVRO", "JSON", "TEXTFILE"])
def test_every_type_in_every_format(lake: Athena, kind: str) -> None:
    if kind in ("PARQUET", "ORC", "AVRO", "TEXTFILE"):
        columns, shown = EVERYTHING + ", X'0102' AS bin", [*SHOWN, "01 02"]
    else:
        columns, shown = EVERYTHING, SHOWN
    answer = lake.run(f"CREATE TABLE t WITH (format = '{kind}', external_location = 's3://data/t/') AS {columns}")
    assert (answer.state, answer.reason) == ("SUCCEEDED", "")
    described = [one["Type"] for one in lake.services.glue.tables["db", "t"]["StorageDescriptor"]["Columns"]]
    assert described[: len(TYPES)] == TYPES
    assert lake.ok("SELECT * FROM t") == [shown]
    lake.ok(f"INSERT INTO t {columns}")
    assert lake.ok("SELECT * FROM t") == [shown, shown]
    assert len(files(lake, "t/")) == 2


CODECS = [
    ("PARQUET", ["GZIP", "SNAPPY", "ZSTD", "LZ4", "NONE"]),
    ("ORC", ["ZLIB", "SNAPPY", "ZSTD", "LZ4", "NONE"]),
    ("AVRO", ["DEFLATE", "SNAPPY", "BZIP2", "ZSTD", "NONE"]),
    ("JSON", ["GZIP", "BZIP2", "ZSTD", "SNAPPY", "LZ4", "NONE"]),
    ("TEXTFILE", ["GZIP", "BZIP2", "ZSTD", "SNAPPY", "LZ4", "NONE"]),
]


@pytest.mark.parametrize(("kind", "codec"), [(kind, codec) for kind, codecs in CODECS for codec in codecs])
def test_every_codec_can_be_read_again(lake: Athena, kind: str, codec: str) -> None:
    sql = (
        f"CREATE TABLE t WITH (format = '{kind}', write_compression = '{codec}', external_location = 's3://data/t/') AS"
    )
    lake.ok(f"{sql} SELECT x AS n, 'text ' || CAST(x AS varchar) AS s FROM UNNEST(sequence(1, 2000)) AS u(x)")
    assert lake.ok("SELECT count(*), sum(n), max(s) FROM t") == [["2000", "2001000", "text 999"]]
    endings = {"GZIP": ".gz", "BZIP2": ".bz2", "ZSTD": ".zst", "SNAPPY": ".snappy", "LZ4": ".lz4"}
    if kind in ("JSON", "TEXTFILE"):
        assert Path(files(lake, "t/")[0].key).suffix == endings.get(codec, Path(files(lake, "t/")[0].key).suffix)


def test_text_as_hive_writes_it(lake: Athena) -> None:
    lake.ok(
        "CREATE TABLE t WITH (format = 'TEXTFILE', field_delimiter = '|', write_compression = 'NONE', external_location = 's3://data/t/') AS "  # noqa: E501
        "SELECT TIMESTAMP '2024-01-02 03:04:05.000' AS a, 1e7 AS b, ARRAY[1,2] AS c, MAP(ARRAY['k'], ARRAY[true]) AS d, CAST(NULL AS integer) AS e"  # noqa: E501
    )
    assert files(lake, "t/")[0].path.read_bytes() == b"2024-01-02 03:04:05|1.0E7|1\x022|k\x03true|\\N\n"


def test_json_as_hive_writes_it(lake: Athena) -> None:
    lake.ok(
        "UNLOAD (SELECT 1 AS a, 'ñ\"' AS b, DECIMAL '1.50' AS c, CAST(NULL AS integer) AS d, DATE '2024-01-02' AS e, ARRAY[1, NULL] AS f) "
        "TO 's3://data/u/' WITH (format = 'JSON')"
    )
    (one,) = files(lake, "u/")
    assert one.key.endswith(".gz")
    assert (
        gzip.decompress(one.path.read_bytes()).decode() == '{"a":1,"b":"ñ\\"","c":1.50,"e":"2024-01-02","f":[1,null]}\n'
    )


def test_partitions_become_folders_and_catalog_entries(lake: Athena) -> None:
    lake.ok(
        "CREATE TABLE t WITH (external_location = 's3://data/t/', partitioned_by = ARRAY['y', 'p']) AS "
        "SELECT * FROM (VALUES (1, 2024, 'a/b'), (2, 2024, NULL), (3, 2023, 'ñ x'), (4, 2023, '')) AS v(n, y, p)"
    )
    folders = sorted({one.key.rsplit("/", 1)[0] for one in files(lake, "t/")})
    null = "__HIVE_DEFAULT_PARTITION__"
    assert folders == [f"t/y=2023/p={null}", "t/y=2023/p=ñ x", f"t/y=2024/p={null}", "t/y=2024/p=a%2Fb"]
    assert lake.ok("SELECT n, y, p FROM t ORDER BY n") == [
        ["1", "2024", "a/b"],
        ["2", "2024", None],
        ["3", "2023", "ñ x"],
        ["4", "2023", None],
    ]
    assert lake.ok("SELECT n FROM t WHERE p = 'a/b'") == [["1"]]
    assert lake.ok("SHOW PARTITIONS t")[0] == [f"y=2023/p={null}"]
    lake.ok("INSERT INTO t VALUES (5, 2025, 'z'), (6, 2024, 'a/b')")
    assert lake.ok("SELECT n, y, p FROM t WHERE n > 4 ORDER BY n") == [["5", "2025", "z"], ["6", "2024", "a/b"]]


def test_rows_go_where_their_partition_lies(lake: Athena) -> None:
    lake.ok("CREATE EXTERNAL TABLE t (n int) PARTITIONED BY (p string) STORED AS PARQUET LOCATION 's3://data/t/'")
    lake.ok("ALTER TABLE t ADD PARTITION (p = 'x') LOCATION 's3://data/elsewhere/'")
    lake.ok("INSERT INTO t VALUES (1, 'x')")
    assert len(files(lake, "elsewhere/")) == 1
    assert lake.ok("SELECT * FROM t") == [["1", "x"]]


def test_a_hundred_partitions_and_no_more(lake: Athena) -> None:
    sql = "CREATE TABLE {} WITH (partitioned_by = ARRAY['p']) AS SELECT 1 AS n, x AS p FROM UNNEST(sequence(1, {})) AS u(x)"
    lake.ok(sql.format("t", 100))
    assert lake.ok("SELECT count(*) FROM t") == [["100"]]
    reason = lake.fails(sql.format("t2", 101))
    assert reason.startswith(
        "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions/buckets. You may need to"
    )


CTAS_REFUSED = table_cases("writing_ctas_refused")


@pytest.mark.parametrize(("sql", "reason"), CTAS_REFUSED)
def test_create_table_as_refuses(lake: Athena, sql: str, reason: str) -> None:
    lake.put("full/x", "1")
    lake.ok("CREATE EXTERNAL TABLE old (a int) LOCATION 's3://data/old/'")
    assert reason in lake.fails(sql)
    assert ("db", "t") not in lake.services.glue.tables
    assert files(lake, "old/") == []


def test_create_table_as_if_not_exists_and_without_data(lake: Athena) -> None:
    lake.ok("CREATE TABLE t WITH (external_location = 's3://data/t/') AS SELECT 1 AS a, 'x' AS b WITH NO DATA")
    assert (lake.ok("SELECT * FROM t"), files(lake, "t/")) == ([], [])
    lake.ok("CREATE TABLE IF NOT EXISTS t AS SELECT 1 AS zzz")
    assert [row[0].strip() for row in lake.ok("SHOW COLUMNS IN t")] == ["a", "b"]
    lake.ok("CREATE TABLE u AS SELECT 1 AS a WITH DATA")
    assert lake.ok("SELECT * FROM u") == [["1"]]


def test_a_query_without_rows_makes_a_table_without_files(lake: Athena) -> None:
    lake.ok("CREATE TABLE t WITH (external_location = 's3://data/t/') AS SELECT 1 AS a WHERE false")
    assert (lake.ok("SELECT * FROM t"), files(lake, "t/")) == ([], [])


def test_create_table_as_goes_to_the_results_when_it_has_no_place(lake: Athena) -> None:
    answer = lake.run("CREATE TABLE t AS SELECT 1 AS a")
    location = lake.services.glue.tables["db", "t"]["StorageDescriptor"]["Location"]
    assert location == f"s3://results/q/tables/{answer.id}/"
    table = lake.services.glue.tables["db", "t"]
    assert table["Parameters"]["classification"] == "parquet"


INSERT_REFUSED = table_cases("writing_insert_refused")


@pytest.mark.parametrize(("sql", "reason"), INSERT_REFUSED)
def test_insert_refuses(lake: Athena, sql: str, reason: str) -> None:
    for ddl in (
        "CREATE EXTERNAL TABLE t (n int, s varchar(3)) PARTITIONED BY (p int) STORED AS PARQUET LOCATION 's3://data/t/'",
        "CREATE EXTERNAL TABLE csv (n string) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' LOCATION 's3://data/t/'",
        "CREATE EXTERNAL TABLE buckets (n int) CLUSTERED BY (n) INTO 4 BUCKETS STORED AS PARQUET LOCATION 's3://data/t/'",
        "CREATE EXTERNAL TABLE headers (n int) LOCATION 's3://data/t/' TBLPROPERTIES ('skip.header.line.count'='2')",
        "CREATE VIEW v AS SELECT 1 AS a",
    ):
        lake.ok(ddl)
    assert reason in lake.fails(sql)
    assert files(lake, "t/") == []


def test_insert_converts_what_it_may(lake: Athena) -> None:
    lake.ok(
        "CREATE EXTERNAL TABLE t (n bigint, d double, s varchar(3), c char(4), m decimal(10,3)) STORED AS ORC LOCATION 's3://data/t/'"
    )
    lake.ok("INSERT INTO t VALUES (1, 2, 'abc  ', 'x', 1.5), (NULL, NULL, NULL, NULL, NULL)")
    lake.ok("INSERT INTO t (m, n) SELECT TINYINT '7', SMALLINT '3'")
    assert lake.ok("SELECT n, d, s, m FROM t ORDER BY n") == [
        ["1", "2.0", "abc", "1.500"],
        ["3", None, None, "7.000"],
        [None, None, None, None],
    ]


def test_insert_writes_the_header_that_the_table_skips(lake: Athena) -> None:
    lake.ok(
        "CREATE EXTERNAL TABLE t (n int, s string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://data/t/' "
        "TBLPROPERTIES ('skip.header.line.count'='1', 'write.compression'='BZIP2')"
    )
    lake.ok("INSERT INTO t VALUES (1, 'x')")
    assert bz2.decompress(files(lake, "t/")[0].path.read_bytes()) == b"n,s\n1,x\n"
    assert lake.ok("SELECT * FROM t") == [["1", "x"]]


def test_insert_into_itself(lake: Athena) -> None:
    lake.ok("CREATE TABLE t WITH (external_location = 's3://data/t/') AS SELECT 1 AS n")
    for _ in range(3):
        lake.ok("INSERT INTO t SELECT n + 1 FROM t")
    assert lake.ok("SELECT count(*), sum(n) FROM t") == [["8", "20"]]


UNLOAD_REFUSED = table_cases("writing_unload_refused")


@pytest.mark.parametrize(("sql", "reason"), UNLOAD_REFUSED)
def test_unload_refuses(lake: Athena, sql: str, reason: str) -> None:
    lake.put("full/x", "1")
    assert reason in lake.fails(sql)
    assert files(lake, "u/") == []


def test_unload_into_partitions(lake: Athena) -> None:
    lake.ok("UNLOAD (SELECT x AS n, x % 2 AS p FROM UNNEST(sequence(1, 4)) AS u(x)) TO 's3://data/u' WITH (format = 'PARQUET', compression = 'snappy', partitioned_by = ARRAY['p'])")  # fmt: skip  # noqa: E501
    assert sorted(one.key.split("/")[1] for one in files(lake, "u/")) == ["p=0", "p=1"]
    lake.ok("CREATE EXTERNAL TABLE t (n bigint) PARTITIONED BY (p bigint) STORED AS PARQUET LOCATION 's3://data/u/'")
    lake.ok("MSCK REPAIR TABLE t")
    assert lake.ok("SELECT p, sum(n) FROM t GROUP BY p ORDER BY p") == [["0", "6"], ["1", "4"]]


def test_parameters_of_unload(lake: Athena) -> None:
    lake.ok("PREPARE u FROM UNLOAD (SELECT ? AS a) TO 's3://data/u/' WITH (format = 'TEXTFILE', field_delimiter = ',')")
    assert lake.wait(lake.start("EXECUTE u USING 'x'"))["Status"]["State"] == "SUCCEEDED"
    assert gzip.decompress(files(lake, "u/")[0].path.read_bytes()) == b"x\n"


def test_an_enforced_workgroup_takes_no_external_location(lake: Athena) -> None:
    enforced = {"EnforceWorkGroupConfiguration": True, "ResultConfiguration": {"OutputLocation": "s3://results/wg/"}}
    lake.call("CreateWorkGroup", Name="enforced", Configuration=enforced)
    sql = "CREATE TABLE t WITH (external_location = 's3://data/t/') AS SELECT 1 AS a"
    assert "that enforces a centralized output location for all queries" in lake.fails(sql, WorkGroup="enforced")
    lake.ok("CREATE TABLE t AS SELECT 1 AS a", WorkGroup="enforced")
    assert lake.services.glue.tables["db", "t"]["StorageDescriptor"]["Location"].startswith("s3://results/wg/tables/")
