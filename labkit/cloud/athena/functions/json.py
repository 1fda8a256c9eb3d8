"""JSON texts and the type JSON. A value of that type is text without white space, as Trino keeps it."""

from __future__ import annotations

import math
from typing import Any

from labkit.cloud.athena.dialect import literals
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions.once import once
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.jsondata import extract
from labkit.cloud.athena.jsondata.canonical import parsed_json
from labkit.cloud.athena.jsondata.text import InvalidJson, Members, read_plain, scalar_text, value_at, write
from labkit.cloud.athena.python_functions import PythonFunction, python
from labkit.cloud.athena.types import VARCHAR

_LONG = 2**63


def _is_json_scalar(text: str) -> bool:
    try:
        return not isinstance(read_plain(text), list | dict)
    except InvalidJson:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"Invalid JSON value: {text[:10_000]}") from None


def _items(text: str) -> list[Any] | None:
    """The items of a JSON array; None for everything else."""
    try:
        found, _ = value_at(text, len(text) - len(text.lstrip(" \t\n\r")))
    except InvalidJson:
        return None
    return found if isinstance(found, list) and not isinstance(found, Members) else None


def _json_array_length(text: str | None) -> int | None:
    found = None if text is None else _items(text)
    return None if found is None else len(found)


def _json_array_get(text: str | None, index: int | None) -> str | None:
    """A string comes out without its quotes: Trino's documentation calls this broken, and keeps it."""
    found = None if text is None or index is None else _items(text)
    if found is None or index is None or not -len(found) <= index < len(found):
        return None
    item = found[index]
    if item is None or isinstance(item, str):
        return item
    return write(item) if isinstance(item, list) else scalar_text(item)


def _contains(text: str | None, value: Any) -> bool | None:
    found = None if text is None or value is None else _items(text)
    if isinstance(value, float) and not math.isfinite(value):
        return False if text is not None else None
    return None if found is None else any(_same(item, value) for item in found)


def _same(item: Any, value: Any) -> bool:
    if isinstance(value, bool) or isinstance(item, bool):
        return item is value
    if isinstance(value, int):
        return isinstance(item, int) and -_LONG <= item < _LONG and item == value
    if isinstance(value, float):
        return not isinstance(item, int | str | list) and item is not None and float(item) == value
    return isinstance(item, str) and item == value


def _contains_in(kind: str) -> Any:
    function = PythonFunction(f"py_json_contains_{kind.lower()}", _contains, ("VARCHAR", kind), "BOOLEAN", True)
    return lambda call: f"{call.ctx.define(function)}({call.values[0].sql}, {call.values[1].sql})"


def _checked(body: Any) -> Any:
    """A path that is a literal is checked before any row is read."""

    def translate(call: Any) -> Any:
        text = call.text(1)
        if text is not None:
            try:
                extract.tokens(text)
            except QueryFailure as failure:
                raise QueryFailure(failure.name, failure.text, call.place) from None
        return body(call)

    return translate


def _null_in(body: Any) -> Any:
    """A function of a text and a path that gives NULL for NULL."""

    def run(text: str | None, path: str | None) -> Any:
        return None if text is None or path is None else body(text, path)

    run.__name__ = f"json_{body.__name__}"
    return run


_scalar = python(_null_in(extract.scalar), ("VARCHAR", "VARCHAR"), "VARCHAR", sees_nulls=True)
_extract = python(_null_in(extract.structure), ("VARCHAR", "VARCHAR"), "JSON", sees_nulls=True)
_size = python(_null_in(extract.size), ("VARCHAR", "VARCHAR"), "BIGINT", sees_nulls=True)


def _duckdb_path(call: Any) -> str | None:
    """The path as DuckDB's functions take it, when it means the same there: a literal without array positions."""
    text = call.text(1)
    names = extract.tokens(text) if text is not None else ()
    if not names or any(name.isdigit() or '"' in name or "\\" in name for name in names):
        return None
    return literals.text("$" + "".join(f'."{name}"' for name in names))


def _sized_scalar(call: Any) -> Typed:
    """The result is as long as the document can be, says Trino's signature."""
    given = call.values[0].type
    return Typed(_fast_scalar(call), given if given.name == "varchar" else VARCHAR)


def _fast_scalar(call: Any) -> str:
    """json_extract_scalar in DuckDB where that gives the same; numbers with a fraction and bad JSON go to Python."""
    path, slow = _duckdb_path(call), _scalar(call)
    if path is None:
        return slow
    name = slow[: slow.index("(")]

    def build(text: str) -> str:
        other = f"{name}({text}, {call.values[1].sql})"
        kinds = f"json_type({text}, {path})"
        same = f"json_extract_string({text}, {path})"
        return (
            f"(CASE WHEN {text} IS NULL THEN NULL WHEN NOT json_valid({text}) THEN {other} ELSE (CASE {kinds} "
            f"WHEN 'VARCHAR' THEN {same} WHEN 'UBIGINT' THEN {same} WHEN 'BIGINT' THEN {same} "
            f"WHEN 'BOOLEAN' THEN {same} WHEN 'DOUBLE' THEN {other} ELSE NULL END) END)"
        )

    return once(call.ctx, [f"CAST({call.values[0].sql} AS VARCHAR)"], build)


def _fast_extract(call: Any) -> str:
    """json_extract in DuckDB where that writes the same: not for fractions, nor for control characters."""
    path, slow = _duckdb_path(call), _extract(call)
    if path is None:
        return slow
    name = slow[: slow.index("(")]

    def build(text: str) -> str:
        other = f"{name}({text}, {call.values[1].sql})"
        chosen = once(
            call.ctx,
            [f"json_extract({text}, {path})"],
            lambda made: (
                f"(CASE WHEN regexp_matches(CAST({made} AS VARCHAR), '[0-9][.eE]|\\\\u00') THEN {other} ELSE {made} END)"
            ),
        )
        return f"(CASE WHEN {text} IS NULL THEN NULL WHEN NOT json_valid({text}) THEN {other} ELSE {chosen} END)"

    return once(call.ctx, [f"CAST({call.values[0].sql} AS VARCHAR)"], build)


def _both(name: str, result: str, code: Any, rest: str = "") -> list[Entry]:
    return [(f"{name}({kind}{rest}) -> {result}", code) for kind in ("varchar", "json")]


ENTRIES: list[Entry] = [
    *_both("json_extract_scalar", "varchar", _checked(_sized_scalar), ", varchar"),
    *_both("json_extract", "json", _checked(_fast_extract), ", varchar"),
    *_both("json_size", "bigint", _checked(_size), ", varchar"),
    *_both("json_array_length", "bigint", python(_json_array_length, ("VARCHAR",), "BIGINT", sees_nulls=True)),
    *_both(
        "json_array_get", "json", python(_json_array_get, ("VARCHAR", "BIGINT"), "JSON", sees_nulls=True), ", bigint"
    ),
    *_both("json_array_contains", "boolean", _contains_in("BOOLEAN"), ", boolean"),
    *_both("json_array_contains", "boolean", _contains_in("BIGINT"), ", bigint"),
    *_both("json_array_contains", "boolean", _contains_in("DOUBLE"), ", double"),
    *_both("json_array_contains", "boolean", _contains_in("VARCHAR"), ", varchar"),
    *_both("is_json_scalar", "boolean", python(_is_json_scalar, ("VARCHAR",), "BOOLEAN")),
    ("json_parse(varchar) -> json", python(parsed_json, ("VARCHAR",), "JSON")),
    ("json_format(json) -> varchar", "CAST({0} AS VARCHAR)"),
]
