"""awswrangler, unmodified: its catalog calls, datasets with a database, and its ways of reading a query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

if TYPE_CHECKING:
    from tests.cloud.conftest import RunningCloud

BUCKET, DB = "wrangler-lab", "wrangler"
SALES = pd.DataFrame(
    {
        "id": [1, 2, 3],
        "mes": ["2024-01", "2024-02", "2024-02"],
        "nombre": ["á", 'b"c', None],
        "precio": [1.5, 2.5, None],
        "fecha": pd.to_datetime(["2024-01-01 10:00:00", "2024-02-01 00:00:00", "2024-03-01 00:00:00"]),
        "pagado": [True, False, None],
    }
)


@pytest.fixture(scope="module")
def wr(cloud: RunningCloud) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", cloud.endpoint_url)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        import awswrangler
        import boto3

        boto3.client("s3").create_bucket(Bucket=BUCKET)
        awswrangler.config.athena_query_wait_polling_delay = 0.05
        awswrangler.catalog.create_database(DB)
        yield awswrangler
        awswrangler.config.reset()


@pytest.fixture(scope="module")
def sales(wr: Any) -> str:
    """A partitioned Parquet data set, written twice: once anew, once with a column more."""
    path = f"s3://{BUCKET}/ventas/"
    target = {"path": path, "dataset": True, "database": DB, "table": "ventas", "partition_cols": ["mes"]}
    described = {"description": "Ventas", "parameters": {"nivel": "1"}, "columns_comments": {"id": "clave"}}
    wr.s3.to_parquet(SALES, mode="overwrite", glue_table_settings=described, **target)
    wr.s3.to_parquet(SALES[:1].assign(extra=7), mode="append", schema_evolution=True, **target)
    return path


def query(wr: Any, sql: str, **options: Any) -> pd.DataFrame:
    output = f"s3://{BUCKET}/{'unload' if options.get('unload_approach') else 'salida'}/"
    found: pd.DataFrame = wr.athena.read_sql_query(sql, database=DB, s3_output=output, **options)
    return found


def test_a_data_set_becomes_a_table(wr: Any, sales: str) -> None:
    assert wr.catalog.get_table_types(DB, "ventas") == {
        "id": "bigint", "nombre": "string", "precio": "double", "fecha": "timestamp",
        "pagado": "boolean", "extra": "bigint", "mes": "string",
    }  # fmt: skip
    assert wr.catalog.get_table_location(DB, "ventas") == sales
    assert wr.catalog.get_partitions(DB, "ventas") == {
        f"{sales}mes=2024-01/": ["2024-01"],
        f"{sales}mes=2024-02/": ["2024-02"],
    }
    assert wr.catalog.get_parquet_partitions(DB, "ventas", expression="mes > '2024-01'") == {
        f"{sales}mes=2024-02/": ["2024-02"]
    }
    assert wr.catalog.get_columns_comments(DB, "ventas")["id"] == "clave"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"ctas_approach": False},
        {"ctas_approach": False, "unload_approach": True},
        {"ctas_approach": False, "chunksize": 2},
    ],
    ids=["ctas", "csv", "unload", "chunks"],
)
def test_every_way_of_reading_gives_the_same_rows(wr: Any, sales: str, options: dict[str, Any]) -> None:
    found = query(wr, "SELECT * FROM ventas ORDER BY id, extra", **options)
    frame = pd.concat(found) if "chunksize" in options else found
    assert frame["id"].tolist() == [1, 1, 2, 3]
    assert frame["nombre"].tolist()[:3] == ["á", "á", 'b"c']
    assert frame["extra"].tolist()[0] == 7
    assert frame["precio"].isna().tolist() == [False, False, False, True]
    assert frame["fecha"].tolist()[0] == pd.Timestamp("2024-01-01 10:00:00")
    assert frame["mes"].tolist() == ["2024-01", "2024-01", "2024-02", "2024-02"]


def test_parameters_of_both_styles(wr: Any, sales: str) -> None:
    named = query(
        wr, "SELECT count(*) AS n FROM ventas WHERE nombre = :nombre", params={"nombre": "á"}, ctas_approach=False
    )
    positional = query(
        wr, "SELECT count(*) AS n FROM ventas WHERE id = ?", params=["1"], paramstyle="qmark", ctas_approach=False
    )
    assert (named["n"].tolist(), positional["n"].tolist()) == ([2], [2])


def test_the_result_of_a_query_is_reused(wr: Any, sales: str) -> None:
    sql = "SELECT count(*) AS n FROM ventas"
    query(wr, sql, ctas_approach=False)
    cached = query(wr, sql, ctas_approach=False, athena_cache_settings={"max_cache_seconds": 900})
    assert cached["n"].tolist() == [4]


def test_overwriting_one_partition_keeps_the_others(wr: Any) -> None:
    target = {
        "path": f"s3://{BUCKET}/otra/",
        "dataset": True,
        "database": DB,
        "table": "otra",
        "partition_cols": ["mes"],
    }
    wr.s3.to_parquet(SALES, mode="overwrite", **target)
    wr.s3.to_parquet(SALES[1:2], mode="overwrite_partitions", **target)
    assert query(wr, "SELECT id FROM otra ORDER BY 1")["id"].tolist() == [1, 2]


def test_tables_are_found(wr: Any, sales: str) -> None:
    assert "ventas" in wr.catalog.tables(database=DB)["Table"].tolist()
    for search in ({"name_contains": "enta"}, {"name_prefix": "ven"}, {"name_suffix": "tas"}, {"search_text": "nivel"}):
        found = wr.catalog.tables(**({} if "search_text" in search else {"database": DB}), **search)
        assert ("ventas" in found["Table"].tolist()) == ("search_text" not in search)
    assert DB in wr.catalog.databases()["Database"].tolist()
    assert wr.catalog.does_table_exist(DB, "VENTAS")


def test_parameters_and_versions_of_a_table(wr: Any) -> None:
    wr.s3.to_parquet(
        SALES,
        path=f"s3://{BUCKET}/p/",
        dataset=True,
        database=DB,
        table="p",
        glue_table_settings={"parameters": {"a": "1"}},
    )
    wr.catalog.upsert_table_parameters({"b": "2"}, DB, "p")
    assert {"a": "1", "b": "2"}.items() <= wr.catalog.get_table_parameters(DB, "p").items()
    wr.catalog.overwrite_table_parameters({"c": "3"}, DB, "p")
    assert wr.catalog.get_table_parameters(DB, "p") == {"c": "3"}
    assert wr.catalog.get_table_number_of_versions(DB, "p") == 1  # wrangler asks for no archive


def test_csv_json_and_orc_data_sets(wr: Any) -> None:
    target = {"dataset": True, "database": DB}
    frame = SALES.drop(columns=["pagado"])
    wr.s3.to_csv(frame, path=f"s3://{BUCKET}/c/", table="c", index=False, sep=";", **target)
    wr.s3.to_orc(frame, path=f"s3://{BUCKET}/o/", table="o", **target)
    wr.s3.to_json(
        frame,
        path=f"s3://{BUCKET}/j/",
        table="j",
        orient="records",
        lines=True,
        index=False,
        date_format="iso",
        **target,
    )
    for table in ("c", "o"):
        found = query(wr, f"SELECT * FROM {table} ORDER BY id", ctas_approach=False)
        assert found["precio"].tolist()[:2] == [1.5, 2.5]
        assert found["fecha"].tolist()[0] == pd.Timestamp("2024-01-01 10:00:00")
    assert query(wr, "SELECT sum(precio) AS s FROM j", ctas_approach=False)["s"].tolist() == [4.0]


def test_athena_statements_with_their_own_functions(wr: Any, sales: str) -> None:
    output = f"s3://{BUCKET}/salida/"
    assert "`id` bigint" in wr.athena.show_create_table("ventas", database=DB, s3_output=output)
    described = wr.athena.describe_table("ventas", database=DB, s3_output=output)
    assert described["Column Name"].tolist()[:2] == ["id", "nombre"]
    wr.catalog.delete_all_partitions("ventas", DB)
    assert query(wr, "SELECT count(*) AS n FROM ventas")["n"].tolist() == [0]
    wr.athena.repair_table("ventas", database=DB, s3_output=output)
    assert query(wr, "SELECT count(*) AS n FROM ventas")["n"].tolist() == [4]
    made = wr.athena.create_ctas_table(
        "SELECT id FROM ventas", database=DB, ctas_table="copia", s3_output=output, wait=True
    )
    assert made["ctas_table"] == "copia"
    wr.athena.unload("SELECT * FROM ventas", path=f"s3://{BUCKET}/fuera/", database=DB, file_format="PARQUET")
    assert len(wr.s3.read_parquet(f"s3://{BUCKET}/fuera/", path_ignore_suffix=[".csv", ".metadata"])) == 4


def test_a_wrong_query_says_why(wr: Any, sales: str) -> None:
    with pytest.raises(Exception, match="Column 'nada' cannot be resolved"):
        query(wr, "SELECT nada FROM ventas", ctas_approach=False)


@pytest.mark.slow
def test_deleting(wr: Any) -> None:
    wr.catalog.create_database("wrangler_borrar")
    wr.s3.to_parquet(SALES, path=f"s3://{BUCKET}/b/", dataset=True, database="wrangler_borrar", table="b")
    assert wr.catalog.delete_table_if_exists("wrangler_borrar", "b")
    assert not wr.catalog.delete_table_if_exists("wrangler_borrar", "b")
    wr.catalog.delete_database("wrangler_borrar")
    assert "wrangler_borrar" not in wr.catalog.databases(limit=1000)["Database"].tolist()
