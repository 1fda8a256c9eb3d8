"""Which conditions of a WHERE decide on partitions alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from labkit.cloud.athena.dialect.expressions import translate
from labkit.cloud.athena.dialect.scope import Context, Field, Scan, Scope, Source, find
from labkit.cloud.athena.dialect.statistics import note_filters
from labkit.cloud.athena.errors import QueryFailure

if TYPE_CHECKING:
    from sqlglot import exp


# A condition on the first column holds for the second too: they are equal in every row that a join keeps.
Edges = list[tuple[Source, Source]]


def prune(ctx: Context, scope: Scope, condition: exp.Expression, edges: Edges) -> None:
    """Hand what the condition says about one scan's partition keys or files to that scan.

    The handed condition is true for every partition in which the whole one could be true, and a condition that fails or is
    unknown for a partition's values keeps the partition: pruning never loses a row and never fails a query.
    """
    for part in conjuncts(condition):
        note_filters(ctx, scope, part)
        for scan, text in _implied(ctx, scope, part):
            _hand(scan, text)
        for swapped in _swaps(scope, part, edges):
            for scan, text in _implied(ctx, scope.inner(swapped=swapped), part):
                if any(scan is source.scan for source in swapped.values()):
                    _hand(scan, text)


def _hand(scan: Scan, text: str) -> None:
    kept = f"coalesce(TRY(CASE WHEN {text} THEN true ELSE false END), true)"
    on_files = any(f"{scan.alias}.c{number}" in text for number in range(len(scan.fields), len(scan.fields) + 8))
    found = scan.file_predicates if on_files else scan.predicates
    if kept not in found:
        found.append(kept)


def prune_all(ctx: Context, scans: list[Scan], scope: Scope, condition: exp.Expression) -> None:
    """A condition without columns (``WHERE 1 = 0``) decides on every file below."""
    for part in conjuncts(condition):
        if _is_unfit(part) or any(True for _ in part.find_all(_column_kind())):
            continue
        try:
            text = translate(ctx, scope.inner(quiet=True), part).sql
        except QueryFailure:
            continue
        for scan in scans:
            scan.file_predicates.append(f"coalesce(TRY(CASE WHEN {text} THEN true ELSE false END), true)")


def _column_kind() -> Any:
    from sqlglot import exp

    return exp.Column


def equalities(scope: Scope, condition: exp.Expression) -> Edges:
    """The pairs of columns that a condition says are equal."""
    found = []
    for part in conjuncts(condition):
        if type(part).__name__ != "EQ":
            continue
        sides = [_field(scope, side) for side in (part.this, part.expression)]
        if sides[0] is not None and sides[1] is not None and sides[0].typed.type == sides[1].typed.type:
            found.append((sides[0].source, sides[1].source))
    return [(one, other) for one, other in found if one is not None and other is not None]


def _field(scope: Scope, node: Any) -> Field | None:
    while type(node).__name__ == "Paren":
        node = node.this
    if type(node).__name__ != "Column":
        return None
    try:
        found, rest, level = find(scope, tuple(part.name.lower() for part in node.parts), None)
    except QueryFailure:
        return None
    plain = level is scope and not rest and found.source is not None and not found.source.others
    return found if plain else None


def _swaps(scope: Scope, node: Any, edges: Edges) -> list[dict[tuple[int, str], Source]]:
    """For each other scan: the columns of a condition that have an equal there."""
    if not edges:
        return []
    swaps: dict[int, dict[tuple[int, str], Source]] = {}
    for column in node.find_all(_column_kind()):
        found = _field(scope, column)
        if found is None or found.source is None:
            continue
        for target in _reached(found.source, edges):
            if target.scan is not found.source.scan:
                swaps.setdefault(target.scan.number, {})[found.source.key] = target
    return list(swaps.values())


def _reached(source: Source, edges: Edges) -> list[Source]:
    known, found, waiting = {source.key}, [], [source]
    while waiting:
        one = waiting.pop()
        for start, end in edges:
            if start.key == one.key and end.key not in known:
                known.add(end.key)
                found.append(end)
                waiting.append(end)
    return found


def conjuncts(node: Any) -> Iterator[Any]:
    """The conditions that must all hold."""
    kind = type(node).__name__
    if kind == "And":
        yield from conjuncts(node.this)
        yield from conjuncts(node.expression)
    elif kind == "Paren":
        yield from conjuncts(node.this)
    else:
        yield node


def _implied(ctx: Context, scope: Scope, node: Any) -> list[tuple[Scan, str]]:
    """Conditions on partition keys alone that follow from this one, one for each scan they speak of."""
    kind = type(node).__name__
    if kind == "Paren":
        return _implied(ctx, scope, node.this)
    if kind == "And":
        return _merged([*_implied(ctx, scope, node.this), *_implied(ctx, scope, node.expression)], "AND")
    if kind == "Or":
        sides = [dict(_by_scan(_implied(ctx, scope, side))) for side in (node.this, node.expression)]
        shared = [number for number in sides[0] if number in sides[1]]
        pairs = [(sides[0][number], sides[1][number]) for number in shared]
        return [(one[0], f"({one[1]} OR {other[1]})") for one, other in pairs]
    return _leaf(ctx, scope, node)


def _by_scan(found: list[tuple[Scan, str]]) -> list[tuple[int, tuple[Scan, str]]]:
    return [(scan.number, (scan, text)) for scan, text in found]


def _merged(found: list[tuple[Scan, str]], word: str) -> list[tuple[Scan, str]]:
    texts: dict[int, tuple[Scan, str]] = {}
    for scan, text in found:
        known = texts.get(scan.number)
        texts[scan.number] = (scan, f"({known[1]} {word} {text})" if known else text)
    return list(texts.values())


def _leaf(ctx: Context, scope: Scope, node: Any) -> list[tuple[Scan, str]]:
    if _is_unfit(node):
        return []
    touched: list[Source | None] = []
    seen = scope.inner(touched=touched, at_scan=True, quiet=True)
    try:
        value = translate(ctx, seen, node)
    except QueryFailure:
        return []
    if not touched or any(source is None or not source.prunes for source in touched):
        return []
    width = max(len(source.places) for source in touched if source is not None)
    found = []
    for side in range(width):
        places = [
            source.places[side] if len(source.places) > side else None for source in touched if source is not None
        ]
        scan = _only_scan(places)
        if scan is None:
            continue
        text = value.sql if not side else translate(ctx, scope.inner(at_scan=True, quiet=True, side=side), node).sql
        found.append((scan, text))
    return found


def _only_scan(places: list[Source | None]) -> Scan | None:
    if any(place is None or not place.prunes for place in places):
        return None
    known = [place for place in places if place is not None]
    scan = known[0].scan
    keys = {name for name, _ in scan.partition_keys}
    decides = all(place.column in keys or place.column.startswith("$") for place in known)
    return scan if decides and all(place.scan is scan for place in known) else None


def _is_unfit(node: Any) -> bool:
    """A query inside is translated once only, and what is random decides nothing."""
    from sqlglot import exp

    return node.find(exp.Query, exp.Exists) is not None or is_volatile(node)


def is_volatile(node: Any) -> bool:
    """Does something in it differ from one evaluation to the next?"""
    from sqlglot import exp

    return any(call.name.lower() in ("rand", "random", "uuid", "shuffle") for call in node.find_all(exp.Anonymous))


def wanted_texts(where: Any) -> dict[tuple[str, str], set[str]]:
    """``column = 'text'`` and ``column IN ('a', 'b')`` of a WHERE, by qualifier and name: what of a long catalog is asked for."""
    found: dict[tuple[str, str], set[str]] = {}
    for part in conjuncts(where.this) if where is not None else ():
        kind = type(part).__name__
        column, values = part.args.get("this"), []
        if kind == "EQ":
            values = [part.expression]
            if type(column).__name__ == "Literal":
                column, values = part.expression, [column]
        elif kind == "In" and part.args.get("query") is None:
            values = part.expressions
        if type(column).__name__ != "Column" or len(column.parts) > 2 or not values:
            continue
        if all(type(one).__name__ == "Literal" and one.args.get("is_string") for one in values):
            owner = column.parts[0].name.lower() if len(column.parts) == 2 else ""
            texts = {str(one.this) for one in values}
            key = (owner, column.name.lower())
            found[key] = found[key] & texts if key in found else texts
    return found
