"""approx_* aggregates and sketches. A sketch carries its values: the answers are exact where Trino's are near."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.functions import digests
from labkit.cloud.athena.functions.aggregates import only
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.python_functions import PythonFunction
from labkit.cloud.athena.types import BIGINT, DOUBLE, REAL, Type, array, duckdb, map_of

_ENTRY = "STRUCT(v {}, w DOUBLE)[]"


def _percentile(call: Any) -> Typed:
    """The value that a digest of single values gives: number floor(p * n) of the sorted ones, counted from 0."""
    value, share = call.values
    many = share.type.name == "array"
    kind = array(value.type) if many else value.type
    if _varies(call.nodes[1]):
        kept = only(call, f"{value.sql} IS NOT NULL")
        shares = f"any_value({share.sql}){kept}"
        pick = "sorted_share(list({0} ORDER BY {0}){1}, {2})"
        if not many:
            return Typed(pick.format(value.sql, kept, shares), kind)
        return Typed(f"list_transform({shares}, lambda q: {pick.format(value.sql, kept, 'q')})", kind)
    shares = f"list_transform({share.sql}, lambda q: checked_share(q))" if many else f"checked_share({share.sql})"
    return Typed(f"quantile_disc({call.distinct}{value.sql}, {shares}){call.tail}", kind)


def _varies(node: Any) -> bool:
    return any(type(part).__name__ in ("Column", "Identifier", "Anonymous") for part in node.walk())


def _weighted(call: Any) -> Typed:
    """Every value counts as often as its weight says."""
    value, weight, share = call.values
    many = share.type.name == "array"
    kept = only(call, f"{value.sql} IS NOT NULL AND {weight.sql} IS NOT NULL")
    source = _ENTRY.format("DOUBLE")
    rows = f"CAST(list({{'v': {value.sql}, 'w': {weight.sql}}}){kept} AS {source})"
    return _ask(call, rows, source, Typed(f"any_value({share.sql}){call.tail}", share.type), value.type, many)


def _ask(call: Any, rows: str, source: str, share: Typed, item: Type, many: bool) -> Typed:
    body = digests.values_at if many else digests.value_at
    rounds = item == BIGINT
    kind = array(item) if many else item
    name = f"digest_{body.__name__}_{item.name}_{'big' if 'BIGINT' in source else 'double'}"
    result = "DOUBLE[]" if many else "DOUBLE"
    function = PythonFunction(
        name, digests.rounding(body) if rounds else body, (source, duckdb(share.type)), result, sees_nulls=True
    )
    known = call.ctx.functions.get(name)
    return Typed(f"CAST({call.ctx.define(known or function)}({rows}, {share.sql}) AS {duckdb(kind)})", kind)


def _approx_set(call: Any) -> Typed:
    value = call.values[0].sql
    return Typed(f"list(DISTINCT hash({value})){only(call, f'{value} IS NOT NULL')}", Type("hyperloglog"))


def _digest(name: str) -> Any:
    """tdigest_agg and qdigest_agg: the values with their weights."""

    def translate(call: Any) -> Typed:
        value = call.values[0]
        item = DOUBLE if name == "tdigest" else value.type
        kind = Type(name, items=() if name == "tdigest" else (item,))
        weight = f"CAST({call.values[1].sql} AS DOUBLE)" if len(call.values) > 1 else "CAST(1 AS DOUBLE)"
        checked = f"positive_weight({weight})"
        kept = only(call, f"{value.sql} IS NOT NULL AND {weight} IS NOT NULL")
        return Typed(f"list({{'v': {value.sql}, 'w': {checked}}}){kept}", kind)

    return translate


def _merge(call: Any) -> Typed:
    value = call.values[0]
    joined = f"flatten(list({value.sql}){only(call, f'{value.sql} IS NOT NULL')})"
    return Typed(f"list_distinct({joined})" if value.type.name == "hyperloglog" else joined, value.type)


def _at(many: bool) -> Any:
    def translate(call: Any) -> Typed:
        digest, share = call.values
        item = digest.type.items[0] if digest.type.items else DOUBLE
        rows = Typed(digest.sql, digest.type)
        source = _ENTRY.format(duckdb(item))
        return _ask(call, rows.sql, source, share, item, many)

    return translate


def _share_of(call: Any) -> str:
    source = duckdb(call.values[0].type)
    name = f"digest_share_{call.values[0].type.items[0].name}"
    item = duckdb(call.values[0].type.items[0])
    function = PythonFunction(name, digests.share_below, (source, item), "DOUBLE", sees_nulls=True)
    return f"{call.ctx.define(function)}({call.values[0].sql}, {call.values[1].sql})"


def _most_frequent(call: Any) -> Typed:
    """The n most frequent values, the most frequent first."""
    buckets, value, capacity = call.values
    kind = map_of(value.type, BIGINT)
    counted = f"map_entries(histogram({value.sql}){call.tail})"
    # The capacity is the size of Trino's table of counts: exact counts need none.
    ranked = f"list_reverse_sort(list_transform({counted}, lambda e: {{'c': e.value, 'k': e.key}}))"
    size = f"any_value({buckets.sql} + 0 * {capacity.sql}){call.tail}"
    pairs = f"list_transform({ranked}[1:{size}], lambda e: {{'k': e.k, 'v': CAST(e.c AS BIGINT)}})"
    return Typed(f"map_from_entries({pairs})", kind)


def _numeric_histogram(call: Any) -> Typed:
    buckets, value = call.values[:2]
    weight = call.values[2].sql if len(call.values) > 2 else "CAST(1 AS DOUBLE)"
    kept = only(call, f"{value.sql} IS NOT NULL AND {weight} IS NOT NULL")
    source = "STRUCT(b BIGINT, v DOUBLE, w DOUBLE)[]"
    rows = f"CAST(list({{'b': {buckets.sql}, 'v': {value.sql}, 'w': {weight}}}){kept} AS {source})"
    function = PythonFunction("numeric_histogram", digests.histogram, (source,), "MAP(DOUBLE, DOUBLE)")
    exact = Typed(f"{call.ctx.define(function)}({rows})", map_of(DOUBLE, DOUBLE))
    return exact if value.type == DOUBLE else call.coerced(exact, map_of(REAL, REAL))


_NUMBERS = ("bigint", "real", "double")

ENTRIES: list[Entry] = [
    ("approx_distinct(T) -> bigint", "count(DISTINCT {0}){W}"),
    ("approx_distinct(T, double) -> bigint", "(count(DISTINCT {0}){W} + 0 * checked_error(any_value({1}){W}))"),
    *((f"approx_percentile({kind}, double) -> {kind}", _percentile) for kind in _NUMBERS),
    *((f"approx_percentile({kind}, array(double)) -> array({kind})", _percentile) for kind in _NUMBERS),
    *((f"approx_percentile({kind}, double, double) -> {kind}", _weighted) for kind in _NUMBERS),
    *((f"approx_percentile({kind}, double, array(double)) -> array({kind})", _weighted) for kind in _NUMBERS),
    ("approx_most_frequent(bigint, T, bigint) -> map(T,bigint)", _most_frequent),
    ("approx_set(T) -> hyperloglog", _approx_set),
    ("merge(hyperloglog) -> hyperloglog", _merge),
    ("merge(tdigest) -> tdigest", _merge),
    ("merge(qdigest(T)) -> qdigest(T)", _merge),
    ("tdigest_agg(double) -> tdigest", _digest("tdigest")),
    ("tdigest_agg(double, double) -> tdigest", _digest("tdigest")),
    *((f"qdigest_agg({kind}) -> qdigest({kind})", _digest("qdigest")) for kind in _NUMBERS),
    *((f"qdigest_agg({kind}, bigint) -> qdigest({kind})", _digest("qdigest")) for kind in _NUMBERS),
    *((f"qdigest_agg({kind}, bigint, double) -> qdigest({kind})", _digest("qdigest")) for kind in _NUMBERS),
    ("numeric_histogram(bigint, real) -> map(real,real)", _numeric_histogram),
    ("numeric_histogram(bigint, double) -> map(double,double)", _numeric_histogram),
    ("numeric_histogram(bigint, real, double) -> map(real,real)", _numeric_histogram),
    ("numeric_histogram(bigint, double, double) -> map(double,double)", _numeric_histogram),
]

# Functions of one row that read a sketch.
SCALARS: list[Entry] = [
    ("empty_approx_set() -> hyperloglog", lambda call: Typed("CAST([] AS UBIGINT[])", Type("hyperloglog"))),
    ("cardinality(hyperloglog) -> bigint", "CAST(len({0}) AS BIGINT)"),
    ("value_at_quantile(tdigest, double) -> double", _at(many=False)),
    ("value_at_quantile(qdigest(T), double) -> T", _at(many=False)),
    ("values_at_quantiles(tdigest, array(double)) -> array(double)", _at(many=True)),
    ("values_at_quantiles(qdigest(T), array(double)) -> array(T)", _at(many=True)),
    ("quantile_at_value(qdigest(T), T) -> double", _share_of),
]
