"""One SELECT: its list, WHERE, GROUP BY, HAVING, ORDER BY, and the partitions its WHERE leaves out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from labkit.cloud.athena.dialect import operators
from labkit.cloud.athena.dialect.expressions import read, translate
from labkit.cloud.athena.dialect.grouping import check_grouping
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.pruning import prune
from labkit.cloud.athena.dialect.query import Query, limits, order_item
from labkit.cloud.athena.dialect.scope import Context, Field, Scope, Source, Typed, resolve, use
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.types import row as row_type

_KNOWN = {
    "expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset", "distinct", "windows", "with_",
}  # fmt: skip


@dataclass(frozen=True)
class Output:
    """One column of the SELECT list."""

    name: str
    value: Typed
    source: Source | None


def translate_select(ctx: Context, scope: Scope, node: Any) -> Query:
    """A SELECT as DuckDB text with columns c0, c1, …"""
    from labkit.cloud.athena.dialect.relations import translate_from

    _check_clauses(ctx, node)
    source = translate_from(ctx, scope, node)
    inner = Scope(
        fields=source.fields, parent=scope.parent, ctes=scope.ctes, variables=scope.variables, windows=_windows(node)
    )
    where = _condition(ctx, inner, node.args.get("where"), "WHERE clause")
    if node.args.get("where") is not None:
        prune(ctx, inner, node.args["where"].this)
    outputs = _outputs(ctx, inner, node)
    group = _group(ctx, inner, node.args.get("group"), outputs)
    having = _condition(ctx, inner, node.args.get("having"), "HAVING clause")
    check_grouping(ctx, inner, node)
    parts = [f"SELECT {'DISTINCT ' if node.args.get('distinct') else ''}" + _listed(outputs)]
    parts += [f"FROM {source.sql}"] if source.sql else []
    parts += [f"WHERE {where}"] if where else []
    parts += [f"GROUP BY {group}"] if group else []
    parts += [f"HAVING {having}"] if having else []
    tail = _order(ctx, inner, node, outputs) + limits(ctx, node)
    return Query(" ".join(parts) + tail, _columns(node, outputs))


def _listed(outputs: list[Output]) -> str:
    return ", ".join(f"{output.value.sql} AS c{index}" for index, output in enumerate(outputs))


def _check_clauses(ctx: Context, node: Any) -> None:
    for name, value in node.args.items():
        if value and name == "sample":
            raise not_supported("TABLESAMPLE", place(ctx.sql, node))
        if value and name not in _KNOWN:
            raise QueryFailure("SYNTAX_ERROR", f"mismatched input '{name.strip('_').upper()}'", place(ctx.sql, node))
    if not node.expressions:
        raise QueryFailure("SYNTAX_ERROR", "mismatched input 'FROM'. Expecting: an expression", place(ctx.sql, node))
    distinct = node.args.get("distinct")
    if distinct is not None and distinct.args.get("on") is not None:
        raise QueryFailure("SYNTAX_ERROR", "mismatched input 'ON'", place(ctx.sql, node))


def _windows(node: Any) -> dict[str, Any]:
    return {window.name.lower(): window for window in node.args.get("windows") or []}


def _condition(ctx: Context, scope: Scope, clause: Any, what: str) -> str:
    if clause is None:
        return ""
    return operators.boolean(translate(ctx, scope, clause.this), what, place(ctx.sql, clause.this))


def _outputs(ctx: Context, scope: Scope, node: Any) -> list[Output]:
    found: list[Output] = []
    for item in node.expressions:
        kind = type(item).__name__
        if kind == "Star" or (kind == "Column" and type(item.this).__name__ == "Star"):
            found += _star(ctx, scope, item)
        elif kind == "Dot" and type(item.expression).__name__ == "Star":
            found += _row_star(translate(ctx, scope, item.this), ctx, item)
        elif kind == "Aliases":
            raise not_supported("t.* AS (names)", place(ctx.sql, item))
        else:
            found.append(_output(ctx, scope, item, len(found)))
    return found


def _output(ctx: Context, scope: Scope, item: Any, index: int) -> Output:
    node = item.this if type(item).__name__ == "Alias" else item
    name = item.alias.lower() if type(item).__name__ == "Alias" else ""
    if type(node).__name__ == "Column":
        parts = tuple(part.name.lower() for part in node.parts)
        found, rest = resolve(scope, parts, place(ctx.sql, node)) if parts[0] not in scope.variables else (None, ())
        if found is not None and not rest:
            return Output(name or parts[-1], found.typed, found.source)
    if type(node).__name__ in ("Column", "Dot") and not name:
        name = node.name.lower() if type(node).__name__ == "Column" else node.expression.name.lower()
    return Output(name or f"_col{index}", translate(ctx, scope, node), None)


def _star(ctx: Context, scope: Scope, item: Any) -> list[Output]:
    star = item if type(item).__name__ == "Star" else item.this
    if any(star.args.values()):
        raise QueryFailure("SYNTAX_ERROR", "mismatched input after '*'", place(ctx.sql, item))
    qualifier = () if item is star else tuple(part.name.lower() for part in item.parts[:-1])
    chosen = [one for one in scope.fields if not qualifier or one.qualifier[-len(qualifier) :] == qualifier]
    if not chosen and qualifier:
        found, rest = resolve(scope, qualifier, place(ctx.sql, item))
        if not rest and found.typed.type.name == "row":
            return _row_star(read(scope, found), ctx, item)
        raise QueryFailure(
            "TABLE_NOT_FOUND", f"Unable to resolve reference {'.'.join(qualifier)}", place(ctx.sql, item)
        )
    if not chosen:
        raise QueryFailure(
            "COLUMN_NOT_FOUND", "SELECT * not allowed in queries without FROM clause", place(ctx.sql, item)
        )
    return [Output(one.name, one.typed, one.source) for one in chosen]


def _row_star(value: Typed, ctx: Context, item: Any) -> list[Output]:
    if value.type.name != row_type(()).name:
        raise QueryFailure(
            "TYPE_MISMATCH", f"expected expression of type Row but found {value.type}", place(ctx.sql, item)
        )
    return [
        Output((name or f"field{i}").lower(), Typed(f"struct_extract_at({value.sql}, {i + 1})", kind), None)
        for i, (name, kind) in enumerate(zip(value.type.fields, value.type.items, strict=False))
    ]


def _columns(node: Any, outputs: list[Output]) -> list[Field]:
    """The result's columns; a filter above may move to the scan only through a SELECT that keeps rows as they are."""
    plain = not any(node.args.get(name) for name in ("limit", "offset", "group", "having")) and not _has_calls(node)
    columns = []
    for index, output in enumerate(outputs):
        source = output.source._replace(prunes=output.source.prunes and plain) if output.source else None
        if node.args.get("distinct") or node.args.get("group"):
            use(source)
        columns.append(Field(output.name, Typed(f"c{index}", output.value.type), source=source))
    return columns


