"""PyAthena, unmodified: cursors, types, parameters, metadata.

ArrowCursor is not here: it opens S3 through pyarrow with no endpoint, so it reaches nothing but AWS.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cloud.conftest import RunningCloud

BUCKET, DB = "pyathena-lab", "pyathena"
CSV = "id,nombre,fecha,precio\n1,á,2024-01-01,1.50\n2,b,2024-02-01,\n".encode()
TABLE = f"""
CREATE EXTERNAL TABLE t (id int, nombre string, fecha date, precio decimal(10,2))
ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://{BUCKET}/t/' TBLPROPERTIES ('skip.header.line.count'='1')
"""
ROWS = [(1, "á", datetime.date(2024, 1, 1), Decimal("1.50")), (2, "b", datetime.date(2024, 2, 1), None)]


@pytest.fixture(scope="module")
def connection(cloud: RunningCloud, aws: Callable[[str], Any]) -> Iterator[Any]:
    from pyathena import connect

    aws("s3").create_bucket(Bucket=BUCKET)
    aws("s3").put_object(Bucket=BUCKET, Key="t/a.csv", Body=CSV)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", cloud.endpoint_url)
        made = connect(
            s3_staging_dir=f"s3://{BUCKET}/out/", region_name="us-east-1", schema_name=DB, poll_interval=0.02
        )
        with made:
            made.cursor().execute(f"CREATE DATABASE {DB}")
            made.cursor().execute(TABLE)
            yield made


def test_rows_come_in_python_types(connection: Any) -> None:
    cursor = connection.cursor().execute("SELECT * FROM t ORDER BY id")
    assert cursor.fetchall() == ROWS
    assert [(one[0], one[1]) for one in cursor.description] == [
        ("id", "integer"), ("nombre", "varchar"), ("fecha", "date"), ("precio", "decimal"),
    ]  # fmt: skip
    assert cursor.data_scanned_in_bytes == len(CSV)
    assert cursor.output_location.startswith(f"s3://{BUCKET}/out/")


def test_dict_and_pandas_cursors(connection: Any) -> None:
    from pyathena.cursor import DictCursor
    from pyathena.pandas.cursor import PandasCursor

    first = connection.cursor(DictCursor).execute("SELECT id, nombre FROM t ORDER BY id").fetchone()
    assert first == {"id": 1, "nombre": "á"}
    for options in ({}, {"unload": True}):
        frame = connection.cursor(PandasCursor, **options).execute("SELECT * FROM t").as_pandas()
        assert sorted(frame["id"].tolist()) == [1, 2]


def test_async_cursor(connection: Any) -> None:
    from pyathena.async_cursor import AsyncCursor

    _, future = connection.cursor(AsyncCursor).execute("SELECT count(*) FROM t")
    assert future.result().fetchall() == [(2,)]


def test_parameters(connection: Any) -> None:
    cursor = connection.cursor()
    assert cursor.execute(
        "SELECT id FROM t WHERE nombre = %(n)s AND precio > %(p)s", {"n": "á", "p": 1}
    ).fetchall() == [(1,)]
    assert cursor.execute("SELECT id FROM t WHERE id = ?", ["2"], paramstyle="qmark").fetchall() == [(2,)]


def test_values_of_every_kind(connection: Any) -> None:
    sql = (
        "SELECT true, TINYINT '1', BIGINT '2', 1.5, 1e0, DATE '2024-01-01', TIMESTAMP '2024-01-01 10:00:00.123', "
        "ARRAY[1, 2], MAP(ARRAY['a'], ARRAY[1]), X'61ff', CAST(NULL AS varchar)"
    )
    moment = datetime.datetime(2024, 1, 1, 10, 0, 0, 123000)  # noqa: DTZ001  # Athena's timestamps have no zone
    assert connection.cursor().execute(sql).fetchone() == (
        True, 1, 2, Decimal("1.5"), 1.0, datetime.date(2024, 1, 1), moment, [1, 2], {"a": "1"}, b"a\xff", None,
    )  # fmt: skip


def test_more_rows_than_a_page(connection: Any) -> None:
    rows = connection.cursor().execute("SELECT x FROM UNNEST(sequence(1, 2500)) AS s(x) ORDER BY x").fetchall()
    assert rows == [(number,) for number in range(1, 2501)]


def test_statements_that_are_no_queries(connection: Any) -> None:
    cursor = connection.cursor()
    assert ("t",) in cursor.execute("SHOW TABLES").fetchall()
    assert cursor.execute("DESCRIBE t").fetchall()[0][0].split("\t")[0].strip() == "id"
    cursor.execute(
        f"CREATE TABLE copia WITH (format = 'PARQUET', external_location = 's3://{BUCKET}/copia/') AS SELECT * FROM t"
    )
    assert cursor.execute("SELECT count(*) FROM copia").fetchone() == (2,)
    assert [column.name for column in cursor.get_table_metadata("t").columns] == ["id", "nombre", "fecha", "precio"]


def test_errors_are_database_errors(connection: Any) -> None:
    from pyathena.error import DatabaseError, OperationalError

    with pytest.raises(OperationalError, match="Column 'nada' cannot be resolved"):
        connection.cursor().execute("SELECT nada FROM t")
    with pytest.raises(DatabaseError, match="mismatched input 'selec'"):
        connection.cursor().execute("selec 1")
