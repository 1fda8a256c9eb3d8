"""PREPARE and EXECUTE, parameters, EXPLAIN, statements that Athena does not run, very large statements."""

from __future__ import annotations

import pytest

from tests.unit.cloud.athena.fakes import Athena


def test_prepare_execute_deallocate(athena: Athena) -> None:
    athena.ok("PREPARE p FROM SELECT x FROM (VALUES 1, 2, 3) t(x) WHERE x > ? ORDER BY 1 LIMIT ?")
    assert athena.ok("EXECUTE p USING 1, 1") == [["2"]]
    assert athena.ok("EXECUTE p USING 3 - 3, 10") == [["1"], ["2"], ["3"]]
    assert athena.ok("EXECUTE p", ExecutionParameters=["2", "5"]) == [["3"]]
    assert "Incorrect number of parameters: expected 2 but found 1" in athena.fails("EXECUTE p USING 1")
    athena.ok("DEALLOCATE PREPARE p")
    assert "Prepared statement not found: p" in athena.fails("EXECUTE p")
    assert "Prepared statement not found: p" in athena.fails("DEALLOCATE PREPARE p")


def test_execute_leaves_what_the_statement_behind_it_leaves(athena: Athena) -> None:
    athena.ok("CREATE TABLE kept WITH (external_location = 's3://data/kept/') AS SELECT 1 AS x")
    athena.ok("PREPARE adds FROM INSERT INTO kept VALUES (?)")
    added = athena.run("EXECUTE adds USING 2")
    assert (added.state, added.rows) == ("SUCCEEDED", [])
    assert not added.execution["ResultConfiguration"]["OutputLocation"].endswith(".csv")
    athena.ok("PREPARE unloads FROM UNLOAD (SELECT 1 AS x) TO 's3://data/unloaded/' WITH (format = 'JSON')")
    assert athena.ok("EXECUTE unloads") == []
    assert sorted(athena.ok("SELECT x FROM kept")) == [["1"], ["2"]]


def test_parameters_have_the_types_they_are_written_in(athena: Athena) -> None:
    values = ["'it''s'", "1.5", "DATE '2024-01-31'", "TRUE", "NULL", "-7", "1e0", "ARRAY[1, 2]", "CAST(3 AS bigint)"]
    answer = athena.run("SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?", ExecutionParameters=values)
    assert answer.rows == [["it's", "1.5", "2024-01-31", "true", None, "-7", "1.0", "[1, 2]", "3"]]


def test_question_marks_in_texts_names_and_comments_are_no_parameters(athena: Athena) -> None:
    sql = 'SELECT \'?\', ?, "?" /* ? */ FROM (VALUES 1) t("?") -- ?'
    assert athena.ok(sql, ExecutionParameters=["2"]) == [["?", "2", "1"]]


@pytest.mark.parametrize("value", ["abc", "1; DROP TABLE t", "1, 2", "(SELECT 1)", "'open", "x = 1"])
def test_a_parameter_is_one_constant(athena: Athena, value: str) -> None:
    assert "Execution parameter is not a constant" in athena.fails("SELECT ?", ExecutionParameters=[value])


def test_a_comment_in_a_parameter_hides_nothing(athena: Athena) -> None:
    assert athena.ok("SELECT ?, 2", ExecutionParameters=["1 -- x"]) == [["1", "2"]]


def test_a_parameter_without_a_value_fails(athena: Athena) -> None:
    assert "INVALID_PARAMETER_USAGE: line 1:8: " in athena.fails("SELECT ?")


def test_explain_shows_what_is_read_and_reads_nothing(athena: Athena) -> None:
    athena.put("t/a.csv", "1\n2\n")
    athena.ok("CREATE EXTERNAL TABLE t (id int) LOCATION 's3://data/t/'")
    answer = athena.run("EXPLAIN SELECT id FROM t")
    text = "\n".join(str(row[0]) for row in answer.rows)
    assert "TableScan[awsdatacatalog:db:t] columns ['id']" in text
    assert "Bytes to scan: 4" in text
    assert answer.scanned_bytes == 0
    assert athena.run("EXPLAIN ANALYZE SELECT id FROM t").scanned_bytes == 4


def test_explain_options(athena: Athena) -> None:
    assert athena.ok("EXPLAIN (TYPE VALIDATE) SELECT 1") == [["Valid"], ["true"]]
    assert athena.run("EXPLAIN (FORMAT JSON, TYPE LOGICAL) SELECT 1").rows[1] == ["["]
    assert ["digraph G {"] in athena.run("EXPLAIN (FORMAT GRAPHVIZ) SELECT 1").rows
    assert "NOT_SUPPORTED: EXPLAIN (TYPE IO)" in athena.fails("EXPLAIN (TYPE IO) SELECT 1")
    assert "COLUMN_NOT_FOUND: line 1:32: " in athena.fails("EXPLAIN (TYPE VALIDATE) SELECT nope")
    assert "line 1:17: mismatched input 'XML'. Expecting: 'GRAPHVIZ', 'JSON', 'TEXT'" in athena.fails(
        "EXPLAIN (FORMAT XML) SELECT 1"
    )


