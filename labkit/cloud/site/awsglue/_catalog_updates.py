"""`enableUpdateCatalog`: tables and partitions registered for what a sink wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from . import _aws, _catalog
from . import gluetypes as glue
from ._catalog import CatalogTable
from ._types import hive_from_glue

_BATCH = 100  # BatchCreatePartition's limit
_INPUT_KEYS = (
    "Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "ViewOriginalText", "ViewExpandedText",
    "TableType", "Parameters",
)  # fmt: skip


def _columns(schema: glue.StructType, keys: Sequence[str]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    described = {one.name: {"Name": one.name.lower(), "Type": hive_from_glue(one.dataType)} for one in schema}
    return [described[name] for name in described if name not in keys], [described[key] for key in keys]


def _create(database: str, name: str, kind: str, location: str, schema: glue.StructType, keys: Sequence[str]) -> None:
    columns, partition_keys = _columns(schema, keys)
    files = "parquet" if kind == "glueparquet" else kind
    table = {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": _catalog.storage_descriptor(files, columns, location),
        "PartitionKeys": partition_keys,
        "Parameters": {"classification": kind, "compressionType": "none", "typeOfData": "file"},
    }
    if files == "csv":
        table["Parameters"].update({"delimiter": ",", "skip.header.line.count": "1"})  # type: ignore[attr-defined]
    _aws.client("glue").create_table(DatabaseName=database, TableInput=table)


def _check_keys(table: CatalogTable, keys: Sequence[str]) -> None:
    known = [name for name, _ in table.partition_keys]
    if known != [key.lower() for key in keys]:
        raise ValueError(
            f"partitionKeys {list(keys)} must equal the partition keys of table {table.database}.{table.name}, in order: {known}."
        )


def _is_subset(schema: Sequence[Mapping[str, str]], table: CatalogTable) -> bool:
    known = dict(table.columns)
    return all(known.get(column["Name"]) == column["Type"] for column in schema)


def _overwrite_schema(table: CatalogTable, columns: list[dict[str, str]]) -> None:
    document = {key: value for key, value in table.document.items() if key in _INPUT_KEYS}
    document["StorageDescriptor"] = {**document["StorageDescriptor"], "Columns": columns}
    _aws.client("glue").update_table(DatabaseName=table.database, TableInput=document)


def _add_partitions(table: CatalogTable, location: str, values: Sequence[tuple[str, ...]]) -> None:
    storage = dict(table.document.get("StorageDescriptor") or {})
    names = [name for name, _ in table.partition_keys]
    inputs = [
        {
            "Values": list(one),
            "StorageDescriptor": {
                **storage,
                "Location": f"{location.rstrip('/')}/"
                + "/".join(f"{n}={v}" for n, v in zip(names, one, strict=True))
                + "/",
            },
        }
        for one in values
    ]
    client = _aws.client("glue")
    for start in range(0, len(inputs), _BATCH):
        reply = client.batch_create_partition(
            DatabaseName=table.database, TableName=table.name, PartitionInputList=inputs[start : start + _BATCH]
        )
        errors = [one["ErrorDetail"] for one in reply.get("Errors", ())]
        failed = [one for one in errors if one.get("ErrorCode") != "AlreadyExistsException"]
        if failed:
            raise RuntimeError(
                f"Cannot register partitions of {table.database}.{table.name}: {failed[0].get('ErrorMessage')}"
            )


def check_table(database: str, name: str, keys: Sequence[str]) -> CatalogTable | None:
    """The table that will be updated, or None when it will be created. Called before anything is written."""
    table = _catalog.find_table(database, name)
    if table is not None:
        _check_keys(table, keys)
    return table


def register(
    table: CatalogTable | None, database: str, name: str, *, kind: str, location: str, schema: glue.StructType,
    keys: Sequence[str], values: Sequence[tuple[str, ...]], behavior: str,
) -> None:  # fmt: skip
    """Create the table or update it, then add the new partitions.

    UPDATE_IN_DATABASE overwrites the schema of a partitioned table; LOG keeps it, and adds partitions only when the
    frame's columns are among the table's.
    """
    columns, _ = _columns(schema, keys)
    if table is None:
        _create(database, name, kind, location, schema, keys)
        table = _catalog.get_table(database, name)
    elif behavior == "LOG":
        if not _is_subset(columns, table):
            return
    elif keys and [tuple(column.values()) for column in columns] != list(table.columns):
        _overwrite_schema(table, columns)
        table = _catalog.get_table(database, name)
    if values:
        _add_partitions(table, location, values)
