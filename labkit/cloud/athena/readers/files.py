"""The files of one scan that are read the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.types import Type, duckdb


@dataclass(frozen=True)
class FileSet:
    """Files with their table's columns. ``needed`` are the columns a query reads; ``parameters`` those of SerDe and table.

    ``filters`` are comparisons of columns with constants that every row of the query fulfils.
    """

    objects: list[Any]
    columns: list[tuple[str, Type]]
    needed: frozenset[str]
    parameters: Mapping[str, str]
    scratch: Path
    table: str
    connection: Any
    footers: Any
    numbers: Iterator[int]
    filters: Sequence[Any] = ()

    @property
    def size_bytes(self) -> int:
        """Bytes of all files as they are stored."""
        return sum(one.size_bytes for one in self.objects)

    def scratch_path(self, name: str) -> Path:
        """A new path in the query's own folder."""
        return self.scratch / f"{name}-{next(self.numbers)}"

    def define(self, body: Callable[[str], Any], result: str) -> str:
        """Have the session know a Python function of one text; the name to call it by. NULL gives NULL, and None is NULL."""
        name = f"read_{next(self.numbers)}"

        def call(value: str | None) -> Any:
            return None if value is None else body(value)

        self.connection.create_function(name, call, ["VARCHAR"], result, null_handling="special")
        return name


@dataclass(frozen=True)
class Source:
    """What a reader answers: FROM text, one expression per column, files DuckDB opens, bytes that had to be read."""

    sql: str
    columns: list[str]
    paths: list[Path]
    scanned_bytes: int


def path_list(paths: list[Path]) -> str:
    """A DuckDB list of files; a name with a glob character in it is refused, DuckDB would expand it."""
    for path in paths:
        if any(letter in str(path) for letter in "*?["):
            raise not_supported(f"a state folder whose path has *, ? or [: {path}")
    return "[" + ", ".join(text(str(path)) for path in paths) + "]"


def missing(kind: Type) -> str:
    """NULL of a column's type."""
    return f"CAST(NULL AS {duckdb(kind)})"


def to_millis(sql: str) -> str:
    """A timestamp with milliseconds, rounded: Athena's have no more."""
    return f"make_timestamp(CAST(floor((epoch_us({sql}) + 500) / 1000.0) AS BIGINT) * 1000)"
