"""ALTER, DROP, MSCK, SHOW and DESCRIBE."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.cloud.athena.cases_of_tables import table_cases
from tests.unit.cloud.athena.fakes import Athena

TASK = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "


@pytest.fixture
def t(lake: Athena) -> Athena:
    """A table t (a int, b string) partitioned by (y int, p string), with four partitions."""
    lake.ok(
        "CREATE EXTERNAL TABLE t (a int COMMENT 'one', b string) PARTITIONED BY (y int, p string) LOCATION 's3://data/t/'"
    )
    lake.ok(
        "ALTER TABLE t ADD PARTITION (y = 2023, p = 'x') PARTITION (y = 2023, p = 'z') PARTITION (y = 2024, p = 'x') PARTITION (y = '2024', p = \"ñ/1\")"  # noqa: E501
    )
    return lake


def partitions(lake: Athena) -> list[str | None]:
    return [row[0] for row in lake.ok("SHOW PARTITIONS t")]


ALL = ["y=2023/p=x", "y=2023/p=z", "y=2024/p=x", "y=2024/p=ñ%2F1"]


def test_partitions_are_listed(t: Athena) -> None:
    assert partitions(t) == ALL
    assert [row[0] for row in t.ok("SHOW PARTITIONS db.t PARTITION (y = 2023)")] == ALL[:2]


DROPS = table_cases("ddl_changes_drops")


@pytest.mark.parametrize(("clause", "left"), DROPS)
def test_drop_partition(t: Athena, clause: str, left: list[str]) -> None:
    t.ok(f"ALTER TABLE t DROP {clause}")
    assert partitions(t) == left


REFUSED = table_cases("ddl_changes_refused")


@pytest.mark.parametrize(("sql", "reason"), REFUSED)
def test_refusals(t: Athena, sql: str, reason: str) -> None:
    t.put("file", "1")
    t.ok("CREATE EXTERNAL TABLE flat (a int) LOCATION 's3://data/flat/'")
    t.ok("CREATE VIEW v AS SELECT 1 AS a")
    assert reason in t.fails(sql)
    assert partitions(t) == ALL


def columns(lake: Athena) -> list[list[str]]:
    return [[one["Name"], one["Type"]] for one in lake.services.glue.tables["db", "t"]["StorageDescriptor"]["Columns"]]


COLUMNS = table_cases("ddl_changes_columns")


@pytest.mark.parametrize(("clause", "expected"), COLUMNS)
def test_columns_change(t: Athena, clause: str, expected: list[list[str]]) -> None:
    t.ok(f"ALTER TABLE db.t {clause}")
    assert columns(t) == expected
    assert partitions(t) == ALL


def test_a_changed_column_keeps_its_comment(t: Athena) -> None:
    t.ok("ALTER TABLE t CHANGE a c bigint")
    assert t.services.glue.tables["db", "t"]["StorageDescriptor"]["Columns"][0] == {
        "Name": "c",
        "Type": "bigint",
        "Comment": "one",
    }


def partition(lake: Athena, *values: str) -> dict[str, Any]:
    return next(one for one in lake.services.glue.list_partitions("db", "t") if list(one["Values"]) == list(values))


def test_partitions_change(t: Athena) -> None:
    assert partition(t, "2024", "ñ/1")["StorageDescriptor"]["Location"] == "s3://data/t/y=2024/p=ñ%2F1"
    t.ok("ALTER TABLE t PARTITION (y = 2023, p = 'x') SET LOCATION 's3://data/other/'")
    assert partition(t, "2023", "x")["StorageDescriptor"]["Location"] == "s3://data/other/"
    t.ok("ALTER TABLE t PARTITION (y = 2023, p = 'x') RENAME TO PARTITION (y = 2000, p = 'w')")
    assert partition(t, "2000", "w")["StorageDescriptor"]["Location"] == "s3://data/other/"
    assert "y=2023/p=x" not in partitions(t)
    t.ok("ALTER TABLE t PARTITION (y = 2000, p = 'w') ADD COLUMNS (c int)")
    assert [one["Name"] for one in partition(t, "2000", "w")["StorageDescriptor"]["Columns"]] == ["a", "b", "c"]
    t.ok("ALTER TABLE t PARTITION (y = 2000, p = 'w') REPLACE COLUMNS (z int)")
    assert [one["Name"] for one in partition(t, "2000", "w")["StorageDescriptor"]["Columns"]] == ["z"]


def test_table_settings_change(t: Athena) -> None:
    t.ok("ALTER TABLE t SET TBLPROPERTIES ('a'='1', 'b'='2')")
    t.ok("ALTER TABLE t SET TBLPROPERTIES ('b'='3')")
    assert ["a\t1"] in t.ok("SHOW TBLPROPERTIES t")
    assert t.ok("SHOW TBLPROPERTIES t ('b')") == [["b\t3"]]
    assert t.ok("SHOW TBLPROPERTIES t('zz')") == [["zz\tTable db.t does not have property: zz"]]
    t.ok("ALTER TABLE t SET LOCATION 's3://data/new/'")
    assert t.services.glue.tables["db", "t"]["StorageDescriptor"]["Location"] == "s3://data/new/"


def test_databases_change(lake: Athena) -> None:
    lake.ok(
        "CREATE SCHEMA IF NOT EXISTS `otra` COMMENT 'it''s' LOCATION 's3://data/otra/' WITH DBPROPERTIES ('a'='1', 'b'='2')"
    )
    lake.ok("ALTER SCHEMA otra SET DBPROPERTIES ('b'='3', \"c\"='4')")
    found = lake.services.glue.databases["otra"]
    assert (found["Description"], found["LocationUri"], found["Parameters"]) == (
        "it's",
        "s3://data/otra/",
        {"a": "1", "b": "3", "c": "4"},
    )
    lake.ok("DROP SCHEMA IF EXISTS otra RESTRICT")
    lake.ok("DROP DATABASE IF EXISTS otra CASCADE")
    assert list(lake.services.glue.databases) == ["db"]


SHOWS = table_cases("ddl_changes_shows")


@pytest.mark.parametrize(("sql", "names"), SHOWS)
def test_shows(lake: Athena, sql: str, names: list[str]) -> None:
    lake.services.glue.create_database({"Name": "db_dos"})
    for name in ("ventas_2024", "zona", "ventas_2023"):
        lake.ok(f"CREATE EXTERNAL TABLE {name} (a int, b int) PARTITIONED BY (p int) LOCATION 's3://data/{name}/'")
    lake.ok("CREATE VIEW vista AS SELECT 1 AS a")
    assert [str(row[0]).strip() for row in lake.ok(sql)] == names


HEAD = "# col_name            \tdata_type           \tcomment             "
PLAIN = [
    "a                   \tint                 \tone                 ",
    "b                   \tstring              \t                    ",
    "y                   \tint                 \t                    ",
    "p                   \tstring              \t                    ",
    "\t \t ",
    "# Partition Information\t \t ",
    HEAD,
    "\t \t ",
    "y                   \tint                 \t                    ",
    "p                   \tstring              \t                    ",
]


def lines(lake: Athena, sql: str) -> list[str]:
    """The result object's lines: GetQueryResults may cut them at tabs."""
    answer = lake.run(sql)
    assert answer.state == "SUCCEEDED", answer.reason
    location = answer.execution["ResultConfiguration"]["OutputLocation"].removeprefix("s3://results/")
    return lake.services.store.find("results", location).path.read_text(encoding="utf-8").splitlines()


