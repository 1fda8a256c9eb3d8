"""Queries inside expressions: scalar, IN, EXISTS, ANY, ALL."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect import operators
from labkit.cloud.athena.dialect.expressions import Translator, translate
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.scope import Context, Scope, Typed, use
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.types import BOOLEAN


def _query(ctx: Context, scope: Scope, node: Any, columns: int | None = 1) -> Any:
    from labkit.cloud.athena.dialect.query import translate_query

    if scope.touched is not None:
        scope.touched.append(None)  # a predicate with a query in it prunes nothing
    found = translate_query(
        ctx, Scope(parent=scope.inner(touched=None, at_scan=False, aggregating=None), ctes=scope.ctes), node
    )
    for column in found.columns:
        use(column.source)
    if columns is not None and len(found.columns) != columns:
        text = f"Multiple columns returned by subquery are not yet supported. Found {len(found.columns)}"
        raise QueryFailure("NOT_SUPPORTED", text, place(ctx.sql, node))
    return found


def _scalar(ctx: Context, scope: Scope, node: Any) -> Typed:
    found = _query(ctx, scope, node)
    return Typed(f"({found.sql})", found.columns[0].typed.type)


def _exists(ctx: Context, scope: Scope, node: Any) -> Typed:
    return Typed(f"EXISTS ({_query(ctx, scope, node.this, None).sql})", BOOLEAN)


def in_query(ctx: Context, scope: Scope, node: Any) -> Typed:
    """``x IN (SELECT …)``."""
    value = translate(ctx, scope, node.this)
    found = _query(ctx, scope, node.args["query"])
    alias = ctx.alias()
    inner = Typed(f"{alias}.c0", found.columns[0].typed.type)
    text = "value and result of subquery must be of the same type for IN expression: {left} vs {right}"
    first, second = operators.unify([value, inner], text, place(ctx.sql, node))
    return Typed(f"({first.sql} IN (SELECT {second.sql} FROM ({found.sql}) AS {alias}))", BOOLEAN)


def quantified(ctx: Context, scope: Scope, node: Any, operator: str) -> Typed:
    """``x = ANY (SELECT …)``, ``x > ALL (SELECT …)``."""
    value = translate(ctx, scope, node.this)
    found = _query(ctx, scope, node.expression.this)
    alias = ctx.alias()
    inner = Typed(f"{alias}.c0", found.columns[0].typed.type)
    first, second = operators.unify(
        [value, inner], f"Cannot apply operator: {{left}} {operator} {{right}}", place(ctx.sql, node)
    )
    word = type(node.expression).__name__.upper()
    return Typed(f"({first.sql} {operator} {word} (SELECT {second.sql} FROM ({found.sql}) AS {alias}))", BOOLEAN)


TRANSLATORS: dict[str, Translator] = {"Subquery": _scalar, "Exists": _exists}
