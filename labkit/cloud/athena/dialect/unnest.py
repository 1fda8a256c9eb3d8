"""UNNEST of arrays and maps, with ordinality."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.expressions import translate
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.relations import Relation
from labkit.cloud.athena.dialect.scope import Context, Field, Scope, Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.types import BIGINT, show


def translate_unnest(ctx: Context, scope: Scope, node: Any) -> Relation:
    """One row for each element; several arrays side by side, the shorter filled with NULL."""
    values = [translate(ctx, scope, item) for item in node.expressions]
    columns: list[Typed] = []
    for value in values:
        columns += _columns(value, place(ctx.sql, node))
    offset = node.args.get("offset")
    texts = [f"unnest({column.sql}) AS c{index}" for index, column in enumerate(columns)]
    if offset:
        lengths = ", ".join(f"coalesce(len({column.sql}), 0)" for column in columns)
        longest = f"greatest({lengths})" if len(columns) > 1 else lengths
        texts.append(f"unnest(range(CAST(1 AS BIGINT), {longest} + 1)) AS c{len(columns)}")
        columns.append(Typed("", BIGINT))
    alias = ctx.alias()
    names = _names(ctx, node, len(columns))
    label = node.alias.lower() if node.alias else ""
    kinds = [column.type if column.sql == "" else column.type.items[0] for column in columns]
    fields = [
        Field(name, Typed(f"{alias}.c{i}", kind), (label,) if label else ())
        for i, (name, kind) in enumerate(zip(names, kinds, strict=False))
    ]
    return Relation(f"LATERAL (SELECT {', '.join(texts)}) AS {alias}", fields)


def _columns(value: Typed, where: tuple[int, int] | None) -> list[Typed]:
    from labkit.cloud.athena.types import array

    kind = value.type
    if kind.name == "map":
        return [
            Typed(f"map_keys({value.sql})", array(kind.items[0])),
            Typed(f"map_values({value.sql})", array(kind.items[1])),
        ]
    if kind.name != "array":
        raise QueryFailure("TYPE_MISMATCH", f"Cannot unnest type: {show(kind)}", where)
    if kind.items[0].name != "row":
        return [value]
    return [
        Typed(f"list_transform({value.sql}, lambda x: struct_extract_at(x, {index + 1}))", array(item))
        for index, item in enumerate(kind.items[0].items)
    ]


def _names(ctx: Context, node: Any, width: int) -> list[str]:
    alias, offset = node.args.get("alias"), node.args.get("offset")
    given = [column.name.lower() for column in alias.columns] if alias is not None else []
    if given and offset is not None and not isinstance(offset, bool):
        given.append(offset.name.lower())
    if given and len(given) != width:
        text = f"Column alias list has {len(given)} entries but '{node.alias}' has {width} columns available"
        raise QueryFailure("MISMATCHED_COLUMN_ALIASES", text, place(ctx.sql, node))
    return given or [f"_col{index}" for index in range(width)]
