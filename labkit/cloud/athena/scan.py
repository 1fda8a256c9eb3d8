"""From a table's catalog entry to a DuckDB view over exactly the files a query needs."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from labkit.cloud.athena.dialect.casts import cast
from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.dialect.scope import Scan, Typed
from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.hidden import hidden_columns, hidden_texts, kept_files
from labkit.cloud.athena.keys import HIVE_NULL, typed_key
from labkit.cloud.athena.locations import list_files, permit_reading
from labkit.cloud.athena.parts import Part, parts_of
from labkit.cloud.athena.readers.files import FileSet, missing
from labkit.cloud.athena.readers.formats import reader_of
from labkit.cloud.athena.readers.parquet import Footers
from labkit.cloud.athena.types import Type, duckdb

# What a table without columns selects: only its rows can be counted.
_NOTHING = "NULL AS nothing"


@dataclass
class Reading:
    """What the scans of one query need: the store, the catalog, DuckDB, and what was found so far."""

    store: Any
    catalog: Any
    connection: Any
    footers: Footers
    scratch: Path
    now: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    paths: list[Path] = field(default_factory=list)
    scanned_bytes: int = 0
    numbers: Iterator[int] = field(default_factory=itertools.count)


def make_view(reading: Reading, scan: Scan) -> None:
    """Create the scan's view in DuckDB and note its files and bytes."""
    _refuse_special(scan)
    parts = parts_of(scan, reading.catalog, reading.connection, reading.now)
    queries = [_group_query(reading, scan, group) for group in _by_format(parts)]
    hidden = [(number, kind) for number, _, kind in hidden_columns(scan)]
    named = [*enumerate(kind for _, kind in scan.fields), *hidden]
    empty = ", ".join(f"{missing(kind)} AS c{i}" for i, kind in named) or _NOTHING
    found = [query for query in queries if query]
    sql = " UNION ALL ".join(found) if found else f"SELECT {empty} WHERE false"
    reading.connection.execute(f"CREATE TEMP VIEW {scan.view} AS {sql}")


def _refuse_special(scan: Scan) -> None:
    parameters = {key.lower(): str(value) for key, value in (scan.table.get("Parameters") or {}).items()}
    kind = parameters.get("table_type", "").upper()
    if kind in ("ICEBERG", "DELTA"):
        raise not_supported(f"a table of type {parameters['table_type']}")
    if parameters.get("spark.sql.sources.provider", "").lower() in ("delta", "hudi"):
        raise not_supported(f"a table of type {parameters['spark.sql.sources.provider']}")


def _by_format(parts: list[Part]) -> list[list[Part]]:
    groups: dict[tuple[Any, ...], list[Part]] = {}
    known: dict[int, str] = {}
    for part in parts:
        if id(part.serde) not in known:
            known[id(part.serde)] = repr(sorted(part.serde.items(), key=str))
        groups.setdefault((known[id(part.serde)], part.input_format, part.columns), []).append(part)
    return list(groups.values())


def _group_query(reading: Reading, scan: Scan, parts: list[Part]) -> str:
    found: list[tuple[Any, int]] = []
    for number, objects in enumerate(list_files(reading.store, [part.location for part in parts])):
        found += [(one, number) for one in objects]
    kept = kept_files(reading.connection, scan, [(one, parts[number].values) for one, number in found], _constant)
    found = [found[index] for index in kept]
    if not found:
        return ""
    permit_reading(reading.store, [one for one, _ in found])
    read = reader_of(parts[0].serde, parts[0].input_format, f"{scan.database}.{scan.table['Name']}")
    source = read(_file_set(reading, scan, parts[0], [one for one, _ in found]))
    reading.paths += source.paths
    reading.scanned_bytes += source.scanned_bytes
    columns = [
        f"{_as_table(sql, given, kind)} AS c{index}"
        for index, (sql, (_, given), (_, kind)) in enumerate(
            zip(source.columns, parts[0].columns, scan.columns, strict=True)
        )
    ]
    numbers = [number for _, number in found]
    for index, (_, kind) in enumerate(scan.partition_keys):
        values = [part.values[index] for part in parts]
        columns.append(f"{_by_file(values, numbers, kind)} AS c{len(scan.columns) + index}")
    columns += hidden_texts(scan, [(one, parts[number].values) for one, number in found])
    return f"SELECT {', '.join(columns) or _NOTHING} FROM {source.sql}"


def _as_table(sql: str, given: Type, wanted: Type) -> str:
    """A partition's column in the table's type; CHAR is padded."""
    if wanted.name == "char":
        return f"rpad(substring(CAST({sql} AS VARCHAR), 1, {wanted.params[0]}), {wanted.params[0]}, ' ')"
    return sql if given == wanted else cast(Typed(sql, given), wanted, None).sql


def _constant(value: str, kind: Type) -> str:
    """A partition's value in the type of its key; a plain literal where that is surely the same, since thousands may stand in a query."""
    if kind.name in ("integer", "bigint") and re.fullmatch(r"-?\d{1,9}", value):
        return str(int(value))
    if kind.name == "varchar" and not kind.params and value != HIVE_NULL:
        return text(value)
    return missing(kind) if value == HIVE_NULL else f"CAST({typed_key(text(value), kind)} AS {duckdb(kind)})"


def _by_file(values: list[str], numbers: list[int], kind: Type) -> str:
    """The partition's value for each file: a constant, or a look-up by DuckDB's number of the file in its list."""
    chosen = [values[number] for number in numbers]
    if len(set(chosen)) == 1:
        return f"CAST({_constant(chosen[0], kind)} AS {duckdb(kind)})"
    distinct = {value: place for place, value in enumerate(dict.fromkeys(chosen), 1)}
    listed = ", ".join(_constant(value, kind) for value in distinct)
    places = ", ".join(str(distinct[value]) for value in chosen)
    return f"CAST([{listed}] AS {duckdb(kind)}[])[[{places}][CAST(file_index AS BIGINT) + 1]]"


def _file_set(reading: Reading, scan: Scan, part: Part, objects: list[Any]) -> FileSet:
    descriptor = scan.table.get("StorageDescriptor") or {}
    parameters = {
        **(scan.table.get("Parameters") or {}),
        **(descriptor.get("Parameters") or {}),
        **(part.serde.get("Parameters") or {}),
    }
    texts = {key: str(value) for key, value in parameters.items()}
    label = f"{scan.database}.{scan.table['Name']}"
    return FileSet(
        objects, list(part.columns), frozenset(scan.needed), texts, reading.scratch, label, reading.connection,
        reading.footers, reading.numbers, scan.filters,
    )  # fmt: skip
