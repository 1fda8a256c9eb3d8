"""LISTAGG's limit: a mebibyte of UTF-8, and what ON OVERFLOW writes beyond it."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.functions.once import once
from labkit.cloud.athena.functions.refusing import refuse
from labkit.cloud.athena.python_functions import PythonFunction

_MOST_BYTES = 1_048_576
_FILLER = "..."
_TOO_LONG = f"Concatenated string has the length in bytes larger than the maximum output length {_MOST_BYTES}"


def _joined(values: list[str | None], separator: str, filler: str, counted: bool) -> str | None:
    """The values that fit, then the filler and how many are left out."""
    given = [value for value in values if value is not None]
    between, size = len(separator.encode()), 0
    for place, value in enumerate(given):
        size += len(value.encode()) + (between if place else 0)
        if size > _MOST_BYTES:
            rest = filler + (f"({len(given) - place})" if counted else "")
            return separator.join([*given[:place], rest])
    return separator.join(given) if given else None


_CUT = PythonFunction(
    "py_listagg_cut",
    _joined,
    ("VARCHAR[]", "VARCHAR", "VARCHAR", "BOOLEAN"),
    "VARCHAR",
    gives_null=True,
)


def joined(ctx: Any, value: str, separator: str, order: str, tail: str, overflow: Any) -> str:
    """The aggregate over ``value`` (with its DISTINCT); ``order`` stands inside its parentheses, ``tail`` behind them."""
    if type(overflow).__name__ != "OverflowTruncateBehavior":
        wrong = refuse(text(_TOO_LONG), "EXCEEDED_FUNCTION_MEMORY_LIMIT")
        made = f"string_agg({value}, {separator}{order}){tail}"
        return once(ctx, [made], lambda one: f"(CASE WHEN strlen({one}) > {_MOST_BYTES} THEN {wrong} ELSE {one} END)")
    filler = text(_FILLER if overflow.this is None else str(overflow.this.this))
    counted = "true" if overflow.args.get("with_count") else "false"
    return f"{ctx.define(_CUT)}(list({value}{order}){tail}, {separator}, {filler}, {counted})"
