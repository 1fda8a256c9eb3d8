"""Which conditions of a WHERE decide on partitions alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from labkit.cloud.athena.dialect.expressions import translate
from labkit.cloud.athena.dialect.scope import Context, Scope, Source
from labkit.cloud.athena.errors import QueryFailure

if TYPE_CHECKING:
    from sqlglot import exp


def prune(ctx: Context, scope: Scope, condition: exp.Expression) -> None:
    """Hand each condition that touches only one scan's partition keys to that scan."""
    for part in _conjuncts(condition):
        touched: list[Source | None] = []
        try:
            value = translate(ctx, scope.inner(touched=touched, at_scan=True, quiet=True), part)
        except QueryFailure:
            continue
        scan = _only_scan(touched)
        if scan is not None and not _is_volatile(part):
            scan.predicates.append(value.sql)


def _conjuncts(node: Any) -> Iterator[Any]:
    kind = type(node).__name__
    if kind == "And":
        yield from _conjuncts(node.this)
        yield from _conjuncts(node.expression)
    elif kind == "Paren":
        yield from _conjuncts(node.this)
    else:
        yield node


def _only_scan(touched: list[Source | None]) -> Any:
    if not touched or any(source is None or not source.prunes for source in touched):
        return None
    sources = [source for source in touched if source is not None]
    scan = sources[0].scan
    keys = {name for name, _ in scan.partition_keys}
    return scan if all(source.scan is scan and source.column in keys for source in sources) else None


def _is_volatile(node: Any) -> bool:
    from sqlglot import exp

    return any(call.name.lower() in ("rand", "random", "uuid", "shuffle") for call in node.find_all(exp.Anonymous))
