"""JSON texts."""

from __future__ import annotations

import re
from typing import Any

from labkit.cloud.athena.dialect import literals
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.functions.signature import Entry

_STEP = re.compile(r"""\.(?P<name>[^.\[\]]+)|\[(?P<index>\d+)\]|\[(?P<quote>["'])(?P<quoted>.*?)(?P=quote)\]""")


def json_path(path: str, place: Any) -> str:
    """Trino's ``$.a["b c"][0]`` as DuckDB writes it; wildcards are refused."""
    if path.startswith(("lax ", "strict ")):
        raise not_supported("SQL/JSON paths (lax, strict)", place)
    rest = path if path.startswith("$") else f"${path if path.startswith(('.', '[')) else '.' + path}"
    made, index = "$", 1
    while index < len(rest):
        found = _STEP.match(rest, index)
        if found is None:
            raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"Invalid JSON path: '{path}'", place)
        name = found["name"] if found["name"] is not None else found["quoted"]
        if name == "*":
            raise not_supported(f"the JSON path {path}", place)
        made += f"[{found['index']}]" if found["index"] else '."' + name.replace('"', '\\"') + '"'
        index = found.end()
    return made


def _path(call: Any) -> str:
    text = call.text(1)
    if text is None:
        raise not_supported(f"{call.name}() with a path that is not a literal", call.place)
    return literals.text(json_path(text, call.place))


def _valid(value: Typed) -> str:
    """Text that is not JSON is NULL for Trino's json functions."""
    return (
        value.sql
        if value.type.name == "json"
        else f"(CASE WHEN json_valid({value.sql}) THEN CAST({value.sql} AS JSON) END)"
    )


def _scalar(call: Any) -> str:
    value, path = _valid(call.values[0]), _path(call)
    kind = f"json_type({value}, {path})"
    return f"(CASE WHEN {kind} NOT IN ('OBJECT', 'ARRAY') THEN json_extract_string({value}, {path}) END)"


def _extract(call: Any) -> str:
    return f"json_extract({_valid(call.values[0])}, {_path(call)})"


def _size(call: Any) -> str:
    value, path = _valid(call.values[0]), _path(call)
    return (
        f"(CASE json_type({value}, {path}) WHEN 'OBJECT' THEN len(json_keys({value}, {path})) "
        f"WHEN 'ARRAY' THEN json_array_length({value}, {path}) WHEN NULL THEN NULL ELSE 0 END)"
    )


def _length(call: Any) -> str:
    value = _valid(call.values[0])
    return f"(CASE WHEN json_type({value}) = 'ARRAY' THEN CAST(json_array_length({value}) AS BIGINT) END)"


def _get(call: Any) -> str:
    value = _valid(call.values[0])
    return f"(CASE WHEN json_type({value}) = 'ARRAY' THEN json_extract({value}, {call.values[1].sql}) END)"


def _both(name: str, result: str, code: Any, rest: str = "") -> list[Entry]:
    return [(f"{name}({kind}{rest}) -> {result}", code) for kind in ("varchar", "json")]


ENTRIES: list[Entry] = [
    *_both("json_extract_scalar", "varchar", _scalar, ", varchar"),
    *_both("json_extract", "json", _extract, ", varchar"),
    *_both("json_size", "bigint", _size, ", varchar"),
    *_both("json_array_length", "bigint", _length),
    *_both("json_array_get", "json", _get, ", bigint"),
    *_both(
        "is_json_scalar", "boolean", lambda call: f"(json_type({_valid(call.values[0])}) NOT IN ('OBJECT', 'ARRAY'))"
    ),
    ("json_parse(varchar) -> json", "CAST({0} AS JSON)"),
    ("json_format(json) -> varchar", "CAST({0} AS VARCHAR)"),
]
