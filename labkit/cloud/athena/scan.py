"""From a table's catalog entry to a DuckDB view over exactly the files a query needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labkit.cloud.athena.dialect.casts import cast
from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.dialect.scope import Scan, Typed
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.locations import list_files
from labkit.cloud.athena.readers.files import FileSet, Source, missing
from labkit.cloud.athena.readers.jsonlines import read_json_lines
from labkit.cloud.athena.readers.lazysimple import read_lazysimple
from labkit.cloud.athena.readers.opencsv import read_opencsv
from labkit.cloud.athena.readers.orc import read_orc
from labkit.cloud.athena.readers.parquet import Footers, read_parquet
from labkit.cloud.athena.types import VARCHAR, duckdb

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"


@dataclass
class Reading:
    """What the scans of one query need: the store, the catalog, DuckDB, and what was found so far."""

    store: Any
    catalog: Any
    connection: Any
    footers: Footers
    scratch: Path
    paths: list[Path] = field(default_factory=list)
    scanned_bytes: int = 0


@dataclass(frozen=True)
class Part:
    """One partition (or the whole table): its values and where it lies."""

    values: tuple[str, ...]
    descriptor: dict[str, Any]


def make_view(reading: Reading, scan: Scan) -> None:
    """Create the scan's view in DuckDB and note its files and bytes."""
    _refuse_special(scan)
    parts = _parts(reading, scan)
    groups = _by_format(scan, parts)
    queries = [_group_query(reading, scan, group) for group in groups]
    empty = ", ".join(f"{missing(kind)} AS c{i}" for i, (_, kind) in enumerate(scan.fields))
    found = [query for query in queries if query]
    sql = " UNION ALL ".join(found) if found else f"SELECT {empty} WHERE false"
    reading.connection.execute(f"CREATE TEMP VIEW {scan.view} AS {sql}")


def _refuse_special(scan: Scan) -> None:
    parameters = {key.lower(): str(value) for key, value in (scan.table.get("Parameters") or {}).items()}
    if parameters.get("table_type", "").upper() in ("ICEBERG", "DELTA"):
        raise not_supported(f"a table of type {parameters['table_type']}")
    if parameters.get("projection.enabled", "").lower() == "true":
        raise not_supported("partition projection")


def _parts(reading: Reading, scan: Scan) -> list[Part]:
    """The registered partitions that the query's conditions leave; the table itself when it has none."""
    descriptor = scan.table.get("StorageDescriptor") or {}
    if not scan.partition_keys:
        return [Part((), descriptor)]
    listed = reading.catalog.list_partitions(scan.database, scan.table["Name"])
    parts = [Part(tuple(one["Values"]), one.get("StorageDescriptor") or descriptor) for one in listed]
    if not parts or not scan.predicates:
        return parts
    start = len(scan.columns)
    lines = ", ".join(
        f"({index}, {', '.join(_constant(value, key, kind) for value, (key, kind) in zip(part.values, scan.partition_keys, strict=False))})"
        for index, part in enumerate(parts)
    )
    names = ", ".join(f"c{start + index}" for index in range(len(scan.partition_keys)))
    where = " AND ".join(scan.predicates)
    kept = reading.connection.execute(
        f"SELECT i FROM (VALUES {lines}) AS {scan.alias}(i, {names}) WHERE {where} ORDER BY i"
    ).fetchall()
    return [parts[index] for (index,) in kept]


def _constant(value: str, key: str, kind: Any) -> str:
    """A partition's value in the type of its key."""
    if value == HIVE_NULL:
        return missing(kind)
    if kind.name in ("varchar", "char"):
        return text(value)
    if kind.name in ("tinyint", "smallint", "integer", "bigint") and not value.lstrip("+-").isdigit():
        raise QueryFailure(
            "HIVE_INVALID_PARTITION_VALUE",
            f"Invalid partition value '{value}' for {kind.name.upper()} partition key: {key}={value}",
        )
    return cast(Typed(text(value), VARCHAR), kind, None).sql


def _by_format(scan: Scan, parts: list[Part]) -> list[list[Part]]:
    groups: dict[str, list[Part]] = {}
    for part in parts:
        serde = part.descriptor.get("SerdeInfo") or (scan.table.get("StorageDescriptor") or {}).get("SerdeInfo") or {}
        groups.setdefault(repr(sorted(serde.items(), key=str)), []).append(part)
    return list(groups.values())


def _group_query(reading: Reading, scan: Scan, parts: list[Part]) -> str:
    found: list[tuple[Any, int]] = []
    locations = [part.descriptor.get("Location") or "" for part in parts]
    for number, objects in enumerate(list_files(reading.store, locations)):
        found += [(one, number) for one in objects]
    if not found:
        return ""
    files = _file_set(reading, scan, parts[0], [one for one, _ in found])
    source = _reader(scan, parts[0])(files, reading)
    reading.paths += source.paths
    reading.scanned_bytes += source.scanned_bytes
    columns = [f"{sql} AS c{index}" for index, sql in enumerate(source.columns)]
    numbers = [number for _, number in found]
    for index, (key, kind) in enumerate(scan.partition_keys):
        values = [_constant(part.values[index], key, kind) for part in parts]
        columns.append(f"{_by_file(values, numbers, duckdb(kind))} AS c{len(scan.columns) + index}")
    return f"SELECT {', '.join(columns)} FROM {source.sql}"


def _by_file(values: list[str], numbers: list[int], kind: str) -> str:
    """The partition's value for each file: a constant, or a look-up by DuckDB's number of the file in its list."""
    chosen = [values[number] for number in numbers]
    if len(set(chosen)) == 1:
        return f"CAST({chosen[0]} AS {kind})"
    return f"CAST([{', '.join(chosen)}] AS {kind}[])[CAST(file_index AS BIGINT) + 1]"


def _file_set(reading: Reading, scan: Scan, part: Part, objects: list[Any]) -> FileSet:
    descriptor = scan.table.get("StorageDescriptor") or {}
    serde = part.descriptor.get("SerdeInfo") or descriptor.get("SerdeInfo") or {}
    parameters = {
        **(scan.table.get("Parameters") or {}),
        **(descriptor.get("Parameters") or {}),
        **(serde.get("Parameters") or {}),
    }
    texts = {key: str(value) for key, value in parameters.items()}
    label = f"{scan.database}.{scan.table['Name']}"
    return FileSet(objects, scan.columns, frozenset(scan.needed), texts, reading.scratch, label)


_READERS: dict[str, Callable[[FileSet, Reading], Source]] = {
    "lazysimpleserde": lambda files, reading: read_lazysimple(files),
    "opencsvserde": lambda files, reading: read_opencsv(files),
    "jsonserde": lambda files, reading: read_json_lines(files, reading.connection),
    "parquethiveserde": lambda files, reading: read_parquet(files, reading.footers, reading.connection),
    "orcserde": lambda files, reading: read_orc(files),
}


def _reader(scan: Scan, part: Part) -> Callable[[FileSet, Reading], Source]:
    descriptor = scan.table.get("StorageDescriptor") or {}
    serde = part.descriptor.get("SerdeInfo") or descriptor.get("SerdeInfo") or {}
    library = serde.get("SerializationLibrary") or ""
    reader = _READERS.get(library.rsplit(".", 1)[-1].lower())
    if reader is None:
        raise not_supported(f"the SerDe {library or '(none)'} of {scan.database}.{scan.table['Name']}")
    return reader
