"""UNNEST of arrays, maps and arrays of rows, with ordinality."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from labkit.cloud.athena.dialect.expressions import translate
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.relations import Relation
from labkit.cloud.athena.dialect.scope import Context, Field, Scope, Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.types import BIGINT, Type, duckdb, show

# A relation's name in front of a column: scope.Context.alias makes no others.
_ALIAS = re.compile(r"\b(r\d+)\.")


@dataclass(frozen=True)
class _Part:
    """One argument: the list that is taken apart, and the columns its elements become."""

    items: str
    columns: tuple[tuple[str | None, Type], ...]
    fields: bool


def translate_unnest(ctx: Context, scope: Scope, node: Any) -> Relation:
    """One row for each element; several lists side by side, the shorter filled with NULL."""
    parts = _parts(ctx, scope, node)
    inner, made, columns = _taken(ctx, parts, node, [], "", False)
    alias = ctx.alias()
    texts = ", ".join(f"{text} AS c{index}" for index, text in enumerate(made))
    sql = f"LATERAL (SELECT {texts} FROM ({inner}) AS {ctx.alias()}) AS {alias}"
    return Relation(sql, _fields(ctx, node, alias, columns))


def unnest_beside(ctx: Context, scope: Scope, left: Relation, node: Any, outer: bool) -> Relation:
    """``left CROSS JOIN UNNEST(…)`` without a join: the rows of ``left`` travel whole, each repeated for its elements, in order.

    The rows of every relation on the left become one column that bears the relation's name, so that ``r1.c0`` still means what it
    meant. ``outer`` is LEFT JOIN: one row of NULLs for lists that are all empty or NULL.
    """
    parts = _parts(ctx, scope, node)
    names = sorted(set(_ALIAS.findall(" ".join(one.typed.sql for one in left.fields))))
    inner, made, columns = _taken(ctx, parts, node, names, f" FROM {left.sql}", outer)
    alias = ctx.alias()
    packed = ", ".join(f"'c{index}': {text}" for index, text in enumerate(made))
    sql = f"(SELECT {', '.join([*names, f'{{{packed}}} AS {alias}'])} FROM ({inner}) AS {ctx.alias()}) AS {ctx.alias()}"
    return Relation(sql, [*left.fields, *_fields(ctx, node, alias, columns)])


def _parts(ctx: Context, scope: Scope, node: Any) -> list[_Part]:
    return [_part(translate(ctx, scope, item), place(ctx.sql, node)) for item in node.expressions]


def _taken(
    ctx: Context, parts: list[_Part], node: Any, names: list[str], source: str, outer: bool
) -> tuple[str, list[str], list[tuple[str | None, Type]]]:
    """The query that takes the lists apart, with the expressions over it that are UNNEST's columns, and their names and types."""
    lists = [f"a{index}" for index in range(len(parts))]
    lengths = ", ".join(f"coalesce(len({one}), 0)" for one in lists)
    longest = f"greatest({lengths})" if len(lists) > 1 else lengths
    elements = [f"unnest({_padded(one, longest, outer)}) AS e{index}" for index, one in enumerate(lists)]
    made, columns = _columns(parts)
    if node.args.get("offset"):
        numbers = f"range(CAST(1 AS BIGINT), {longest} + 1)"
        elements.append(f"unnest({_padded(numbers, longest, outer)}) AS o")
        made.append("o")
        columns.append((None, BIGINT))
    given = [f"{part.items} AS {one}" for part, one in zip(parts, lists, strict=True)]
    below = f"SELECT {', '.join([*names, *given])}{source}"
    return f"SELECT {', '.join([*names, *elements])} FROM ({below}) AS {ctx.alias()}", made, columns


def _padded(items: str, longest: str, outer: bool) -> str:
    return f"CASE WHEN {longest} = 0 THEN [NULL] ELSE {items} END" if outer else items


def _part(value: Typed, where: tuple[int, int] | None) -> _Part:
    kind = value.type
    if kind.name == "map":
        return _Part(f"map_entries({value.sql})", ((None, kind.items[0]), (None, kind.items[1])), True)
    if kind.name != "array":
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"Cannot unnest type: {show(kind)}", where)
    item = kind.items[0]
    if item.name == "row":
        return _Part(value.sql, tuple(zip(item.fields, item.items, strict=True)), True)
    if item.name == "unknown":
        return _Part(f"CAST({value.sql} AS {duckdb(item)}[])", ((None, item),), False)
    return _Part(value.sql, ((None, item),), False)


def _columns(parts: list[_Part]) -> tuple[list[str], list[tuple[str | None, Type]]]:
    made: list[str] = []
    columns: list[tuple[str | None, Type]] = []
    for index, part in enumerate(parts):
        for number, column in enumerate(part.columns, 1):
            made.append(f"struct_extract_at(e{index}, {number})" if part.fields else f"e{index}")
            columns.append(column)
    return made, columns


def _fields(ctx: Context, node: Any, alias: str, columns: list[tuple[str | None, Type]]) -> list[Field]:
    """Names come from the alias, or from the rows that were taken apart."""
    given, offset = node.args.get("alias"), node.args.get("offset")
    names = [column.name.lower() for column in given.columns] if given is not None else []
    if names and offset is not None and not isinstance(offset, bool):
        names.append(offset.name.lower())
    label = node.alias.lower() if node.alias else ""
    if names and len(names) != len(columns):
        text = f"Column alias list has {len(names)} entries but '{label}' has {len(columns)} columns available"
        raise QueryFailure("MISMATCHED_COLUMN_ALIASES", text, place(ctx.sql, node))
    return [
        Field(
            names[index] if names else (name or f"_col{index}").lower(),
            Typed(f"{alias}.c{index}", kind),
            (label,) if label else (),
            named=bool(names or name),
        )
        for index, (name, kind) in enumerate(columns)
    ]
