"""Aggregates. {D} is DISTINCT, {O} an ORDER BY inside, {W} what follows the call: FILTER and OVER."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.decimals import divide
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.types import decimal, duckdb

_PLAIN = "{D}{0}{O}){W}"


def _sum_decimal(call: Any) -> Typed:
    kind = decimal(38, call.values[0].type.params[1])
    return Typed(f"CAST(sum({call.distinct}{call.values[0].sql}){call.tail} AS {duckdb(kind)})", kind)


def _avg_decimal(call: Any) -> Typed:
    """avg of DECIMAL stays DECIMAL, rounded half up (DuckDB's is a DOUBLE)."""
    value = call.values[0]
    total = _sum_decimal(call)
    count = Typed(f"CAST(count({call.distinct}{value.sql}){call.tail} AS DECIMAL(19, 0))", decimal(19, 0))
    quotient = divide(total, count, call.ctx).sql
    none = f"count({call.distinct}{value.sql}){call.tail} = 0"
    return Typed(f"(CASE WHEN {none} THEN NULL ELSE CAST({quotient} AS {duckdb(value.type)}) END)", value.type)


def _percentile(call: Any) -> str:
    """A value of the column, never one in between: what Trino's sketch returns for few rows."""
    if len(call.values) > 2:
        raise not_supported("approx_percentile() with a weight or accuracy", call.place)
    return f"quantile_disc({call.values[0].sql}, {call.values[1].sql}){call.tail}"


def _grouping(call: Any) -> str:
    return f"CAST(grouping({', '.join(value.sql for value in call.values)}) AS INTEGER)"


_DOUBLES = {
    "stddev": "stddev_samp", "stddev_samp": "stddev_samp", "stddev_pop": "stddev_pop", "variance": "var_samp",
    "var_samp": "var_samp", "var_pop": "var_pop", "geometric_mean": "geometric_mean", "skewness": "skewness",
}  # fmt: skip
_PAIRS = ("corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept")

ENTRIES: list[Entry] = [
    ("count() -> bigint", "count(*){W}"),
    ("count(T) -> bigint", "count(" + _PLAIN),
    ("count_if(boolean) -> bigint", "CAST(count(CASE WHEN {0} THEN 1 END){W} AS BIGINT)"),
    ("sum(bigint) -> bigint", "CAST(sum(" + _PLAIN + " AS BIGINT)"),
    ("sum(real) -> real", "CAST(sum(" + _PLAIN + " AS FLOAT)"),
    ("sum(double) -> double", "sum(" + _PLAIN),
    ("sum(decimal) -> decimal", _sum_decimal),
    ("avg(bigint) -> double", "avg(" + _PLAIN),
    ("avg(double) -> double", "avg(" + _PLAIN),
    ("avg(real) -> real", "CAST(avg(" + _PLAIN + " AS FLOAT)"),
    ("avg(decimal) -> decimal", _avg_decimal),
    ("min(T) -> T", "min(" + _PLAIN),
    ("max(T) -> T", "max(" + _PLAIN),
    ("min(T, bigint) -> array(T)", "min({0}, {1}){W}"),
    ("max(T, bigint) -> array(T)", "max({0}, {1}){W}"),
    ("min_by(T, U) -> T", "arg_min_null({0}, {1}){W}"),
    ("max_by(T, U) -> T", "arg_max_null({0}, {1}){W}"),
    ("arbitrary(T) -> T", "any_value({0}){W}"),
    ("any_value(T) -> T", "any_value({0}){W}"),
    ("array_agg(T) -> array(T)", "list(" + _PLAIN),
    ("set_agg(T) -> array(T)", "list(DISTINCT {0}){W}"),
    ("map_agg(K, V) -> map(K,V)", "map_from_entries(list_last_of_key(list({{'k': {0}, 'v': {1}}}){W}))"),
    ("histogram(T) -> map(T,bigint)", "CAST(histogram({0}){W} AS MAP({T0}, BIGINT))"),
    ("approx_distinct(T) -> bigint", "count(DISTINCT {0}){W}"),
    ("approx_distinct(T, double) -> bigint", "count(DISTINCT {0}){W}"),
    ("approx_percentile(T, double) -> T", _percentile),
    ("approx_percentile(T, array(double)) -> array(T)", _percentile),
    ("bool_and(boolean) -> boolean", "bool_and({0}){W}"),
    ("bool_or(boolean) -> boolean", "bool_or({0}){W}"),
    ("every(boolean) -> boolean", "bool_and({0}){W}"),
    ("bitwise_and_agg(bigint) -> bigint", "bit_and({0}){W}"),
    ("bitwise_or_agg(bigint) -> bigint", "bit_or({0}){W}"),
    ("grouping(X...) -> integer", _grouping),
    *((f"{name}(double) -> double", f"{found}({_PLAIN}") for name, found in _DOUBLES.items()),
    *((f"{name}(double, double) -> double", f"{name}({{0}}, {{1}}){{W}}") for name in _PAIRS),
]
