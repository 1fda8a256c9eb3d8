"""A whole query: SELECT, VALUES, set operations, WITH."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labkit.cloud.athena.dialect import operators
from labkit.cloud.athena.dialect.comparisons import has_map, settled
from labkit.cloud.athena.dialect.expressions import translate
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.scope import Context, Field, Scope, Source, Typed, use
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.types import Type

if TYPE_CHECKING:
    from sqlglot import exp


@dataclass(frozen=True)
class Query:
    """DuckDB text whose columns are c0, c1, …; ``columns`` has the names and types that Athena shows."""

    sql: str
    columns: list[Field]


def translate_query(ctx: Context, scope: Scope, node: exp.Expression) -> Query:
    """Any query expression, with its WITH, ORDER BY and LIMIT."""
    from labkit.cloud.athena.dialect.select import translate_select
    from labkit.cloud.athena.dialect.with_queries import with_names

    with_ = node.args.get("with_")
    if with_ is not None:
        scope = scope.inner(ctes=with_names(ctx, scope, with_))
    kind = type(node).__name__
    if kind == "Select":
        return translate_select(ctx, scope, node)
    if kind in ("Union", "Intersect", "Except"):
        return _ordered(ctx, scope, node, _set_operation(ctx, scope, node))
    if kind == "Values":
        return _ordered(ctx, scope, node, _values(ctx, scope, node))
    if kind in ("Subquery", "Paren"):
        return _ordered(ctx, scope, node, translate_query(ctx, scope, node.this))
    raise not_supported(f"a query of the kind {kind.upper()}", place(ctx.sql, node))


def _value_row(line: Any) -> list[Any]:
    """One row of VALUES: ``(1, 2)`` and ``ROW(1, 2)`` have two columns, anything else one."""
    while type(line).__name__ == "Paren":
        line = line.this
    is_row = type(line).__name__ == "Tuple" or (type(line).__name__ == "Anonymous" and line.name.lower() == "row")
    return list(line.expressions) if is_row else [line]


def _values(ctx: Context, scope: Scope, node: Any) -> Query:
    rows = [[translate(ctx, scope, item) for item in _value_row(line)] for line in node.expressions]
    width = len(rows[0])
    odd = next((line for line in rows if len(line) != width), None)
    if odd is not None:
        text = f"Values rows have mismatched sizes: {width} vs {len(odd)}"
        raise QueryFailure("TYPE_MISMATCH", text, place(ctx.sql, node))
    text = "Values rows have mismatched types: {left} vs {right}"
    columns = [operators.unify([line[i] for line in rows], text, place(ctx.sql, node)) for i in range(width)]
    lines = ", ".join("(" + ", ".join(column[i].sql for column in columns) + ")" for i in range(len(rows)))
    names = ", ".join(f"c{i}" for i in range(width))
    alias = ctx.alias()
    fields = [Field(f"_col{i}", Typed(f"c{i}", column[0].type), named=False) for i, column in enumerate(columns)]
    return Query(f"SELECT {names} FROM (VALUES {lines}) AS {alias}({names})", fields)


def _set_operation(ctx: Context, scope: Scope, node: Any) -> Query:
    sides = [translate_query(ctx, scope, side) for side in _sides(node)]
    return combine(ctx, sides, type(node).__name__.upper(), not node.args.get("distinct"), place(ctx.sql, node))


def _sides(node: Any) -> list[Any]:
    """The queries that are combined: a chain of the same operation is one of many, so that it does not nest."""
    kind, distinct = type(node).__name__, node.args.get("distinct")
    found, place_ = [node.expression], node.this
    plain = ("order", "limit", "offset", "with_")
    while (
        kind == "Union" and type(place_).__name__ == kind and place_.args.get("distinct") == distinct
        and not any(place_.args.get(name) for name in plain)
    ):  # fmt: skip
        found.append(place_.expression)
        place_ = place_.this
    return [place_, *reversed(found)]


def combine(ctx: Context, sides: list[Query], word: str, every: bool, where: tuple[int, int] | None) -> Query:
    """UNION, INTERSECT or EXCEPT of queries in the types that their columns meet in; ``every`` is ALL."""
    width = len(sides[0].columns)
    other = next((side for side in sides if len(side.columns) != width), None)
    if other is not None:
        text = f"{word} query has different number of fields: {width}, {len(other.columns)}"
        raise QueryFailure("TYPE_MISMATCH", text, where)
    aliases = [ctx.alias() for _ in sides]
    texts: list[list[str]] = [[] for _ in sides]
    fields: list[Field] = []
    for index in range(width):
        columns = [side.columns[index] for side in sides]
        values = [Typed(f"{alias}.c{index}", one.typed.type) for alias, one in zip(aliases, columns, strict=True)]
        text = f"column {index + 1} in {word} query has incompatible types: {{left}}, {{right}}"
        met = operators.unify(values, text, where)
        for side, value in zip(texts, met, strict=True):
            made = value.sql if word == "UNION" else settled(value.sql, value.type)
            side.append(f"{made} AS c{index}")
        source = _shared(columns, met[0].type) if word == "UNION" and every else None
        if source is None:
            for one in columns:
                use(one.source)
        fields.append(
            Field(
                columns[0].name,
                Typed(f"c{index}", met[0].type),
                source=source,
                named=columns[0].named,
                label=columns[0].label,
            )
        )
    parts = [
        f"SELECT {', '.join(text)} FROM ({side.sql}) AS {alias}"
        for text, side, alias in zip(texts, sides, aliases, strict=True)
    ]
    maps = [one.typed.type for one in fields] if not every and any(has_map(one.typed.type) for one in fields) else []
    if maps and word == "UNION":
        same = ", ".join(settled(f"c{index}", kind) for index, kind in enumerate(maps))
        return Query(f"SELECT DISTINCT ON ({same}) * FROM ({' UNION ALL '.join(parts)}) AS {ctx.alias()}", fields)
    joined = f" {word}{' ALL' if every else ''} ".join(parts)
    return Query(f"SELECT * FROM ({joined}) AS {ctx.alias()}", fields)


def _shared(columns: list[Field], kind: Type) -> Source | None:
    """Where a column of a UNION ALL comes from: its place on each side, when no side had to be converted."""
    sources = [
        one.source if one.typed.type == kind and one.source and not one.source.others else None for one in columns
    ]
    if sources[0] is None:
        return None
    for one, source in zip(columns, sources, strict=True):
        if source is None:
            use(one.source)
    return sources[0]._replace(others=tuple(sources[1:]))


def _ordered(ctx: Context, scope: Scope, node: Any, query: Query) -> Query:
    """ORDER BY and LIMIT of a set operation or a query in parentheses."""
    from labkit.cloud.athena.dialect.ordering import order_rows

    if not any(node.args.get(name) for name in ("order", "limit", "offset")):
        return query
    alias = ctx.alias()
    fields = [replace(one, typed=Typed(f"{alias}.c{i}", one.typed.type)) for i, one in enumerate(query.columns)]
    inner = Scope(fields=fields, parent=scope.parent, ctes=scope.ctes)
    names = ", ".join(f"{alias}.c{i} AS c{i}" for i in range(len(fields)))
    ordering = order_rows(ctx, inner, node, fields)
    columns = [replace(one, source=one.source._replace(prunes=False) if one.source else None) for one in query.columns]
    return Query(ordering.around(ctx, f"SELECT {names}", f"FROM ({query.sql}) AS {alias}", len(fields)), columns)
