"""ORDER BY, OFFSET, LIMIT and FETCH FIRST."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labkit.cloud.athena.dialect.canonical import canonical
from labkit.cloud.athena.dialect.expressions import translate
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.scope import Context, Field, Scope, use
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.types import Type, show


@dataclass(frozen=True)
class Ordering:
    """What follows a query's SELECT: sort keys with their directions, rows to skip, rows to keep (None: all)."""

    keys: list[tuple[str, str]]
    offset: int = 0
    limit: int | None = None
    ties: bool = False

    def around(self, ctx: Context, head: str, tail: str, width: int) -> str:
        """The query ``head tail`` (its SELECT list, what follows it) of ``width`` columns, ordered and cut."""
        skipping = f" OFFSET {self.offset}" if self.offset else ""
        sorting = f" ORDER BY {', '.join(f'{key} {way}' for key, way in self.keys)}" if self.keys else ""
        if not self.ties:
            keeping = f" LIMIT {self.limit}" if self.limit is not None else ""
            return f"{head} {tail}{sorting}{keeping}{skipping}"
        # Ties are rows whose sort keys equal the last row's: RANK over the rows that are left after OFFSET.
        rows, ranked = ctx.alias(), ctx.alias()
        columns = ", ".join(f"c{index}" for index in range(width))
        extra = "".join(f", {key} AS s{index}" for index, (key, _) in enumerate(self.keys))
        again = ", ".join(f"s{index} {way}" for index, (_, way) in enumerate(self.keys))
        inner = f"{head}{extra} {tail}{sorting}{skipping}"
        kept = f"SELECT *, rank() OVER (ORDER BY {again}) AS place FROM ({inner}) AS {rows}"
        return f"SELECT {columns} FROM ({kept}) AS {ranked} WHERE place <= {self.limit} ORDER BY {again}"


def order_select(ctx: Context, scope: Scope, node: Any, outputs: list[Any]) -> Ordering:
    """A SELECT's ORDER BY: it sees output names first, then the source's columns."""
    # In an expression an output stands for its own text: DuckDB would take its alias c0 for a column of that name.
    fields = [Field(one.name, one.value, source=one.source, named=one.named) for one in outputs]
    seen = scope.inner(fields=fields, parent=scope, grouped=scope.grouped)
    same: dict[Any, int] = {}
    for index, one in reversed(list(enumerate(outputs))):
        if one.node is not None:
            key = ("column", one.node[1], ()) if isinstance(one.node, tuple) else canonical(scope, one.node)
            same[key] = index
    return _ordering(ctx, seen, node, fields, same, bool(node.args.get("distinct")))


def order_rows(ctx: Context, scope: Scope, node: Any, fields: list[Field]) -> Ordering:
    """ORDER BY of a set operation or a query in parentheses: it sees the output columns only."""
    return _ordering(ctx, scope, node, fields, {}, False)


def _ordering(
    ctx: Context, scope: Scope, node: Any, fields: list[Field], same: dict[Any, int], distinct: bool
) -> Ordering:
    order = node.args.get("order")
    keys = []
    for item in order.expressions if order is not None else []:
        way = ("DESC" if item.args.get("desc") else "ASC") + (
            " NULLS FIRST" if item.args.get("nulls_first") else " NULLS LAST"
        )
        if not _is_constant(item.this):
            keys.append((_key(ctx, scope, item.this, fields, same, distinct), way))
    offset, limit, ties = _cut(ctx, node)
    if ties and not keys:
        text = "FETCH FIRST WITH TIES clause requires ORDER BY"
        raise QueryFailure("MISSING_ORDER_BY", text, place(ctx.sql, node.args["limit"]))
    return Ordering(keys, offset, limit, ties)


def _is_constant(node: Any) -> bool:
    """A text or NULL orders nothing (a number is an ordinal); DuckDB refuses it."""
    while type(node).__name__ == "Paren":
        node = node.this
    kind = type(node).__name__
    return kind in ("Null", "Boolean", "HexString") or (kind == "Literal" and bool(node.args.get("is_string")))


