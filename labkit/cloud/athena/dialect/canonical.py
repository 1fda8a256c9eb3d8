"""When two expressions are the same one: by structure, with each name replaced by the column it means."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.scope import Scope, find
from labkit.cloud.athena.errors import QueryFailure


def canonical(scope: Scope, node: Any, bound: tuple[str, ...] = ()) -> Any:
    """A key that equal expressions share; ``bound`` are the parameters of lambdas around this node."""
    kind = type(node).__name__
    if kind == "Paren":
        return canonical(scope, node.this, bound)
    if kind == "Column":
        return _column(scope, node, bound)
    if kind == "Lambda":
        names = tuple(one.name.lower() for one in node.expressions)
        return (kind, names, canonical(scope, node.this, (*bound, *names)))
    if kind == "Literal":
        return (kind, node.this, node.args.get("is_string"))
    if kind in ("Select", "Subquery", "Exists"):
        return (kind, id(node))
    parts = []
    for name in sorted(node.args):
        part = _part(scope, node.args[name], bound)
        if part not in (None, (), False):
            parts.append((name, part))
    return (kind, tuple(parts))


def _part(scope: Scope, value: Any, bound: tuple[str, ...]) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(_part(scope, one, bound) for one in value)
    if isinstance(value, str):
        return value.lower()
    if value is None or isinstance(value, (bool, int)):
        return value
    return canonical(scope, value, bound) if hasattr(value, "args") else str(value)


def _column(scope: Scope, node: Any, bound: tuple[str, ...]) -> Any:
    parts = tuple(part.name.lower() for part in node.parts)
    if parts[0] in bound:
        return ("bound", parts)
    try:
        found, rest, _ = find(scope, parts, None)
    except QueryFailure:
        return ("name", parts)
    return ("column", id(found), rest)
