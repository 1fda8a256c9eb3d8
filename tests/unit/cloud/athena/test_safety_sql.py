"""What a student's SQL could try: host files, DuckDB's own functions and statements, more than one statement, places outside of S3."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit.cloud.call import AwsError
from tests.unit.cloud.athena.fakes import Athena

_FUNCTIONS = (
    "read_csv", "read_csv_auto", "read_parquet", "parquet_scan", "read_json", "read_json_auto", "read_ndjson", "read_text", "read_blob",
    "glob", "sniff_csv", "parquet_metadata", "parquet_schema", "duckdb_settings", "duckdb_secrets", "duckdb_functions", "pragma_version",
    "query", "query_table", "json_execute_serialized_sql", "checkpoint", "force_checkpoint", "read_duckdb", "sqlite_scan", "arrow_scan",
)  # fmt: skip
_SCALARS = (
    "getenv", "current_setting", "version", "pg_typeof", "txid_current", "nextval", "currval", "sql_auto_complete", "write_log", "error",
    "read_text", "json_serialize_sql", "list_transform", "double_text", "slice_text", "py_x", "in_search_path", "current_query",
)  # fmt: skip
_STATEMENTS = (
    "PRAGMA version", "SET threads = 1", "RESET ALL", "COPY t TO '/tmp/x'", "COPY (SELECT 1) TO '{secret}.copy'", "ATTACH '{secret}.db'",
    "DETACH x", "USE memory", "INSTALL httpfs", "LOAD httpfs", "EXPORT DATABASE '{secret}.export'", "IMPORT DATABASE 'x'", "VACUUM",
    "CHECKPOINT", "CREATE MACRO f(x) AS x", "CREATE SECRET s (TYPE s3)", "CALL pragma_version()", "FROM t", "SUMMARIZE t", "PIVOT t ON s",
    "SELECT 1; SELECT 2", "SELECT * FROM t; DROP TABLE t", "SELECT 1 --\n; SELECT 2", "SELECT {{'a': 1}}", "SELECT [1, 2]",  "SELECT $$x$$",
    "SELECT #1 FROM t", "SELECT COLUMNS('.*') FROM t", "SELECT * EXCLUDE (n) FROM t", "SELECT $1", "SELECT t.* REPLACE (1 AS n) FROM t",
)  # fmt: skip


@pytest.fixture
def lab(athena: Athena, tmp_path: Path) -> Athena:
    (tmp_path / "secret.csv").write_text("TOPSECRET,1\n")
    athena.put("t/a.csv", "x,1\ny,2\n")
    athena.ok(
        "CREATE EXTERNAL TABLE t (s string, n int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://data/t/'"
    )
    return athena


def _refused(lab: Athena, sql: str, tmp_path: Path) -> None:
    before = sorted(tmp_path.glob("*secret*"))
    reason = lab.fails(sql.format(secret=tmp_path / "secret.csv"))
    assert "TOPSECRET" not in reason
    assert "Parser Error" not in reason  # the text reached DuckDB as SQL
    assert sorted(tmp_path.glob("*secret*")) == before


def test_functions_that_read_files_are_no_tables(lab: Athena, tmp_path: Path) -> None:
    for name in _FUNCTIONS:
        _refused(lab, f"SELECT * FROM {name}('{{secret}}')", tmp_path)
        _refused(lab, f"SELECT * FROM TABLE({name}('{{secret}}'))", tmp_path)


def test_duckdbs_own_scalar_functions_are_unknown(lab: Athena, tmp_path: Path) -> None:
    for name in (*_SCALARS, *_FUNCTIONS):
        _refused(lab, f"SELECT {name}('{{secret}}')", tmp_path)
        _refused(lab, f"SELECT TRY({name}('HOME')) FROM t", tmp_path)


@pytest.mark.parametrize("sql", _STATEMENTS)
def test_statements_that_are_not_athenas(lab: Athena, tmp_path: Path, sql: str) -> None:
    _refused(lab, sql, tmp_path)


@pytest.mark.parametrize(
    "name",
    ["'{secret}'", '"{secret}"', 'db."{secret}"', '"../{secret}"', "main.t", "temp.scan_0", "scan_0", "sqlite_master",
     "pg_catalog.pg_tables",
     "memory.main.scan_0", "duckdb_tables", "information_schema.character_sets", "system.information_schema.tables"],
)  # fmt: skip
def test_names_reach_only_the_catalog(lab: Athena, tmp_path: Path, name: str) -> None:
    _refused(lab, f"SELECT * FROM {name}", tmp_path)
    _refused(lab, f"SELECT (SELECT count(*) FROM {name})", tmp_path)
    _refused(lab, f"CREATE TABLE c AS SELECT * FROM {name}", tmp_path)


@pytest.mark.parametrize("place", ["/tmp/x/", "file:///tmp/x/", "{secret}", "hdfs://h/x/", "http://127.0.0.1/x/"])
def test_nothing_is_written_outside_of_s3(lab: Athena, tmp_path: Path, place: str) -> None:
    _refused(lab, f"UNLOAD (SELECT 1 AS a) TO '{place}' WITH (format = 'PARQUET')", tmp_path)
    _refused(lab, f"CREATE TABLE c WITH (external_location = '{place}') AS SELECT 1 AS a", tmp_path)
    with pytest.raises(AwsError, match="not a valid S3 path"):
        lab.start("SELECT 1", ResultConfiguration={"OutputLocation": place.format(secret=tmp_path).replace("s3", "x")})


def test_a_key_with_dots_is_a_key(lab: Athena, tmp_path: Path) -> None:
    answer = lab.run("SELECT 1 AS a", ResultConfiguration={"OutputLocation": "s3://results/../../x/"})
    assert answer.execution["ResultConfiguration"]["OutputLocation"] == f"s3://results/../../x/{answer.id}.csv"
    assert lab.services.store.find("results", f"../../x/{answer.id}.csv") is not None
    assert not list(tmp_path.parent.glob("x/*.csv"))


@pytest.mark.parametrize(
    "name", ['a""; DROP TABLE x; --', "it's", "{0}", "$1", "?", "c0", "r1.c0", "ñ €", "a\nb", "%s"]
)
def test_names_of_a_query_stay_names(lab: Athena, name: str) -> None:
    sql = f'WITH "{name}" AS (SELECT s AS "{name}" FROM t) SELECT "{name}" FROM "{name}" ORDER BY "{name}"'
    answer = lab.run(sql)
    assert answer.state == "SUCCEEDED", answer.reason
    assert answer.rows == [["x"], ["y"]]
    assert answer.columns[0]["Name"].lower() == name.replace('""', '"').lower()


@pytest.mark.parametrize(
    "value", ["'; DROP TABLE t; --", '"', "\\", "\\'", "{0}", "%s", "$$", "?", "\x01", "\n", "--", "/*", "ñ"]
)
def test_texts_stay_texts(lab: Athena, value: str) -> None:
    quoted = value.replace("'", "''")
    assert lab.ok(f"SELECT '{quoted}', s FROM t WHERE s <> '{quoted}' ORDER BY s") == [[value, "x"], [value, "y"]]


def test_parameters_are_values(lab: Athena) -> None:
    """One constant expression each, in parentheses of its own: never a part of the statement around it."""
    for value in (
        "1; DROP TABLE t",
        "1) UNION SELECT 2 --",
        "(SELECT 1)",
        "s",
        "/* */",
        "",
        "'",
        "1, 2",
        "?",
        "1 AS a",
        "*",
    ):
        with pytest.raises(AwsError) as caught:
            lab.start("SELECT ? FROM t", ExecutionParameters=[value])
        assert caught.value.code == "InvalidRequestException", value
    assert lab.ok("SELECT s FROM t WHERE n = 1 AND ?", ExecutionParameters=["1 = 2 OR 1 = 2"]) == []
    assert "getenv" in lab.fails("SELECT ? FROM t", ExecutionParameters=["getenv('HOME')"])
    assert lab.ok("SELECT ? FROM t WHERE n = 1", ExecutionParameters=["'it''s; --'"]) == [["it's; --"]]
    with pytest.raises(AwsError):
        lab.start("SELECT ? FROM t", ExecutionParameters=[])


def test_a_prepared_text_is_checked_like_any_other(lab: Athena, tmp_path: Path) -> None:
    names = {"StatementName": "p", "WorkGroup": "primary"}
    for text in (
        "SELECT * FROM read_text('{secret}')",
        "SELECT 1; SELECT 2",
        "COPY t TO 'x'",
        "EXECUTE p",
        "DROP TABLE t",
    ):
        lab.services.documents.kept.clear()
        try:
            lab.call("CreatePreparedStatement", QueryStatement=text.format(secret=tmp_path / "secret.csv"), **names)
        except AwsError as failure:
            assert failure.code == "InvalidRequestException"  # noqa: PT017  # refused even earlier
            continue
        _refused(lab, "EXECUTE p", tmp_path)
    assert lab.ok("SELECT count(*) FROM t") == [["2"]]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 2000 + "1" + ")" * 2000,
        "SELECT " + " + ".join(["1"] * 2000),
        "SELECT " + "NOT " * 2000 + "true",
        "SELECT 1 WHERE " + " AND ".join(["1 = 1"] * 2000),
        "SELECT " + "abs(" * 2000 + "1" + ")" * 2000,
        "SELECT * FROM " + "(SELECT * FROM " * 500 + "t" + ")" * 500,
        " UNION ALL ".join(["SELECT 1"] * 2000),
        "SELECT " + "CASE WHEN true THEN " * 500 + "1" + " END" * 500,
    ],
    ids=["parentheses", "sum", "not", "and", "calls", "subqueries", "unions", "case"],
)
def test_deep_texts_end_in_a_state_and_the_engine_lives_on(lab: Athena, sql: str) -> None:
    try:
        answer = lab.run(sql)
    except AwsError as failure:
        assert failure.code == "InvalidRequestException"  # noqa: PT017  # too deep to parse
    else:
        assert (
            answer.state == "SUCCEEDED" or "too large" in str(answer.reason) or "does not exist" in str(answer.reason)
        )
    assert lab.ok("SELECT 1") == [["1"]]