def _key(ctx: Context, scope: Scope, node: Any, fields: list[Field], same: dict[Any, int], distinct: bool) -> str:
    inner = node
    while type(inner).__name__ == "Paren":
        inner = inner.this
    if type(inner).__name__ == "Literal" and not inner.args.get("is_string") and str(inner.this).isdigit():
        number = int(inner.this)
        if not 1 <= number <= len(fields):
            text = f"ORDER BY position {number} is not in select list"
            raise QueryFailure("INVALID_COLUMN_REFERENCE", text, place(ctx.sql, inner))
        return _output(ctx, fields, number - 1, node)
    if type(inner).__name__ == "Column" and len(inner.parts) == 1:
        named = [index for index, one in enumerate(fields) if one.named and one.name == inner.name.lower()]
        if len(named) > 1:
            raise QueryFailure("AMBIGUOUS_NAME", f"Column '{inner.name}' is ambiguous", place(ctx.sql, inner))
        if named:
            return _output(ctx, fields, named[0], node)
    known = same.get(canonical(scope.parent, node)) if same and scope.parent is not None else None
    if known is not None and (distinct or type(inner).__name__ == "Column"):
        return _output(ctx, fields, known, node)
    if distinct:
        text = "For SELECT DISTINCT, ORDER BY expressions must appear in select list"
        raise QueryFailure("EXPRESSION_NOT_IN_DISTINCT", text, place(ctx.sql, node))
    value = translate(ctx, scope, node)
    _check_orderable(ctx, value.type, node)
    return value.sql if not value.sql.isdigit() else f"({value.sql})"


def _output(ctx: Context, fields: list[Field], index: int, node: Any) -> str:
    use(fields[index].source)
    _check_orderable(ctx, fields[index].typed.type, node)
    return f"c{index}"


def _check_orderable(ctx: Context, kind: Type, node: Any) -> None:
    if not orderable(kind):
        shown = node.sql(dialect="trino", normalize_functions=False)
        text = f"Type {show(kind)} is not orderable, and therefore cannot be used in ORDER BY: {shown}"
        raise QueryFailure("TYPE_MISMATCH", text, place(ctx.sql, node))


def orderable(kind: Type) -> bool:
    """May values of this type be sorted?"""
    return kind.name not in ("map", "json") and all(orderable(item) for item in kind.items)


def _cut(ctx: Context, node: Any) -> tuple[int, int | None, bool]:
    """OFFSET, LIMIT or FETCH FIRST, and WITH TIES."""
    limit, offset = node.args.get("limit"), node.args.get("offset")
    skipped = _count(ctx, offset.expression, "OFFSET") if offset is not None else 0
    if limit is None:
        return skipped, None, False
    if type(limit).__name__ != "Fetch":
        if type(limit.expression).__name__ == "Var":
            return skipped, None, False
        return skipped, _count(ctx, limit.expression, "LIMIT"), False
    count = 1 if limit.args.get("count") is None else _count(ctx, limit.args["count"], "FETCH FIRST")
    if count <= 0:
        text = f"FETCH FIRST row count must be positive (actual value: {count})"
        raise QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", text, place(ctx.sql, limit))
    options = limit.args["limit_options"]
    return skipped, count, bool(options.args.get("with_ties"))


def _count(ctx: Context, node: Any, what: str) -> int:
    if type(node).__name__ != "Literal":
        text = "Incorrect number of parameters: expected at least 1 but found 0"
        raise QueryFailure("INVALID_PARAMETER_USAGE", text, place(ctx.sql, node))
    count = int(str(node.this).replace("_", ""), 0) if not str(node.this).isdigit() else int(node.this)
    if count >= 2**63:
        name = "INVALID_LIMIT_CLAUSE" if what == "LIMIT" else "TYPE_MISMATCH"
        raise QueryFailure(name, f"Invalid {what} row count: {node.this}", place(ctx.sql, node))
    return count
