"""WITH: named queries, and the ones that refer to themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.pruning import is_volatile
from labkit.cloud.athena.dialect.query import Query, combine, translate_query
from labkit.cloud.athena.dialect.scope import Context, Field, Scope, Typed, use
from labkit.cloud.athena.errors import QueryFailure

# Trino's default of max_recursion_depth.
_DEPTH = 10
# Uses of one name that are written out; few queries written by hand have more.
_EXPANDED = 8


@dataclass(frozen=True)
class Named:
    """One entry of WITH: its query, the names it sees, its column names; ``made`` is a query that was already translated."""

    query: Any
    ctes: dict[str, Any]
    columns: list[str]
    recursive: bool = False
    made: Query | None = None


def with_names(ctx: Context, scope: Scope, node: Any) -> dict[str, Named]:
    """What the names of a WITH stand for; each sees the ones before it."""
    known: dict[str, Named] = dict(scope.ctes)
    seen: set[str] = set()
    for cte in node.expressions:
        name = cte.alias.lower()
        if name in seen:
            text = f"WITH query name '{cte.alias}' specified more than once"
            raise QueryFailure("DUPLICATE_NAMED_QUERY", text, place(ctx.sql, cte))
        seen.add(name)
        columns = [column.name.lower() for column in cte.args["alias"].columns]
        recursive = bool(node.args.get("recursive")) and _refers(cte.this, name)
        if recursive:
            _check_recursive(ctx, cte, name, columns)
        known[name] = Named(cte.this, dict(known), columns, recursive)
    return known


def translate_named(ctx: Context, scope: Scope, name: str, found: Named, where: tuple[int, int] | None) -> Query:
    """The query that a name of WITH stands for, made anew for each use as in Trino, where it is no more than an abbreviation.

    Names that stand for one another many times over would make a query of exponential length: from its ninth use on
    a query is computed once for all the uses that follow, as long as nothing in it is random.
    """
    if found.made is not None:
        return found.made
    ctx.expansions.append(found.query)
    if id(found.query) in ctx.shared:
        return _reading(ctx.shared[id(found.query)][0], ctx.shared[id(found.query)][2])
    uses = sum(one is found.query for one in ctx.expansions)
    if uses > _EXPANDED and scope.parent is None and not found.recursive and not is_volatile(found.query):
        return _shared(ctx, found)
    if found.recursive:
        return _unrolled(ctx, scope, name, found, where)
    return translate_query(ctx, Scope(parent=scope.parent, ctes=found.ctes), found.query)


def _shared(ctx: Context, found: Named) -> Query:
    made = translate_query(ctx, Scope(ctes=found.ctes), found.query)
    for one in made.columns:
        use(one.source)
    alias = ctx.alias()
    ctx.shared[id(found.query)] = (alias, made.sql, [replace(one, source=None) for one in made.columns], found.query)
    return _reading(alias, ctx.shared[id(found.query)][2])


def _reading(alias: str, columns: list[Field]) -> Query:
    return Query(f"SELECT {', '.join(f'c{i}' for i in range(len(columns)))} FROM {alias}", columns)


def with_shared(ctx: Context, sql: str) -> str:
    """A whole statement's text with the queries that it computes once."""
    if not ctx.shared:
        return sql
    texts = ", ".join(f"{alias} AS MATERIALIZED ({made})" for alias, made, _, _ in ctx.shared.values())
    return f"WITH {texts}, {sql[5:]}" if sql.startswith("WITH ") else f"WITH {texts} {sql}"


def _tables(node: Any, name: str) -> list[Any]:
    from sqlglot import exp

    return [one for one in node.find_all(exp.Table) if one.name.lower() == name and not one.args.get("db")]


def _refers(query: Any, name: str) -> bool:
    """Does a UNION refer to its own name?"""
    return type(query).__name__ == "Union" and bool(_tables(query, name))


