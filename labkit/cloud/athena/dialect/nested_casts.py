"""CAST of arrays, maps and rows, and of anything to and from JSON."""

from __future__ import annotations

import functools
import zlib
from typing import Any

from labkit.cloud.athena.dialect.casts import cast
from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.dialect.scope import Context, Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions.once import once
from labkit.cloud.athena.functions.refusing import refuse
from labkit.cloud.athena.jsondata.from_json import can_cast_from_json, from_json, stored
from labkit.cloud.athena.jsondata.to_json import can_cast_to_json, writer
from labkit.cloud.athena.python_functions import PythonFunction
from labkit.cloud.athena.types import INTEGERS, JSON, Type, duckdb, field_name, show

Place = tuple[int, int] | None


def cast_value(ctx: Context, value: Typed, target: Type, place: Place, lenient: bool = False) -> Typed:
    """The value as ``target``; ``lenient`` is TRY_CAST: what does not fit is NULL."""
    return cast(value, target, place, lenient, ctx)


def cast_nested(ctx: Context, value: Typed, target: Type, place: Place, lenient: bool) -> Typed:
    """An array, map or row, or anything to or from JSON."""
    source = value.type
    if target == JSON:
        return _to_json(ctx, value, place)
    if source == JSON:
        return _from_json(ctx, value, target, place, lenient)
    if source.name != target.name:
        raise _mismatch(source, target, place)
    made = {"array": _array, "map": _map, "row": _row}[source.name](ctx, value, target, place)
    # One element that does not fit makes the whole NULL.
    return Typed(f"TRY({made})" if lenient else made, target)


def _mismatch(source: Type, target: Type, place: Place) -> QueryFailure:
    return QueryFailure("TYPE_MISMATCH", f"Cannot cast {show(source)} to {show(target)}", place)


def _array(ctx: Context, value: Typed, target: Type, place: Place) -> str:
    name = ctx.alias()
    item = cast_value(ctx, Typed(name, value.type.items[0]), target.items[0], place)
    return f"list_transform({value.sql}, lambda {name}: {item.sql})"


def _map(ctx: Context, value: Typed, target: Type, place: Place) -> str:
    name = ctx.alias()
    parts = [
        cast_value(ctx, Typed(f"struct_extract_at({name}, {index + 1})", old), new, place).sql
        for index, (old, new) in enumerate(zip(value.type.items, target.items, strict=True))
    ]
    pairs = f"list_transform(map_entries({value.sql}), lambda {name}: {{'k': {parts[0]}, 'v': {parts[1]}}})"
    twice = refuse(text("duplicate keys"), "INVALID_CAST_ARGUMENT")
    null = refuse(text("map key is null"), "INVALID_CAST_ARGUMENT")

    def build(made: str) -> str:
        keys = f"list_transform({made}, lambda x: x.k)"
        return (
            f"(CASE WHEN {made} IS NULL THEN NULL WHEN len({made}) > list_count({keys}) THEN {null} "
            f"WHEN len({made}) > list_unique({keys}) THEN {twice} ELSE map_from_entries({made}) END)"
        )

    return once(ctx, [pairs], build)


def _row(ctx: Context, value: Typed, target: Type, place: Place) -> str:
    """ROWs convert field by field in order, whatever their names."""
    if len(value.type.items) != len(target.items):
        raise _mismatch(value.type, target, place)

    def build(sql: str) -> str:
        parts = []
        for index, (old, new) in enumerate(zip(value.type.items, target.items, strict=True)):
            item = cast_value(ctx, Typed(f"struct_extract_at({sql}, {index + 1})", old), new, place)
            name = field_name(target, index).replace("'", "''")
            parts.append(f"'{name}': {item.sql}")
        return f"(CASE WHEN {sql} IS NOT NULL THEN {{{', '.join(parts)}}} END)"

    return once(ctx, [value.sql], build)


def _to_json(ctx: Context, value: Typed, place: Place) -> Typed:
    kind = value.type
    if not can_cast_to_json(kind):
        raise _mismatch(kind, JSON, place)
    if kind.name in (*INTEGERS, "boolean", "varchar"):
        return Typed(f"to_json({value.sql})", JSON)
    return Typed(f"{ctx.define(_writing(kind))}({value.sql})", JSON)


def _from_json(ctx: Context, value: Typed, target: Type, place: Place, lenient: bool) -> Typed:
    if not can_cast_from_json(target):
        raise _mismatch(JSON, target, place)
    made = f"{ctx.define(_reading(target, lenient))}({value.sql})"
    return Typed(made if stored(target) == target else f"CAST({made} AS {duckdb(target)})", target)


def _mark(kind: Type) -> str:
    return f"{zlib.crc32(repr(kind).encode()):08x}"


@functools.lru_cache(maxsize=256)
def _writing(kind: Type) -> PythonFunction:
    return PythonFunction(f"py_json_of_{_mark(kind)}", writer(kind), (duckdb(kind),), "JSON")


@functools.lru_cache(maxsize=256)
def _reading(kind: Type, lenient: bool) -> PythonFunction:
    read = from_json(kind)

    def reading(given: str | None) -> Any:
        if given is None:
            return None
        try:
            return read(given)
        except QueryFailure:
            if lenient:
                return None
            raise

    name = f"py_json_as_{_mark(kind)}{'_or_null' if lenient else ''}"
    return PythonFunction(name, reading, ("VARCHAR",), duckdb(stored(kind)), sees_nulls=True)
