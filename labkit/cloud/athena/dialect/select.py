"""One SELECT: its list, WHERE, GROUP BY, HAVING, and the partitions its WHERE leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labkit.cloud.athena.dialect import operators
from labkit.cloud.athena.dialect.comparisons import has_map, settled
from labkit.cloud.athena.dialect.expressions import read, translate
from labkit.cloud.athena.dialect.grouping import Grouped, check_scalar, find_aggregates, make_grouped, written
from labkit.cloud.athena.dialect.ordering import Ordering, order_select
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.pruning import conjuncts, equalities, prune, prune_all, wanted_texts
from labkit.cloud.athena.dialect.query import Query
from labkit.cloud.athena.dialect.scope import Context, Field, Scan, Scope, Source, Typed, find, use
from labkit.cloud.athena.errors import QueryFailure


@dataclass(frozen=True)
class Output:
    """One column of the SELECT list; ``named`` is False for one that Athena calls ``_col0``."""

    name: str
    value: Typed
    source: Source | None
    named: bool = True
    node: Any = None
    label: str = ""


def translate_select(ctx: Context, scope: Scope, node: Any) -> Query:
    """A SELECT as DuckDB text with columns c0, c1, …"""
    from labkit.cloud.athena.dialect.relations import translate_from

    first, before = len(ctx.scans), ctx.wanted
    ctx.wanted = wanted_texts(node.args.get("where"))
    source = translate_from(ctx, scope, node)
    ctx.wanted = before
    below = ctx.scans[first:]
    inner = Scope(
        fields=source.fields,
        parent=scope.parent,
        ctes=scope.ctes,
        variables=scope.variables,
        windows=_windows(ctx, node),
    )
    where = _condition(ctx, inner, node.args.get("where"), "WHERE clause")
    grouped = _grouped(ctx, inner, node)
    seen = inner if grouped is None else inner.inner(grouped=grouped)
    outputs = _outputs(ctx, seen, node)
    having = _having(ctx, seen, node)
    ordering = order_select(ctx, seen, node, outputs)
    _prune(ctx, inner, node, source, below, grouped)
    if ordering.limit == 0:
        for scan in ctx.scans[first:]:
            scan.file_predicates.append("false")
    columns = _columns(node, outputs, grouped)
    head = f"SELECT {_distinct(outputs) if node.args.get('distinct') else ''}" + _listed(outputs)
    parts: list[str] = []
    if grouped is not None:
        parts = [f"FROM {grouped.sql(source.sql, where)}"]
        parts += [f"WHERE {having}"] if having else []
    else:
        parts += [f"FROM {source.sql}"] if source.sql else []
        parts += [f"WHERE {where}"] if where else []
    return Query(ordering.around(ctx, head, " ".join(parts), len(outputs)), columns)


def _prune(ctx: Context, scope: Scope, node: Any, source: Any, below: list[Scan], grouped: Grouped | None) -> None:
    """What joins, WHERE and HAVING leave out before a file is opened."""
    where, having = node.args.get("where"), node.args.get("having")
    edges, conditions = list(source.edges), list(source.conditions)
    if where is not None:
        pairs = equalities(scope, where.this)
        edges += [*pairs, *((other, one) for one, other in pairs)]
        conditions.append((scope, where.this))
        prune_all(ctx, below, scope, where.this)
    if having is not None and grouped is not None and len(grouped.sets) == 1:  # it speaks of keys: they filter rows too
        parts = [part for part in conjuncts(having.this) if not any(True for _ in find_aggregates(part))]
        conditions += [(scope, part) for part in parts]
    for place_, condition in conditions:
        prune(ctx, place_, condition, edges)


def _distinct(outputs: list[Output]) -> str:
    """DISTINCT; maps are the same whatever the order of their entries."""
    values = [output.value for output in outputs]
    if not any(has_map(value.type) for value in values):
        return "DISTINCT "
    return f"DISTINCT ON ({', '.join(settled(value.sql, value.type) for value in values)}) "


def _listed(outputs: list[Output]) -> str:
    return ", ".join(f"{output.value.sql} AS c{index}" for index, output in enumerate(outputs))


def _windows(ctx: Context, node: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for window in node.args.get("windows") or []:
        name = window.name.lower()
        if name in found:
            text = f"WINDOW '{window.name}' specified more than once"
            raise QueryFailure("DUPLICATE_WINDOW_NAME", text, place(ctx.sql, window))
        found[name] = window
    return found


def _condition(ctx: Context, scope: Scope, clause: Any, what: str) -> str:
    if clause is None:
        return ""
    check_scalar(ctx, clause.this, what)
    return operators.boolean(translate(ctx, scope, clause.this), what, place(ctx.sql, clause.this))


def _having(ctx: Context, scope: Scope, node: Any) -> str:
    clause = node.args.get("having")
    if clause is None:
        return ""
    if any(type(one).__name__ == "Window" for one in find_aggregates(clause.this, windows=True)):
        text = "HAVING clause cannot contain window functions or row pattern measures"
        raise QueryFailure("NESTED_WINDOW", text, place(ctx.sql, clause.this))
    where = place(ctx.sql, clause.this)
    return operators.boolean(translate(ctx, scope, clause.this), "HAVING clause", where)


def _grouped(ctx: Context, scope: Scope, node: Any) -> Grouped | None:
    """The query below when this SELECT aggregates: by GROUP BY, HAVING or an aggregate anywhere in it."""
    order = node.args.get("order")
    parts = [*node.expressions, *(item.this for item in (order.expressions if order is not None else []))]
    clauses = node.args.get("group") is not None or node.args.get("having") is not None
    if clauses or any(True for part in parts for _ in find_aggregates(part)):
        return make_grouped(ctx, scope, node)
    return None


def _outputs(ctx: Context, scope: Scope, node: Any) -> list[Output]:
    found: list[Output] = []
    for item in node.expressions:
        kind, names = type(item).__name__, None
        if kind == "Aliases":
            names = [name.name for name in item.expressions]
            item = item.this  # noqa: PLW2901
            kind = type(item).__name__
        if kind == "Star" or (kind == "Column" and type(item.this).__name__ == "Star"):
            found += _renamed(ctx, item, _star(ctx, scope, item, len(found)), names)
        elif kind == "Dot" and type(item.expression).__name__ == "Star":
            found += _renamed(ctx, item, _row_star(translate(ctx, scope, item.this), ctx, item, len(found)), names)
        else:
            found.append(_output(ctx, scope, item, len(found)))
    return found


def _renamed(ctx: Context, item: Any, found: list[Output], names: list[str] | None) -> list[Output]:
    if names is None:
        return found
    if len(names) != len(found):
        text = f"Column alias list has {len(names)} entries but relation has {len(found)} columns"
        raise QueryFailure("MISMATCHED_COLUMN_ALIASES", text, place(ctx.sql, item))
    return [
        Output(name.lower(), one.value, one.source, node=one.node, label=name)
        for name, one in zip(names, found, strict=True)
    ]


def _output(ctx: Context, scope: Scope, item: Any, index: int) -> Output:
    node = item.this if type(item).__name__ == "Alias" else item
    label = item.alias if type(item).__name__ == "Alias" else ""
    kind = type(node).__name__
    source = None
    if kind == "Column":
        label = label or node.name
        source = _plain_source(ctx, scope, node)
    elif kind == "Dot" and not label:
        label = node.expression.name
    name = label.lower()
    if source is not None and scope.grouped is None:
        parts = tuple(part.name.lower() for part in node.parts)
        return Output(name, find(scope, parts, None)[0].typed, source, node=node, label=label)
    return Output(name or f"_col{index}", translate(ctx, scope, node), source, bool(name), node, label)


def _plain_source(ctx: Context, scope: Scope, node: Any) -> Source | None:
    """Where a column comes from that is handed on as it is: its bytes are needed only if somebody above reads it."""
    parts = tuple(part.name.lower() for part in node.parts)
    if parts[0] in scope.variables:
        return None
    found, rest, level = find(scope, parts, place(ctx.sql, node))
    if rest or level is not scope:
        return None
    if scope.grouped is not None:
        same = ("column", id(found), ())
        return scope.grouped.source_of(same) if same in scope.grouped.keys else None
    return found.source


def _star(ctx: Context, scope: Scope, item: Any, start: int) -> list[Output]:
    qualifier = () if type(item).__name__ == "Star" else tuple(part.name.lower() for part in item.parts[:-1])
    where = place(ctx.sql, item)
    chosen = [
        one for one in scope.fields
        if not one.hidden and (not qualifier or one.qualifier[-len(qualifier) :] == qualifier)
    ]  # fmt: skip
    if not chosen and qualifier:
        return _column_star(ctx, scope, item, qualifier, start)
    if not chosen:
        if scope.fields:
            raise QueryFailure("COLUMN_NOT_FOUND", "SELECT * not allowed from relation that has no columns", where)
        raise QueryFailure("COLUMN_NOT_FOUND", "SELECT * not allowed in queries without FROM clause", where)
    outputs = []
    for index, one in enumerate(chosen):
        value, source = one.typed, one.source
        if scope.grouped is not None:
            value, source = scope.grouped.star(ctx, item, one, index)
        name = one.name if one.named else f"_col{start + index}"
        outputs.append(Output(name, value, source, one.named, ("field", id(one)), one.label))
    return outputs


def _column_star(ctx: Context, scope: Scope, item: Any, qualifier: tuple[str, ...], start: int) -> list[Output]:
    where = place(ctx.sql, item)
    try:
        found, rest, level = find(scope, qualifier, where)
    except QueryFailure as failure:
        if failure.name != "COLUMN_NOT_FOUND":
            raise
        text = f"Unable to resolve reference {'.'.join(qualifier)}"
        raise QueryFailure("TABLE_NOT_FOUND", text, where) from None
    value = found.typed
    if level.grouped is not None:
        value, rest = level.grouped.column(ctx, item, found, rest)
    else:
        value = read(scope, found)
    for name in rest:
        from labkit.cloud.athena.dialect.expressions import field_of

        value = field_of(value, name, where, ".".join(qualifier))
    return _row_star(value, ctx, item, start)


def _row_star(value: Typed, ctx: Context, item: Any, start: int) -> list[Output]:
    if value.type.name != "row":
        raise QueryFailure(
            "TYPE_MISMATCH", f"expected expression of type Row but found {value.type}", place(ctx.sql, item)
        )
    return [
        Output(
            (name or f"_col{start + i}").lower(),
            Typed(f"struct_extract_at({value.sql}, {i + 1})", kind),
            None,
            bool(name),
        )
        for i, (name, kind) in enumerate(zip(value.type.fields, value.type.items, strict=False))
    ]


def _columns(node: Any, outputs: list[Output], grouped: Grouped | None) -> list[Field]:
    """The result's columns; a filter above may move to the scan only through a SELECT that keeps rows as they are."""
    plain = not any(node.args.get(name) for name in ("limit", "offset")) and not _has_windows(node)
    columns = []
    for index, output in enumerate(outputs):
        source = output.source._replace(prunes=output.source.prunes and plain) if output.source else None
        if node.args.get("distinct") or grouped is not None:
            use(source)
        columns.append(
            Field(
                output.name,
                Typed(f"c{index}", output.value.type),
                source=source,
                named=output.named,
                label=output.label,
            )
        )
    return columns


def _has_windows(node: Any) -> bool:
    """Window functions look at rows together."""
    order = node.args.get("order")
    parts = [*node.expressions, *(item.this for item in (order.expressions if order is not None else []))]
    return any(type(one).__name__ == "Window" for part in parts for one in find_aggregates(part, windows=True))


__all__ = ["Ordering", "Output", "translate_select", "written"]
