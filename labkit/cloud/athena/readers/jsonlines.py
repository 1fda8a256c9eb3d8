"""JSON SerDes (openx, hcatalog): one object a line, columns by name whatever the case."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
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
    cells = _Cells(_together(files, keys))
    columns = [_column(files, index, name, kind, keys, cells) for index, (name, kind) in enumerate(files.columns)]
    # Hive's own SerDe and openx take a blank line for a row of NULLs.
    sql = f"(SELECT {document} AS j, file_index FROM {lines} AS lines)"
    if cells.places:
        listed = f"[{', '.join(map(text, cells.places))}]"
        sql = f"(SELECT j, json_extract_string(j, {listed}) AS texts, json_extract(j, {listed}) AS jsons, file_index FROM {sql} AS parsed)"
    return Source(sql, columns, paths, files.size_bytes)


# Of more columns than this a line is parsed once for all of them: DuckDB parses it, and keeps what it parsed, for each call.
_FEW = 16


@dataclass
class _Cells:
    """Which paths are read together, by their place in the list, and the Python reader of each type."""

    places: dict[str, int]
    readers: dict[Type, str] = field(default_factory=dict)

    def of(self, key: str) -> tuple[str, str]:
        """A key's value as text, and as JSON."""
        path = _path(key)
        place = self.places.get(path)
        if place is None:
            return f"(j ->> {text(path)})", f"CAST(json_extract(j, {text(path)}) AS VARCHAR)"
        return f"texts[{place}]", f"CAST(jsons[{place}] AS VARCHAR)"


def _together(files: FileSet, keys: list[str]) -> dict[str, int]:
    needed = [name for name, _ in files.columns if name in files.needed]
    if len(needed) <= _FEW:
        return {}
    paths = dict.fromkeys(_path(key) for name in needed for key in _spellings(files, name, keys))
    return {path: place for place, path in enumerate(paths, 1)}


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


def _column(files: FileSet, index: int, name: str, kind: Type, keys: list[str], cells: _Cells) -> str:
    spellings = _spellings(files, name, keys)
    values = [_value(files, index, key, kind, cells) for key in spellings]
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


def _value(files: FileSet, index: int, key: str, kind: Type, cells: _Cells) -> str:
    cell, whole = cells.of(key)
    readers = cells.readers
    if kind.name == "varchar":
        return f"substring({cell}, 1, {kind.params[0]})" if kind.params else cell
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
