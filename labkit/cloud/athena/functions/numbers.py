"""Mathematics on DOUBLE, constants, random numbers, bases, buckets."""

from __future__ import annotations

import math
from typing import Any

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions.once import number_of, once
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.functions.texts import invalid
from labkit.cloud.athena.older_duckdb import of_double
from labkit.cloud.athena.python_functions import python
from labkit.cloud.athena.rendering import java_double
from labkit.cloud.athena.types import INTEGERS, duckdb

_EARTH_KM = 6371.01
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ONE_DOUBLE = (
    "sqrt", "exp", "ln", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "degrees", "radians",
)  # fmt: skip


def _plain(name: str) -> Any:
    return lambda call: of_double(name, call.values[0].sql, call.ctx)


def _ln(call: Any, index: int) -> str:
    return of_double("ln", call.values[index].sql, call.ctx)


def _cbrt(value: float) -> float:
    """DuckDB's cbrt(27) is 3.0000000000000004: one Newton step from the power, and whole roots exactly."""
    if value == 0 or not math.isfinite(value):
        return value
    root = abs(value) ** (1 / 3)
    root -= (root * root * root - abs(value)) / (3 * root * root)
    whole = float(round(root))
    return math.copysign(whole if whole**3 == abs(value) else root, value)


def _random(call: Any) -> Typed:
    """A whole number below a bound or between two; its type is theirs."""
    kind = call.values[0].type
    if len(call.values) == 1:
        text, wrong = "CAST(floor(random() * {0}) AS T)", "{0} <= 0"
        said = "bound must be positive"
    else:
        text, wrong = "CAST({0} + floor(random() * (CAST({1} AS DOUBLE) - {0})) AS T)", "{0} >= {1}"
        said = "start value must be less than stop value"
    values = [one.sql for one in call.values]
    numbers = [number_of(value) for value in values]
    fine = text.replace("T)", f"{duckdb(kind)})")
    known = [number for number in numbers if number is not None]
    if len(known) == len(numbers) and (known[0] > 0 if len(known) == 1 else known[0] < known[1]):
        return Typed(fine.format(*values), kind)
    checked = f"(CASE WHEN {wrong} THEN refused('INVALID_FUNCTION_ARGUMENT|{said}') ELSE {fine} END)"
    return Typed(once(call.ctx, values, checked.format), kind)


def _check_radix(radix: int) -> None:
    if not 2 <= radix <= 36:
        raise invalid("Radix must be between 2 and 36")


def _to_base(value: int, radix: int) -> str:
    _check_radix(radix)
    rest, digits = abs(value), ""
    while rest or not digits:
        rest, digit = divmod(rest, radix)
        digits = _DIGITS[digit] + digits
    return "-" * (value < 0) + digits


def _from_base(text: str, radix: int) -> int:
    _check_radix(radix)
    digits = text[1:] if text[:1] in ("+", "-") else text
    if digits and all(digit in _DIGITS[:radix] for digit in digits.lower()):
        value = int(text, radix)
        if -(1 << 63) <= value < 1 << 63:
            return value
    raise invalid(f"Not a valid base-{radix} number: {text}")


def _width_bucket(value: float, first: float, second: float, count: int) -> int:
    for fine, complaint in (
        (count > 0, "bucketCount must be greater than 0"),
        (not math.isnan(value), "operand must not be NaN"),
        (math.isfinite(first), "first bound must be finite"),
        (math.isfinite(second), "second bound must be finite"),
        (first != second, "bounds cannot equal each other"),
    ):
        if not fine:
            raise invalid(complaint)
    low, high = min(first, second), max(first, second)
    if value < low:
        bucket = 0
    elif value >= high:
        bucket = count + 1
    else:
        bucket = int(float(count) * (value - low) / (high - low) + 1)
    if bucket >= 1 << 63:
        raise QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", f"Bucket for value {java_double(value)} is out of range")
    return count - bucket + 1 if first > second else bucket