def test_describe(t: Athena) -> None:
    for sql in ("DESCRIBE t", "DESC t", "DESCRIBE db.t", "describe `t`"):
        assert lines(t, sql) == PLAIN
    assert lines(t, "DESCRIBE t a") == [PLAIN[0]]
    assert lines(t, "DESCRIBE t p") == [PLAIN[3]]


def test_describe_formatted(t: Athena) -> None:
    found = lines(t, "DESCRIBE FORMATTED t")
    assert found[: len(PLAIN)] == PLAIN
    for line in (
        "# Detailed Table Information\t \t ", "Database:           \tdb                  \t ", "Location:           \ts3://data/t/        \t ", "Table Type:         \tEXTERNAL_TABLE      \t ",  # noqa: E501
        "\tEXTERNAL            \tTRUE                ", "# Storage Information\t \t ", "SerDe Library:      \torg.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe\t ", "Num Buckets:        \t-1                  \t ", "\tserialization.format\t1                   ",  # noqa: E501
    ):  # fmt: skip
        assert line in found
    found = lines(t, "DESCRIBE FORMATTED t PARTITION (y = 2023, p = 'x')")
    assert "Partition Value:    \t[2023, x]           \t " in found
    assert "Location:           \ts3://data/t/y=2023/p=x\t " in found


