"""A column outside an aggregate must be grouped by."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.expressions import translate
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.scope import Context, Scope
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions import registry


def check_grouping(ctx: Context, scope: Scope, node: Any) -> None:
    """EXPRESSION_NOT_AGGREGATE for the first column that is neither; nothing when the query does not aggregate."""
    group, having = node.args.get("group"), node.args.get("having")
    if group is None and having is None and not any(_aggregates(item) for item in node.expressions):
        return
    keys = set(_keys(ctx, scope, group, node)) if group is not None else set()
    for item in [*node.expressions, *([having.this] if having is not None else [])]:
        _check(ctx, scope, item, keys)


def _aggregates(node: Any) -> bool:
    kind = type(node).__name__
    if kind in ("Select", "Subquery", "Exists"):
        return False
    if kind == "Window":
        return any(_aggregates(child) for part in node.this.expressions for child in [part])
    if kind == "GroupConcat" or (kind == "Anonymous" and _name(node) in registry.aggregates()):
        return True
    return any(_aggregates(child) for child in node.iter_expressions())


def _name(node: Any) -> str:
    return (node.this if isinstance(node.this, str) else node.this.name).lower()


def _keys(ctx: Context, scope: Scope, group: Any, node: Any) -> list[str]:
    found: list[str] = []
    items = list(group.expressions)
    for name in ("grouping_sets", "cube", "rollup"):
        items += group.args.get(name) or []
    while items:
        item = items.pop()
        kind = type(item).__name__
        if kind in ("GroupingSets", "Cube", "Rollup", "Tuple"):
            items += item.expressions
        elif kind == "Paren":
            items.append(item.this)
        elif kind == "Literal" and item.is_int and 1 <= int(item.name) <= len(node.expressions):
            chosen = node.expressions[int(item.name) - 1]
            if type(chosen).__name__ == "Star":
                continue
            found.append(_sql(ctx, scope, chosen))
        else:
            found.append(_sql(ctx, scope, item))
    return found


def _sql(ctx: Context, scope: Scope, node: Any) -> str:
    node = node.this if type(node).__name__ == "Alias" else node
    return translate(ctx, scope.inner(quiet=True), node).sql


def _check(ctx: Context, scope: Scope, node: Any, keys: set[str]) -> None:
    kind = type(node).__name__
    if kind == "Alias":
        return _check(ctx, scope, node.this, keys)
    if kind in (
        "Star",
        "Literal",
        "Null",
        "Boolean",
        "Interval",
        "Lambda",
        "Select",
        "Subquery",
        "Exists",
        "GroupConcat",
        "DataType",
    ):
        return None
    if kind == "Anonymous" and _name(node) in registry.aggregates():
        return None
    if kind == "Column" and type(node.this).__name__ == "Star":
        return None
    if kind in ("Column", "Dot", "Bracket", "Anonymous") or not keys.isdisjoint({_quiet(ctx, scope, node)}):
        if _quiet(ctx, scope, node) in keys:
            return None
        if kind == "Column":
            return _fail(ctx, scope, node)
    if kind == "Filter":
        return None
    for child in node.iter_expressions():
        _check(ctx, scope, child, keys)
    return None


def _quiet(ctx: Context, scope: Scope, node: Any) -> str:
    try:
        return _sql(ctx, scope, node)
    except (QueryFailure, KeyError):
        return ""


def _fail(ctx: Context, scope: Scope, node: Any) -> None:
    from labkit.cloud.athena.dialect.scope import resolve

    parts = tuple(part.name.lower() for part in node.parts)
    found, _ = resolve(Scope(fields=scope.fields, parent=None) if _local(scope, parts) else scope, parts, None)
    if found not in scope.fields:
        return  # a column of the query around this one is a constant here
    text = f"'{node.sql(dialect='trino')}' must be an aggregate expression or appear in GROUP BY clause"
    raise QueryFailure("EXPRESSION_NOT_AGGREGATE", text, place(ctx.sql, node))


def _local(scope: Scope, parts: tuple[str, ...]) -> bool:
    return any(one.name in parts for one in scope.fields)
