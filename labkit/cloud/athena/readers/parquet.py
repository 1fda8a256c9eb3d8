"""Parquet: columns by name whatever the case or by place, bytes counted by column chunk, types converted as Trino does and no further."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.readers.files import FileSet, Source, missing, path_list
from labkit.cloud.athena.readers.footers import Footer, Footers
from labkit.cloud.athena.readers.parquet_columns import spelled
from labkit.cloud.athena.readers.parquet_types import Mismatch, converted
from labkit.cloud.athena.readers.row_groups import skipped_bytes
from labkit.cloud.athena.types import Type, escape_name, hive

__all__ = ["Footers", "read_parquet"]

# Physical types, as Parquet's own library calls them.
_PHYSICAL = {"BYTE_ARRAY": "BINARY"}


def read_parquet(files: FileSet) -> Source:
    """Files of one schema are read together; a column that they have not is NULL."""
    known = files.footers.of(files.objects, files.connection)
    groups: dict[int, list[int]] = {}
    for number, footer in enumerate(known):
        groups.setdefault(footer.schema, []).append(number)
    paths = [Path(one.path) for one in files.objects]
    scanned = sum(_scanned(files, footer) for footer in known) - skipped_bytes(files, known)
    made = [_columns(files, known[numbers[0]], files.objects[numbers[0]]) for numbers in groups.values()]
    if len(made) == 1:
        return Source(f"read_parquet({path_list(paths)}, hive_partitioning=false)", made[0], paths, scanned)
    parts = [
        _part(columns, numbers, [paths[number] for number in numbers])
        for columns, numbers in zip(made, groups.values(), strict=True)
    ]
    columns = [f"p{index}" for index in range(len(files.columns))]
    return Source(f"({' UNION ALL '.join(parts)})", columns, paths, scanned)


def _part(columns: list[str], numbers: list[int], paths: list[Path]) -> str:
    """One schema's files, with the number that each has among all of them."""
    named = ", ".join(f"{sql} AS p{index}" for index, sql in enumerate(columns))
    listed = ", ".join(map(str, numbers))
    source = f"read_parquet({path_list(paths)}, hive_partitioning=false)"
    return f"SELECT {named}, [{listed}][CAST(file_index AS BIGINT) + 1] AS file_index FROM {source}"


def _columns(files: FileSet, footer: Footer, one: Any) -> list[str]:
    """One expression for each of the table's columns; HIVE_BAD_DATA when a needed one cannot be the table's type."""
    shape = files.footers.shape(footer, Path(one.path), files.connection)
    known = spelled(files, shape)
    columns = []
    for name, kind in files.columns:
        actual = known.get(name)
        if actual is None:
            columns.append(missing(kind))
            continue
        physical, logical = footer.types.get(actual, ("", ""))
        try:
            columns.append(converted(f'"{escape_name(actual)}"', shape[actual], kind, logical.upper()))
        except Mismatch as wrong:
            if name in files.needed:
                raise _bad(one, name, physical or str(wrong), kind) from None
            columns.append(missing(kind))
    return columns


def _bad(one: Any, name: str, physical: str, kind: Type) -> QueryFailure:
    text = (
        f"Field {name}'s type {_PHYSICAL.get(physical, physical)} in parquet file s3://{one.bucket}/{one.key} "
        f"is incompatible with type {hive(kind)} defined in table schema"
    )
    return QueryFailure("HIVE_BAD_DATA", text)


def _scanned(files: FileSet, footer: Footer) -> int:
    """Bytes of the needed column chunks."""
    return sum(
        footer.sizes.get(actual, 0) for name, actual in spelled(files, footer.types).items() if name in files.needed
    )