@pytest.mark.parametrize(
    "sql",
    [
        "USE db", "SET SESSION a = 1", "RESET SESSION a", "GRANT SELECT ON t TO u", "REVOKE SELECT ON t FROM u", "CALL x()",
        "TRUNCATE TABLE t", "ANALYZE t", "COMMENT ON TABLE t IS 'x'", "START TRANSACTION", "COMMIT", "SHOW CATALOGS",
        "SHOW SESSION", "SHOW FUNCTIONS", "CREATE ROLE r", "CREATE MATERIALIZED VIEW v AS SELECT 1",
    ],
)  # fmt: skip
def test_statements_that_athena_does_not_run(athena: Athena, sql: str) -> None:
    assert athena.fails(sql) == "Queries of this type are not supported"


@pytest.mark.parametrize(
    ("sql", "place"),
    [
        ("CREATE INDEX i ON t (x)", "line 1:8: mismatched input 'INDEX'. Expecting: "),
        ("CREATE TEMPORARY TABLE x (a int)", "line 1:8: mismatched input 'TEMPORARY'. Expecting: "),
        ("INSERT OVERWRITE t SELECT 1", "line 1:8: mismatched input 'OVERWRITE'. Expecting: 'INTO'"),
        ("DELETE t", "line 1:8: mismatched input 't'. Expecting: 'FROM'"),
        ("SELEC 1", "line 1:1: mismatched input 'SELEC'. Expecting: 'ALTER', 'ANALYZE', 'CALL'"),
        ("-- nothing", "line 1:11: mismatched input '<EOF>'. Expecting: 'ALTER'"),
    ],
)
def test_beginnings_that_are_no_statement(athena: Athena, sql: str, place: str) -> None:
    assert athena.fails(sql).startswith(place)


def test_rows_of_hive_tables_are_not_modified(athena: Athena) -> None:
    athena.ok("CREATE EXTERNAL TABLE t (id int) LOCATION 's3://data/t/'")
    words = "NOT_SUPPORTED: Modifying Hive table rows is only supported for transactional tables"
    for sql in (
        "DELETE FROM t WHERE id = 1",
        "UPDATE t SET id = 2",
        "MERGE INTO t USING t u ON true WHEN MATCHED THEN DELETE",
    ):
        assert athena.fails(sql) == words
    assert "TABLE_NOT_FOUND" in athena.fails("DELETE FROM nope")


def test_a_result_shows_names_as_the_query_writes_them(athena: Athena) -> None:
    answer = athena.run('SELECT 1 AS Total, X, t.*, 2 AS "A b", 3 FROM (SELECT 4 AS X, 5 AS Yy) T')
    assert [column["Name"] for column in answer.columns] == ["Total", "X", "X", "Yy", "A b", "_col5"]
    names = athena.run("SELECT a.Id FROM (VALUES 1) A(ID) UNION ALL SELECT 2 AS Other").columns
    assert [column["Name"] for column in names] == ["Id"]


def test_large_statements(athena: Athena) -> None:
    values = "FROM (VALUES 1, 2, 3) t(x)"
    assert athena.ok(f"SELECT count(*) {values} WHERE {' OR '.join(f'x = {i}' for i in range(1000))}") == [["3"]]
    assert athena.ok(f"SELECT count(*) {values} WHERE x IN ({', '.join(map(str, range(5000)))})") == [["3"]]
    assert athena.ok(f"SELECT {'+'.join(['1'] * 1000)}") == [["1000"]]
    assert athena.ok(f"SELECT {'+'.join(['x'] * 1000)} {values} WHERE x = 2") == [["2000"]]
    assert athena.ok(f"SELECT {'(' * 500}1{')' * 500}") == [["1"]]
    assert athena.ok(f"SELECT 1 {'UNION ALL SELECT 1 ' * 300}") == [["1"]] * 301
    assert athena.ok(f"SELECT length('{'x' * 250_000}')") == [["250000"]]


@pytest.mark.parametrize(
    "sql", [f"SELECT {'(' * 20_000}1{')' * 20_000}", "SELECT " + "- " * 3000 + "1", "SELECT " + "+".join(["1"] * 5000)]
)
def test_statements_that_nest_too_deeply_are_refused(athena: Athena, sql: str) -> None:
    assert "statement is too large (stack overflow" in athena.fails(sql)
