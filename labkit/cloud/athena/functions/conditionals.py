"""IF, COALESCE, NULLIF, greatest and least: expressions of their own in Trino, with sentences of their own."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.coercion import common_type
from labkit.cloud.athena.dialect import identifiers, operators
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions.once import once
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.types import UNKNOWN, duckdb, show

_MOST_ARGUMENTS = 127


def _if(call: Any) -> Typed:
    if not 2 <= len(call.values) <= 3:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", "Invalid number of arguments for 'if' function", call.place)
    condition = operators.term(call.values[0], "IF condition", call.place)
    answers = [*call.values[1:], Typed("NULL", UNKNOWN)][:2]
    answers = operators.unify(answers, "Result types for IF must be the same: {left} vs {right}", call.place)
    return Typed(f"(CASE WHEN {condition} THEN {answers[0].sql} ELSE {answers[1].sql} END)", answers[0].type)


def _coalesce(call: Any) -> Typed:
    if len(call.values) < 2:
        text = "The 'coalesce' function must have at least two arguments"
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", text, call.place)
    values = operators.unify_all(call.values, "All COALESCE operands", call.place)
    return Typed(f"coalesce({', '.join(value.sql for value in values)})", values[0].type)


def _nullif(call: Any) -> Typed:
    if len(call.values) != 2:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", "Invalid number of arguments for 'nullif' function", call.place)
    first, second = call.values
    kind = common_type(first.type, second.type)
    if kind is None:
        text = f"Types are not comparable with NULLIF: {show(first.type)} vs {show(second.type)}"
        raise QueryFailure("TYPE_MISMATCH", text, call.place)
    if duckdb(kind) == duckdb(first.type) and kind.name != "char":
        other = operators.as_type(second, kind).sql
        return Typed(once(call.ctx, [first.sql], lambda value: f"nullif({value}, {other})"), first.type)

    def build(value: str) -> str:
        same = operators.compare("=", Typed(value, first.type), second, call.place).sql
        return f"(CASE WHEN {same} THEN NULL ELSE {value} END)"

    return Typed(once(call.ctx, [first.sql], build), first.type)


def _extreme(call: Any, word: str) -> str:
    """NULL when any argument is NULL, which DuckDB skips; greatest() takes NaN only when there is nothing else."""
    if len(call.values) > _MOST_ARGUMENTS:
        raise QueryFailure("TOO_MANY_ARGUMENTS", f"Too many arguments for function call {word}()", call.place)
    numeric = call.values[0].type.name in ("double", "real")
    return once(call.ctx, [one.sql for one in call.values], lambda *values: _found(word, values, numeric))


def _found(word: str, values: tuple[str, ...], numeric: bool) -> str:
    missing = " OR ".join(f"{value} IS NULL" for value in values)
    if word == "greatest" and numeric:
        numbers = ", ".join(f"CASE WHEN isnan({value}) THEN NULL ELSE {value} END" for value in values)
        found = f"coalesce(greatest({numbers}), {values[0]})"
    else:
        found = f"{word}({', '.join(values)})"
    return f"(CASE WHEN {missing} THEN NULL ELSE {found} END)"


ENTRIES: list[Entry] = [
    ("if(X...) -> unknown", _if),
    ("coalesce(X...) -> unknown", _coalesce),
    ("nullif(X...) -> unknown", _nullif),
    ("greatest(T...) -> T", lambda call: _extreme(call, "greatest")),
    ("least(T...) -> T", lambda call: _extreme(call, "least")),
    ("uuid() -> uuid", "uuid()"),
    ("contains(varchar, ipaddress) -> boolean", identifiers.contains_sql),
]
