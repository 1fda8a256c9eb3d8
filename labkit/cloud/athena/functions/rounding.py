"""round, truncate, ceil, floor, abs, sign, mod: each number type has its own result type."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions.once import number_of, once
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.python_functions import PythonFunction
from labkit.cloud.athena.types import INTEGER_DIGITS, INTEGERS, Type, decimal, duckdb

_LIMITS = {"tinyint": 7, "smallint": 15, "integer": 31, "bigint": 63}
_SHORT = 18  # decimals of so many digits are a long in Trino, with shortcuts of their own


def _whole(word: str) -> Any:
    """ceil, floor, round without digits: integers stay, decimals lose their scale."""

    def translate(call: Any) -> Typed:
        value = call.values[0]
        if value.type.name in INTEGERS:
            return Typed(value.sql, value.type)
        if value.type.name == "decimal":
            precision, scale = value.type.params
            kind = decimal(min(38, precision - scale + min(1, scale)), 0)
            made = value.sql if scale == 0 else f"{word}({value.sql})"
            return Typed(f"CAST({made} AS {duckdb(kind)})", kind)
        return Typed(f"CAST({word}(CAST({value.sql} AS DOUBLE)) AS {duckdb(value.type)})", value.type)

    return translate


def _truncate(call: Any) -> Typed:
    value = call.values[0]
    if value.type.name in ("real", "double"):
        return Typed(f"CAST(trunc({value.sql}) AS {duckdb(value.type)})", value.type)
    if value.type.name in INTEGERS:
        kind = decimal(INTEGER_DIGITS[value.type.name], 0)
        return Typed(f"CAST({value.sql} AS {duckdb(kind)})", kind)
    precision, scale = value.type.params
    kind = decimal(max(1, precision - scale), 0)
    return Typed(f"CAST(trunc({value.sql}) AS {duckdb(kind)})", kind)


def _round(call: Any) -> Typed:
    value, digits = call.values[0], call.values[1].sql
    kind: Type = value.type
    if kind.name in INTEGERS:
        if (number_of(digits) or -1) >= 0:
            return Typed(value.sql, kind)
        function = PythonFunction(
            f"py_round_{kind.name}", _INTEGER_ROUNDERS[kind.name], ("BIGINT", "INTEGER"), duckdb(kind)
        )
        return Typed(f"{call.ctx.define(function)}({value.sql}, {digits})", kind)
    if kind.name == "decimal":
        made = decimal(min(38, kind.params[0] + 1), kind.params[1])
        return Typed(_on_decimal(call, made, _rounded_decimal, "round"), made)
    return Typed(f"CAST(round(CAST({value.sql} AS DOUBLE), CAST({digits} AS INTEGER)) AS {duckdb(kind)})", kind)


def _truncate_digits(call: Any) -> Typed:
    kind = call.values[0].type
    if kind.name in ("real", "double"):
        raise call.unexpected()
    made = kind if kind.name == "decimal" else decimal(INTEGER_DIGITS.get(kind.name, 1), 0)
    return Typed(_on_decimal(call, made, _truncated_decimal, "truncate"), made)


def _on_decimal(call: Any, made: Type, body: Any, word: str) -> str:
    value, digits = call.values[0], call.values[1].sql
    precision, scale = value.type.params if value.type.name == "decimal" else made.params
    number = number_of(digits)
    if number is not None and number >= scale:
        return f"CAST({value.sql} AS {duckdb(made)})"
    if number is not None and number >= 0 and word == "round" and precision < 38:
        return f"CAST(round({value.sql}, {number}) AS {duckdb(made)})"
    given, result = decimal(precision, scale), duckdb(made)
    function = PythonFunction(
        f"py_{word}_{precision}_{scale}", body(precision, scale, made.params[0]), (duckdb(given), "INTEGER"), result
    )
    known = call.ctx.functions.get(function.name)
    name = known.name if known else call.ctx.define(function)
    return f"{name}(CAST({value.sql} AS {duckdb(given)}), {digits})"


def _rounded_decimal(precision: int, scale: int, limit: int) -> Any:
    return _decimal_rounder(precision, scale, limit, ROUND_HALF_UP)


def _truncated_decimal(precision: int, scale: int, limit: int) -> Any:
    return _decimal_rounder(precision, scale, limit, ROUND_DOWN)


def _decimal_rounder(precision: int, scale: int, limit: int, how: str) -> Any:
    def body(value: Decimal, digits: int) -> Decimal:
        if digits >= scale:
            return value
        if digits < -precision - 1 or (precision - scale + digits <= 0 and precision <= _SHORT):
            return Decimal(0).scaleb(-scale)
        with localcontext() as context:
            context.prec = 80
            made = value.quantize(Decimal(1).scaleb(-digits), rounding=how).quantize(Decimal(1).scaleb(-scale))
        if abs(int(made.scaleb(scale))) >= 10**limit:
            raise QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", f"decimal overflow: {value}")
        return made

    return body


def _integer_rounder(name: str) -> Any:
    limit = 1 << _LIMITS[name]

    def body(value: int, digits: int) -> int:
        if digits >= 0:
            return value
        if digits < -18:
            raise QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", f"numerical overflow: {value}")
        factor = int(10**-digits)
        made = (abs(value) + factor // 2) // factor * factor * (-1 if value < 0 else 1)
        if not -(1 << 63) <= made < 1 << 63:
            raise QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", f"numerical overflow: {value}")
        if not -limit <= made < limit:
            raise QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", f"Out of range for {name}: {made}")
        return made

    return body


_INTEGER_ROUNDERS = {name: _integer_rounder(name) for name in INTEGERS}


def _mod(call: Any) -> Typed:
    from labkit.cloud.athena.dialect.operators import arithmetic

    return arithmetic("%", call.values[0], call.values[1], call.place, call.ctx)


def _sign(call: Any) -> Typed:
    value = call.values[0]
    if value.type.name == "decimal":
        return Typed(f"CAST(sign({value.sql}) AS DECIMAL(1, 0))", decimal(1, 0))
    if value.type.name in INTEGERS:
        return Typed(f"CAST(sign({value.sql}) AS {duckdb(value.type)})", value.type)
    kind = duckdb(value.type)
    text = "(CASE WHEN isnan({0}) OR {0} = 0 THEN {0} ELSE CAST(sign({0}) AS " + kind + ") END)"
    return Typed(once(call.ctx, [value.sql], text.format), value.type)


ENTRIES: list[Entry] = [
    ("abs(N) -> N", "abs({0})"),
    ("ceil(N) -> N", _whole("ceil")),
    ("ceiling(N) -> N", _whole("ceil")),
    ("floor(N) -> N", _whole("floor")),
    ("round(N) -> N", _whole("round")),
    ("round(N, integer) -> N", _round),
    ("truncate(N) -> N", _truncate),
    ("truncate(N, integer) -> N", _truncate_digits),
    ("mod(N, N) -> N", _mod),
    ("sign(N) -> N", _sign),
]
