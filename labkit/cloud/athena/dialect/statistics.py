"""Conditions that a file's statistics can answer: a plain column against constants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labkit.cloud.athena.dialect.expressions import translate
from labkit.cloud.athena.dialect.scope import Context, Scope, Source, Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.types import INTEGERS

_SIGNS = {"EQ": "=", "GT": ">", "GTE": ">=", "LT": "<", "LTE": "<="}
_TURNED = {"=": "=", ">": "<", ">=": "<=", "<": ">", "<=": ">="}


@dataclass(frozen=True)
class ColumnFilter:
    """``column sign constant``, or ``column = one of the constants``; constants are DuckDB text."""

    column: str
    sign: str
    constants: tuple[str, ...]


def note_filters(ctx: Context, scope: Scope, node: Any) -> None:
    """Tell a scan which comparisons every row of it must fulfil; anything but a comparison with constants is left alone."""
    kind = type(node).__name__
    if kind in _SIGNS:
        _note(ctx, scope, node.this, _SIGNS[kind], [node.expression])
        _note(ctx, scope, node.expression, _TURNED[_SIGNS[kind]], [node.this])
    elif kind == "Between":
        _note(ctx, scope, node.this, ">=", [node.args["low"]])
        _note(ctx, scope, node.this, "<=", [node.args["high"]])
    elif kind == "In" and node.args.get("query") is None and node.expressions:
        _note(ctx, scope, node.this, "=", list(node.expressions))


def _note(ctx: Context, scope: Scope, column: Any, sign: str, constants: list[Any]) -> None:
    if type(column).__name__ != "Column":
        return
    touched: list[Source | None] = []
    try:
        left = translate(ctx, scope.inner(touched=touched, at_scan=True, quiet=True), column)
        others = [_constant(ctx, scope, one) for one in constants]
    except QueryFailure:
        return
    source = touched[0] if len(touched) == 1 else None
    if source is None or not source.prunes or source.others or left.sql != source.sql:
        return
    if source.column not in dict(source.scan.columns) or not all(
        one is not None and _alike(left, one) for one in others
    ):
        return
    source.scan.filters.append(ColumnFilter(source.column, sign, tuple(one.sql for one in others if one is not None)))


def _constant(ctx: Context, scope: Scope, node: Any) -> Typed | None:
    """A literal, a negative one or a typed one (DATE '…')."""
    if type(node).__name__ not in ("Literal", "Neg", "Cast", "Date", "Anonymous", "Boolean") or any(
        type(one).__name__ in ("Column", "Select", "Subquery", "Anonymous") for one in node.walk()
    ):
        return None
    touched: list[Source | None] = []
    found = translate(ctx, scope.inner(touched=touched, at_scan=True, quiet=True), node)
    return None if touched else found


def _alike(left: Typed, right: Typed) -> bool:
    """Are the two compared without a change of the column's values?"""
    names = {left.type.name, right.type.name}
    return names <= set(INTEGERS) or names in ({"varchar"}, {"date"}, {"double"})
