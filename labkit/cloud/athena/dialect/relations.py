"""FROM: tables, views, derived tables, joins, UNNEST."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from labkit.cloud.athena.dialect import operators
from labkit.cloud.athena.dialect.expressions import translate
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.pruning import prune
from labkit.cloud.athena.dialect.query import Query, translate_query
from labkit.cloud.athena.dialect.scope import Context, Field, Scope, Typed, use
from labkit.cloud.athena.errors import QueryFailure, not_supported


@dataclass(frozen=True)
class Relation:
    """DuckDB text for FROM, and the columns it puts in reach."""

    sql: str
    fields: list[Field]


def translate_from(ctx: Context, scope: Scope, node: Any) -> Relation:
    """FROM with all its joins; an empty relation when there is none."""
    source = node.args.get("from_")
    return Relation("", []) if source is None else translate_relation(ctx, scope, source.this)


def translate_relation(ctx: Context, scope: Scope, node: Any) -> Relation:
    """One item of FROM with its alias."""
    from labkit.cloud.athena.dialect.tables import translate_table
    from labkit.cloud.athena.dialect.unnest import translate_unnest

    kind = type(node).__name__
    for extra in ("sample", "pivots", "version", "laterals", "hints"):
        if node.args.get(extra):
            raise not_supported(
                {"sample": "TABLESAMPLE", "version": "FOR TIMESTAMP AS OF"}.get(extra, extra.upper()),
                place(ctx.sql, node),
            )
    if kind == "Join":
        return _join(ctx, scope, translate_relation(ctx, scope, node.args["left"]), node)
    if kind == "Table":
        return translate_table(ctx, scope, node)
    if kind == "Unnest":
        return translate_unnest(ctx, scope, node)
    if kind == "Lateral" and not node.args.get("view"):
        found = derived(ctx, translate_query(ctx, Scope(parent=scope, ctes=scope.ctes), node.this), node)
        return Relation("LATERAL " + found.sql, found.fields)
    if kind in ("Subquery", "Values"):
        query = translate_query(
            ctx, Scope(parent=scope.parent, ctes=scope.ctes), node if kind == "Values" else _bare(node)
        )
        return derived(ctx, query, node)
    raise not_supported(f"{kind.upper()} in FROM", place(ctx.sql, node))


def _bare(node: Any) -> Any:
    return node.this if not any(node.args.get(name) for name in ("order", "limit", "offset", "with_")) else node


def derived(ctx: Context, query: Query, node: Any, name: str = "", columns: list[str] | None = None) -> Relation:
    """A query in FROM under its alias; ``columns`` renames its columns."""
    alias = ctx.alias()
    given = (
        [column.name.lower() for column in (node.args["alias"].columns if node.args.get("alias") else [])]
        or columns
        or []
    )
    label = (node.alias or name).lower()
    if given and len(given) != len(query.columns):
        text = f"Column alias list has {len(given)} entries but '{label}' has {len(query.columns)} columns available"
        raise QueryFailure("MISMATCHED_COLUMN_ALIASES", text, place(ctx.sql, node))
    fields = [
        Field(
            given[i] if given else one.name,
            Typed(f"{alias}.c{i}", one.typed.type),
            (label,) if label else (),
            one.source,
        )
        for i, one in enumerate(query.columns)
    ]
    return Relation(f"({query.sql}) AS {alias}", fields)


def _join(ctx: Context, scope: Scope, left: Relation, join: Any) -> Relation:
    word = _kind(ctx, join)
    inner = Scope(fields=left.fields, parent=scope.parent, ctes=scope.ctes)
    right = translate_relation(ctx, inner, join.this)
    names = [item.name.lower() for item in join.args.get("using") or []]
    if str(join.args.get("method") or "").upper() == "NATURAL":
        raise not_supported("NATURAL JOIN", place(ctx.sql, join))
    left, right = _null_sides(word, left, right)
    if names:
        return _using(ctx, word, left, right, names, join)
    both = Scope(fields=[*left.fields, *right.fields], parent=scope.parent, ctes=scope.ctes)
    on = ""
    if join.args.get("on") is not None:
        on = " ON " + operators.boolean(
            translate(ctx, both, join.args["on"]), "JOIN ON clause", place(ctx.sql, join.args["on"])
        )
        if word == "JOIN":
            prune(ctx, both, join.args["on"])
    elif word not in ("CROSS JOIN", ","):
        raise QueryFailure("SYNTAX_ERROR", "mismatched input: a JOIN needs ON or USING", place(ctx.sql, join))
    sql = f"{left.sql} {'CROSS JOIN' if word == ',' else word} {right.sql}{on}"
    return Relation(sql, both.fields)


def _kind(ctx: Context, join: Any) -> str:
    side, kind = str(join.args.get("side") or ""), str(join.args.get("kind") or "")
    if kind == "COMMA":
        return ","
    if kind == "CROSS":
        return "CROSS JOIN"
    return f"{side} JOIN".strip() if side != "INNER" else "JOIN"


def _null_sides(word: str, left: Relation, right: Relation) -> tuple[Relation, Relation]:
    """The side an outer join fills with NULLs must not be pruned by a WHERE above it."""
    if word in ("LEFT JOIN", "FULL JOIN"):
        right = Relation(right.sql, [_unprunable(one) for one in right.fields])
    if word in ("RIGHT JOIN", "FULL JOIN"):
        left = Relation(left.sql, [_unprunable(one) for one in left.fields])
    return left, right


def _unprunable(field: Field) -> Field:
    return replace(field, source=field.source._replace(prunes=False)) if field.source else field


def _using(ctx: Context, word: str, left: Relation, right: Relation, names: list[str], join: Any) -> Relation:
    tests, merged = [], []
    for name in names:
        pair = []
        for side, label in ((left, "left"), (right, "right")):
            found = [one for one in side.fields if one.name == name]
            if len(found) != 1:
                raise QueryFailure(
                    "COLUMN_NOT_FOUND", f"Column '{name}' is missing from {label} side of join", place(ctx.sql, join)
                )
            use(found[0].source)
            pair.append(found[0])
        tests.append(operators.compare("=", pair[0].typed, pair[1].typed, place(ctx.sql, join)).sql)
        merged.append(_merge(word, pair[0], pair[1], ctx, join))
    rest = [one for one in (*left.fields, *right.fields) if one.name not in names]
    hidden = f"{left.sql} {word} {right.sql} ON {' AND '.join(tests)}"
    return Relation(hidden, [*merged, *rest])


def _merge(word: str, left: Field, right: Field, ctx: Context, join: Any) -> Field:
    if word == "RIGHT JOIN":
        return replace(right, qualifier=())
    if word != "FULL JOIN":
        return replace(left, qualifier=())
    first, second = operators.unify([left.typed, right.typed], "JOIN USING: {left} vs {right}", place(ctx.sql, join))
    return Field(left.name, Typed(f"coalesce({first.sql}, {second.sql})", first.type))
