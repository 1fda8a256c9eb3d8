"""The details that DESCRIBE FORMATTED and EXTENDED show, in Hive's layout."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

Document = dict[str, Any]
_BLANK = "\t \t "


def table_information(table: Document) -> list[str]:
    """The blocks behind the columns of DESCRIBE FORMATTED."""
    storage = table.get("StorageDescriptor") or {}
    return [
        "# Detailed Table Information\t \t ",
        _pair("Database:", table.get("DatabaseName")), _pair("Owner:", table.get("Owner") or "hadoop"),
        _pair("CreateTime:", _moment(table.get("CreateTime"))), _pair("LastAccessTime:", "UNKNOWN"),
        _pair("Protect Mode:", "None"), _pair("Retention:", table.get("Retention") or 0),
        _pair("Location:", storage.get("Location")), _pair("Table Type:", table.get("TableType")),
        "Table Parameters:\t \t ", *_parameters(table.get("Parameters")), _BLANK, *_storage(storage),
    ]  # fmt: skip


def partition_information(table: Document, partition: Document) -> list[str]:
    """The same for one partition."""
    storage = partition.get("StorageDescriptor") or {}
    return [
        "# Detailed Partition Information\t \t ",
        _pair("Partition Value:", "[" + ", ".join(partition["Values"]) + "]"), _pair("Database:", table.get("DatabaseName")),
        _pair("Table:", table["Name"]), _pair("CreateTime:", _moment(partition.get("CreationTime"))),
        _pair("LastAccessTime:", "UNKNOWN"), _pair("Protect Mode:", "None"), _pair("Location:", storage.get("Location")),
        "Partition Parameters:\t \t ", *_parameters(partition.get("Parameters")), _BLANK, *_storage(storage),
    ]  # fmt: skip


def _storage(storage: Document) -> list[str]:
    serde = storage.get("SerdeInfo") or {}
    return [
        "# Storage Information\t \t ",
        _pair("SerDe Library:", serde.get("SerializationLibrary")), _pair("InputFormat:", storage.get("InputFormat")),
        _pair("OutputFormat:", storage.get("OutputFormat")), _pair("Compressed:", "Yes" if storage.get("Compressed") else "No"),
        _pair("Num Buckets:", storage.get("NumberOfBuckets", -1)), _pair("Bucket Columns:", _names(storage.get("BucketColumns"))),
        _pair("Sort Columns:", _names([one.get("Column") for one in storage.get("SortColumns") or []])),
        "Storage Desc Params:\t \t ", *_parameters(serde.get("Parameters")),
    ]  # fmt: skip


def _pair(title: str, value: Any) -> str:
    shown = "" if value is None else str(value)
    return f"{title:<20}\t{shown:<20}\t "


def _names(found: Any) -> str:
    return "[" + ", ".join(found or []) + "]"


def _parameters(found: Any) -> list[str]:
    return [f"\t{key:<20}\t{_escaped(str(value)):<20}" for key, value in sorted((found or {}).items())]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def _moment(value: Any) -> str:
    if isinstance(value, int | float):
        value = datetime.fromtimestamp(value, timezone.utc)
    if not isinstance(value, datetime):
        return "UNKNOWN"
    return f"{value.astimezone(timezone.utc):%a %b %d %H:%M:%S UTC %Y}"


def _seconds(value: Any) -> int:
    return int(value.timestamp() if isinstance(value, datetime) else value or 0)


def serialized(table: Document, partition: Document | None) -> str:
    """DESCRIBE EXTENDED: the metastore's document on one line."""
    name, owner = table["Name"], table.get("Owner") or "hadoop"
    if partition is not None:
        values = ", ".join(partition["Values"])
        text = (
            f"Partition(values:[{values}], dbName:{table.get('DatabaseName')}, tableName:{name}, "
            f"createTime:{_seconds(partition.get('CreationTime'))}, lastAccessTime:0, "
            f"sd:{_descriptor(partition.get('StorageDescriptor') or {})}, parameters:{_map(partition.get('Parameters'))})"
        )
        return f"Detailed Partition Information\t{text}\t "
    text = (
        f"Table(tableName:{name}, dbName:{table.get('DatabaseName')}, owner:{owner}, createTime:{_seconds(table.get('CreateTime'))}, "
        f"lastAccessTime:0, retention:{table.get('Retention') or 0}, sd:{_descriptor(table.get('StorageDescriptor') or {})}, "
        f"partitionKeys:{_fields(table.get('PartitionKeys'))}, parameters:{_map(table.get('Parameters'))}, "
        f"viewOriginalText:{table.get('ViewOriginalText') or 'null'}, viewExpandedText:{table.get('ViewExpandedText') or 'null'}, "
        f"tableType:{table.get('TableType')})"
    )
    return f"Detailed Table Information\t{text}\t "


def _descriptor(storage: Document) -> str:
    serde = storage.get("SerdeInfo") or {}
    return (
        f"StorageDescriptor(cols:{_fields(storage.get('Columns'))}, location:{storage.get('Location')}, "
        f"inputFormat:{storage.get('InputFormat')}, outputFormat:{storage.get('OutputFormat')}, "
        f"compressed:{str(bool(storage.get('Compressed'))).lower()}, numBuckets:{storage.get('NumberOfBuckets', -1)}, "
        f"serdeInfo:SerDeInfo(name:{serde.get('Name') or 'null'}, serializationLib:{serde.get('SerializationLibrary')}, "
        f"parameters:{_map(serde.get('Parameters'))}), bucketCols:{_names(storage.get('BucketColumns'))}, sortCols:[], "
        "parameters:{}, skewedInfo:SkewedInfo(skewedColNames:[], skewedColValues:[], skewedColValueLocationMaps:{}), "
        f"storedAsSubDirectories:{str(bool(storage.get('StoredAsSubDirectories'))).lower()})"
    )


def _fields(found: Any) -> str:
    parts = (
        f"FieldSchema(name:{one['Name']}, type:{one.get('Type') or 'string'}, comment:{one.get('Comment') or 'null'})"
        for one in found or []
    )
    return "[" + ", ".join(parts) + "]"


def _map(found: Any) -> str:
    return "{" + ", ".join(f"{key}={_escaped(str(value))}" for key, value in sorted((found or {}).items())) + "}"
