"""Glue's documents against Hive's structs: databases, tables, storage, partitions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymetastore.hive_metastore import ttypes as hive

# Spark names its user, which here is the driver's random name; AWS's runs are "hadoop".
_OWNER = "hadoop"


def _seconds(value: Any) -> int:
    return int(value.timestamp()) if isinstance(value, datetime) else int(value or 0)


def _columns_to_hive(columns: Any) -> list[Any]:
    return [
        hive.FieldSchema(name=one["Name"], type=one.get("Type") or "string", comment=one.get("Comment"))
        for one in columns or ()
    ]


def _columns_to_glue(columns: Any) -> list[dict[str, str]]:
    return [
        {"Name": one.name, "Type": one.type, **({"Comment": one.comment} if one.comment else {})}
        for one in columns or ()
    ]


def database_to_hive(document: Mapping[str, Any]) -> Any:
    return hive.Database(
        name=document["Name"],
        description=document.get("Description") or "",
        locationUri=document.get("LocationUri") or "",
        parameters=dict(document.get("Parameters") or {}),
    )


def database_to_glue(database: Any) -> dict[str, Any]:
    found = {
        "Name": database.name.lower(),
        "Description": database.description,
        "LocationUri": database.locationUri,
        "Parameters": database.parameters,
    }
    return {name: value for name, value in found.items() if value}


def storage_to_hive(storage: Mapping[str, Any] | None) -> Any:
    """A StorageDescriptor; Hive wants every list and map to be there."""
    told: Mapping[str, Any] = storage or {}
    serde = told.get("SerdeInfo") or {}
    return hive.StorageDescriptor(
        cols=_columns_to_hive(told.get("Columns")),
        location=told.get("Location"),
        inputFormat=told.get("InputFormat"),
        outputFormat=told.get("OutputFormat"),
        compressed=bool(told.get("Compressed")),
        numBuckets=int(told.get("NumberOfBuckets") or -1),
        serdeInfo=hive.SerDeInfo(
            name=serde.get("Name") or "",
            serializationLib=serde.get("SerializationLibrary"),
            parameters=dict(serde.get("Parameters") or {}),
        ),
        bucketCols=list(told.get("BucketColumns") or ()),
        sortCols=[hive.Order(col=one["Column"], order=one["SortOrder"]) for one in told.get("SortColumns") or ()],
        parameters=dict(told.get("Parameters") or {}),
        skewedInfo=hive.SkewedInfo(skewedColNames=[], skewedColValues=[], skewedColValueLocationMaps={}),
        storedAsSubDirectories=bool(told.get("StoredAsSubDirectories")),
    )


def storage_to_glue(storage: Any) -> dict[str, Any]:
    serde = storage.serdeInfo
    found = {
        "Columns": _columns_to_glue(storage.cols),
        "Location": storage.location,
        "InputFormat": storage.inputFormat,
        "OutputFormat": storage.outputFormat,
        "Compressed": bool(storage.compressed),
        "NumberOfBuckets": storage.numBuckets,
        "SerdeInfo": {
            name: value
            for name, value in (
                ("Name", serde.name),
                ("SerializationLibrary", serde.serializationLib),
                ("Parameters", dict(serde.parameters or {})),
            )
            if value or name == "Parameters"
        },
        "BucketColumns": list(storage.bucketCols or ()),
        "SortColumns": [{"Column": one.col, "SortOrder": one.order} for one in storage.sortCols or ()],
        "Parameters": dict(storage.parameters or {}),
        "StoredAsSubDirectories": bool(storage.storedAsSubDirectories),
    }
    return {name: value for name, value in found.items() if value is not None and value != ""}


def table_to_hive(document: Mapping[str, Any]) -> Any:
    return hive.Table(
        tableName=document["Name"],
        dbName=document["DatabaseName"],
        owner=document.get("Owner") or "",
        createTime=_seconds(document.get("CreateTime")),
        lastAccessTime=_seconds(document.get("LastAccessTime")),
        retention=int(document.get("Retention") or 0),
        sd=storage_to_hive(document.get("StorageDescriptor")),
        partitionKeys=_columns_to_hive(document.get("PartitionKeys")),
        parameters=dict(document.get("Parameters") or {}),
        viewOriginalText=document.get("ViewOriginalText"),
        viewExpandedText=document.get("ViewExpandedText"),
        tableType=document.get("TableType") or "EXTERNAL_TABLE",
    )


def table_to_glue(table: Any) -> dict[str, Any]:
    """A TableInput."""
    found = {
        "Name": table.tableName.lower(),
        "Owner": _OWNER if table.owner else None,
        "Retention": int(table.retention or 0),
        "StorageDescriptor": storage_to_glue(table.sd),
        "PartitionKeys": _columns_to_glue(table.partitionKeys),
        "ViewOriginalText": table.viewOriginalText,
        "ViewExpandedText": table.viewExpandedText,
        "TableType": table.tableType,
        "Parameters": dict(table.parameters or {}),
    }
    return {name: value for name, value in found.items() if value is not None and value != ""}


def partition_to_hive(document: Mapping[str, Any], database: str, table: str) -> Any:
    return hive.Partition(
        values=list(document["Values"]),
        dbName=database,
        tableName=table,
        createTime=_seconds(document.get("CreationTime")),
        lastAccessTime=_seconds(document.get("LastAccessTime")),
        sd=storage_to_hive(document.get("StorageDescriptor")),
        parameters=dict(document.get("Parameters") or {}),
    )


def partition_to_glue(partition: Any) -> dict[str, Any]:
    """A PartitionInput."""
    return {
        "Values": list(partition.values),
        "StorageDescriptor": storage_to_glue(partition.sd),
        "Parameters": dict(partition.parameters or {}),
    }
