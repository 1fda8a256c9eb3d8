"""Rows turn into other rows field by field, in order; DuckDB's own cast would go by the fields' names."""

from __future__ import annotations

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.types import Type, field_name


def goes_by_position(source: Type, target: Type) -> bool:
    """True when somewhere inside a row's fields are called otherwise."""
    if source.name != target.name or len(source.items) != len(target.items):
        return False
    renamed = source.name == "row" and any(
        field_name(source, index) != field_name(target, index) for index in range(len(source.items))
    )
    return renamed or any(goes_by_position(old, new) for old, new in zip(source.items, target.items, strict=True))


def by_position(value: Typed, target: Type) -> str:
    """The value with the target's field names; each lambda sees its own parameter only, so one name serves all."""
    from labkit.cloud.athena.dialect.operators import as_type

    def part(sql: str, index: int) -> str:
        return as_type(Typed(sql, value.type.items[index]), target.items[index]).sql

    if target.name == "array":
        return f"list_transform({value.sql}, lambda w: {part('w', 0)})"
    if target.name == "map":
        pair = f"{{'k': {part('struct_extract_at(w, 1)', 0)}, 'v': {part('struct_extract_at(w, 2)', 1)}}}"
        made = f"map_from_entries(list_transform(map_entries(w), lambda w: {pair}))"
    else:
        fields = [
            f"'{field_name(target, index).replace(chr(39), chr(39) * 2)}': {part(f'struct_extract_at(w, {index + 1})', index)}"
            for index in range(len(target.items))
        ]
        made = f"{{{', '.join(fields)}}}"
    return f"list_transform([{value.sql}], lambda w: CASE WHEN w IS NOT NULL THEN {made} END)[1]"
