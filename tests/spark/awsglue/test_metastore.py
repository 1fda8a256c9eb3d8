"""The metastore's words: patterns, partition names, filters, and Glue's documents as Hive's structs and back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

TABLE: dict[str, Any] = {
    "Name": "ventas",
    "DatabaseName": "db",
    "CreateTime": dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc),
    "TableType": "EXTERNAL_TABLE",
    "Parameters": {"classification": "parquet"},
    "PartitionKeys": [{"Name": "anio", "Type": "int", "Comment": "el año"}],
    "StorageDescriptor": {
        "Columns": [{"Name": "id", "Type": "bigint"}, {"Name": "precio", "Type": "decimal(10,2)"}],
        "Location": "s3://cubo/ventas/",
        "InputFormat": "in",
        "OutputFormat": "out",
        "NumberOfBuckets": -1,
        "SerdeInfo": {"SerializationLibrary": "serde", "Parameters": {"a": "b"}},
        "SortColumns": [{"Column": "id", "SortOrder": 1}],
    },
}


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("*", ["ventas", "ventas_2", "x"]), ("ventas*", ["ventas", "ventas_2"]), ("X|Ventas", ["ventas", "x"]), ("v", [])],
)
def test_a_pattern_is_hives(pattern: str, found: list[str]) -> None:
    from awsglue._metastore._names import matching

    assert matching(pattern, ["x", "ventas_2", "ventas"]) == found


@pytest.mark.parametrize("value", ["2024", "año 1", "a/b", "50%", "a=b", "x:y", "", "ñ"])
def test_a_partition_name_gives_its_values_back(value: str) -> None:
    from awsglue._metastore._names import partition_name, values_of

    assert values_of(partition_name(["k", "m"], [value, "1"])) == [value, "1"]


def test_a_partition_name_keeps_letters_and_escapes_what_a_path_cannot_hold() -> None:
    from awsglue._metastore._names import partition_name

    assert partition_name(["k"], ["año 1/2"]) == "k=año 1%2F2"


def test_a_filter_of_spark_becomes_a_glue_expression() -> None:
    from awsglue._metastore._names import glue_expression

    assert glue_expression('anio = 2024 and mes = "O\'Brien"') == "anio = 2024 and mes = 'O''Brien'"
    assert glue_expression('p = "di \\"ya\\""') == "p = 'di \"ya\"'"


def test_a_table_survives_the_way_to_hive_and_back() -> None:
    from awsglue._metastore import _documents as documents

    back = documents.table_to_glue(documents.table_to_hive(TABLE))
    assert back["StorageDescriptor"]["Columns"] == TABLE["StorageDescriptor"]["Columns"]
    assert back["StorageDescriptor"]["SerdeInfo"] == TABLE["StorageDescriptor"]["SerdeInfo"]
    assert back["StorageDescriptor"]["SortColumns"] == TABLE["StorageDescriptor"]["SortColumns"]
    for name in ("Name", "TableType", "Parameters", "PartitionKeys"):
        assert back[name] == TABLE[name]


def test_a_view_has_no_location() -> None:
    from awsglue._metastore import _documents as documents

    view = {**TABLE, "TableType": "VIRTUAL_VIEW", "StorageDescriptor": {"Columns": []}}
    assert documents.table_to_hive(view).sd.location is None


def test_a_call_that_is_not_answered_is_refused_by_name() -> None:
    from awsglue._metastore.server import Metastore
    from pymetastore.hive_metastore import ttypes as hive

    with pytest.raises(hive.MetaException, match="get_open_txns"):
        Metastore().get_open_txns()


def test_a_json_table_is_described_for_spark_and_back_without_a_trace() -> None:
    from awsglue._metastore import _documents as documents
    from awsglue._metastore import _json_tables

    serde = {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe", "Parameters": {"paths": "Precio,id"}}
    storage = {**TABLE["StorageDescriptor"], "SerdeInfo": serde, "Location": ""}
    table = {**TABLE, "StorageDescriptor": storage}
    assert _json_tables.is_json(table)
    told = _json_tables.for_spark(table)
    assert '"name": "Precio"' in told["Parameters"]["spark.sql.sources.schema"]
    assert told["Parameters"]["spark.sql.sources.schema.partCol.0"] == "anio"
    assert not _json_tables.is_json(told)
    back = _json_tables.for_catalog(documents.table_to_glue(documents.table_to_hive(told)), table)
    assert back["Parameters"] == TABLE["Parameters"]
    assert back["StorageDescriptor"]["SerdeInfo"] == serde
