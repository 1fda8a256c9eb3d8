"""`enableUpdateCatalog`: tables and partitions registered for what a sink wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import _aws, _catalog
from . import gluetypes as glue
from ._avro import version_of
from ._avro_write import avro_schema
from ._catalog import CatalogTable
from ._prepare import Target, csv_style
from ._types import hive_from_glue

_BATCH = 100  # BatchCreatePartition's limit
_INPUT_KEYS = (
    "Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "ViewOriginalText", "ViewExpandedText",
    "TableType", "Parameters",
)  # fmt: skip


def _columns(schema: glue.StructType, keys: Sequence[str]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    described = {one.name: {"Name": one.name.lower(), "Type": hive_from_glue(one.dataType)} for one in schema}
    return [described[name] for name in described if name not in keys], [described[key] for key in keys]


@dataclass(frozen=True)
class Place:
    """The table that a sink keeps up to date, and what the sink writes. `named_format` is the script's word for it."""

    database: str
    table: str
    catalog_id: str | None
    target: Target
    named_format: str

    @property
    def scope(self) -> dict[str, str]:
        return {"CatalogId": self.catalog_id} if self.catalog_id else {}


def _create(place: Place, schema: glue.StructType) -> None:
    target = place.target
    columns, partition_keys = _columns(schema, target.partition_keys)
    files = "parquet" if target.format == "glueparquet" else target.format
    storage = _catalog.storage_descriptor(files, columns, target.path)
    parameters = {"classification": files, "compressionType": "none", "typeOfData": "file"}
    if files == "csv":
        style = csv_style(target.format_options)
        parameters["delimiter"] = storage["SerdeInfo"]["Parameters"]["field.delim"] = style.separator
        if style.header:
            parameters["skip.header.line.count"] = "1"
        if style.quote != '"':
            parameters["quoteChar"] = style.quote or "-1"
    if files == "avro":
        data = glue.StructType([one for one in schema if one.name not in target.partition_keys])
        literal = json.dumps(avro_schema(data, version_of(target.format_options)))
        storage["SerdeInfo"]["Parameters"]["avro.schema.literal"] = literal
    if files == "parquet":
        parameters["classification"] = place.named_format.lower() or "parquet"
        parameters["useGlueParquetWriter"] = "true"
    table = {
        "Name": place.table,
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": storage,
        "PartitionKeys": partition_keys,
        "Parameters": parameters,
    }
    _aws.client("glue").create_table(DatabaseName=place.database, TableInput=table, **place.scope)


def _check_keys(table: CatalogTable, keys: Sequence[str]) -> None:
    known = [name for name, _ in table.partition_keys]
    if known != [key.lower() for key in keys]:
        raise ValueError(
            f"partitionKeys {list(keys)} must equal the partition keys of table {table.database}.{table.name}, in order: {known}."
        )


def _is_subset(schema: Sequence[Mapping[str, str]], table: CatalogTable) -> bool:
    known = dict(table.columns)
    return all(known.get(column["Name"]) == column["Type"] for column in schema)


def _overwrite_schema(table: CatalogTable, place: Place, columns: list[dict[str, str]]) -> None:
    document = {key: value for key, value in table.document.items() if key in _INPUT_KEYS}
    document["StorageDescriptor"] = {**document["StorageDescriptor"], "Columns": columns}
    _aws.client("glue").update_table(DatabaseName=table.database, TableInput=document, **place.scope)


def _add_partitions(table: CatalogTable, place: Place, partitions: Mapping[str, tuple[str, ...]]) -> None:
    storage = dict(table.document.get("StorageDescriptor") or {})
    root = place.target.path.rstrip("/")
    inputs = [
        {"Values": list(values), "StorageDescriptor": {**storage, "Location": f"{root}/{folder}/"}}
        for folder, values in partitions.items()
    ]
    client = _aws.client("glue")
    for start in range(0, len(inputs), _BATCH):
        reply = client.batch_create_partition(
            DatabaseName=table.database, TableName=table.name, PartitionInputList=inputs[start : start + _BATCH],
            **place.scope,
        )  # fmt: skip
        errors = [one["ErrorDetail"] for one in reply.get("Errors", ())]
        failed = [one for one in errors if one.get("ErrorCode") != "AlreadyExistsException"]
        if failed:
            raise RuntimeError(
                f"Cannot register partitions of {table.database}.{table.name}: {failed[0].get('ErrorMessage')}"
            )


def check_table(database: str, name: str, keys: Sequence[str], catalog_id: str | None = None) -> CatalogTable | None:
    """The table that will be updated, or None when it will be created. Called before anything is written."""
    table = _catalog.find_table(database, name, catalog_id)
    if table is not None:
        _check_keys(table, keys)
    return table


def register(
    table: CatalogTable | None,
    place: Place,
    schema: glue.StructType,
    partitions: Mapping[str, tuple[str, ...]],
    behavior: str,
) -> None:
    """Create the table or update it, then add the new partitions (their folders below the sink's path, and values).

    UPDATE_IN_DATABASE overwrites the schema of a partitioned table; LOG keeps it, and adds partitions only when the
    frame's columns are among the table's.
    """
    keys = place.target.partition_keys
    columns, _ = _columns(schema, keys)
    if table is None:
        _create(place, schema)
        table = _catalog.get_table(place.database, place.table, place.catalog_id)
    elif behavior == "LOG":
        if not _is_subset(columns, table):
            return
    elif keys and [tuple(column.values()) for column in columns] != list(table.columns):
        _overwrite_schema(table, place, columns)
        table = _catalog.get_table(place.database, place.table, place.catalog_id)
    if partitions:
        _add_partitions(table, place, partitions)
