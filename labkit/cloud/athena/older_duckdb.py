"""DuckDB 1.5, the last for Python 3.10, where it answers otherwise than DuckDB 2: as on both, Trino's answer is written out.

DuckDB 2 stops at a division by zero and gives NaN for a logarithm that does not exist; 1.5 gives NULL for the one and stops
at the other. What is written here costs a comparison a value, and only there.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable
from typing import Any

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions.once import number_of, once

_ZERO = "refused('DIVISION_BY_ZERO|Division by zero')"
_BITS = {"tinyint": 7, "smallint": 15, "integer": 31, "bigint": 63}
# How a term that nests a hundred levels to the left begins.
_DEEP = "(" * 100
# As many as a session lets DuckDB nest (session.py).
_MOST_LEVELS = 2100
_FOLDS = {"+": operator.add, "-": operator.sub, "*": operator.mul}
# Longer texts, and those that are not the same twice or cost too much twice, are bound to a name first.
_SHORT = 300
_NOT_TWICE = re.compile(r"random\(|uuid\(|SELECT|OVER|lambda|py_|moment_", re.IGNORECASE)
# NaN, and what sorts above everything, is no number below zero.
_NAN = "CAST('nan' AS DOUBLE)"
_LOGARITHM = f"WHEN {{0}} < 0 THEN {_NAN} WHEN {{0}} = 0 THEN CAST('-inf' AS DOUBLE)"
_OUTSIDE = {
    "sqrt": f"WHEN {{0}} < 0 THEN {_NAN}",
    "ln": _LOGARITHM,
    "log10": _LOGARITHM,
    "asin": f"WHEN abs({{0}}) > 1 THEN {_NAN}",
    "acos": f"WHEN abs({{0}}) > 1 THEN {_NAN}",
    "sin": f"WHEN isinf({{0}}) THEN {_NAN}",
    "cos": f"WHEN isinf({{0}}) THEN {_NAN}",
    "tan": f"WHEN isinf({{0}}) THEN {_NAN}",
}


@functools.lru_cache(maxsize=1)
def is_older() -> bool:
    """True where DuckDB is 1.5."""
    from importlib.metadata import version

    return int(version("duckdb").split(".")[0]) < 2


def _twice(ctx: Any, sql: str, build: Callable[[str], str]) -> str:
    """``build(sql)``, which writes its argument more than once."""
    if ctx is None or (len(sql) <= _SHORT and not _NOT_TWICE.search(sql)):
        return build(sql)
    return once(ctx, [sql], build)


def divisor(sql: str, ctx: Any) -> str:
    """The right side of ``//`` or ``%`` of whole numbers or DECIMALs, which stops the query when it is zero."""
    if not is_older() or number_of(sql):
        return sql
    return _twice(ctx, sql, lambda value: f"(CASE WHEN {value} = 0 THEN {_ZERO} ELSE {value} END)")


def of_double(name: str, sql: str, ctx: Any) -> str:
    """DuckDB's function of one DOUBLE: NaN or an infinity where it has no value."""
    if not is_older() or name not in _OUTSIDE:
        return f"{name}({sql})"
    outside = _OUTSIDE[name]
    return _twice(ctx, sql, lambda value: f"(CASE {outside.format(value)} ELSE {name}({value}) END)")


def within_38_digits(sql: str, scale: int, digits: int, ctx: Any) -> str:
    """A sum of DECIMALs of so many digits, which DuckDB 2 keeps within 38 digits itself."""
    if not is_older() or digits < 38 - 13:  # ten million million rows
        return sql
    most = f"{'9' * (38 - scale)}.{'9' * scale}".rstrip(".")
    low, high = (f"CAST('{sign}{most}' AS DECIMAL(38, {scale}))" for sign in ("-", ""))
    over = "refused('NUMERIC_VALUE_OUT_OF_RANGE|Decimal overflow')"
    return _twice(
        ctx, sql, lambda value: f"(CASE WHEN {value} < {low} OR {value} > {high} THEN {over} ELSE {value} END)"
    )


def folded(sign: str, left: Any, right: Any) -> str | None:
    """The result of two integer literals of one type: DuckDB 1.5 takes seconds for a sum of a thousand of them.

    It stands in as many parentheses as there were levels, so that what nests too deeply is refused as elsewhere.
    """
    if not is_older() or sign not in _FOLDS:
        return None
    first, second = number_of(left.sql), number_of(right.sql)
    if first is None or second is None:
        return None
    value, bits = _FOLDS[sign](first, second), _BITS[left.type.name]
    levels = max(left.sql.count("("), right.sql.count("("))
    if levels > _MOST_LEVELS:
        raise QueryFailure("STACK_OVERFLOW", "statement is too large (stack overflow during analysis)")
    made = f"CAST({value} AS {left.type.name.upper()})"
    return f"{'(' * levels}{made}{')' * levels}" if -(1 << bits) < value < 1 << bits else None


def settings(sql: str) -> tuple[str, ...]:
    """Computing common parts once is wrong for some queries: DuckDB 1.5 takes them out of TRY, where they then fail the query;
    and both look for them for seconds in deeply nested terms.
    """
    without = _DEEP in sql or (is_older() and "TRY(" in sql)
    return ("SET disabled_optimizers = 'common_subexpressions'",) if without else ()
