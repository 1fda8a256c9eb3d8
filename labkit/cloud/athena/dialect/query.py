"""A whole query: SELECT, VALUES, set operations, WITH, ORDER BY, LIMIT."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labkit.cloud.athena.dialect import operators
from labkit.cloud.athena.dialect.expressions import translate
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.scope import Context, Field, Scope, Typed, use
from labkit.cloud.athena.errors import QueryFailure, not_supported

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

    with_ = node.args.get("with_")
    if with_ is not None:
        scope = scope.inner(ctes=_with(scope, with_, ctx))
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


def _with(scope: Scope, node: Any, ctx: Context) -> dict[str, Any]:
    if node.args.get("recursive"):
        raise not_supported("WITH RECURSIVE", place(ctx.sql, node))
    known = dict(scope.ctes)
    for cte in node.expressions:
        names = [column.name.lower() for column in cte.args["alias"].columns]
        known[cte.alias.lower()] = (cte.this, dict(known), names)
    return known


def _value_row(line: Any) -> list[Any]:
    """One row of VALUES: ``(1, 2)`` and ``ROW(1, 2)`` have two columns, anything else one."""
    while type(line).__name__ == "Paren":
        line = line.this
    is_row = type(line).__name__ == "Tuple" or (type(line).__name__ == "Anonymous" and line.name.lower() == "row")
    return list(line.expressions) if is_row else [line]


def _values(ctx: Context, scope: Scope, node: Any) -> Query:
    rows = [[translate(ctx, scope, item) for item in _value_row(line)] for line in node.expressions]
    width = len(rows[0])
    if any(len(line) != width for line in rows):
        raise QueryFailure("TYPE_MISMATCH", "Values rows have mismatched sizes", place(ctx.sql, node))
    text = "Values rows have mismatched types: {left} vs {right}"
    columns = [operators.unify([line[i] for line in rows], text, place(ctx.sql, node)) for i in range(width)]
    lines = ", ".join("(" + ", ".join(column[i].sql for column in columns) + ")" for i in range(len(rows)))
    names = ", ".join(f"c{i}" for i in range(width))
    alias = ctx.alias()
    fields = [Field(f"_col{i}", Typed(f"c{i}", column[0].type)) for i, column in enumerate(columns)]
    return Query(f"SELECT {names} FROM (VALUES {lines}) AS {alias}({names})", fields)


def _set_operation(ctx: Context, scope: Scope, node: Any) -> Query:
    sides = [translate_query(ctx, scope, side) for side in (node.this, node.expression)]
    word = type(node).__name__.upper()
    if len(sides[0].columns) != len(sides[1].columns):
        text = f"{word} query has different number of fields: {len(sides[0].columns)}, {len(sides[1].columns)}"
        raise QueryFailure("TYPE_MISMATCH", text, place(ctx.sql, node))
    fields: list[Field] = []
    texts: list[list[str]] = [[], []]
    aliases = [ctx.alias(), ctx.alias()]
    for index, (left, right) in enumerate(zip(sides[0].columns, sides[1].columns, strict=False)):
        use(left.source)
        use(right.source)
        pair = [
            Typed(f"{alias}.c{index}", side.typed.type) for alias, side in zip(aliases, (left, right), strict=False)
        ]
        text = f"column {index + 1} in {word} query has incompatible types: {{left}}, {{right}}"
        both = operators.unify(pair, text, place(ctx.sql, node))
        for side, value in zip(texts, both, strict=False):
            side.append(f"{value.sql} AS c{index}")
        fields.append(Field(left.name, Typed(f"c{index}", both[0].type)))
    parts = [
        f"SELECT {', '.join(text)} FROM ({side.sql}) AS {alias}"
        for text, side, alias in zip(texts, sides, aliases, strict=False)
    ]
    joined = f" {word}{'' if node.args.get('distinct') else ' ALL'} ".join(parts)
    return Query(f"SELECT * FROM ({joined}) AS {ctx.alias()}", fields)


def _ordered(ctx: Context, scope: Scope, node: Any, query: Query) -> Query:
    """ORDER BY and LIMIT of a set operation or a query in parentheses: they see the output columns only."""
    order, tail = node.args.get("order"), limits(ctx, node)
    if order is None and not tail:
        return query
    alias = ctx.alias()
    fields = [replace(one, typed=Typed(f"{alias}.c{i}", one.typed.type)) for i, one in enumerate(query.columns)]
    inner = Scope(fields=fields, parent=scope.parent, ctes=scope.ctes)
    sorting = (
        f" ORDER BY {', '.join(order_item(ctx, inner, item, fields) for item in order.expressions)}" if order else ""
    )
    columns = [replace(one, source=replace_prunes(one)) for one in query.columns]
    return Query(f"SELECT * FROM ({query.sql}) AS {alias}{sorting}{tail}", columns)


def replace_prunes(column: Field) -> Any:
    """The column's source, through which no filter may move any more."""
    return column.source._replace(prunes=False) if column.source else None


def order_item(ctx: Context, scope: Scope, item: Any, outputs: list[Field]) -> str:
    """One ORDER BY entry: a number, an output name, or an expression; NULLs last unless said."""
    direction = ("DESC" if item.args.get("desc") else "ASC") + (
        " NULLS FIRST" if item.args.get("nulls_first") else " NULLS LAST"
    )
    node = item.this
    if type(node).__name__ == "Literal" and not node.is_string:
        if not node.is_int or not 1 <= int(node.name) <= len(outputs):
            raise QueryFailure(
                "INVALID_COLUMN_REFERENCE", f"ORDER BY position {node.name} is not in select list", place(ctx.sql, node)
            )
        return f"{node.name} {direction}"
    if type(node).__name__ == "Column" and len(node.parts) == 1:
        named = [index for index, one in enumerate(outputs) if one.name == node.name.lower()]
        if len(named) == 1 or (named and len({outputs[index].typed.sql for index in named}) == 1):
            use(outputs[named[0]].source)
            return f"{named[0] + 1} {direction}"
        if named:
            raise QueryFailure("AMBIGUOUS_NAME", f"Column '{node.name}' is ambiguous", place(ctx.sql, node))
    return f"{translate(ctx, scope, node).sql} {direction}"


def limits(ctx: Context, node: Any) -> str:
    """OFFSET and LIMIT (or FETCH FIRST) as DuckDB text, '' for none."""
    limit, offset = node.args.get("limit"), node.args.get("offset")
    text = ""
    if limit is not None:
        value = limit.args.get("count") if type(limit).__name__ == "Fetch" else limit.expression
        options = limit.args.get("limit_options")
        if options is not None and (options.args.get("with_ties") or options.args.get("percent")):
            raise not_supported("FETCH FIRST … WITH TIES", place(ctx.sql, node))
        if value is None:
            text = " LIMIT 1"
        elif value.name.upper() != "ALL":
            text = f" LIMIT {_count(ctx, value)}"
    return text + (f" OFFSET {_count(ctx, offset.expression)}" if offset is not None else "")


def _count(ctx: Context, node: Any) -> int:
    if type(node).__name__ != "Literal" or node.is_string or not node.is_int:
        raise QueryFailure(
            "SYNTAX_ERROR", f"mismatched input '{node.sql()}'. Expecting: a number", place(ctx.sql, node)
        )
    return int(node.name)
