"""Views in SELECT: as Athena stores them, on one another, stale, recursive."""

from __future__ import annotations

import base64
import json

import pytest

from tests.unit.cloud.athena.fakes import Athena


@pytest.fixture
def base(athena: Athena) -> Athena:
    athena.put("t/a.csv", "1,a\n2,b\n")
    athena.ok(
        "CREATE EXTERNAL TABLE t (id int, v string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://data/t/'"
    )
    return athena


def stored(sql: str, columns: list[tuple[str, str]], schema: str = "db") -> dict[str, object]:
    """A view's document as Athena writes it."""
    text = json.dumps(
        {
            "originalSql": sql,
            "catalog": "awsdatacatalog",
            "schema": schema,
            "columns": [{"name": name, "type": kind} for name, kind in columns],
        }
    )
    return {
        "TableType": "VIRTUAL_VIEW",
        "ViewOriginalText": f"/* Presto View: {base64.b64encode(text.encode()).decode()} */",
        "ViewExpandedText": "/* Presto View */",
        "Parameters": {"presto_view": "true"},
        "StorageDescriptor": {"Columns": [], "Location": ""},
        "PartitionKeys": [],
    }


def test_a_view_is_its_query(base: Athena) -> None:
    base.ok("CREATE VIEW w AS SELECT id * 10 AS ten, v FROM t WHERE id > 1")
    assert base.ok("SELECT * FROM w") == [["20", "b"]]
    assert base.ok('SELECT x.ten, W.v FROM w x JOIN "W" ON x.ten = w.ten') == [["20", "b"]]
    assert base.ok("SELECT db.w.ten FROM awsdatacatalog.db.w") == [["20"]]


def test_a_view_on_a_view_and_in_a_subquery(base: Athena) -> None:
    base.ok("CREATE VIEW w AS SELECT id, v FROM t")
    base.ok("CREATE VIEW x AS WITH c AS (SELECT id + 1 AS n FROM w) SELECT n FROM c ORDER BY n DESC LIMIT 1")
    assert base.ok("SELECT n FROM x WHERE n IN (SELECT id + 1 FROM w)") == [["3"]]


def test_a_view_keeps_the_database_it_was_made_in(base: Athena) -> None:
    base.ok("CREATE DATABASE other")
    base.ok("CREATE VIEW w AS SELECT id FROM t")
    context = {"QueryExecutionContext": {"Database": "other"}}
    assert base.ok("SELECT id FROM db.w ORDER BY 1", **context) == [["1"], ["2"]]


def test_names_of_the_query_around_a_view_mean_nothing_in_it(base: Athena) -> None:
    base.ok("CREATE VIEW w AS SELECT id FROM t")
    assert base.ok("WITH t AS (SELECT 9 AS id) SELECT w.id FROM w, t WHERE t.id = 9 ORDER BY 1") == [["1"], ["2"]]


def test_a_view_that_no_longer_fits_its_tables_is_refused(base: Athena) -> None:
    base.ok("CREATE VIEW w AS SELECT id, v FROM t")
    base.ok("DROP TABLE t")
    reason = base.fails("SELECT * FROM w")
    assert reason.startswith("INVALID_VIEW: line 1:15: Failed analyzing stored view 'awsdatacatalog.db.w': ")
    assert "Table 'awsdatacatalog.db.t' does not exist" in reason


def test_a_view_with_fewer_columns_than_its_query_is_stale(base: Athena) -> None:
    base.services.glue.create_table("db", {"Name": "w", **stored("SELECT id, v FROM t", [("id", "integer")])})
    assert "VIEW_IS_STALE" in base.fails("SELECT * FROM w")


def test_a_view_that_names_itself_is_recursive(base: Athena) -> None:
    base.services.glue.create_table("db", {"Name": "w", **stored("SELECT id FROM w", [("id", "integer")])})
    assert "VIEW_IS_RECURSIVE" in base.fails("SELECT * FROM w")


def test_a_views_columns_have_the_types_it_was_made_with(base: Athena) -> None:
    document = stored("SELECT id FROM t", [("id", "bigint")])
    base.services.glue.create_table("db", {"Name": "w", **document})
    answer = base.run("SELECT id FROM w ORDER BY 1")
    assert (answer.rows, answer.columns[0]["Type"]) == ([["1"], ["2"]], "bigint")


def test_a_hive_view_is_refused_by_name(base: Athena) -> None:
    document = {**stored("", []), "ViewOriginalText": "SELECT id FROM t", "Parameters": {}}
    base.services.glue.create_table("db", {"Name": "w", **document})
    assert "NOT_SUPPORTED: line 1:15: the Hive view db.w" in base.fails("SELECT * FROM w")


def test_information_schema_knows_views(base: Athena) -> None:
    base.ok("CREATE VIEW w AS SELECT id, v FROM t")
    where = "WHERE table_schema = 'db' ORDER BY table_name"
    assert base.ok(f"SELECT table_name, table_type FROM information_schema.tables {where}") == [
        ["t", "BASE TABLE"],
        ["w", "VIEW"],
    ]
    assert base.ok(f"SELECT table_name FROM information_schema.views {where}") == [["w"]]
    columns = "SELECT column_name, data_type, ordinal_position FROM information_schema.columns"
    assert base.ok(f"{columns} WHERE table_schema = 'db' AND table_name = 'w' ORDER BY ordinal_position") == [
        ["id", "integer", "1"],
        ["v", "varchar", "2"],
    ]
