"""FROM: tables, views, derived tables, joins, UNNEST."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from labkit.cloud.athena.dialect import operators
from labkit.cloud.athena.dialect.expressions import translate
from labkit.cloud.athena.dialect.grouping import check_scalar
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.pruning import Edges, equalities
from labkit.cloud.athena.dialect.query import Query, translate_query
from labkit.cloud.athena.dialect.scope import Context, Field, Scope, Typed, use
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.types import show


@dataclass(frozen=True)
class Relation:
    """DuckDB text for FROM, and the columns it puts in reach; what its joins say that may leave out partitions."""

    sql: str
    fields: list[Field]
    edges: Edges = field(default_factory=list)
    conditions: list[tuple[Scope, Any]] = field(default_factory=list)


def translate_from(ctx: Context, scope: Scope, node: Any) -> Relation:
    """FROM with all its joins; an empty relation when there is none."""
    source = node.args.get("from_")
    return Relation("", []) if source is None else translate_relation(ctx, scope, source.this)


def translate_relation(ctx: Context, scope: Scope, node: Any) -> Relation:
    """One item of FROM with its alias."""
    from labkit.cloud.athena.dialect.tables import translate_table
    from labkit.cloud.athena.dialect.unnest import translate_unnest

    kind = type(node).__name__
    if node.args.get("sample") is not None:
        return _sampled(ctx, scope, node)
    if kind == "Join":
        return _join(ctx, scope, translate_relation(ctx, scope, node.args["left"]), node)
    if kind == "Table":
        return translate_table(ctx, scope, node)
    if kind == "Unnest":
        return translate_unnest(ctx, scope, node)
    if kind == "Lateral" and not node.args.get("view"):
        found = derived(ctx, translate_query(ctx, Scope(parent=scope, ctes=scope.ctes), node.this), node)
        return Relation("LATERAL " + found.sql, found.fields)
    if kind == "Subquery" and type(node.this).__name__ in ("Join", "Table", "Unnest", "Lateral"):
        return _renamed(ctx, translate_relation(ctx, scope, node.this), node)
    if kind == "Subquery":
        return derived(ctx, translate_query(ctx, Scope(parent=scope.parent, ctes=scope.ctes), node.this), node)
    raise not_supported(f"{kind.upper()} in FROM", place(ctx.sql, node))


def _renamed(ctx: Context, made: Relation, node: Any) -> Relation:
    """A join in parentheses under a name of its own: ``(a JOIN b ON …) AS t``."""
    columns = [one for one in made.fields if not one.hidden]
    given = [column.name.lower() for column in node.args["alias"].columns]
    if given and len(given) != len(columns):
        text = f"Column alias list has {len(given)} entries but '{node.alias}' has {len(columns)} columns available"
        raise QueryFailure("MISMATCHED_COLUMN_ALIASES", text, place(ctx.sql, node))
    fields = [
        replace(
            one, name=given[i] if given else one.name, qualifier=(node.alias.lower(),), named=bool(given) or one.named
        )
        for i, one in enumerate(columns)
    ]
    return Relation(made.sql, fields)


def _sampled(ctx: Context, scope: Scope, node: Any) -> Relation:
    """TABLESAMPLE: BERNOULLI looks at each row, SYSTEM at a block of rows."""
    sample = node.args["sample"]
    bare = node.copy()
    bare.meta.update(node.meta)
    bare.set("sample", None)
    made = translate_relation(ctx, scope, bare)
    percent = translate(ctx, Scope(), sample.args["percent"])
    where = place(ctx.sql, sample.args["percent"])
    try:
        number = float(str(_number(sample.args["percent"])))
    except ValueError:
        text = f"Sample percentage should evaluate to a numeric expression: {show(percent.type)}"
        raise QueryFailure("TYPE_MISMATCH", text, where) from None
    if not 0 <= number <= 100:
        word = "greater than or equal to 0" if number < 0 else "less than or equal to 100"
        raise QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", f"Sample percentage must be {word}", where)
    for one in made.fields:
        use(one.source)
    columns = list(made.fields)
    alias = ctx.alias()
    names = ", ".join(f"{one.typed.sql} AS c{i}" for i, one in enumerate(columns))
    fields = [replace(one, typed=Typed(f"{alias}.c{i}", one.typed.type)) for i, one in enumerate(columns)]
    if sample.args["method"].name == "BERNOULLI":
        return Relation(f"(SELECT {names} FROM {made.sql} WHERE random() * 100 < {number}) AS {alias}", fields)
    inner = f"(SELECT {names} FROM {made.sql}) AS {ctx.alias()}"
    return Relation(f"(SELECT * FROM {inner} TABLESAMPLE SYSTEM ({number}%)) AS {alias}", fields)


def _number(node: Any) -> str:
    while type(node).__name__ == "Paren":
        node = node.this
    sign = ""
    if type(node).__name__ == "Neg":
        sign, node = "-", node.this
    return f"{sign}{node.name}" if type(node).__name__ == "Literal" and not node.is_string else "?"


def derived(
    ctx: Context,
    query: Query,
    node: Any,
    name: str = "",
    columns: list[str] | None = None,
    qualifier: tuple[str, ...] = (),
) -> Relation:
    """A query in FROM under its alias, or its ``qualifier`` when it has none; ``columns`` renames its columns."""
    alias = ctx.alias()
    written = (
        [column.name for column in (node.args["alias"].columns if node.args.get("alias") else [])] or columns or []
    )
    given = [one.lower() for one in written]
    label = (node.alias or name).lower()
    if given and len(given) != len(query.columns):
        text = f"Column alias list has {len(given)} entries but '{label}' has {len(query.columns)} columns available"
        raise QueryFailure("MISMATCHED_COLUMN_ALIASES", text, place(ctx.sql, node))
    fields = [
        Field(
            given[i] if given else one.name,
            Typed(f"{alias}.c{i}", one.typed.type),
            (node.alias.lower(),) if node.alias else qualifier or ((label,) if label else ()),
            one.source,
            bool(given) or one.named,
            label=written[i] if given else one.label,
        )
        for i, one in enumerate(query.columns)
    ]
    return Relation(f"({query.sql}) AS {alias}", fields)


def _join(ctx: Context, scope: Scope, left: Relation, join: Any) -> Relation:
    word = _kind(join)
    if join.args.get("method") == "NATURAL":
        raise QueryFailure("NOT_SUPPORTED", "Natural join not supported", place(ctx.sql, join))  # Trino's own refusal
    inner = Scope(fields=left.fields, parent=scope.parent, ctes=scope.ctes)
    if type(join.this).__name__ == "Unnest":
        return _join_unnest(ctx, inner, word, left, join)
    right = translate_relation(ctx, inner, join.this)
    names = join.args.get("using") or []
    both = Scope(fields=[*left.fields, *right.fields], parent=scope.parent, ctes=scope.ctes)
    condition = join.args.get("on")
    on, edges, conditions = "", [*left.edges, *right.edges], [*left.conditions, *right.conditions]
    if condition is not None:
        check_scalar(ctx, condition, "JOIN clause")
        on = " ON " + operators.boolean(translate(ctx, both, condition), "JOIN ON clause", place(ctx.sql, condition))
        edges += _directed(word, left, equalities(both, condition))
        conditions += _deciding(word, both, left, right, condition)
    joined = _null_sides(word, left, right)
    if names:
        return _using(ctx, word, (left, right), joined, names, join)
    sql = f"{left.sql} {'CROSS JOIN' if word == ',' else word} {_enclosed(right, join)}{on}"
    return Relation(sql, [*joined[0].fields, *joined[1].fields], edges, conditions)


def _join_unnest(ctx: Context, inner: Scope, word: str, left: Relation, join: Any) -> Relation:
    """``JOIN UNNEST(…) ON TRUE``: Trino takes no other condition."""
    from labkit.cloud.athena.dialect.unnest import translate_unnest, unnest_beside

    condition = join.args.get("on")
    while type(condition).__name__ == "Paren":
        condition = condition.this
    crossed = word in ("CROSS JOIN", ",")
    if not crossed and (type(condition).__name__ != "Boolean" or not condition.this):
        name = {"JOIN": "INNER JOIN"}.get(word, word)
        text = f"{name} involving UNNEST is only supported with condition ON TRUE"
        raise QueryFailure("NOT_SUPPORTED", text, place(ctx.sql, join if condition is None else condition))
    if word not in ("RIGHT JOIN", "FULL JOIN"):
        made = unnest_beside(ctx, inner, left, join.this, outer=word == "LEFT JOIN")
        return replace(made, edges=left.edges, conditions=left.conditions)
    right = translate_unnest(ctx, Scope(parent=inner.parent, ctes=inner.ctes), join.this)
    left, right = _null_sides(word, left, right)
    return Relation(f"{left.sql} {word} {right.sql} ON true", [*left.fields, *right.fields])


def _directed(word: str, left: Relation, pairs: Edges) -> Edges:
    """Which way a condition may move along equal columns: to the side whose unmatched rows are dropped."""
    found: Edges = []
    for one, other in pairs:
        first_left = any(field.source is not None and field.source.key == one.key for field in left.fields)
        start, end = (one, other) if first_left else (other, one)
        if word in ("JOIN", "LEFT JOIN"):
            found.append((start, end))
        if word in ("JOIN", "RIGHT JOIN"):
            found.append((end, start))
    return found


def _deciding(word: str, both: Scope, left: Relation, right: Relation, condition: Any) -> list[tuple[Scope, Any]]:
    """ON decides which rows of a side take part; of the side whose rows are all kept it decides nothing."""
    if word == "JOIN":
        return [(both, condition)]
    if word not in ("LEFT JOIN", "RIGHT JOIN"):
        return []
    kept = left if word == "LEFT JOIN" else right
    fields = [_unprunable(one) if any(one is other for other in kept.fields) else one for one in both.fields]
    return [(both.inner(fields=fields), condition)]


def _enclosed(right: Relation, join: Any) -> str:
    """A join on the right side stands in parentheses."""
    return f"({right.sql})" if type(join.this).__name__ in ("Join", "Subquery") and " JOIN " in right.sql else right.sql


def _kind(join: Any) -> str:
    side, kind = str(join.args.get("side") or ""), str(join.args.get("kind") or "")
    if kind == "COMMA":
        return ","
    if kind == "CROSS":
        return "CROSS JOIN"
    return f"{side} JOIN".strip() if side != "INNER" else "JOIN"


def _null_sides(word: str, left: Relation, right: Relation) -> tuple[Relation, Relation]:
    """The side an outer join fills with NULLs must not be pruned by a WHERE above it."""
    if word in ("LEFT JOIN", "FULL JOIN"):
        right = replace(right, fields=[_unprunable(one) for one in right.fields])
    if word in ("RIGHT JOIN", "FULL JOIN"):
        left = replace(left, fields=[_unprunable(one) for one in left.fields])
    return left, right


def _unprunable(field: Field) -> Field:
    return replace(field, source=field.source._replace(prunes=False)) if field.source else field


def _using(
    ctx: Context,
    word: str,
    before: tuple[Relation, Relation],
    sides: tuple[Relation, Relation],
    names: list[Any],
    join: Any,
) -> Relation:
    left, right = sides
    tests, merged, chosen, pairs = [], [], [], []
    for node in names:
        name, where, pair = node.name.lower(), place(ctx.sql, node), []
        if name in chosen:
            text = f"Column '{node.name}' appears multiple times in USING clause"
            raise QueryFailure("DUPLICATE_COLUMN_NAME", text, where)
        chosen.append(name)
        for side, label in ((left, "left"), (right, "right")):
            found = [one for one in side.fields if one.name == name and one.named]
            if not found:
                text = f"Column '{node.name}' is missing from {label} side of join"
                raise QueryFailure("COLUMN_NOT_FOUND", text, where)
            if len(found) > 1:
                raise QueryFailure("AMBIGUOUS_NAME", f"Column '{node.name}' is ambiguous", where)
            use(found[0].source)
            pair.append(found[0])
        tests.append(operators.compare("=", pair[0].typed, pair[1].typed, where).sql)
        pairs += _equal_sources(name, before)
        merged.append(_merge(word, pair[0], pair[1], ctx, join))
    rest = [one for one in (*left.fields, *right.fields) if one.name not in chosen]
    hidden = f"{left.sql} {word} {_enclosed(right, join)} ON {' AND '.join(tests)}"
    edges = [*left.edges, *right.edges, *_directed(word, before[0], pairs)]
    return Relation(hidden, [*merged, *rest], edges, [*left.conditions, *right.conditions])


def _equal_sources(name: str, sides: tuple[Relation, Relation]) -> Edges:
    """Where the two columns of USING come from, as they were before the join could fill one with NULLs."""
    one, other = (next(field for field in side.fields if field.name == name) for side in sides)
    if one.source is None or other.source is None or one.typed.type != other.typed.type:
        return []
    return [(one.source, other.source)] if not one.source.others and not other.source.others else []


def _merge(word: str, left: Field, right: Field, ctx: Context, join: Any) -> Field:
    if word == "RIGHT JOIN":
        return replace(right, qualifier=())
    if word != "FULL JOIN":
        return replace(left, qualifier=())
    first, second = operators.unify([left.typed, right.typed], "JOIN USING: {left} vs {right}", place(ctx.sql, join))
    return Field(left.name, Typed(f"coalesce({first.sql}, {second.sql})", first.type))
