"""JSON_EXISTS, JSON_VALUE, JSON_QUERY, JSON_OBJECT, JSON_ARRAY: their clauses, and the Python functions that do the work."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from labkit.cloud.athena.dialect.expressions import Translator, text_of, translate
from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.dialect.nested_casts import cast_value
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.scope import Context, Scope, Typed
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.jsondata import functions as run
from labkit.cloud.athena.jsondata.from_json import stored
from labkit.cloud.athena.jsondata.path_syntax import Path, PathNotSupported, PathSyntaxError, parse_path
from labkit.cloud.athena.jsondata.text import write
from labkit.cloud.athena.jsondata.to_json import writer
from labkit.cloud.athena.python_functions import PythonFunction
from labkit.cloud.athena.types import BOOLEAN, INTEGERS, VARBINARY, VARCHAR, Type, duckdb, parse_type, show

Place = tuple[int, int] | None

_WRITTEN = {*INTEGERS, "decimal", "double", "real", "boolean", "varchar", "char", "unknown"}
_PASSED = {*_WRITTEN, "date"}
# Types that a path knows in Trino and not here: as texts they would compare with texts.
_UNKNOWN_TO_PATHS = ("timestamp", "timestamp with time zone", "time", "time with time zone")
_RETURNED = {*INTEGERS, "decimal", "double", "real", "boolean", "varchar", "char", "date", "timestamp"}
_JSON_FUNCTIONS = ("json_query", "json_object", "json_array")


def _clauses(node: Any) -> dict[str, Any]:
    return dict(node.meta.get("json") or {"formats": {}})


def _define(ctx: Context, name: str, body: Callable[..., Any], values: list[Typed], result: str) -> str:
    kinds = tuple(duckdb(value.type) for value in values)
    names = [inspect.Parameter(f"a{index}", inspect.Parameter.POSITIONAL_ONLY) for index in range(len(values))]
    body.__signature__ = inspect.Signature(names)  # type: ignore[attr-defined]  # DuckDB counts the parameters
    made = ctx.define(PythonFunction(f"py_{name}_{ctx.alias()}", body, kinds, result, sees_nulls=True))
    return f"{made}({', '.join(value.sql for value in values)})"


def _json_text(ctx: Context, value: Typed, encoding: str | None, node: Any) -> Typed:
    """A value that is read as JSON: a text, or bytes in the encoding named."""
    shown = "JSON" if encoding in (None, "JSON") else f"JSON ENCODING {encoding}"
    if value.type.name == "unknown":
        return Typed(f"CAST({value.sql} AS VARCHAR)", VARCHAR)
    if value.type.name == "varbinary" or (value.type.name in ("varchar", "char") and shown == "JSON"):
        return value
    text = f"Cannot read input of type {show(value.type)} as JSON using formatting {shown}"
    raise QueryFailure("TYPE_MISMATCH", text, place(ctx.sql, node))


def _as_text(ctx: Context, value: Typed, node: Any, what: str) -> Typed:
    try:
        return cast_value(ctx, value, VARCHAR, place(ctx.sql, node))
    except QueryFailure:
        text_ = f"Unsupported type of {what}: {show(value.type)}"
        raise QueryFailure("NOT_SUPPORTED", text_, place(ctx.sql, node)) from None


def _search(ctx: Context, scope: Scope, node: Any, clauses: dict[str, Any]) -> tuple[run.Search, list[Typed]]:
    formats = clauses["formats"]
    document = _json_text(ctx, translate(ctx, scope, node.expressions[0]), formats.get(0), node.expressions[0])
    path = _path(ctx, node.expressions[1])
    values, encodings = [document], []
    for index, argument in enumerate(node.expressions[2:], 2):
        value = translate(ctx, scope, argument)
        encodings.append(formats.get(index))
        if index in formats:
            value = _json_text(ctx, value, formats[index], argument)
        elif value.type.name in _UNKNOWN_TO_PATHS:
            raise not_supported(f"a {show(value.type)} in the PASSING clause", place(ctx.sql, argument))
        elif value.type.name not in _PASSED:
            value = _as_text(ctx, value, argument, "JSON path parameter")
        values.append(value)
    names = tuple(_identifier(name) for name in clauses.get("passing") or [])
    for name in path.variables:
        if name not in names:
            message = f'no value passed for parameter {name}. Try quoting "{name}" in the PASSING clause to match case'
            known = name.upper() in names
            message = message if known else f"no value passed for parameter {name}"
            raise QueryFailure("INVALID_PATH", message, place(ctx.sql, node.expressions[1]))
    return run.Search(path, names, tuple(encodings), formats.get(0) or "JSON"), values


def _identifier(name: Any) -> str:
    return str(name.name) if name.args.get("quoted") else str(name.name).upper()


def _path(ctx: Context, node: Any) -> Path:
    written = text_of(node)
    where = place(ctx.sql, node)
    if written is None:
        raise QueryFailure("SYNTAX_ERROR", "the path of an SQL/JSON function is a text literal", where)
    try:
        return parse_path(written)
    except PathSyntaxError as failure:
        inside = (where[0], where[1] + 1 + failure.offset) if where else None
        raise QueryFailure("SYNTAX_ERROR", str(failure), inside) from None
    except PathNotSupported as failure:
        raise not_supported(str(failure), where) from None


def _returning(ctx: Context, clauses: dict[str, Any], node: Any) -> Type:
    if clauses.get("returning") is None:
        return VARCHAR
    try:
        return parse_type(clauses["returning"].sql(dialect="trino"))
    except ValueError as failure:
        raise QueryFailure("TYPE_MISMATCH", str(failure), place(ctx.sql, node)) from None


def _exists(ctx: Context, scope: Scope, node: Any) -> Typed:
    clauses = _clauses(node)
    search, values = _search(ctx, scope, node, clauses)
    body = run.exists(search, clauses.get("on_error") or "FALSE")
    return Typed(_define(ctx, "json_exists", body, values, "BOOLEAN"), BOOLEAN)


def _value(ctx: Context, scope: Scope, node: Any) -> Typed:
    clauses, where = _clauses(node), place(ctx.sql, node)
    search, values = _search(ctx, scope, node, clauses)
    kind = _returning(ctx, clauses, node)
    if kind.name not in _RETURNED:
        if kind.name in _UNKNOWN_TO_PATHS:
            raise not_supported(f"JSON_VALUE … RETURNING {show(kind)}", where)
        raise QueryFailure("TYPE_MISMATCH", f"Invalid return type of function JSON_VALUE: {show(kind)}", where)
    body = run.value(search, kind, clauses.get("on_empty") or "NULL", clauses.get("on_error") or "NULL")
    made = _define(ctx, "json_value", body, values, f"STRUCT(which INTEGER, value {duckdb(stored(kind))})")
    found, branches = ctx.alias(), ""
    for number, name in ((run.ON_EMPTY, "empty_value"), (run.ON_ERROR, "error_value")):
        if clauses.get(name) is not None:
            default = cast_value(ctx, translate(ctx, scope, clauses[name]), kind, where)
            branches += f" WHEN {number} THEN {default.sql}"
    if not branches:
        return Typed(f"CAST(({made}).value AS {duckdb(kind)})", kind)
    chosen = f"CASE {found}.which{branches} ELSE CAST({found}.value AS {duckdb(kind)}) END"
    return Typed(f"list_transform([{made}], lambda {found}: {chosen})[1]", kind)


def _query(ctx: Context, scope: Scope, node: Any) -> Typed:
    clauses, where = _clauses(node), place(ctx.sql, node)
    search, values = _search(ctx, scope, node, clauses)
    wrapper, quotes = clauses.get("wrapper") or "WITHOUT", clauses.get("quotes")
    if quotes and wrapper != "WITHOUT":
        message = f"{quotes} QUOTES behavior specified with WITH {wrapper} ARRAY WRAPPER behavior"
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", message, where)
    empty, error = clauses.get("on_empty") or "NULL", clauses.get("on_error") or "NULL"
    body = run.query(search, wrapper, quotes or "KEEP", empty, error)
    return _output(ctx, node, clauses, body, values, "json_query")


def _output(
    ctx: Context, node: Any, clauses: dict[str, Any], body: Callable[..., Any], values: list[Typed], name: str
) -> Typed:
    """JSON text in the type and encoding that RETURNING asks for."""
    kind, encoding = _returning(ctx, clauses, node), clauses["formats"].get(-1) or "JSON"
    if kind == VARBINARY:
        charset = run.ENCODINGS[encoding]

        def encoded(*given: Any) -> bytes | None:
            found = body(*given)
            return None if found is None else found.encode(charset)

        return Typed(_define(ctx, name, encoded, values, "BLOB"), VARBINARY)
    shown = "JSON" if encoding == "JSON" else f"JSON ENCODING {encoding}"
    if kind.name not in ("varchar", "char") or encoding != "JSON":
        message = f"Cannot output JSON value as {show(kind)} using formatting {shown}"
        raise QueryFailure("TYPE_MISMATCH", message, place(ctx.sql, node))
    made = Typed(_define(ctx, name, body, values, "VARCHAR"), VARCHAR)
    return cast_value(ctx, made, kind, place(ctx.sql, node))


def _put(ctx: Context, scope: Scope, node: Any, encoding: str | None) -> tuple[Typed, run.Put]:
    """A member's value with the function that writes it."""
    value = translate(ctx, scope, node)
    made = type(node).__name__ == "Anonymous" and str(node.this).lower() in _JSON_FUNCTIONS and "json" in node.meta
    if encoding is not None or made:
        value = _json_text(ctx, value, encoding, node)
        charset = encoding or "JSON"
        return value, lambda item: write(run.read_input(item, charset), fraction=run.fraction)
    if value.type.name not in _WRITTEN:
        value = _as_text(ctx, value, node, "value passed to JSON function")
    return value, writer(VARCHAR if value.type.name == "char" else value.type)


