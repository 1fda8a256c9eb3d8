"""A folder of Parquet files as a table: what Spark or Glue wrote, read without either."""

from __future__ import annotations

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from labkit.aws.s3 import S3Object, list_objects
from labkit.checks.context import Context
from labkit.checks.finding import NotAttempted

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
_READERS = 8


@dataclass(frozen=True)
class ParquetFile:
    """One file: its object, the `name=value` folders it lies in, its columns (name, type as Parquet has it) and its rows.

    `writer` is what its footer says of the program that wrote it ("parquet-mr version 1.13.1 …" of Spark and Glue).
    """

    item: S3Object
    partition: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]
    values: tuple[list[Any], ...]
    writer: str = ""

    @property
    def rows(self) -> int:
        return len(self.values[0]) if self.values else 0


@dataclass(frozen=True)
class Folder:
    """All Parquet files under a prefix; `others` are objects that are none."""

    files: tuple[ParquetFile, ...]
    others: tuple[str, ...]

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def first_written(self) -> datetime:
        return min(file.item.last_modified for file in self.files)

    @property
    def last_written(self) -> datetime:
        return max(file.item.last_modified for file in self.files)

    @property
    def partition_names(self) -> set[tuple[str, ...]]:
        """The names of the partition columns, in order of folders; one tuple unless files lie at different depths."""
        return {tuple(name for name, _value in file.partition) for file in self.files}

    @property
    def types(self) -> dict[str, str]:
        """Column → type in the files (the first file's where they differ); partition columns are "partition"."""
        found: dict[str, str] = {}
        for file in self.files:
            for name, kind in file.columns:
                found.setdefault(name, kind)
            for name, _value in file.partition:
                found.setdefault(name, "partition")
        return found

    def select(self, names: Sequence[str]) -> list[tuple[Any, ...]]:
        """The rows of all files with these columns; None where a file lacks one. Numbers in folder names are read as such."""
        rows: list[tuple[Any, ...]] = []
        for file in self.files:
            columns = {name: values for (name, _kind), values in zip(file.columns, file.values, strict=True)}
            folders = {name: _read_folder_value(value) for name, value in file.partition}
            parts = [columns.get(name, [folders.get(name)] * file.rows) for name in names]
            rows += zip(*parts, strict=True)
        return rows


def read_folder(context: Context, prefix: str) -> Folder:
    """Everything under a prefix of the processed bucket. NotAttempted when no Parquet file is there."""
    bucket = context.names.processed_bucket
    found = [item for item in list_objects(context.clients.s3, bucket, prefix) if not _is_hidden(item.key, prefix)]
    wanted = [item for item in found if item.key.endswith(".parquet")]
    if not wanted:
        raise NotAttempted("task_4.nothing_there", uri=f"s3://{bucket}/{prefix}")
    context.clients.s3  # noqa: B018 - the client is made once, not by eight threads at a time
    with ThreadPoolExecutor(_READERS) as readers:
        files = tuple(readers.map(lambda item: _read_file(context, item, prefix), wanted))
    others = tuple(item.key for item in found if item not in wanted)
    return Folder(files, others)


def _read_file(context: Context, item: S3Object, prefix: str) -> ParquetFile:
    import pyarrow.parquet

    body = context.clients.s3.get_object(Bucket=item.bucket, Key=item.key)["Body"].read()
    file = pyarrow.parquet.ParquetFile(io.BytesIO(body))
    table = file.read()
    columns = tuple((field.name, str(field.type)) for field in table.schema)
    values = tuple(one.to_pylist() for one in table.columns)
    return ParquetFile(item, find_partition(item.key, prefix), columns, values, str(file.metadata.created_by or ""))


def find_partition(key: str, prefix: str) -> tuple[tuple[str, str], ...]:
    """The `name=value` folders between a prefix and the file's name."""
    parts = key.removeprefix(prefix).split("/")[:-1]
    pairs = [part.partition("=") for part in parts if "=" in part]
    return tuple((unquote(name), unquote(value)) for name, _equals, value in pairs)


def _read_folder_value(value: str) -> Any:
    if value == NO_VALUE:
        return None
    return int(value) if value.lstrip("-").isdigit() else value


def _is_hidden(key: str, prefix: str) -> bool:
    """Spark and Glue read no file whose name, or whose folder's, begins with `_` or `.`; folders' markers are no files."""
    parts = key.removeprefix(prefix).split("/")
    return key.endswith("/") or any(part.startswith((".", "_")) and "=" not in part for part in parts)
