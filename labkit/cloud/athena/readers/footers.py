"""Parquet footers: what columns a file has and how many bytes each of them takes; read once for each object."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.readers.files import path_list
from labkit.cloud.athena.types import Type, row

_KEPT = 20_000
# Column chunks with their statistics, about 300 bytes each, of the files that were compared last.
_CHUNKS_KEPT = 200_000


@dataclass
class Footer:
    """Top-level columns: physical type ('' for nested) and logical type; compressed bytes by column; a mark of the whole schema."""

    types: dict[str, tuple[str, str]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    schema: int = 0


@dataclass(frozen=True)
class Chunk:
    """One column of one row group: compressed bytes, lowest and highest value as texts."""

    group: int
    path: str
    size_bytes: int
    low: str | None
    high: str | None


class Footers:
    """Footers by path and ETag, so that a second query does not read them again."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], Footer] = OrderedDict()
        self._shapes: dict[int, dict[str, Type]] = {}
        self._chunks: OrderedDict[tuple[str, str], list[Chunk]] = OrderedDict()
        self._chunk_count = 0
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

    def chunks(self, objects: list[Any], connection: Any) -> list[list[Chunk]]:
        """The column chunks of these objects, in their order, with their statistics."""
        with self._lock:
            known = {key: self._chunks[key] for key in map(_key, objects) if key in self._chunks}
        absent = [one for one in objects if _key(one) not in known]
        if absent:
            made = _read_chunks(absent, connection)
            known |= made
            with self._lock:
                for key, chunks in made.items():
                    self._chunk_count += len(chunks) - len(self._chunks.pop(key, ()))
                    self._chunks[key] = chunks
                while self._chunk_count > _CHUNKS_KEPT and self._chunks:
                    self._chunk_count -= len(self._chunks.popitem(last=False)[1])
        return [known[_key(one)] for one in objects]

    def shape(self, footer: Footer, path: Path, connection: Any) -> dict[str, Type]:
        """The columns as DuckDB reads them: names as the file spells them, types with DuckDB's names."""
        with self._lock:
            known = self._shapes.get(footer.schema)
        if known is None:
            relation = connection.sql(f"SELECT * FROM read_parquet({path_list([path])}, hive_partitioning=false)")
            known = {name: _shape(kind) for name, kind in zip(relation.columns, relation.types, strict=True)}
            with self._lock:
                self._shapes[footer.schema] = known
        return known


def _key(one: Any) -> tuple[str, str]:
    return str(one.path), one.etag


def _read_chunks(objects: list[Any], connection: Any) -> dict[tuple[str, str], list[Chunk]]:
    keys = {str(one.path): _key(one) for one in objects}
    found: dict[tuple[str, str], list[Chunk]] = {key: [] for key in keys.values()}
    rows = connection.execute(
        "SELECT file_name, row_group_id, path_in_schema, total_compressed_size, stats_min_value, stats_max_value "
        f"FROM parquet_metadata({path_list([one.path for one in objects])})"
    ).fetchall()
    for name, group, path, size, low, high in rows:
        found[keys[name]].append(Chunk(group, path, int(size or 0), low, high))
    return found


def _shape(kind: Any) -> Type:
    """DuckDB's type as ours; scalars keep DuckDB's name."""
    name = str(kind.id)
    if name == "struct":
        return row(tuple(_shape(item) for _, item in kind.children), tuple(field for field, _ in kind.children))
    if name in ("list", "array", "map"):
        return Type(
            "map" if name == "map" else "array",
            items=tuple(_shape(item) for _, item in kind.children if isinstance(item, type(kind))),
        )
    if name == "decimal":
        sizes = dict(kind.children)
        return Type("decimal", (int(sizes["precision"]), int(sizes["scale"])))
    return Type(str(kind).lower())


def _read(objects: list[Any], connection: Any) -> dict[str, Footer]:
    import duckdb as engine

    paths = path_list([one.path for one in objects])
    try:
        schema = connection.execute(
            "SELECT file_name, name, type, coalesce(converted_type, logical_type, ''), coalesce(num_children, 0), "
            "coalesce(logical_type, ''), precision, scale, type_length, repetition_type "
            f"FROM parquet_schema({paths})"
        ).fetchall()
        chunks = connection.execute(
            f"SELECT file_name, path_in_schema, sum(total_compressed_size) FROM parquet_metadata({paths}) GROUP BY ALL"
        ).fetchall()
    except engine.Error as failure:
        raise _not_parquet(objects, str(failure)) from None
    footers = {str(one.path): Footer() for one in objects}
    skip: dict[str, int] = {}
    marks: dict[str, list[Any]] = {}
    for name, column, physical, logical, children, *rest in schema:
        marks.setdefault(name, []).append((column, physical, logical, children, *rest))
        _add_column(footers[name], skip, name, column, physical, f"{logical} {rest[0]}", children)
    for name, listed in marks.items():
        footers[name].schema = hash(tuple(listed[1:]))
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
            start = file.read(4)
            file.seek(max(0, one.size_bytes - 4))
            ending = file.read(4)
        if start != b"PAR1" or ending != b"PAR1":
            found = " ".join(f"{byte:02x}" for byte in ending)
            text = f"Not valid Parquet file: s3://{one.bucket}/{one.key} expected magic number: PAR1 got: {found}"
            return QueryFailure("HIVE_BAD_DATA", text)
    return QueryFailure("HIVE_CANNOT_OPEN_SPLIT", f"Error opening Hive split: {detail.splitlines()[0]}")
