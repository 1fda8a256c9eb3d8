"""Queries inside expressions: scalar, IN, EXISTS, ANY, ALL."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect import operators
from labkit.cloud.athena.dialect.casts import cast
from labkit.cloud.athena.dialect.expressions import Translator, make_row, translate
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.scope import Context, Scope, Typed, use
from labkit.cloud.athena.types import BOOLEAN, row


def _query(ctx: Context, scope: Scope, node: Any) -> Any:
    from labkit.cloud.athena.dialect.query import translate_query

    if scope.touched is not None:
        scope.touched.append(None)  # a predicate with a query in it prunes nothing
    outer = scope.inner(touched=None, at_scan=False, aggregating=None)
    return translate_query(ctx, Scope(parent=outer, ctes=scope.ctes), node)


def _rows(ctx: Context, found: Any) -> tuple[str, Typed]:
    """A query as a relation, and its one value: several columns are a ROW."""
    alias = ctx.alias()
    values = [Typed(f"{alias}.c{index}", column.typed.type) for index, column in enumerate(found.columns)]
    for column in found.columns:
        use(column.source)
    relation = f"({found.sql}) AS {alias}"
    if len(values) == 1:
        return relation, values[0]
    return relation, make_row(values)


def _scalar(ctx: Context, scope: Scope, node: Any) -> Typed:
    found = _query(ctx, scope, node)
    if len(found.columns) == 1:
        use(found.columns[0].source)
        return Typed(f"({found.sql})", found.columns[0].typed.type)
    relation, value = _rows(ctx, found)
    names = tuple(column.name if column.named else None for column in found.columns)
    value = cast(value, row(value.type.items, names), None)
    return Typed(f"(SELECT {value.sql} FROM {relation})", value.type)


def _exists(ctx: Context, scope: Scope, node: Any) -> Typed:
    return Typed(f"EXISTS ({_query(ctx, scope, node.this).sql})", BOOLEAN)


def in_query(ctx: Context, scope: Scope, node: Any) -> Typed:
    """``x IN (SELECT …)``."""
    value = translate(ctx, scope, node.this)
    relation, inner = _rows(ctx, _query(ctx, scope, node.args["query"]))
    text = "value and result of subquery must be of the same type for IN expression: {left} vs {right}"
    first, second = operators.unify([value, inner], text, place(ctx.sql, node))
    if first.type.items:
        return _some(operators.compare("=", first, second, place(ctx.sql, node)), relation)
    return Typed(f"({first.sql} IN (SELECT {second.sql} FROM {relation}))", BOOLEAN)


def _some(equal: Typed, relation: str) -> Typed:
    """Is the comparison true for some row? With NULLs inside rows and arrays it may be unknown, which DuckDB's IN does not know."""
    found = "CASE WHEN count(*) = 0 THEN false WHEN bool_or(equal) THEN true WHEN count(equal) < count(*) THEN NULL ELSE false END"
    return Typed(f"(SELECT {found} FROM (SELECT {equal.sql} AS equal FROM {relation}))", BOOLEAN)


def quantified(ctx: Context, scope: Scope, node: Any, operator: str) -> Typed:
    """``x = ANY (SELECT …)``, ``x > ALL (SELECT …)``."""
    value = translate(ctx, scope, node.this)
    relation, inner = _rows(ctx, _query(ctx, scope, node.expression.this))
    first, second = operators.unify(
        [value, inner], f"Cannot apply operator: {{left}} {operator} {{right}}", place(ctx.sql, node)
    )
    word = type(node.expression).__name__.upper()
    return Typed(f"({first.sql} {operator} {word} (SELECT {second.sql} FROM {relation}))", BOOLEAN)


TRANSLATORS: dict[str, Translator] = {"Subquery": _scalar, "Exists": _exists}