def _check_recursive(ctx: Context, cte: Any, name: str, columns: list[str]) -> None:
    union = cte.this
    bases = _tables(union.this, name)
    if bases:
        text = "WITH table name is referenced in the base relation of recursion"
        raise QueryFailure("INVALID_RECURSIVE_REFERENCE", text, place(ctx.sql, bases[0]))
    steps = _tables(union.expression, name)
    if len(steps) > 1:
        text = "multiple recursive references in the step relation of recursion"
        raise QueryFailure("INVALID_RECURSIVE_REFERENCE", text, place(ctx.sql, steps[1]))
    if not columns:
        text = "missing column aliases in recursive WITH query"
        raise QueryFailure("MISSING_COLUMN_ALIASES", text, place(ctx.sql, cte))


def _unrolled(ctx: Context, scope: Scope, name: str, found: Named, where: tuple[int, int] | None) -> Query:
    """Trino repeats the step a fixed number of times and fails when there are rows left after that."""
    union = found.query
    base = translate_query(ctx, Scope(parent=scope.parent, ctes=found.ctes), union.this)
    if len(base.columns) != len(found.columns):
        text = f"Column alias list has {len(found.columns)} entries but relation has {len(base.columns)} columns"
        raise QueryFailure("MISMATCHED_COLUMN_ALIASES", text, where)
    rounds = [_named(ctx, base, base, found.columns)]
    texts = [f"{rounds[0][0]} AS MATERIALIZED ({base.sql})"]
    for _ in range(_DEPTH + 1):
        known = {**found.ctes, name: Named(None, {}, [], made=rounds[-1][1])}
        step = translate_query(ctx, Scope(parent=scope.parent, ctes=known), union.expression)
        _check_step(ctx, base, step, place(ctx.sql, union.expression))
        rounds.append(_named(ctx, step, base, found.columns))
        casts = ", ".join(f"CAST(s.c{i} AS {_kind(one)}) AS c{i}" for i, one in enumerate(base.columns))
        texts.append(f"{rounds[-1][0]} AS MATERIALIZED (SELECT {casts} FROM ({step.sql}) AS s)")
    last = rounds.pop()[0]
    whole = combine(ctx, [query for _, query in rounds], "UNION", not union.args.get("distinct"), where)
    message = f"NOT_SUPPORTED|Recursion depth limit exceeded ({_DEPTH}). Use ''max_recursion_depth'' session property to modify the limit."
    check = f"(SELECT count(*) FROM {last}) = 0 OR error('{message}')"
    return Query(f"WITH {', '.join(texts)} SELECT * FROM ({whole.sql}) AS w WHERE {check}", whole.columns)


def _kind(column: Field) -> str:
    from labkit.cloud.athena.types import duckdb

    return duckdb(column.typed.type)


def _named(ctx: Context, made: Query, base: Query, names: list[str]) -> tuple[str, Query]:
    for one in made.columns:
        use(one.source)
    alias = ctx.alias()
    columns = [
        Field(name, Typed(f"c{i}", one.typed.type))
        for i, (name, one) in enumerate(zip(names, base.columns, strict=True))
    ]
    return alias, Query(f"SELECT {', '.join(f'c{i}' for i in range(len(columns)))} FROM {alias}", columns)


def _check_step(ctx: Context, base: Query, step: Query, where: tuple[int, int] | None) -> None:
    from labkit.cloud.athena.coercion import can_coerce
    from labkit.cloud.athena.types import show

    if len(base.columns) != len(step.columns):
        text = f"base and step relations of recursion have different number of fields: {len(base.columns)}, {len(step.columns)}"
        raise QueryFailure("TYPE_MISMATCH", text, where)
    for index, (one, other) in enumerate(zip(base.columns, step.columns, strict=True), 1):
        wanted, given = one.typed.type, other.typed.type
        if not can_coerce(given, wanted):
            text = (
                f"recursion step relation output type ({show(given)}) is not coercible to "
                f"recursion base relation output type ({show(wanted)}) at column {index}"
            )
            raise QueryFailure("TYPE_MISMATCH", text, where)
