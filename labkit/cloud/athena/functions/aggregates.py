"""Aggregates. {D} is DISTINCT, {O} an ORDER BY inside, {W} what follows the call: FILTER and OVER."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.comparisons import orderable
from labkit.cloud.athena.dialect.decimals import divide
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.older_duckdb import within_38_digits
from labkit.cloud.athena.types import BIGINT, DOUBLE, INTEGERS, Type, array, decimal, duckdb, show

_PLAIN = "{D}{0}{O}){W}"
_FILTER = " FILTER (WHERE "


def only(call: Any, condition: str) -> str:
    """What follows the call, with one more condition on its rows."""
    tail = str(call.tail)
    if tail.startswith(_FILTER):
        return f"{_FILTER}({condition}) AND {tail[len(_FILTER) :]}"
    return f"{_FILTER}{condition}){tail}"


def _whole(word: str, kind: Type) -> Any:
    """sum and avg of integers: DuckDB adds an INTEGER faster than the BIGINT it would be converted to."""

    def translate(call: Any) -> Typed:
        value = call.given[0] if call.given[0].type.name in INTEGERS else call.values[0]
        made = f"{word}({call.distinct}{value.sql}){call.tail}"
        return Typed(f"CAST({made} AS BIGINT)" if kind == BIGINT else made, kind)

    return translate


def _sum_decimal(call: Any) -> Typed:
    digits, scale = call.values[0].type.params
    kind = decimal(38, scale)
    made = f"CAST(sum({call.distinct}{call.values[0].sql}){call.tail} AS {duckdb(kind)})"
    return Typed(within_38_digits(made, scale, digits, call.ctx), kind)


def _avg_decimal(call: Any) -> Typed:
    """avg of DECIMAL stays DECIMAL, rounded half up (DuckDB's is a DOUBLE)."""
    value = call.values[0]
    total = _sum_decimal(call)
    count = Typed(f"CAST(nullif(count({call.distinct}{value.sql}){call.tail}, 0) AS DECIMAL(19, 0))", decimal(19, 0))
    quotient = divide(total, count, call.ctx, decimal(38, value.type.params[1])).sql
    return Typed(f"CAST({quotient} AS {duckdb(value.type)})", value.type)


def _extreme(word: str) -> Any:
    """min and max pass over NaN while there is anything else; DuckDB sorts it above everything."""

    def translate(call: Any) -> str:
        value = call.values[0]
        _must_order(call, 0)
        plain = f"{word}({value.sql}){call.tail}"
        if word == "max" and value.type.name in ("double", "real"):
            finite = only(call, f"{value.sql} <= 'Infinity'::DOUBLE")
            return f"coalesce(max({value.sql}){finite}, {plain})"
        return plain

    return translate


def _must_order(call: Any, index: int) -> None:
    if not orderable(call.values[index].type):
        raise call.unexpected()


def _extremes(word: str) -> Any:
    """The n smallest or largest values."""

    def translate(call: Any) -> str:
        _must_order(call, 0)
        values, number = call.values
        checked = f"positive_number({number.sql}, 'second argument of {word}_n must be positive', 10000)"
        return f"{word}({values.sql}, {checked}){call.tail}"

    return translate


def _by(word: str) -> Any:
    """The values of n rows with the smallest or largest key; rows without a key do not count, NULL values do."""

    def translate(call: Any) -> Typed:
        _must_order(call, 1)
        value, key, number = call.values
        order = "ASC" if word == "min" else "DESC"
        kept = only(call, f"{key.sql} IS NOT NULL")
        text = "third argument of max_by/min_by must be a positive integer"
        sql = f"list({value.sql} ORDER BY {key.sql} {order}){kept}[1:positive_number({number.sql}, '{text}', 10000)]"
        return Typed(f"({sql})", array(value.type))

    return translate


def _one_by(word: str) -> Any:
    def translate(call: Any) -> str:
        _must_order(call, 1)
        return f"arg_{word}_null({call.values[0].sql}, {call.values[1].sql}){call.tail}"

    return translate


_STATES = ("boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "date", "timestamp", "time")


def _reduce(call: Any) -> Typed:
    """reduce_agg(input, start, (state, input) -> state, (state, state) -> state) over the rows that are not NULL."""
    value, start = call.values[:2]
    if start.type.name not in _STATES and not (start.type.name == "decimal" and start.type.params[0] <= 18):
        text = f"State type not supported for reduce_agg: {show(start.type)}"
        raise QueryFailure("NOT_SUPPORTED", text, call.place)
    left, right = call.ctx.alias(), call.ctx.alias()
    body = call.lambda_on(2, [Typed(f"{left}.s", start.type), Typed(f"{right}.x", value.type)])
    state = call.coerced(body, start.type).sql
    kind = f"STRUCT(s {duckdb(start.type)}, x {duckdb(value.type)})"
    items = f"list(CAST({{'s': NULL, 'x': {value.sql}}} AS {kind}){call.order}){only(call, f'{value.sql} IS NOT NULL')}"
    first = f"CAST({{'s': {start.sql}, 'x': NULL}} AS {kind})"
    folded = f"list_reduce({items}, lambda {left}, {right}: CAST({{'s': {state}, 'x': NULL}} AS {kind}), {first})"
    return Typed(f"(CASE WHEN count({value.sql}){call.tail} > 0 THEN ({folded}).s END)", start.type)


def _grouping(call: Any) -> str:
    return f"CAST(grouping({', '.join(value.sql for value in call.values)}) AS INTEGER)"


_LOGARITHM = (
    "CASE WHEN {0} > 0 THEN ln({0}) WHEN {0} = 0 THEN '-Infinity'::DOUBLE WHEN {0} IS NOT NULL THEN 'NaN'::DOUBLE END"
)
_MEAN = "exp(avg({D}" + _LOGARITHM + "){W})"
_SPREADS = {
    "stddev": "stddev_samp", "stddev_samp": "stddev_samp", "stddev_pop": "stddev_pop", "variance": "var_samp",
    "var_samp": "var_samp", "var_pop": "var_pop",
}  # fmt: skip
_PAIRS = ("corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept")
# DuckDB corrects the skewness for the size of the sample, Trino does not.
_SKEWNESS = "skewness({D}{0}){W} * (count({D}{0}){W} - 2) / sqrt(count({D}{0}){W} * (count({D}{0}){W} - 1.0))"
# Of equal values both are 0 divided by 0, for which DuckDB says NULL.
_OF_ENOUGH = "CASE WHEN count({{D}}{{0}}){{W}} > {} THEN coalesce({}, 'NaN'::DOUBLE) END"

ENTRIES: list[Entry] = [
    ("count() -> bigint", "count(*){W}"),
    ("count(T) -> bigint", "count({D}{0}){W}"),
    ("count_if(boolean) -> bigint", "CAST(count({D}CASE WHEN {0} THEN 1 END){W} AS BIGINT)"),
    ("sum(bigint) -> bigint", _whole("sum", BIGINT)),
    ("sum(real) -> real", "CAST(sum({D}{0}){W} AS FLOAT)"),
    ("sum(double) -> double", "sum({D}{0}){W}"),
    ("sum(decimal) -> decimal", _sum_decimal),
    ("avg(bigint) -> double", _whole("avg", DOUBLE)),
    ("avg(double) -> double", "avg({D}{0}){W}"),
    ("avg(real) -> real", "CAST(avg({D}{0}){W} AS FLOAT)"),
    ("avg(decimal) -> decimal", _avg_decimal),
    ("sum(interval day to second) -> interval day to second", "CAST(sum({D}{0}){W} AS BIGINT)"),
    ("sum(interval year to month) -> interval year to month", "CAST(sum({D}{0}){W} AS INTEGER)"),
    ("avg(interval day to second) -> interval day to second", "CAST(floor(avg({D}{0}){W} + 0.5) AS BIGINT)"),
    ("avg(interval year to month) -> interval year to month", "CAST(floor(avg({D}{0}){W} + 0.5) AS INTEGER)"),
    ("min(T) -> T", _extreme("min")),
    ("max(T) -> T", _extreme("max")),
    ("min(T, bigint) -> array(T)", _extremes("min")),
    ("max(T, bigint) -> array(T)", _extremes("max")),
    ("min_by(T, U) -> T", _one_by("min")),
    ("max_by(T, U) -> T", _one_by("max")),
    ("min_by(T, U, bigint) -> array(T)", _by("min")),
    ("max_by(T, U, bigint) -> array(T)", _by("max")),
    ("arbitrary(T) -> T", "any_value({0}{O}){W}"),
    ("any_value(T) -> T", "any_value({0}{O}){W}"),
    ("array_agg(T) -> array(T)", "list(" + _PLAIN),
    ("reduce_agg(T, U, function, function) -> U", _reduce),
    ("bool_and(boolean) -> boolean", "bool_and({0}){W}"),
    ("bool_or(boolean) -> boolean", "bool_or({0}){W}"),
    ("every(boolean) -> boolean", "bool_and({0}){W}"),
    ("bitwise_and_agg(bigint) -> bigint", "bit_and({0}){W}"),
    ("bitwise_or_agg(bigint) -> bigint", "bit_or({0}){W}"),
    ("bitwise_xor_agg(bigint) -> bigint", "bit_xor({D}{0}){W}"),
    ("grouping(X...) -> integer", _grouping),
    ("geometric_mean(bigint) -> double", _MEAN),
    ("geometric_mean(real) -> real", f"CAST({_MEAN} AS FLOAT)"),
    ("geometric_mean(double) -> double", _MEAN),
    ("skewness(double) -> double", _OF_ENOUGH.format(2, _SKEWNESS)),
    ("kurtosis(double) -> double", _OF_ENOUGH.format(3, "kurtosis({D}{0}){W}")),
    *((f"{name}(double) -> double", f"{found}({{D}}{{0}}){{W}}") for name, found in _SPREADS.items()),
    # An integer or DECIMAL becomes a REAL here, the narrowest of the two types that these functions take.
    *((f"{name}(real, real) -> real", f"CAST(finite_or_null({name}({{0}}, {{1}}){{W}}) AS FLOAT)") for name in _PAIRS),
    *((f"{name}(double, double) -> double", f"finite_or_null({name}({{0}}, {{1}}){{W}})") for name in _PAIRS),
]
