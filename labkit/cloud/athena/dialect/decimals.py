"""DECIMAL arithmetic: exact, rounded half up, with Trino's result types; ``Decimal overflow`` instead of a wrong digit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.older_duckdb import divisor, is_older
from labkit.cloud.athena.python_functions import PythonFunction
from labkit.cloud.athena.types import INTEGER_DIGITS, Type, decimal, duckdb

if TYPE_CHECKING:
    from labkit.cloud.athena.dialect.scope import Context

Place = tuple[int, int] | None
DECIMAL_OVERFLOW = "Decimal overflow"
_MAX = 38
# DuckDB keeps a result in 64 bits while both sides have at most 18 digits, and calls what does not fit there an overflow.
_SHORT = 18
# Texts longer than this are not written twice: divisions inside divisions would double with every level.
_LONG_TEXT = 2000
# The macro names its arguments twice: divisions of divisions would double with each level.
_MACRO = "decimal_quotient("
_CHECKED_MACRO = "checked_decimal_quotient("
_NESTED = 3


def constant(kind: Type, unscaled: int) -> str:
    """A DECIMAL constant as DuckDB text."""
    scale = kind.params[1]
    digits = f"{abs(unscaled):0{scale + 1}d}"
    text = f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits
    return f"CAST('{'-' if unscaled < 0 else ''}{text}' AS {duckdb(kind)})"


def widened(value: Typed, kind: Type) -> Typed:
    """The value in another DECIMAL type that holds it."""
    return value if value.type == kind else Typed(f"CAST({value.sql} AS {duckdb(kind)})", kind)


def as_decimal(value: Typed) -> Typed:
    """An integer as the DECIMAL that holds all of its type."""
    if value.type.name == "decimal":
        return value
    return widened(value, decimal(INTEGER_DIGITS.get(value.type.name, 1), 0))


def arithmetic(operator: str, left: Typed, right: Typed, place: Place, ctx: Context | None) -> Typed:
    """``+ - * / %`` of two numbers of which one at least is DECIMAL."""
    left, right = as_decimal(left), as_decimal(right)
    if operator == "/":
        return divide(left, right, ctx)
    if operator == "*":
        return _multiply(left, right, place, ctx)
    return _modulus(left, right, ctx) if operator == "%" else _add(operator, left, right)


def _add(operator: str, left: Typed, right: Typed) -> Typed:
    (p1, s1), (p2, s2) = left.type.params, right.type.params
    kind = decimal(min(_MAX, max(p1 - s1, p2 - s2) + max(s1, s2) + 1), max(s1, s2))
    return Typed(f"CAST(({left.sql} {operator} {right.sql}) AS {duckdb(kind)})", kind)


def _multiply(left: Typed, right: Typed, place: Place, ctx: Context | None) -> Typed:
    """The product. In a ``narrow`` query it stays in 64 bits, which is twice as fast; DuckDB notices what does not fit,
    and the query is then run again without.
    """
    (p1, s1), (p2, s2) = left.type.params, right.type.params
    if s1 + s2 > _MAX:
        text = f"DECIMAL scale must be in range [0, precision ({min(_MAX, p1 + p2)})]: {s1 + s2}"
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", text, place)
    kind = decimal(min(_MAX, p1 + p2), s1 + s2)
    if p1 <= _SHORT and p2 <= _SHORT and p1 + p2 > _SHORT:
        if ctx is not None and ctx.narrow and not ctx.in_try and s1 + s2 <= _SHORT:
            ctx.narrowed = True
            return Typed(f"({left.sql} * {right.sql})", kind)
        left = widened(left, decimal(min(_MAX, p1 + p2), s1))
    if ctx is not None and ctx.narrowed:  # a side may be narrower than its type says
        return Typed(f"({left.sql} * {right.sql})", kind)
    return Typed(f"CAST(({left.sql} * {right.sql}) AS {duckdb(kind)})", kind)


def _modulus(left: Typed, right: Typed, ctx: Context | None) -> Typed:
    (p1, s1), (p2, s2) = left.type.params, right.type.params
    scale = max(s1, s2)
    kind = decimal(max(1, min(p2 - s2, p1 - s1) + scale), scale)
    wide = max(p1 - s1, p2 - s2) + scale
    if wide > _MAX and ctx is not None:
        return _in_python(ctx, "modulus", left, right, kind)
    common = decimal(min(_MAX, wide), scale)
    first, second = widened(left, common), widened(right, common)
    return Typed(f"CAST(({first.sql} % {divisor(second.sql, ctx)}) AS {duckdb(kind)})", kind)


def quotient_type(left: Type, right: Type) -> Type:
    """What Trino calls the type of ``left / right``."""
    (p1, s1), (_, s2) = left.params, right.params
    return decimal(min(_MAX, p1 + s2 + max(0, s2 - s1)), max(s1, s2))


def divide(left: Typed, right: Typed, ctx: Context | None, kind: Type | None = None) -> Typed:
    """Exact division, half up at Trino's scale, in 128-bit integers (DuckDB divides as DOUBLE).

    What does not fit there (the quotient of two sums, say) takes the 128-bit way while its values are small enough for
    it, and Python's integers otherwise.
    """
    kind = kind or quotient_type(left.type, right.type)
    (p1, s1), (p2, s2) = left.type.params, right.type.params
    shift = kind.params[1] - s1 + s2
    # Digits that a side may have: the unscaled value, twice it times 10^shift, and its product with 10^scale must fit.
    room1, room2 = _MAX - 1 - max(s1, shift), _MAX - 1 - s2
    if ctx is not None and (left.sql + right.sql).count(_MACRO) > _NESTED:
        return _in_python(ctx, "quotient", left, right, kind)
    if (p1 <= room1 and p2 <= room2) or ctx is None:
        return Typed(_quotient(left, right, shift, kind), kind)
    slow = _in_python(ctx, "quotient", left, right, kind)
    if room1 - s1 < 1 or room2 - s2 < 1 or len(left.sql) + len(right.sql) > _LONG_TEXT:
        return slow
    small = [
        f"abs({side.sql}) < {constant(decimal(_MAX, side.type.params[1]), 10**room)}"
        for side, room in ((left, room1), (right, room2))
        if side.type.params[0] > room
    ]
    fast = _quotient(left, right, shift, kind)
    return Typed(f"(CASE WHEN {' AND '.join(small)} THEN {fast} ELSE {slow.sql} END)", kind)


def _quotient(left: Typed, right: Typed, shift: int, kind: Type) -> str:
    unit = constant(decimal(max(1, kind.params[1]), kind.params[1]), 1)
    macro = _CHECKED_MACRO if is_older() else _MACRO
    made = f"{macro}{_unscaled(left)}, {_unscaled(right)}, {_integer(10**shift)})"
    return f"CAST((CAST({made} AS DECIMAL(38, 0)) * {unit}) AS {duckdb(kind)})"


def _unscaled(value: Typed) -> str:
    scale = value.type.params[1]
    if not scale:
        return f"CAST({value.sql} AS HUGEINT)"
    factor = constant(decimal(scale + 1, 0), 10**scale)
    return f"CAST((CAST({value.sql} AS DECIMAL(38, {scale})) * {factor}) AS HUGEINT)"


def _integer(value: int) -> str:
    return f"CAST('{value}' AS HUGEINT)"


def _in_python(ctx: Context, name: str, left: Typed, right: Typed, kind: Type) -> Typed:
    body = _remainder if name == "modulus" else _python_quotient(kind.params[1])
    types = (duckdb(left.type), duckdb(right.type))
    marks = "_".join(str(number) for one in (left.type, right.type, kind) for number in one.params)
    known = ctx.functions.get(f"decimal_{name}_{marks}")
    function = known or PythonFunction(f"decimal_{name}_{marks}", body, types, duckdb(kind))
    return Typed(f"{ctx.define(function)}({left.sql}, {right.sql})", kind)


def _python_quotient(scale: int) -> Any:
    from decimal import ROUND_HALF_UP, Context, Decimal

    exact = Context(prec=160, rounding=ROUND_HALF_UP)

    def quotient(left: Any, right: Any) -> Any:  # DuckDB reads the annotations
        if not right:
            raise QueryFailure("DIVISION_BY_ZERO", "Division by zero")
        # 160 digits are more than two 38-digit numbers can need before the digit that decides the rounding.
        found = exact.divide(left, right).quantize(Decimal(1).scaleb(-scale), context=exact)
        if len(found.as_tuple().digits) > _MAX:
            raise QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", DECIMAL_OVERFLOW)
        return found

    return quotient


def _remainder(left: Any, right: Any) -> Any:
    from decimal import Context

    if not right:
        raise QueryFailure("DIVISION_BY_ZERO", "Division by zero")
    return Context(prec=160).remainder(left, right)
