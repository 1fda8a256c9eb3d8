"""JSON SerDes (openx, hcatalog): one object a line, columns by name whatever the case."""

from __future__ import annotations

import json
from typing import Any

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.readers.files import FileSet, Source
from labkit.cloud.athena.readers.lazysimple import whole_lines
from labkit.cloud.athena.types import NUMBERS, Type, duckdb

# Keys are looked up in this many lines; a key that first appears later under another spelling is not found.
_KEY_LINES = 20_000


def read_json_lines(files: FileSet, connection: Any) -> Source:
    """Columns by key; a line that is not an object is HIVE_BAD_DATA unless ignore.malformed.json says otherwise."""
    lines, paths = whole_lines(files, 0)
    lenient = files.parameters.get("ignore.malformed.json", "false").lower() == "true"
    keys = _keys(lines, connection)
    wrong = (
        "NULL"
        if lenient
        else "error('HIVE_BAD_DATA|Error parsing line: not a valid JSON Object: ' || substring(l, 1, 100))"
    )
    document = (
        "CASE WHEN trim(l) = '' THEN CAST('{}' AS JSON) WHEN json_valid(l) THEN "
        f"(CASE WHEN json_type(l) = 'OBJECT' THEN CAST(l AS JSON) ELSE {wrong} END) ELSE {wrong} END"
    )
    columns = [_column(name, kind, files, keys) for name, kind in files.columns]
    sql = f"(SELECT {document} AS j, file_index FROM {lines} AS lines)"
    return Source(sql, columns, paths, sum(one.size_bytes for one in files.objects))


def _keys(lines: str, connection: Any) -> list[str]:
    query = (
        f"SELECT DISTINCT unnest(json_keys(l)) FROM (SELECT l FROM {lines} AS lines LIMIT {_KEY_LINES}) AS sampled "
        "WHERE json_valid(l) AND json_type(CASE WHEN json_valid(l) THEN l END) = 'OBJECT'"
    )
    return sorted(key for (key,) in connection.execute(query).fetchall())


def _column(name: str, kind: Type, files: FileSet, keys: list[str]) -> str:
    wanted = files.parameters.get(f"mapping.{name}", name).lower()
    spellings = [key for key in keys if key.lower() == wanted] or [name]
    values = [_value(key, kind, files) for key in spellings]
    return values[0] if len(values) == 1 else f"coalesce({', '.join(values)})"


def _value(key: str, kind: Type, files: FileSet) -> str:
    path = text('$."' + key.replace('"', '\\"') + '"')
    if kind.items:
        return f"json_transform(json_extract(j, {path}), {text(_structure(kind, files))})"
    cell = f"(j ->> {path})"
    if kind.name in ("varchar", "char"):
        return cell
    if kind.name not in (*NUMBERS, "boolean", "date", "timestamp"):
        raise not_supported(f"a column of type {kind} in a JSON table ({files.table})")
    wrong = (
        f"error('HIVE_BAD_DATA|Error parsing field value ''' || {cell} || ''' for field {key.replace(chr(39), '')}')"
    )
    made = f"TRY_CAST({cell} AS {duckdb(kind)})"
    return f"(CASE WHEN {cell} IS NULL THEN NULL WHEN {made} IS NULL THEN {wrong} ELSE {made} END)"


def _structure(kind: Type, files: FileSet) -> str:
    """A type as json_transform wants it."""
    if kind.name == "array":
        return f"[{_structure(kind.items[0], files)}]"
    if kind.name == "row":
        parts = (
            f"{json.dumps(name)}: {_structure(item, files)}"
            for name, item in zip(kind.fields, kind.items, strict=False)
        )
        return "{" + ", ".join(parts) + "}"
    return f'"{duckdb(kind)}"'
