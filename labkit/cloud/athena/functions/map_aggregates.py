"""Aggregates that make a MAP, in the order in which its keys come."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.functions.aggregates import only
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.python_functions import PythonFunction
from labkit.cloud.athena.types import BIGINT, Type, array, duckdb, map_of


_FEW = 100_000


def _plain(keys: Any) -> bool:
    """True when all keys can be keys of a dict as they are; lists and structs cannot."""
    return not isinstance(keys[0], list | dict)


def _first(keys: Any, values: Any) -> Any:
    """The first value of each key."""
    if _plain(keys):  # what comes later in a dict wins, so the pairs go in backwards
        held = dict(zip(reversed(keys), reversed(values), strict=True))
        order = list(dict.fromkeys(keys))
        return {"key": order, "value": [held[key] for key in order]}
    kept: dict[str, tuple[Any, Any]] = {}
    for key, value in zip(keys, values, strict=True):
        kept.setdefault(repr(key), (key, value))
    return _as_map(list(kept.values()))


def _all(keys: Any, values: Any) -> Any:
    """All values of each key."""
    plain = _plain(keys)
    kept: dict[Any, tuple[Any, list[Any]]] = {}
    for key, value in zip(keys, values, strict=True):
        kept.setdefault(key if plain else repr(key), (key, []))[1].append(value)
    return _as_map(list(kept.values()))


def _counts(keys: Any) -> Any:
    """How often each key occurs."""
    if _plain(keys):
        counted = Counter(keys)
        return {"key": list(counted), "value": list(counted.values())}
    kept: dict[str, list[Any]] = {}
    for key in keys:
        kept.setdefault(repr(key), [key, 0])[1] += 1
    return _as_map([(key, count) for key, count in kept.values()])


def _as_map(pairs: list[tuple[Any, Any]]) -> dict[str, list[Any]]:
    """What DuckDB takes for a MAP whatever the type of its keys."""
    return {"key": [key for key, _ in pairs], "value": [value for _, value in pairs]}


def folded(call: Any, body: Any, lists: list[str], sources: tuple[str, ...], kind: Type) -> Typed:
    """``body`` applied to lists of all rows' values in Python; one function for each combination of types."""
    mark = re.sub(r"\W+", "_", "_".join((*sources, duckdb(kind))))
    function = PythonFunction(f"fold_{body.__name__.strip('_')}_{mark}", body, sources, duckdb(kind))
    return Typed(f"{call.ctx.define(function)}({', '.join(lists)})", kind)


def _pairs(call: Any, body: Any, result: Type) -> Typed:
    """Two lists in the same order: DuckDB fills both row by row."""
    key, held = call.values
    kept = only(call, f"{key.sql} IS NOT NULL")
    if call.distinct:
        raise not_supported(f"{call.name}(DISTINCT a, b)", call.place)
    lists = [f"list({value.sql}{call.order}){kept}" for value in (key, held)]
    sources = (f"{duckdb(key.type)}[]", f"{duckdb(held.type)}[]")
    return folded(call, body, lists, sources, map_of(key.type, result))


def _map_agg(call: Any) -> Typed:
    return _pairs(call, _first, call.values[1].type)


def _multimap_agg(call: Any) -> Typed:
    return _pairs(call, _all, array(call.values[1].type))


def _map_union(call: Any) -> Typed:
    kind = call.values[0].type
    maps = f"list({call.values[0].sql}{call.order}){only(call, f'{call.values[0].sql} IS NOT NULL')}"
    lists = [f"flatten(list_transform({maps}, lambda m: {part}(m)))" for part in ("map_keys", "map_values")]
    sources = (f"{duckdb(kind.items[0])}[]", f"{duckdb(kind.items[1])}[]")
    return folded(call, _united, lists, sources, kind)


def _united(keys: Any, values: Any) -> Any:
    return _first(keys, values) if keys else {"key": [], "value": []}


def _histogram(call: Any) -> Typed:
    """In the order in which the values come, as Trino has it, while they are few; many are counted by DuckDB."""
    value = call.values[0]
    kind = map_of(value.type, BIGINT)
    rows = f"list({call.distinct}{value.sql}){only(call, f'{value.sql} IS NOT NULL')}"
    few = folded(call, _counts, [rows], (f"{duckdb(value.type)}[]",), kind)
    many = f"CAST(histogram({call.distinct}{value.sql}){call.tail} AS {duckdb(kind)})"
    return Typed(f"(CASE WHEN count({value.sql}){call.tail} <= {_FEW} THEN {few.sql} ELSE {many} END)", kind)


ENTRIES: list[Entry] = [
    ("map_agg(K, V) -> map(K,V)", _map_agg),
    ("multimap_agg(K, V) -> map(K,array(V))", _multimap_agg),
    ("map_union(map(K,V)) -> map(K,V)", _map_union),
    ("histogram(T) -> map(T,bigint)", _histogram),
]
