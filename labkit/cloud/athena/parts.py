"""The partitions that one scan reads, and how they may differ from their table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit.cloud.athena.dialect.scope import Scan
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.keys import KeyFilter
from labkit.cloud.athena.projection.partitions import is_projected, project
from labkit.cloud.athena.types import Type, hive_type

Columns = tuple[tuple[str, Type], ...]


@dataclass(frozen=True)
class Part:
    """One partition (or the whole table): its values, where it lies, and the columns its files have."""

    values: tuple[str, ...]
    location: str
    serde: dict[str, Any]
    input_format: str
    columns: Columns


def parts_of(scan: Scan, catalog: Any, connection: Any, now: datetime) -> list[Part]:
    """The registered (or projected) partitions that the conditions leave; the table itself when it has no keys."""
    storage = scan.table.get("StorageDescriptor") or {}
    whole = Part(
        (),
        storage.get("Location") or "",
        storage.get("SerdeInfo") or {},
        storage.get("InputFormat") or "",
        tuple(scan.columns),
    )
    if not scan.partition_keys:
        return [whole]
    wanted = KeyFilter(scan, connection)
    if is_projected(scan.table):
        found = project(scan.table, scan.partition_keys, wanted, now)
        return [Part(one.values, one.location, whole.serde, whole.input_format, whole.columns) for one in found]
    listed = catalog.list_partitions(scan.database, scan.table["Name"])
    kept = wanted.select([tuple(one["Values"]) for one in listed])
    known: dict[str, Columns] = {}
    return [_registered(scan, whole, listed[index], known) for index in kept]


def _registered(scan: Scan, whole: Part, partition: dict[str, Any], known: dict[str, Columns]) -> Part:
    storage = partition.get("StorageDescriptor") or {}
    serde = storage.get("SerdeInfo") or {}
    serde = serde if serde.get("SerializationLibrary") else whole.serde
    values = tuple(partition["Values"])
    listed = storage.get("Columns")
    columns = whole.columns
    if listed:
        spelled = repr([(one["Name"], one.get("Type")) for one in listed]) + str(_by_name(serde, scan))
        if spelled not in known:
            known[spelled] = _columns(scan, values, listed, _by_name(serde, scan))
        columns = known[spelled]
    return Part(
        values,
        storage.get("Location") or whole.location,
        serde,
        storage.get("InputFormat") or whole.input_format,
        columns,
    )


def _by_name(serde: dict[str, Any], scan: Scan) -> bool:
    """Are a partition's columns compared with the table's by name?"""
    library = str(serde.get("SerializationLibrary") or "").rsplit(".", 1)[-1].lower()
    kind = {"parquethiveserde": "parquet", "orcserde": "orc"}.get(library)
    return kind is not None and not index_access(kind, scan.table, serde)


def index_access(kind: str, table: dict[str, Any], serde: dict[str, Any]) -> bool:
    """orc.column.index.access, parquet.column.index.access: by position unless it is false for ORC, if it is true for Parquet."""
    storage = table.get("StorageDescriptor") or {}
    found = {
        **(table.get("Parameters") or {}),
        **(storage.get("SerdeInfo") or {}).get("Parameters", {}),
        **(serde.get("Parameters") or {}),
    }
    said = str(found.get(f"{kind}.column.index.access", "")).strip().lower()
    return said == "true" if kind == "parquet" else said != "false"


def _columns(scan: Scan, values: tuple[str, ...], listed: list[dict[str, Any]], by_name: bool) -> Columns:
    """The table's columns with the partition's types; HIVE_PARTITION_SCHEMA_MISMATCH where they cannot be coerced."""
    theirs = [(one["Name"].lower(), one.get("Type") or "string") for one in listed]
    named = dict(theirs)
    found: list[tuple[str, Type]] = []
    for index, (name, kind) in enumerate(scan.columns):
        at = [(name, named[name])] if by_name and name in named else [] if by_name else theirs[index : index + 1]
        other = at[0] if at else None
        if other is None:
            found.append((name, kind))
            continue
        try:
            declared = hive_type(other[1])
        except ValueError:
            declared = kind
        if declared != kind and not coerces(declared, kind):
            raise _mismatch(scan, values, index, other)
        found.append((name, declared))
    return tuple(found)


def _mismatch(scan: Scan, values: tuple[str, ...], index: int, other: tuple[str, str]) -> QueryFailure:
    column = scan.table["StorageDescriptor"]["Columns"][index]
    path = "/".join(f"{key}={value}" for (key, _), value in zip(scan.partition_keys, values, strict=False))
    text = (
        "There is a mismatch between the table and partition schemas. The types are incompatible and cannot be coerced. "
        f"The column '{column['Name']}' in table '{scan.database}.{scan.table['Name']}' is declared as type "
        f"'{column.get('Type')}', but partition '{path}' declared column '{other[0]}' as type '{other[1]}'."
    )
    return QueryFailure("HIVE_PARTITION_SCHEMA_MISMATCH", text)


_WIDER = {
    "tinyint": ("smallint", "integer", "bigint"),
    "smallint": ("integer", "bigint"),
    "integer": ("bigint",),
    "bigint": (),
}


def coerces(given: Type, wanted: Type) -> bool:
    """May a partition's column of one type be read as the table's of another? (Trino's rules for Hive tables.)"""
    if given.items and given.name == wanted.name:
        if given.name == "row":
            shared = dict(zip(wanted.fields, wanted.items, strict=False))
            return all(
                name not in shared or item == shared[name] or coerces(item, shared[name])
                for name, item in zip(given.fields, given.items, strict=False)
            )
        return all(a == b or coerces(a, b) for a, b in zip(given.items, wanted.items, strict=False))
    if given.name in _WIDER:
        return wanted.name in (*_WIDER[given.name], "varchar", "decimal")
    targets = {
        "real": ("double", "decimal", "varchar"), "double": ("real", "decimal", "varchar"),
        "decimal": ("decimal", "real", "double", "varchar", *_WIDER),
        "varchar": ("varchar", "char", "tinyint", "smallint", "integer", "bigint"), "char": ("char", "varchar"),
        "date": ("varchar",), "timestamp": ("varchar",), "boolean": ("varchar",),
    }  # fmt: skip
    return wanted.name in targets.get(given.name, ())
