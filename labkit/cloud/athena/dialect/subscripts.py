"""``array[1]``, ``map['key']``, ``row[1]``: elements, and Trino's errors for those that are not there."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.coercion import can_coerce
from labkit.cloud.athena.dialect import operators
from labkit.cloud.athena.dialect.casts import cast
from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.dialect.scope import Context, Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions.once import once
from labkit.cloud.athena.functions.refusing import refuse
from labkit.cloud.athena.types import BIGINT, VARCHAR, show

Place = tuple[int, int] | None


def subscript(ctx: Context, value: Typed, index: Typed, literal: int | None, place: Place) -> Typed:
    """``value[index]``; ``literal`` is the index when it is written as a whole number."""
    if value.type.name == "row":
        return _field(value, index, literal, place)
    wanted = {"array": BIGINT, "map": value.type.items[0] if value.type.items else BIGINT}.get(value.type.name)
    if wanted is None or not can_coerce(index.type, wanted):
        text_ = f"Cannot use {show(index.type)} for subscript of {show(value.type)}"
        raise QueryFailure("TYPE_MISMATCH", text_, place)
    made = _item if value.type.name == "array" else _entry
    return made(ctx, value, operators.as_type(index, wanted))


def _item(ctx: Context, value: Typed, index: Typed) -> Typed:
    kind = value.type.items[0]

    def build(items: str, at: str) -> str:
        zero = refuse(text("SQL array indices start at 1"))
        negative = refuse(f"'Array subscript is negative: ' || {at}")
        beyond = f"'Array subscript must be less than or equal to array length: ' || {at} || ' > ' || len({items})"
        return (
            f"(CASE WHEN {at} BETWEEN 1 AND len({items}) THEN {items}[{at}] WHEN {items} IS NULL OR {at} IS NULL THEN NULL "
            f"WHEN {at} = 0 THEN {zero} WHEN {at} < 0 THEN {negative} ELSE {refuse(beyond)} END)"
        )

    return Typed(once(ctx, [value.sql, index.sql], build), kind)


def _entry(ctx: Context, value: Typed, key: Typed) -> Typed:
    kind = value.type.items[1]

    def build(entries: str, name: str) -> str:
        shown = "'Key not present in map'"
        if not key.type.items:
            shown = f"'Key not present in map: ' || {cast(Typed(name, key.type), VARCHAR, None, ctx=ctx).sql}"
        return (
            f"(CASE WHEN {entries} IS NULL OR {name} IS NULL THEN NULL WHEN map_contains({entries}, {name}) "
            f"THEN {entries}[{name}] ELSE {refuse(shown)} END)"
        )

    return Typed(once(ctx, [value.sql, key.sql], build), kind)


def _field(value: Typed, index: Typed, literal: int | None, place: Place) -> Typed:
    if literal is None:
        raise QueryFailure("EXPRESSION_NOT_CONSTANT", "Subscript expression on ROW requires a constant index", place)
    if literal < 1:
        text_ = f"Invalid subscript index: {literal}. ROW indices start at 1"
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", text_, place)
    if literal > len(value.type.items):
        text_ = f"Subscript index out of bounds: {literal}, max value is {len(value.type.items)}"
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", text_, place)
    return Typed(f"struct_extract_at({value.sql}, {literal})", value.type.items[literal - 1])


def literal_index(node: Any) -> int | None:
    """A whole number as written, or None."""
    return int(node.name) if type(node).__name__ == "Literal" and not node.is_string and node.is_int else None
