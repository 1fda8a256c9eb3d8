"""Arithmetic, rounding, conditions on any type."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.types import INTEGERS, decimal, duckdb


def _whole(word: str) -> Any:
    """ceil, floor, round without digits: integers stay, decimals lose their scale."""

    def translate(call: Any) -> Typed:
        value = call.values[0]
        if value.type.name in INTEGERS:
            return Typed(value.sql, value.type)
        if value.type.name == "decimal":
            precision, scale = value.type.params
            kind = decimal(min(38, precision - scale + (1 if scale else 0)) or 1, 0)
            return Typed(f"CAST({word}({value.sql}) AS {duckdb(kind)})", kind)
        return Typed(f"{word}({value.sql})", value.type)

    return translate


def _round(call: Any) -> Typed:
    value, digits = call.values[0], call.values[1].sql
    if value.type.name in INTEGERS:
        return Typed(f"CAST(round({value.sql}, CAST({digits} AS INTEGER)) AS {duckdb(value.type)})", value.type)
    if value.type.name == "decimal":
        precision, scale = value.type.params
        kind = decimal(min(38, precision + 1), scale)
        return Typed(f"CAST(round({value.sql}, CAST({digits} AS INTEGER)) AS {duckdb(kind)})", kind)
    return Typed(f"CAST(round({value.sql}, CAST({digits} AS INTEGER)) AS {duckdb(value.type)})", value.type)


def _truncate(call: Any) -> Typed:
    value = call.values[0]
    return Typed(f"CAST(trunc({value.sql}) AS {duckdb(value.type)})", value.type)


def _mod(call: Any) -> Typed:
    from labkit.cloud.athena.dialect.operators import arithmetic

    return arithmetic("%", call.values[0], call.values[1], call.place)


def _sign(call: Any) -> Typed:
    value = call.values[0]
    return Typed(f"CAST(sign({value.sql}) AS {duckdb(value.type)})", value.type)


_ONE_DOUBLE = (
    "sqrt",
    "exp",
    "ln",
    "log2",
    "log10",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "degrees",
    "radians",
)  # a plain list

ENTRIES: list[Entry] = [
    *((f"{name}(double) -> double", f"{name}({{0}})") for name in _ONE_DOUBLE),
    # One Newton step: DuckDB's cbrt(27) is 3.0000000000000004.
    ("cbrt(double) -> double", "(CASE WHEN {0} = 0 THEN {0} ELSE cbrt({0}) - (pow(cbrt({0}), 3) - {0}) / (3 * pow(cbrt({0}), 2)) END)"),
    ("abs(N) -> N", "abs({0})"),
    ("ceil(N) -> N", _whole("ceil")),
    ("ceiling(N) -> N", _whole("ceil")),
    ("floor(N) -> N", _whole("floor")),
    ("round(N) -> N", _whole("round")),
    ("round(N, integer) -> N", _round),
    ("truncate(N) -> N", _truncate),
    ("mod(N, N) -> N", _mod),
    ("sign(N) -> N", _sign),
    ("power(double, double) -> double", "pow({0}, {1})"),
    ("pow(double, double) -> double", "pow({0}, {1})"),
    ("log(double, double) -> double", "(ln({1}) / ln({0}))"),
    ("atan2(double, double) -> double", "atan2({0}, {1})"),
    ("pi() -> double", "pi()"),
    ("e() -> double", "exp(CAST(1 AS DOUBLE))"),
    ("infinity() -> double", "CAST('inf' AS DOUBLE)"),
    ("nan() -> double", "CAST('nan' AS DOUBLE)"),
    ("is_nan(double) -> boolean", "isnan({0})"),
    ("is_finite(double) -> boolean", "isfinite({0})"),
    ("is_infinite(double) -> boolean", "isinf({0})"),
    ("rand() -> double", "random()"),
    ("random() -> double", "random()"),
    ("random(bigint) -> bigint", "CAST(floor(random() * {0}) AS BIGINT)"),
    ("rand(bigint) -> bigint", "CAST(floor(random() * {0}) AS BIGINT)"),
    ("random(bigint, bigint) -> bigint", "CAST({0} + floor(random() * ({1} - {0})) AS BIGINT)"),
    ("bitwise_and(bigint, bigint) -> bigint", "({0} & {1})"),
    ("bitwise_or(bigint, bigint) -> bigint", "({0} | {1})"),
    ("bitwise_xor(bigint, bigint) -> bigint", "xor({0}, {1})"),
    ("bitwise_not(bigint) -> bigint", "(~{0})"),
    ("bit_count(bigint, bigint) -> bigint", "bit_count({0} & ((CAST(1 AS BIGINT) << {1}) - 1))"),
    ("width_bucket(double, double, double, bigint) -> bigint",
     "CAST(CASE WHEN {0} < {1} THEN 0 WHEN {0} >= {2} THEN {3} + 1 ELSE floor(({0} - {1}) / ({2} - {1}) * {3}) + 1 END AS BIGINT)"),
]  # fmt: skip