def _width_bucket_bins(value: float, bins: list[float | None]) -> int:
    """Trino's binary search: it notices a wrong order only where it looks."""
    if not bins:
        raise invalid("Bins cannot be an empty array")
    if math.isnan(value):
        raise invalid("Operand cannot be NaN")
    edges = [0.0 if edge is None else edge for edge in bins]
    low, high = 0, len(edges)
    while low < high:
        if edges[low] > edges[high - 1]:
            raise invalid("Bin values are not sorted in ascending order")
        middle = (low + high) // 2
        if not math.isfinite(edges[middle]):
            raise invalid(f"Bin value must be finite, got {java_double(edges[middle])}")
        if value < edges[middle]:
            high = middle
        else:
            low = middle + 1
    return low


def _cosine(left: dict[str, float | None], right: dict[str, float | None]) -> float | None:
    if None in left.values() or None in right.values():
        return None
    dot = 0.0
    for key, value in left.items():
        dot += (value or 0.0) * (right.get(key) or 0.0) if key in right else 0.0
    length = math.sqrt(sum((v or 0.0) ** 2 for v in left.values())) * math.sqrt(
        sum((v or 0.0) ** 2 for v in right.values())
    )
    return math.nan if length == 0 else dot / length


def _great_circle(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Kilometres between two points of a sphere."""
    for name, values, limit in (
        ("Latitude", (latitude, other_latitude), 90),
        ("Longitude", (longitude, other_longitude), 180),
    ):
        if not all(-limit <= value <= limit for value in values):
            raise invalid(f"{name} must be between -{limit} and {limit}")
    first, second = math.radians(latitude), math.radians(other_latitude)
    turn = math.radians(longitude) - math.radians(other_longitude)
    across = math.cos(second) * math.sin(turn)
    along = math.cos(first) * math.sin(second) - math.sin(first) * math.cos(second) * math.cos(turn)
    ahead = math.sin(first) * math.sin(second) + math.cos(first) * math.cos(second) * math.cos(turn)
    return math.atan2(math.sqrt(across * across + along * along), ahead) * _EARTH_KM


_MAP = "MAP(VARCHAR, DOUBLE)"

ENTRIES: list[Entry] = [
    *((f"{name}(double) -> double", _plain(name)) for name in _ONE_DOUBLE),
    ("log2(double) -> double", lambda call: f"({_ln(call, 0)} / ln(CAST(2 AS DOUBLE)))"),
    ("log(double, double) -> double", lambda call: f"({_ln(call, 1)} / {_ln(call, 0)})"),
    ("cbrt(double) -> double", python(_cbrt, ("DOUBLE",), "DOUBLE")),
    ("power(double, double) -> double", "pow({0}, {1})"),
    ("pow(double, double) -> double", "pow({0}, {1})"),
    ("atan2(double, double) -> double", "atan2({0}, {1})"),
    ("pi() -> double", "pi()"),
    ("e() -> double", "exp(CAST(1 AS DOUBLE))"),
    ("infinity() -> double", "CAST('inf' AS DOUBLE)"),
    ("nan() -> double", "CAST('nan' AS DOUBLE)"),
    ("is_nan(double) -> boolean", "isnan({0})"),
    ("is_finite(double) -> boolean", "isfinite({0})"),
    ("is_infinite(double) -> boolean", "isinf({0})"),
    *((f"{name}() -> double", "random()") for name in ("rand", "random")),
    *((f"{name}({kind}) -> {kind}", _random) for name in ("rand", "random") for kind in INTEGERS),
    *((f"{name}({kind}, {kind}) -> {kind}", _random) for name in ("rand", "random") for kind in INTEGERS),
    ("to_base(bigint, bigint) -> varchar(64)", python(_to_base, ("BIGINT", "BIGINT"), "VARCHAR")),
    ("from_base(varchar(x), bigint) -> bigint", python(_from_base, ("VARCHAR", "BIGINT"), "BIGINT")),
    ("width_bucket(double, double, double, bigint) -> bigint",
     python(_width_bucket, ("DOUBLE", "DOUBLE", "DOUBLE", "BIGINT"), "BIGINT")),
    ("width_bucket(double, array(double)) -> bigint", python(_width_bucket_bins, ("DOUBLE", "DOUBLE[]"), "BIGINT")),
    ("great_circle_distance(double, double, double, double) -> double", python(_great_circle, ("DOUBLE",) * 4, "DOUBLE")),
    ("cosine_similarity(map(varchar,double), map(varchar,double)) -> double", python(_cosine, (_MAP, _MAP), "DOUBLE", gives_null=True)),
]  # fmt: skip
