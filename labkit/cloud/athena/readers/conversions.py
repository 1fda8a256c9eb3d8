"""Text columns in the types of their table: DuckDB converts what is plainly written, Python what is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.readers.files import FileSet
from labkit.cloud.athena.readers.hive_text import TextOptions, nullable
from labkit.cloud.athena.types import INTEGERS, Type, duckdb

_DAY = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
# What DuckDB reads exactly as Hive does.
_PLAIN = {
    **dict.fromkeys(INTEGERS, "[+-]?[0-9]+"), "double": "[-+.0-9eE]+", "real": "[-+.0-9eE]+", "date": _DAY,
    "decimal": "[+-]?[0-9]+([.][0-9]+)?",
    "timestamp": f"{_DAY} [0-9]{{1,2}}:[0-9]{{1,2}}:[0-9]{{1,2}}([.][0-9]{{1,3}})?",
}  # fmt: skip


class Conversions:
    """The conversions of one scan; a Python function is made once for each type that needs one."""

    def __init__(self, files: FileSet, options: TextOptions) -> None:
        self._files, self._options = files, options
        self._known: dict[Type, str] = {}

    def column(self, cell: str, kind: Type) -> str:
        """``cell`` is text without the text of NULL."""
        if kind.name in ("varchar", "char") and self._options.escape is None:
            return f"substring({cell}, 1, {kind.params[0]})" if kind.params else cell
        if kind.name == "boolean":
            return f"(CASE lower({cell}) WHEN 'true' THEN true WHEN 'false' THEN false END)"
        plain = _PLAIN.get(kind.name)
        if plain is None or (kind.name == "timestamp" and self._options.formats):
            return f"{self._python(kind)}({cell})"
        fast = f"TRY_CAST({cell} AS {duckdb(kind)})"
        if kind.name in ("date", "timestamp"):
            fast = f"coalesce({fast}, {self._python(kind)}({cell}))"
        other = f"WHEN {cell} <> '' THEN {self._python(kind)}({cell})"
        if kind.name in ("double", "real"):
            # A NaN that comes back from Python would be NULL.
            other = f"WHEN {cell} = 'NaN' THEN CAST('NaN' AS {duckdb(kind)}) {other}"
        return f"(CASE WHEN regexp_full_match({cell}, '{plain}') THEN {fast} {other} END)"

    def _python(self, kind: Type) -> str:
        if kind not in self._known:
            read: Callable[[str | None], Any] = nullable(kind, self._options, 1)
            self._known[kind] = self._files.define(read, duckdb(kind))
        return self._known[kind]


def null_text(cell: str, null: str) -> str:
    """NULL where the cell is the text of NULL."""
    return f"nullif({cell}, {text(null)})"