def _has_calls(node: Any) -> bool:
    """Aggregates and window functions look at rows together; any call in the list counts, to be safe."""
    from sqlglot import exp

    return any(item.find(exp.Anonymous, exp.Window, exp.AggFunc) for item in node.expressions)


def _group(ctx: Context, scope: Scope, group: Any, outputs: list[Output]) -> str:
    if group is None:
        return ""
    if group.args.get("all") is True or group.args.get("totals"):
        raise QueryFailure("SYNTAX_ERROR", "mismatched input in GROUP BY", place(ctx.sql, group))
    parts = [_grouped(ctx, scope, item, outputs) for item in group.expressions]
    for name in ("grouping_sets", "cube", "rollup"):
        parts += [_grouped(ctx, scope, item, outputs) for item in group.args.get(name) or []]
    return ", ".join(parts)


def _grouped(ctx: Context, scope: Scope, item: Any, outputs: list[Output]) -> str:
    kind = type(item).__name__
    if kind in ("GroupingSets", "Cube", "Rollup"):
        word = {"GroupingSets": "GROUPING SETS"}.get(kind, kind.upper())
        return f"{word} ({', '.join(_grouped(ctx, scope, part, outputs) for part in item.expressions)})"
    if kind == "Tuple":
        return f"({', '.join(_grouped(ctx, scope, part, outputs) for part in item.expressions)})"
    if kind == "Paren":
        return f"({_grouped(ctx, scope, item.this, outputs)})"
    if kind == "Literal" and not item.is_string and item.is_int:
        number = int(item.name)
        if not 1 <= number <= len(outputs):
            raise QueryFailure(
                "INVALID_COLUMN_REFERENCE", f"GROUP BY position {number} is not in select list", place(ctx.sql, item)
            )
        use(outputs[number - 1].source)
        return outputs[number - 1].value.sql
    return translate(ctx, scope, item).sql


def _order(ctx: Context, scope: Scope, node: Any, outputs: list[Output]) -> str:
    order = node.args.get("order")
    if order is None:
        return ""
    fields = [Field(one.name, one.value, source=one.source) for one in outputs]
    named = {one.name for one in fields}
    behind = [one for one in scope.fields if one.qualifier or one.name not in named]
    visible = scope.inner(fields=[*fields, *(replace(one) for one in behind)], parent=scope.parent)
    inner = _Preferring.of(visible, fields)
    return " ORDER BY " + ", ".join(order_item(ctx, inner, item, fields) for item in order.expressions)


class _Preferring:
    """ORDER BY sees output names first, then the source's columns."""

    @staticmethod
    def of(scope: Scope, outputs: list[Field]) -> Scope:
        unique = {one.name: one for one in outputs}
        rest = [one for one in scope.fields[len(outputs) :] if one.name not in unique or one.qualifier]
        qualified_only = [one for one in rest if one.name in unique]
        plain = [one for one in rest if one.name not in unique]
        below = scope.inner(fields=[*plain, *qualified_only])
        return scope.inner(fields=list(unique.values()), parent=below)
