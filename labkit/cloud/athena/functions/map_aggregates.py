"""Aggregates that make a MAP, in the order in which its keys come.

Python only says which rows belong together: it sees the keys, never the values, and gives back positions. DuckDB has no
function for that, and would read a NaN that comes from Python as NULL.
"""

from __future__ import annotations

import re
from typing import Any

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.functions.aggregates import only
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.python_functions import PythonFunction
from labkit.cloud.athena.types import BIGINT, Type, array, duckdb, map_of

# Beyond so many rows a histogram is counted by DuckDB, which sorts its keys.
_FEW = 100_000


def _comparable(keys: Any) -> Any:
    """The keys, or something hashable that is equal where they are: NaN is one key, though it is not equal to itself."""
    if keys and isinstance(keys[0], list | dict):
        return map(repr, keys)
    if keys and isinstance(keys[0], float):
        return ("NaN" if key != key else key for key in keys)  # noqa: PLR0124
    return keys


def _first(keys: Any) -> Any:
    """Where each key comes first, counted from 1."""
    places: dict[Any, int] = {}
    for place, key in enumerate(_comparable(keys), 1):
        places.setdefault(key, place)
    return list(places.values())


def _all(keys: Any) -> Any:
    """Where each key comes."""
    places: dict[Any, list[int]] = {}
    for place, key in enumerate(_comparable(keys), 1):
        places.setdefault(key, []).append(place)
    return list(places.values())


def _counted(keys: Any) -> Any:
    """Where each key comes first, and how often it comes."""
    return [[places[0], len(places)] for places in _all(keys)]


def placed(call: Any, body: Any, keys: str, kind: Type, result: str) -> str:
    """Positions in a list of keys, by ``body``."""
    mark = re.sub(r"\W+", "_", duckdb(kind))
    function = PythonFunction(f"places_{body.__name__.strip('_')}_{mark}", body, (f"{duckdb(kind)}[]",), result)
    return f"{call.ctx.define(function)}({keys})"


def _lists(call: Any) -> tuple[str, str]:
    """Keys and values in the same order: DuckDB fills both lists row by row."""
    if call.distinct:
        raise not_supported(f"{call.name}(DISTINCT a, b)", call.place)
    kept = only(call, f"{call.values[0].sql} IS NOT NULL")
    keys, values = (f"list({value.sql}{call.order}){kept}" for value in call.values)
    return keys, values


def _united(call: Any, keys: str, values: str, kind: Type) -> Typed:
    places = placed(call, _first, keys, kind.items[0], "BIGINT[]")
    return Typed(f"map(list_select({keys}, {places}), list_select({values}, {places}))", kind)


def _map_agg(call: Any) -> Typed:
    keys, values = _lists(call)
    return _united(call, keys, values, map_of(call.values[0].type, call.values[1].type))


def _map_union(call: Any) -> Typed:
    kind = call.values[0].type
    maps = f"list({call.values[0].sql}{call.order}){only(call, f'{call.values[0].sql} IS NOT NULL')}"
    keys, values = (f"flatten(list_transform({maps}, lambda m: {part}(m)))" for part in ("map_keys", "map_values"))
    return _united(call, keys, values, kind)


def _multimap_agg(call: Any) -> Typed:
    keys, values = _lists(call)
    kind = map_of(call.values[0].type, array(call.values[1].type))
    groups = placed(call, _all, keys, call.values[0].type, "BIGINT[][]")
    one = f"list_select({keys}, list_transform({groups}, lambda g: g[1]))"
    return Typed(f"map({one}, list_transform({groups}, lambda g: list_select({values}, g)))", kind)


def _histogram(call: Any) -> Typed:
    """In the order in which the values come, as Trino has it, while they are few."""
    value = call.values[0]
    kind = map_of(value.type, BIGINT)
    rows = f"list({call.distinct}{value.sql}){only(call, f'{value.sql} IS NOT NULL')}"
    counts = placed(call, _counted, rows, value.type, "BIGINT[][]")
    keys = f"list_select({rows}, list_transform({counts}, lambda c: c[1]))"
    few = f"map({keys}, list_transform({counts}, lambda c: c[2]))"
    many = f"CAST(histogram({call.distinct}{value.sql}){call.tail} AS {duckdb(kind)})"
    return Typed(f"(CASE WHEN count({value.sql}){call.tail} <= {_FEW} THEN {few} ELSE {many} END)", kind)


ENTRIES: list[Entry] = [
    ("map_agg(K, V) -> map(K,V)", _map_agg),
    ("multimap_agg(K, V) -> map(K,array(V))", _multimap_agg),
    ("map_union(map(K,V)) -> map(K,V)", _map_union),
    ("histogram(T) -> map(T,bigint)", _histogram),
]
