"""JSON SerDes (openx, hcatalog): one object a line, columns by name whatever the case."""

from __future__ import annotations

import functools
from typing import Any

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.readers.files import FileSet, Source
from labkit.cloud.athena.readers.hive_json import value_reader
from labkit.cloud.athena.readers.hive_text import formats_of
from labkit.cloud.athena.readers.lines import header_lines, whole_lines
from labkit.cloud.athena.types import INTEGERS, Type, duckdb

_NUMBER = "-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?"
_PLAIN = {**dict.fromkeys(INTEGERS, "-?[0-9]+"), "double": _NUMBER, "real": _NUMBER}


def read_json_lines(files: FileSet) -> Source:
    """Columns by key; a line that is no object is HIVE_CURSOR_ERROR unless ignore.malformed.json says otherwise."""
    lines, paths = whole_lines(files, header_lines(files))
    wrong = "NULL" if _is(files, "ignore.malformed.json") else _error(files)
    document = (
        "CASE WHEN trim(l) = '' THEN NULL WHEN json_valid(l) THEN "
        f"(CASE WHEN json_type(l) = 'OBJECT' THEN CAST(l AS JSON) ELSE {wrong} END) ELSE {wrong} END"
    )
    keys = _keys(files, lines)
    readers: dict[Type, str] = {}
    columns = [_column(files, index, name, kind, keys, readers) for index, (name, kind) in enumerate(files.columns)]
    # Hive's own SerDe and openx take a blank line for a row of NULLs.
    sql = f"(SELECT {document} AS j, file_index FROM {lines} AS lines)"
    return Source(sql, columns, paths, files.size_bytes)


def _is(files: FileSet, name: str, default: str = "false") -> bool:
    return files.parameters.get(name, default).strip().lower() == "true"


def _error(files: FileSet) -> str:
    words = "Row is not a valid JSON Object - JSONException: A JSONObject text must begin with ''{'' or end with ''}''"
    return f"error('HIVE_CURSOR_ERROR|{words}: ' || substring(l, 1, 100))"


def _keys(files: FileSet, lines: str) -> list[str]:
    """Every spelling of every key in these files, remembered as long as the objects are the same."""
    marks = tuple((str(one.path), one.etag) for one in files.objects)
    return list(_known_keys(marks, header_lines(files), _Query(files.connection, lines)))


class _Query:
    """The query behind a cached answer: equal to any other, so that only the files decide."""

    def __init__(self, connection: Any, lines: str) -> None:
        self.connection, self.lines = connection, lines

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Query)

    def __hash__(self) -> int:
        return 0


@functools.lru_cache(maxsize=256)
def _known_keys(marks: tuple[tuple[str, str], ...], skip: int, query: _Query) -> tuple[str, ...]:
    object_ = "CASE WHEN json_valid(l) AND json_type(CASE WHEN json_valid(l) THEN l END) = 'OBJECT' THEN l END"
    sql = f"SELECT DISTINCT unnest(json_keys({object_})) FROM {query.lines} AS listed"
    return tuple(sorted(key for (key,) in query.connection.execute(sql).fetchall()))


def _column(files: FileSet, index: int, name: str, kind: Type, keys: list[str], readers: dict[Type, str]) -> str:
    spellings = _spellings(files, name, keys)
    values = [_value(files, index, key, kind, readers) for key in spellings]
    if len(values) == 1:
        return values[0]
    if not _is(files, "case.insensitive", "true"):
        return f"coalesce({', '.join(values)})"
    # openx folds keys to lower case, and then the object has one of them twice.
    paths = [text(_path(key)) for key in spellings]
    count = " + ".join(f"CAST(json_exists(j, {path}) AS INTEGER)" for path in paths)
    twice = f"error('HIVE_CURSOR_ERROR|Row is not a valid JSON Object - JSONException: Duplicate key \"{name.replace(chr(39), '')}\"')"
    return f"(CASE WHEN {count} > 1 THEN {twice} ELSE coalesce({', '.join(values)}) END)"


def _spellings(files: FileSet, name: str, keys: list[str]) -> list[str]:
    """The keys in the data that this column reads."""
    mapped = next((value for key, value in files.parameters.items() if key.lower() == f"mapping.{name}"), None)
    if not _is(files, "case.insensitive", "true"):
        return [mapped or name]
    wanted = (mapped or name).lower()
    dots = _is(files, "dots.in.keys")
    return [key for key in keys if key.lower() == wanted or (dots and key.lower().replace(".", "_") == wanted)] or [
        name
    ]


def _path(key: str) -> str:
    if not key:
        return "/"  # a JSON pointer: DuckDB's paths have no empty name
    return '$."' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _value(files: FileSet, index: int, key: str, kind: Type, readers: dict[Type, str]) -> str:
    path = text(_path(key))
    cell = f"(j ->> {path})"
    if kind.name == "varchar":
        return f"substring({cell}, 1, {kind.params[0]})" if kind.params else cell
    whole = f"CAST(json_extract(j, {path}) AS VARCHAR)"
    if kind not in readers:
        read = value_reader(
            kind, formats_of(files.parameters), f"field {index}", _is(files, "case.insensitive", "true")
        )
        readers[kind] = files.define(read, duckdb(kind))
    plain = _PLAIN.get(kind.name)
    if plain is None:
        return f"{readers[kind]}({whole})"
    # A NaN that comes back from Python would be NULL.
    nan = f"WHEN {cell} = 'NaN' THEN CAST('NaN' AS {duckdb(kind)}) " if kind.name in ("double", "real") else ""
    fast = f"TRY_CAST({cell} AS {duckdb(kind)})"
    return f"(CASE WHEN regexp_full_match({cell}, '{plain}') AND {fast} IS NOT NULL THEN {fast} {nan}ELSE {readers[kind]}({whole}) END)"
