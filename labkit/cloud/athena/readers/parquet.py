"""Parquet: columns by name, footers read once, bytes counted by column chunk."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.readers.files import FileSet, Source, missing, path_list
from labkit.cloud.athena.types import Type, duckdb, escape_name, show

_KEPT = 20_000


@dataclass
class Footer:
    """Top-level columns: physical type ('' for nested) and logical type; compressed bytes by column."""

    types: dict[str, tuple[str, str]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)


class Footers:
    """Footers by path and ETag, so that a second query does not read them again."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], Footer] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, objects: list[Any], connection: Any) -> list[Footer]:
        """The footers of these objects, in their order; HIVE_BAD_DATA names a file that is not Parquet."""
        with self._lock:
            absent = [one for one in objects if (str(one.path), one.etag) not in self._known]
        if absent:
            made = _read(absent, connection)
            with self._lock:
                for one in absent:
                    self._known[str(one.path), one.etag] = made[str(one.path)]
                while len(self._known) > _KEPT + len(absent):
                    self._known.popitem(last=False)
        with self._lock:
            return [self._known[str(one.path), one.etag] for one in objects]


def _read(objects: list[Any], connection: Any) -> dict[str, Footer]:
    import duckdb as engine

    paths = path_list([one.path for one in objects])
    try:
        schema = connection.execute(
            "SELECT file_name, name, type, coalesce(converted_type, logical_type, ''), coalesce(num_children, 0) "
            f"FROM parquet_schema({paths})"
        ).fetchall()
        chunks = connection.execute(
            f"SELECT file_name, path_in_schema, sum(total_compressed_size) FROM parquet_metadata({paths}) GROUP BY ALL"
        ).fetchall()
    except engine.Error as failure:
        raise _not_parquet(objects, str(failure)) from None
    footers = {str(one.path): Footer() for one in objects}
    skip: dict[str, int] = {}
    for name, column, physical, logical, children in schema:
        _add_column(footers[name], skip, name, column, physical, logical, children)
    for name, path, size in chunks:
        top = path.split(", ")[0] if path.split(", ")[0] in footers[name].types else path
        footers[name].sizes[top] = footers[name].sizes.get(top, 0) + int(size or 0)
    return footers


def _add_column(
    footer: Footer, skip: dict[str, int], name: str, column: str, physical: str, logical: str, children: int
) -> None:
    """The schema is a list in depth-first order: only the children of the root are columns."""
    if name not in skip:
        skip[name] = 0  # the root itself
        return
    if skip[name] == 0:
        footer.types[column] = ("" if children else physical or "", str(logical or ""))
        skip[name] = children
    else:
        skip[name] += children - 1


def _not_parquet(objects: list[Any], detail: str) -> QueryFailure:
    for one in objects:
        with Path(one.path).open("rb") as file:
            if file.read(4) != b"PAR1":
                return QueryFailure(
                    "HIVE_BAD_DATA", f"Not valid Parquet file: s3://{one.bucket}/{one.key} expected magic number: PAR1"
                )
    return QueryFailure("HIVE_CANNOT_OPEN_SPLIT", f"Error opening Hive split: {detail.splitlines()[0]}")


def read_parquet(files: FileSet) -> Source:
    """Columns by name, whatever the case; a column that no file has is NULL."""
    known = files.footers.of(files.objects, files.connection)
    scanned = _check(files, known)
    spellings: dict[str, str] = {}
    for footer in known:
        for name in footer.types:
            spellings.setdefault(name.lower(), name)
    same = all(footer.types == known[0].types for footer in known)
    columns = [
        f'CAST("{escape_name(spellings[name])}" AS {duckdb(kind)})' if name in spellings else missing(kind)
        for name, kind in files.columns
    ]
    paths = [one.path for one in files.objects]
    options = "hive_partitioning=false" + ("" if same else ", union_by_name=true")
    return Source(f"read_parquet({path_list(paths)}, {options})", columns, paths, scanned)


def _check(files: FileSet, known: list[Footer]) -> int:
    """Bytes of the needed column chunks; HIVE_BAD_DATA when a file's type cannot be the table's."""
    scanned = 0
    wanted = [(name, kind) for name, kind in files.columns if name in files.needed]
    for one, footer in zip(files.objects, known, strict=False):
        lowered = {name.lower(): name for name in footer.types}
        for name, kind in wanted:
            actual = lowered.get(name)
            if actual is None:
                continue
            physical, logical = footer.types[actual]
            if physical and not fits(physical, logical, kind):
                text = (
                    f"Field {name}'s type {physical} in parquet file s3://{one.bucket}/{one.key} "
                    f"is incompatible with type {show(kind)} defined in table schema"
                )
                raise QueryFailure("HIVE_BAD_DATA", text)
            scanned += footer.sizes.get(actual, 0)
    return scanned


def fits(physical: str, logical: str, kind: Type) -> bool:
    """May a Parquet column of this type be read as the table's type?"""
    logical = logical.upper()
    whole = physical in ("INT32", "INT64") and not any(word in logical for word in ("DATE", "TIME", "DECIMAL"))
    name = kind.name
    if name in ("varchar", "char"):
        return physical == "BYTE_ARRAY" and "DECIMAL" not in logical
    if name == "bigint":
        return whole
    if name in ("integer", "smallint", "tinyint"):
        return whole and physical == "INT32"
    if name == "double":
        return physical in ("DOUBLE", "FLOAT")
    if name == "real":
        return physical == "FLOAT"
    if name == "decimal":
        return "DECIMAL" in logical or whole
    if name == "date":
        return physical == "INT32" and "DATE" in logical
    if name == "timestamp":
        return physical == "INT96" or (physical == "INT64" and "TIME" in logical)
    return {"boolean": "BOOLEAN", "varbinary": "BYTE_ARRAY"}.get(name, physical) == physical
