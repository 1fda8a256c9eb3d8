"""The Glue Data Catalog as a source or sink sees it: where a table's data is, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import _aws
from . import gluetypes as glue
from ._types import parse_type

# Words of the SerDe or input format that name a data format, when a table has no `classification`.
_FORMAT_WORDS = {
    "parquet": "parquet",
    "orc": "orc",
    "avro": "avro",
    "json": "json",
    "csv": "csv",
    "lazysimple": "csv",
    "opencsv": "csv",
    "text": "csv",
}
# Words that name a SerDe whose data has no reader here: better unknown than read as plain text.
_OTHER_WORDS = ("regex", "grok", "xml", "ion", "hudi", "iceberg", "delta")
_FORMATS = {
    "csv": (
        "org.apache.hadoop.mapred.TextInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        {"field.delim": ","},
    ),
    "json": (
        "org.apache.hadoop.mapred.TextInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "org.openx.data.jsonserde.JsonSerDe",
        {},
    ),
    "parquet": (
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        {"serialization.format": "1"},
    ),
    "avro": (
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
        {},
    ),
}


@dataclass(frozen=True)
class CatalogPartition:
    """One registered partition: its values in the order of the keys, and where its files are."""

    values: tuple[str, ...]
    location: str


@dataclass(frozen=True)
class CatalogTable:
    """What reading and writing need of a catalog table; `columns` and `partition_keys` are (name, Hive type)."""

    database: str
    name: str
    location: str
    format: str
    columns: tuple[tuple[str, str], ...]
    partition_keys: tuple[tuple[str, str], ...]
    serde: Mapping[str, str]
    parameters: Mapping[str, str]
    document: Mapping[str, Any]


def _pairs(columns: list[dict[str, Any]]) -> tuple[tuple[str, str], ...]:
    return tuple((column["Name"], column.get("Type", "string")) for column in columns)


def _format_of(document: Mapping[str, Any], storage: Mapping[str, Any]) -> str:
    named = {**(storage.get("Parameters") or {}), **(document.get("Parameters") or {})}.get(
        "classification", ""
    ).lower()
    if named and named != "unknown":
        return "parquet" if named == "glueparquet" else named
    serde = str((storage.get("SerdeInfo") or {}).get("SerializationLibrary") or "").lower()
    other = next((word for word in _OTHER_WORDS if f".{word}" in serde), "")
    words = f"{serde} {storage.get('InputFormat') or ''}".lower()
    return {"grok": "grokLog"}.get(other, other) or next(
        (kind for word, kind in _FORMAT_WORDS.items() if word in words), ""
    )


def _scope(catalog_id: str | None) -> dict[str, str]:
    return {"CatalogId": catalog_id} if catalog_id else {}


def find_table(database: str, name: str, catalog_id: str | None = None) -> CatalogTable | None:
    """The table, or None when it does not exist; a missing database is an error too."""
    client = _aws.client("glue")
    try:
        return read_table(client.get_table(DatabaseName=database, Name=name, **_scope(catalog_id))["Table"], database)
    except client.exceptions.EntityNotFoundException:
        client.get_database(Name=database, **_scope(catalog_id))
        return None


def get_table(database: str, name: str, catalog_id: str | None = None) -> CatalogTable:
    """The table; raises the service's EntityNotFoundException."""
    reply = _aws.client("glue").get_table(DatabaseName=database, Name=name, **_scope(catalog_id))
    return read_table(reply["Table"], database)


def read_table(document: Mapping[str, Any], database: str) -> CatalogTable:
    """The table that a GetTable document describes."""
    storage = document.get("StorageDescriptor") or {}
    return CatalogTable(
        database=database,
        name=document["Name"],
        location=storage.get("Location") or "",
        format=_format_of(document, storage),
        columns=_pairs(storage.get("Columns") or []),
        partition_keys=_pairs(document.get("PartitionKeys") or []),
        serde=(storage.get("SerdeInfo") or {}).get("Parameters") or {},
        parameters={**(storage.get("Parameters") or {}), **(document.get("Parameters") or {})},
        document=document,
    )


def list_partitions(table: CatalogTable, expression: str = "", catalog_id: str | None = None) -> list[CatalogPartition]:
    """The registered partitions; `expression` is evaluated by the catalog, not here."""
    arguments = {"DatabaseName": table.database, "TableName": table.name, **_scope(catalog_id)}
    if expression:
        arguments["Expression"] = expression
    pages = _aws.client("glue").get_paginator("get_partitions").paginate(**arguments)
    return [
        CatalogPartition(tuple(found["Values"]), (found.get("StorageDescriptor") or {}).get("Location") or "")
        for page in pages
        for found in page["Partitions"]
    ]


def glue_schema(pairs: tuple[tuple[str, str], ...]) -> glue.StructType:
    """The Glue struct of catalog columns."""
    return glue.StructType([glue.Field(name, parse_type(kind)) for name, kind in pairs])


def storage_descriptor(kind: str, columns: list[dict[str, str]], location: str) -> dict[str, Any]:
    """A StorageDescriptor for files of that format, as Glue's sinks write it."""
    reader, writer, serde, parameters = _FORMATS[kind]
    return {
        "Columns": columns,
        "Location": location,
        "InputFormat": reader,
        "OutputFormat": writer,
        "Compressed": False,
        "NumberOfBuckets": -1,
        "SerdeInfo": {"SerializationLibrary": serde, "Parameters": dict(parameters)},
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": {},
        "StoredAsSubDirectories": False,
    }
