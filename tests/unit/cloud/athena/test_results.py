"""Result files and pages: bytes, types, big results, runtime statistics."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path

import pytest

from labkit.cloud.athena.rendering import renderer
from labkit.cloud.athena.result_text import text_sql
from labkit.cloud.athena.results import read_lines
from labkit.cloud.athena.session import open_session
from labkit.cloud.athena.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    REAL,
    TIMESTAMP,
    VARBINARY,
    VARCHAR,
    Type,
    array,
    decimal,
)  # fmt: skip
from labkit.cloud.call import AwsError
from tests.unit.cloud.athena.fakes import Answer, Athena


def map_of(key: Type, value: Type) -> Type:
    return Type("map", items=(key, value))


_ROW = Type("row", items=(INTEGER, VARCHAR, decimal(3, 3)), fields=("a", "b'c", None))
_STRUCT = 'STRUCT(a INTEGER, "b\'c" VARCHAR, field2 DECIMAL(3, 3))'
_ROWS = ["{'a': 1, 'b''c': NULL, 'field2': 0.5}", "{'a': NULL, 'b''c': 'x', 'field2': -0.001}"]
_REALS = [
    "0.1",
    "-0.0",
    "1e7",
    "9999999",
    "3.4028235e38",
    "1.17549435e-38",
    "1e-45",
    "3e-45",
    "16777216",
    "0.001",
    "123456.79",
]
_DOUBLES = (
    0.0,
    -0.0,
    1e-3,
    9.99999e-4,
    1e7,
    9999999.999999998,
    1e22,
    1e23,
    5e-324,
    1.7976931348623157e308,
    123456789.0,
    0.1,
    1 / 3,
    -2.5,
)


def _file(athena: Athena, answer: Answer) -> bytes:
    location = answer.execution["ResultConfiguration"]["OutputLocation"]
    stored = athena.services.store.find("results", location.removeprefix("s3://results/"))
    assert stored is not None
    return stored.path.read_bytes()


@pytest.mark.parametrize(
    ("kind", "name", "values"),
    [
        (DOUBLE, "DOUBLE", [repr(one) for one in _DOUBLES] + [f"CAST('{one}' AS DOUBLE)" for one in ("nan", "inf", "-inf")]),
        (BIGINT, "BIGINT", ["0", "-1", "9223372036854775807", "-9223372036854775808"]),
        (BOOLEAN, "BOOLEAN", ["true", "false"]),
        (VARCHAR, "VARCHAR", ["''", "'a\"b'", "'ñ,\n\t'", "'NULL'"]),
        (DATE, "DATE", ["DATE '0001-01-01'", "DATE '1969-12-31'", "DATE '9999-12-31'"]),
        (TIMESTAMP, "TIMESTAMP", ["TIMESTAMP '1969-12-31 23:59:59.9999'", "TIMESTAMP '0001-01-01 00:00:00'",
                                   "TIMESTAMP '2024-02-29 12:00:00.5'"]),
        (decimal(5, 2), "DECIMAL(5, 2)", ["0.50", "-0.50", "0", "-999.99"]),
        (decimal(5, 5), "DECIMAL(5, 5)", ["0.5", "-0.5", "0", "-0.00001"]),
        (decimal(38, 0), "DECIMAL(38, 0)", ["99999999999999999999999999999999999999", "-1"]),
        (REAL, "FLOAT", _REALS),
        (VARBINARY, "BLOB", ["''", "'\\x00\\xFF'", "'abc'"]),
        (array(INTEGER), "INTEGER[]", ["[1, NULL, 2]", "[]", "[NULL]"]),
        (array(array(DOUBLE)), "DOUBLE[][]", ["[[1.5, NULL], NULL, []]", "[[1e10, 'nan']]"]),
        (array(VARCHAR), "VARCHAR[]", ["['a, b', '', 'x\"y']"]),
        (map_of(VARCHAR, DOUBLE), "MAP(VARCHAR, DOUBLE)", ["MAP {'a': 1, 'b': NULL}", "MAP {}"]),
        (map_of(INTEGER, array(DATE)), "MAP(INTEGER, DATE[])", ["MAP {1: [DATE '2024-01-01', NULL]}"]),
        (_ROW, _STRUCT, _ROWS),
        (array(_ROW), f"{_STRUCT}[]", ["[{'a': 1, 'b''c': 'y', 'field2': 0.5}, NULL]"]),
    ],
)  # fmt: skip
def test_duckdb_writes_what_python_would_write(kind: Type, name: str, values: list[str]) -> None:
    connection = open_session()
    show, shown = renderer(kind), text_sql(kind, "v")
    assert shown is not None
    rows = ", ".join(f"(CAST({value} AS {name}))" for value in values)
    for value, text in connection.execute(f"SELECT v, {shown} FROM (VALUES {rows}) AS t(v)").fetchall():
        assert text == show(value)
    assert connection.execute(f"SELECT {shown} FROM (SELECT CAST(NULL AS {name}) AS v)").fetchall() == [(None,)]


def test_random_doubles_are_written_as_java_writes_them() -> None:
    chance = random.Random(7)
    values = [chance.uniform(-1, 1) * 10.0 ** chance.randint(-12, 20) for _ in range(5000)]
    show, connection = renderer(DOUBLE), open_session()
    found = connection.execute(
        f"SELECT v, {text_sql(DOUBLE, 'v')} FROM (SELECT unnest(?::DOUBLE[]) AS v)", [values]
    ).fetchall()
    assert [text for _, text in found] == [show(value) for value, _ in found]


def test_random_reals_are_written_as_java_writes_them() -> None:
    chance = random.Random(11)
    values = [chance.uniform(-1, 1) * 10.0 ** chance.randint(-44, 37) for _ in range(3000)]
    show, connection = renderer(REAL), open_session()
    found = connection.execute(
        f"SELECT v, {text_sql(REAL, 'v')} FROM (SELECT unnest(?::FLOAT[]) AS v)", [values]
    ).fetchall()
    assert [text for _, text in found] == [show(value) for value, _ in found]


def test_both_ways_of_writing_give_the_same_file(athena: Athena) -> None:
    """A column that only Python renders sends the whole result the other way."""
    columns = "7 AS i, CAST(1.5 AS double) AS d, 'a\"ñ' AS t, CAST(NULL AS varchar) AS n, '' AS e, DATE '2024-01-02' AS f, true AS b"
    plain = _file(athena, athena.run(f"SELECT {columns} FROM UNNEST(ARRAY[1, 2]) AS u(x)")).decode()
    mixed = _file(athena, athena.run(f"SELECT {columns}, ARRAY[1] AS l FROM UNNEST(ARRAY[1, 2]) AS u(x)")).decode()
    assert plain == '"i","d","t","n","e","f","b"\n' + '"7","1.5","a""ñ",,"","2024-01-02","true"\n' * 2
    assert mixed == plain.replace('"b"\n', '"b","l"\n').replace('"true"\n', '"true","[1]"\n')


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1 AS a WHERE false", b'"a"\n'),
        ("SELECT CAST(NULL AS integer) AS a FROM UNNEST(ARRAY[1, 2]) AS t(x)", b'"a"\n\n\n'),
        ("SELECT 1 AS a, 2 AS a", b'"a","a"\n"1","2"\n'),
        ('SELECT 1, 2 AS "x,""y"', b'"_col0","x,""y"\n"1","2"\n'),
        ("SELECT x FROM UNNEST(ARRAY[3, 1, 2]) AS t(x) ORDER BY x DESC", b'"x"\n"3"\n"2"\n"1"\n'),
        ("SELECT 'a\r\nb' AS t", b'"t"\n"a\r\nb"\n'),
    ],
)  # fmt: skip
def test_files(athena: Athena, sql: str, expected: bytes) -> None:
    assert _file(athena, athena.run(sql)) == expected


def test_order_is_kept_in_a_big_result(athena: Athena) -> None:
    numbers = "UNNEST(sequence(1, 400))"
    sql = f"SELECT x * 400 + y AS n FROM {numbers} AS a(x) CROSS JOIN {numbers} AS b(y) ORDER BY n DESC"
    found = [int(line.strip('"')) for line in _file(athena, athena.run(sql)).decode().splitlines()[1:]]
    assert len(found) == 160_000
    assert found == sorted(found, reverse=True)


def test_pandas_reads_the_file(athena: Athena) -> None:
    pandas = pytest.importorskip("pandas")
    body = _file(athena, athena.run("SELECT 1 AS n, CAST(NULL AS varchar) AS t, 'x\ny' AS u, 0.25E0 AS d"))
    frame = pandas.read_csv(io.BytesIO(body))
    assert frame.to_dict("records") == [{"n": 1, "t": pytest.approx(float("nan"), nan_ok=True), "u": "x\ny", "d": 0.25}]
    assert next(csv.reader(io.StringIO(body.decode()))) == ["n", "t", "u", "d"]


@pytest.mark.parametrize(
    ("expression", "kind", "precision", "scale", "case_sensitive"),
    [
        ("1", "integer", 10, 0, False), ("CAST(1 AS bigint)", "bigint", 19, 0, False), ("CAST(1 AS smallint)", "smallint", 5, 0, False),
        ("CAST(1 AS tinyint)", "tinyint", 3, 0, False), ("1E0", "double", 17, 0, False), ("CAST(1 AS real)", "float", 17, 0, False),
        ("1.50", "decimal", 3, 2, False), ("true", "boolean", 0, 0, False), ("CAST('a' AS varchar)", "varchar", 2147483647, 0, True),
        ("DATE '2024-01-01'", "date", 0, 0, False), ("TIMESTAMP '2024-01-01 00:00:00.000'", "timestamp", 3, 0, False),
        ("ARRAY[1]", "array", 0, 0, False), ("MAP(ARRAY[1], ARRAY[2])", "map", 0, 0, False), ("X'00'", "varbinary", 1073741824, 0, False),
    ],
)  # fmt: skip
def test_columns_are_described(
    athena: Athena, expression: str, kind: str, precision: int, scale: int, case_sensitive: bool
) -> None:
    column = athena.run(f"SELECT {expression} AS c").columns[0]
    assert column == {
        "CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": "c", "Label": "c", "Type": kind, "Precision": precision,
        "Scale": scale, "Nullable": "UNKNOWN", "CaseSensitive": case_sensitive,
    }  # fmt: skip


def test_pages_of_a_query_and_of_a_show(athena: Athena) -> None:
    answer = athena.run("SELECT x FROM UNNEST(sequence(1, 25)) AS t(x) ORDER BY x")
    rows, _ = athena.rows(answer.id, MaxResults=10)
    assert [row[0] for row in rows] == ["x", *map(str, range(1, 26))]
    for number in range(12):
        athena.ok(f"CREATE EXTERNAL TABLE t{number:02d} (a int) LOCATION 's3://data/t/'")
    shown = athena.run("SHOW TABLES")
    rows, _ = athena.rows(shown.id, MaxResults=5)
    assert [row[0] for row in rows] == [f"t{number:02d}" for number in range(12)]
    first = athena.call("GetQueryResults", QueryExecutionId=answer.id, MaxResults=10)
    assert first["UpdateCount"] == 0
    with pytest.raises(AwsError, match="Invalid NextToken"):
        athena.call("GetQueryResults", QueryExecutionId=shown.id, NextToken=first["NextToken"])


def test_what_writes_tells_its_rows(athena: Athena) -> None:
    made = athena.run("CREATE TABLE c AS SELECT x FROM UNNEST(sequence(1, 5)) AS t(x)")
    page = athena.call("GetQueryResults", QueryExecutionId=made.id)
    assert page["UpdateCount"] == 5
    assert page["ResultSet"]["Rows"] == []
    assert [one["Name"] for one in page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]] == ["rows"]
    assert made.execution["ResultConfiguration"]["OutputLocation"] == f"s3://results/q/tables/{made.id}"
    assert made.execution["Statistics"]["DataManifestLocation"] == f"s3://results/q/tables/{made.id}-manifest.csv"
    assert athena.services.store.find("results", f"q/tables/{made.id}.metadata") is not None
    created = athena.run("CREATE DATABASE otra")
    page = athena.call("GetQueryResults", QueryExecutionId=created.id)
    assert page == {"UpdateCount": 0, "ResultSet": {"Rows": [], "ResultSetMetadata": {"ColumnInfo": []}}}


def test_results_that_are_not_there(athena: Athena) -> None:
    failed = athena.run("SELECT * FROM nada")
    with pytest.raises(AwsError, match=r"Query did not finish successfully\. Final query state: FAILED"):
        athena.call("GetQueryResults", QueryExecutionId=failed.id)
    with pytest.raises(AwsError, match="QueryExecution nada was not found"):
        athena.call("GetQueryResults", QueryExecutionId="nada")
    done = athena.run("SELECT 1")
    athena.services.store.delete("results", [f"q/{done.id}.csv"])
    with pytest.raises(AwsError, match="was deleted"):
        athena.call("GetQueryResults", QueryExecutionId=done.id)


def test_runtime_statistics_tell_only_what_is_known(athena: Athena) -> None:
    athena.put("t/a.csv", "1\n2\n")
    athena.ok("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://data/t/'")
    answer = athena.run("SELECT a FROM t")
    found = athena.call("GetQueryRuntimeStatistics", QueryExecutionId=answer.id)["QueryRuntimeStatistics"]
    assert found["Rows"] == {"InputBytes": 4, "OutputRows": 2, "OutputBytes": len(_file(athena, answer))}
    assert (
        found["Timeline"]["TotalExecutionTimeInMillis"] == answer.execution["Statistics"]["TotalExecutionTimeInMillis"]
    )
    assert "OutputStage" not in found
    ddl = athena.run("SHOW TABLES")
    assert "Rows" not in athena.call("GetQueryRuntimeStatistics", QueryExecutionId=ddl.id)["QueryRuntimeStatistics"]


def test_bytes_of_queries_that_do_not_end_well(athena: Athena) -> None:
    athena.put("t/a.csv", "1\n2\n")
    athena.ok("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://data/t/'")
    assert athena.run("SELECT 1 / (a - a) FROM t").scanned_bytes == 4  # it failed while it read
    assert athena.run("SELECT nada FROM t").scanned_bytes == 0  # it failed before
    assert athena.run("SELECT a FROM t LIMIT 1").scanned_bytes == 4
    assert athena.run("SHOW TABLES").scanned_bytes == 0
    assert athena.run("SELECT 1").scanned_bytes == 0


def test_lines_are_read_from_where_a_page_ended(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    path.write_text("uno\n\ndós\n", encoding="utf-8")
    first, following = read_lines(path, 0, 2)
    assert first == [["uno"], [""]]
    assert following is not None
    assert read_lines(path, following, 2) == ([["dós"]], None)
    assert json.dumps(read_lines(path, 10_000, 2)) == "[[], null]"
