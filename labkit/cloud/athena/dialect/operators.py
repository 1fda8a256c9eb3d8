"""Arithmetic, comparison and logic with Trino's types and results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.cloud.athena.coercion import common_type
from labkit.cloud.athena.dialect import decimals, moment_arithmetic, positions
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.older_duckdb import divisor, folded
from labkit.cloud.athena.types import (
    BIGINT,
    BOOLEAN,
    DAY_INTERVAL,
    INTEGERS,
    MONTH_INTERVAL,
    NUMBERS,
    UNKNOWN,
    VARCHAR,
    Type,
    array,
    duckdb,
    show,
)

if TYPE_CHECKING:
    from labkit.cloud.athena.dialect.scope import Context

Place = tuple[int, int] | None
_INTERVALS = (DAY_INTERVAL, MONTH_INTERVAL)


def as_type(value: Typed, target: Type) -> Typed:
    """The value in another type that it coerces to; no CAST is written where DuckDB needs none."""
    if value.type.name == "unknown":
        return Typed(f"CAST({'NULL' if value.sql == 'NULL' else value.sql} AS {duckdb(target)})", target)
    if target.name == "char" and value.type.name in ("char", "varchar") and value.type != target:
        return Typed(f"rpad({value.sql}, {target.params[0]}, ' ')", target)
    moment = moment_arithmetic.coerced(value, target)
    if moment is not None:
        return moment
    if duckdb(value.type) == duckdb(target):
        return Typed(value.sql, target)
    if positions.goes_by_position(value.type, target):
        return Typed(positions.by_position(value, target), target)
    return Typed(f"CAST({value.sql} AS {duckdb(target)})", target)


def unify(values: list[Typed], what: str, place: Place) -> list[Typed]:
    """All values in the type they meet in; TYPE_MISMATCH names the two that do not."""
    kind = values[0].type
    for value in values[1:]:
        met = common_type(kind, value.type)
        if met is None:
            text = what.replace("{left}", show(kind)).replace("{right}", show(value.type))
            raise QueryFailure("TYPE_MISMATCH", text, place, error_type=1)
        kind = met
    return [as_type(value, kind) for value in values]


def unify_all(values: list[Typed], what: str, place: Place) -> list[Typed]:
    """All values in one type; ``what`` begins Trino's sentence: ``All CASE results``."""
    shown = list(dict.fromkeys(show(value.type) for value in values))
    text = (
        f"{what} must be the same type or coercible to a common type. Cannot find common type between "
        f"{{left}} and {{right}}, all types (without duplicates): [{', '.join(shown)}]"
    )
    return unify(values, text, place)


def compare(operator: str, left: Typed, right: Typed, place: Place) -> Typed:
    """``=``, ``<>``, ``<`` …, ``IS DISTINCT FROM``."""
    from labkit.cloud.athena.dialect import comparisons

    return comparisons.compare(operator, left, right, place)


def boolean(value: Typed, what: str, place: Place, form: str = ": actual type {}") -> str:
    """Text of a condition; TYPE_MISMATCH for anything but BOOLEAN."""
    if value.type.name not in ("boolean", "unknown"):
        text = f"{what} must evaluate to a boolean{form.format(show(value.type))}"
        raise QueryFailure("TYPE_MISMATCH", text, place)
    return as_type(value, BOOLEAN).sql


def term(value: Typed, what: str, place: Place) -> str:
    """The same for a condition inside an expression, where Trino words it otherwise."""
    return boolean(value, what, place, " (actual: {})")


def arithmetic(operator: str, left: Typed, right: Typed, place: Place, ctx: Context | None = None) -> Typed:
    """``+ - * / %`` on numbers, dates and intervals."""
    moved = moment_arithmetic.arithmetic(operator, left, right)
    if moved:
        return moved
    kind = common_type(left.type, right.type)
    if kind == UNKNOWN:
        kind = BIGINT
    if kind is None or kind.name not in NUMBERS:
        text = f"Cannot apply operator: {show(left.type)} {operator} {show(right.type)}"
        raise QueryFailure("TYPE_MISMATCH", text, place)
    if UNKNOWN in (left.type, right.type):
        left, right = as_type(left, kind), as_type(right, kind)
    if kind.name == "decimal":
        return decimals.arithmetic(operator, left, right, place, ctx)
    first, second = as_type(left, kind), as_type(right, kind)
    if kind.name in INTEGERS and operator in "/%":
        symbol = "//" if operator == "/" else "%"
        return Typed(f"({first.sql} {symbol} {divisor(second.sql, ctx)})", kind)
    known = folded(operator, first, second) if kind.name in INTEGERS else None
    return Typed(known or f"({first.sql} {operator} {second.sql})", kind)


def negate(value: Typed, place: Place) -> Typed:
    """Unary minus."""
    if value.type == UNKNOWN:
        return as_type(value, BIGINT)
    if value.type.name not in NUMBERS and value.type not in _INTERVALS:
        raise QueryFailure("TYPE_MISMATCH", f"Cannot negate {show(value.type)}", place)
    if value.type.name not in INTEGERS:
        return Typed(f"(-{value.sql})", value.type)
    # DuckDB's minus widens, so that -(-128) fits; a difference overflows in its type.
    return Typed(f"(CAST(0 AS {duckdb(value.type)}) - {value.sql})", value.type)


def concatenate(left: Typed, right: Typed, place: Place) -> Typed:
    """``||`` of texts, arrays, or an array and an element."""
    if "array" in (left.type.name, right.type.name):
        return _join_arrays(left, right, place)
    if all(side.type.name in ("varchar", "char", "unknown") for side in (left, right)):
        if "char" in (left.type.name, right.type.name) and left.type.params and right.type.params:
            kind = Type("char", (min(65536, left.type.params[0] + right.type.params[0]),))
            return Typed(f"({left.sql} || {right.sql})", kind)
        return Typed(f"({as_type(left, VARCHAR).sql} || {as_type(right, VARCHAR).sql})", VARCHAR)
    if left.type == right.type and left.type.name == "varbinary":
        return Typed(f"({left.sql} || {right.sql})", left.type)
    text = f"Unexpected parameters ({show(left.type)}, {show(right.type)}) for function concat. Expected: concat(char(x), char(y)), concat(array(E), E) E, concat(E, array(E)) E, concat(array(E)) E, concat(varchar), concat(varbinary)"  # noqa: E501  # Trino's own sentence
    raise QueryFailure("TYPE_MISMATCH", text, place)


def _join_arrays(left: Typed, right: Typed, place: Place) -> Typed:
    sides = [side if side.type.name == "array" else Typed(f"[{side.sql}]", array(side.type)) for side in (left, right)]
    first, second = unify(sides, "Cannot concatenate {left} and {right}", place)
    return Typed(f"list_concat({first.sql}, {second.sql})", first.type)