def _object(ctx: Context, scope: Scope, node: Any) -> Typed:
    clauses, where = _clauses(node), place(ctx.sql, node)
    formats, unique = clauses["formats"], bool(clauses.get("unique"))
    if unique and any(index >= 0 for index in formats):
        message = "WITH UNIQUE KEYS behavior is not supported for JSON_OBJECT function when input expression has FORMAT"
        raise QueryFailure("NOT_SUPPORTED", message, where)
    values: list[Typed] = []
    puts: list[run.Put] = []
    for index in range(0, len(node.expressions), 2):
        key = translate(ctx, scope, node.expressions[index])
        if key.type.name not in ("varchar", "char", "unknown"):
            message = f"Invalid type of JSON object key: {show(key.type)}"
            raise QueryFailure("TYPE_MISMATCH", message, place(ctx.sql, node.expressions[index]))
        value, put = _put(ctx, scope, node.expressions[index + 1], formats.get(index + 1))
        values += [cast_value(ctx, key, VARCHAR, where), value]
        puts.append(put)
    if not values:
        return _constant(ctx, node, clauses, "{}")
    body = run.build_object(puts, clauses.get("nulls") == "ABSENT", unique)
    return _output(ctx, node, clauses, body, values, "json_object")


def _array(ctx: Context, scope: Scope, node: Any) -> Typed:
    clauses = _clauses(node)
    made = [_put(ctx, scope, item, clauses["formats"].get(index)) for index, item in enumerate(node.expressions)]
    if not made:
        return _constant(ctx, node, clauses, "[]")
    body = run.build_array([put for _, put in made], clauses.get("nulls") != "NULL")
    return _output(ctx, node, clauses, body, [value for value, _ in made], "json_array")


def _constant(ctx: Context, node: Any, clauses: dict[str, Any], made: str) -> Typed:
    """json_object() and json_array() of nothing."""
    return _output(ctx, node, clauses, lambda given: given, [Typed(text(made), VARCHAR)], "json_empty")


SPECIAL: dict[str, Translator] = {
    "json_exists": _exists,
    "json_value": _value,
    "json_query": _query,
    "json_object": _object,
    "json_array": _array,
}
