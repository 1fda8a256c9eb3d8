"""Comparisons, logic, CASE, IN, BETWEEN, LIKE."""

from __future__ import annotations

import functools
import re
from typing import Any

from labkit.cloud.athena.coercion import common_type
from labkit.cloud.athena.dialect import operators
from labkit.cloud.athena.dialect.comparisons import has_map, orderable, settled
from labkit.cloud.athena.dialect.expressions import Translator, translate
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.scope import Context, Scope, Typed
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.types import BOOLEAN, UNKNOWN, VARCHAR, show

_INTEGER = re.compile(r"^CAST\((-?\d+) AS INTEGER\)$")


def _compare(ctx: Context, scope: Scope, node: Any, operator: str) -> Typed:
    from labkit.cloud.athena.dialect.subqueries import quantified

    if type(node.expression).__name__ in ("Any", "All"):
        return quantified(ctx, scope, node, operator)
    left, right = translate(ctx, scope, node.this), translate(ctx, scope, node.expression)
    return operators.compare(operator, left, right, place(ctx.sql, node))


def _logic(ctx: Context, scope: Scope, node: Any, operator: str) -> Typed:
    sides = [
        operators.term(translate(ctx, scope, side), "Logical expression term", place(ctx.sql, side))
        for side in (node.this, node.expression)
    ]
    return Typed(f"({sides[0]} {operator} {sides[1]})", BOOLEAN)


def _not(ctx: Context, scope: Scope, node: Any) -> Typed:
    value = operators.term(translate(ctx, scope, node.this), "Value of logical NOT expression", place(ctx.sql, node))
    return Typed(f"(NOT {value})", BOOLEAN)


def _is(ctx: Context, scope: Scope, node: Any) -> Typed:
    if type(node.expression).__name__ != "Null":
        raise not_supported("IS with anything but NULL", place(ctx.sql, node))
    return Typed(f"({translate(ctx, scope, node.this).sql} IS NULL)", BOOLEAN)


def _between(ctx: Context, scope: Scope, node: Any) -> Typed:
    if node.args.get("symmetric"):
        raise QueryFailure("SYNTAX_ERROR", "mismatched input 'SYMMETRIC'", place(ctx.sql, node))
    value = translate(ctx, scope, node.this)
    low, high = translate(ctx, scope, node.args["low"]), translate(ctx, scope, node.args["high"])
    where = place(ctx.sql, node)
    text = f"Cannot check if {show(value.type)} is BETWEEN {show(low.type)} and {show(high.type)}"
    kind = common_type(value.type, low.type)
    kind = kind and common_type(kind, high.type)
    if kind is None or not orderable(kind):
        raise QueryFailure("TYPE_MISMATCH", text, where)
    if kind.name not in ("char", "timestamp with time zone"):  # their comparison takes the sides as they are
        value, low, high = (operators.as_type(one, kind) for one in (value, low, high))
    above, below = operators.compare(">=", value, low, where), operators.compare("<=", value, high, where)
    return Typed(f"({above.sql} AND {below.sql})", BOOLEAN)


def _in(ctx: Context, scope: Scope, node: Any) -> Typed:
    from labkit.cloud.athena.dialect.subqueries import in_query

    if node.args.get("query") is not None:
        return in_query(ctx, scope, node)
    if node.args.get("unnest") or node.args.get("field") or not node.expressions:
        raise not_supported("this form of IN", place(ctx.sql, node))
    values = [translate(ctx, scope, item) for item in (node.this, *node.expressions)]
    values = operators.unify_all(values, "IN value and list items", place(ctx.sql, node))
    # Plain digits are an INTEGER for DuckDB too, and a long list of them is read five times faster than casts.
    items = ", ".join(_INTEGER.sub(r"\1", value.sql) for value in values[1:])
    if has_map(values[0].type):
        items = ", ".join(settled(value.sql, value.type) for value in values[1:])
    return Typed(f"({settled(values[0].sql, values[0].type)} IN ({items}))", BOOLEAN)


def _like(ctx: Context, scope: Scope, node: Any, escape: Typed | None = None) -> Typed:
    left, right = translate(ctx, scope, node.this), translate(ctx, scope, node.expression)
    sides = [(left, "Left side of LIKE expression"), (right, "Pattern for LIKE expression")]
    for side, name in [*sides, *([(escape, "Escape for LIKE expression")] if escape else [])]:
        if side.type.name not in ("varchar", "char", "unknown"):
            text = f"{name} must evaluate to a varchar (actual: {show(side.type)})"
            raise QueryFailure("TYPE_MISMATCH", text, place(ctx.sql, node))
    word = "NOT LIKE" if node.args.get("negate") else "LIKE"
    value, pattern = operators.as_type(left, VARCHAR).sql, operators.as_type(right, VARCHAR).sql
    if escape is None:  # without ESCAPE a backslash is an ordinary character in Trino, and in DuckDB too
        return Typed(f"({value} {word} {pattern})", BOOLEAN)
    # ~~ with a checked pattern: DuckDB would take any letter after the escape character
    mark = operators.as_type(escape, VARCHAR).sql
    found = f"like_escape({value}, checked_pattern({pattern}, {mark}), {mark})"
    return Typed(f"(NOT {found})" if node.args.get("negate") else found, BOOLEAN)


def _escape(ctx: Context, scope: Scope, node: Any) -> Typed:
    return _like(ctx, scope, node.this, translate(ctx, scope, node.expression))


def _case(ctx: Context, scope: Scope, node: Any) -> Typed:
    where = place(ctx.sql, node)
    subject = translate(ctx, scope, node.this) if node.this is not None else None
    tests, values = [], []
    for branch in node.args["ifs"]:
        test = translate(ctx, scope, branch.this)
        tests.append(_matches(subject, test, place(ctx.sql, branch)))
        values.append(translate(ctx, scope, branch.args["true"]))
    default = node.args.get("default")
    values.append(translate(ctx, scope, default) if default is not None else Typed("NULL", UNKNOWN))
    values = operators.unify_all(values, "All CASE results", where)
    branches = " ".join(f"WHEN {test} THEN {value.sql}" for test, value in zip(tests, values, strict=False))
    return Typed(f"(CASE {branches} ELSE {values[-1].sql} END)", values[0].type)


def _matches(subject: Typed | None, test: Typed, where: tuple[int, int] | None) -> str:
    if subject is None:
        return operators.term(test, "CASE WHEN clause", where)
    if common_type(subject.type, test.type) is None:
        text = f"CASE operand type does not match WHEN clause operand type: {show(subject.type)} vs {show(test.type)}"
        raise QueryFailure("TYPE_MISMATCH", text, where)
    return operators.compare("=", subject, test, where).sql


_COMPARISONS = {
    "EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">=",
    "NullSafeEQ": "IS NOT DISTINCT FROM", "NullSafeNEQ": "IS DISTINCT FROM",
}  # fmt: skip

TRANSLATORS: dict[str, Translator] = {
    **{name: functools.partial(_compare, operator=sign) for name, sign in _COMPARISONS.items()},
    "And": functools.partial(_logic, operator="AND"),
    "Or": functools.partial(_logic, operator="OR"),
    "Not": _not,
    "Is": _is,
    "Between": _between,
    "In": _in,
    "Like": _like,
    "Escape": _escape,
    "Case": _case,
}