def test_describe_extended(t: Athena) -> None:
    last = lines(t, "DESCRIBE EXTENDED t")[-1]
    assert last.startswith("Detailed Table Information\tTable(tableName:t, dbName:db, owner:hadoop, createTime:")
    assert "cols:[FieldSchema(name:a, type:int, comment:one), FieldSchema(name:b, type:string, comment:null)]" in last
    assert lines(t, "DESCRIBE EXTENDED t PARTITION (y = 2023, p = 'x')")[-1].startswith(
        "Detailed Partition Information\tPartition(values:[2023, x]"
    )


def test_describe_parts_of_a_column(lake: Athena) -> None:
    lake.ok(
        "CREATE EXTERNAL TABLE t (s struct<x:int,l:array<map<string,double>>>) STORED AS PARQUET LOCATION 's3://data/t/'"
    )
    shown = {
        "s.x": "x                   \tint ",
        "s.l": "l                   \tarray<map<string,double>>",
        "s.l.'$elem$'": "$elem$              \tmap<string,double>",
        "s.l.'$elem$'.'$value$'": "$value$             \tdouble",
    }
    for path, text in shown.items():
        assert lines(lake, f"DESCRIBE t {path}")[0].startswith(text)


def test_describe_shows_what_a_serde_makes_itself(lake: Athena) -> None:
    lake.ok(
        "CREATE EXTERNAL TABLE t (a int) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://data/t/'"
    )
    assert lines(lake, "DESCRIBE t") == ["a                   \tint                 \tfrom deserializer   "]


def test_describe_a_view(lake: Athena) -> None:
    lake.ok("CREATE VIEW v AS SELECT 1 AS a, 'x' AS b, ARRAY[1.5] AS c")
    assert lines(lake, "DESCRIBE v")[0] == "a\tinteger"
    assert lines(lake, "SHOW COLUMNS IN v")[0] == "a\tinteger"


REPAIRS = table_cases("ddl_changes_repairs")


@pytest.mark.parametrize(("keys", "found"), REPAIRS)
def test_repair_finds_hive_folders(lake: Athena, keys: list[str], found: list[str]) -> None:
    lake.ok("CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (y int, p string) LOCATION 's3://data/t'")
    for key in keys:
        lake.put(key, "" if key.endswith("/") else "1\n")
    lines_ = [str(row[0]) for row in lake.ok("MSCK REPAIR TABLE t")]
    assert partitions(lake) == found
    assert [line for line in lines_ if line.startswith("Repair:")] == [
        f"Repair: Added partition to metastore t:{path}" for path in found
    ]
    if found:
        assert lines_[0] == "Partitions not in metastore:\t" + "\t".join(f"t:{path}" for path in found)


def test_repair_names_what_is_gone_and_drops_nothing(lake: Athena) -> None:
    lake.ok("CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (p string) LOCATION 's3://data/t/'")
    lake.put("t/p=1/f", "1\n")
    lake.ok("ALTER TABLE t ADD PARTITION (p = '0')")
    found = [row[0] for row in lake.ok("MSCK REPAIR TABLE db.t")]
    assert found == [
        "Partitions not in metastore:\tt:p=1",
        "Partitions missing from filesystem:\tt:p=0",
        "Repair: Added partition to metastore db.t:p=1",
    ]
    assert partitions(lake) == ["p=0", "p=1"]
    assert lake.ok("SELECT a, p FROM t") == [["1", "1"]]


SUBSTATEMENTS = table_cases("ddl_changes_substatements")


@pytest.mark.parametrize(("sql", "name"), SUBSTATEMENTS)
def test_get_query_execution_names_the_statement(t: Athena, sql: str, name: str) -> None:
    answer = t.run(sql)
    assert (answer.state, answer.execution["StatementType"], answer.execution["SubstatementType"]) == (
        "SUCCEEDED",
        "DDL",
        name,
    )
