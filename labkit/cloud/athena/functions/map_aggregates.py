"""Aggregates that make a MAP, in the order in which its keys come."""

from __future__ import annotations

import re
from typing import Any

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.functions.aggregates import only
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.python_functions import PythonFunction
from labkit.cloud.athena.types import BIGINT, Type, array, duckdb, map_of


def _identity(value: Any) -> Any:
    """Something hashable that is the same for equal keys."""
    return repr(value) if isinstance(value, list | dict) else (type(value).__name__, value)


def _first(entries: Any) -> Any:
    """The first value of each key."""
    kept: dict[Any, Any] = {}
    for entry in entries:
        kept.setdefault(_identity(entry["k"]), entry)
    return _as_map([(entry["k"], entry["v"]) for entry in kept.values()])


def _all(entries: Any) -> Any:
    """All values of each key."""
    kept: dict[Any, tuple[Any, list[Any]]] = {}
    for entry in entries:
        kept.setdefault(_identity(entry["k"]), (entry["k"], []))[1].append(entry["v"])
    return _as_map(list(kept.values()))


def _counts(entries: Any) -> Any:
    """How often each key occurs."""
    kept: dict[Any, list[Any]] = {}
    for key in entries:
        kept.setdefault(_identity(key), [key, 0])[1] += 1
    return _as_map([(key, count) for key, count in kept.values()])


def _as_map(pairs: list[tuple[Any, Any]]) -> dict[str, list[Any]]:
    """What DuckDB takes for a MAP whatever the type of its keys."""
    return {"key": [key for key, _ in pairs], "value": [value for _, value in pairs]}


def folded(call: Any, body: Any, entries: str, source: str, kind: Type) -> Typed:
    """``body`` applied to a list of entries in Python; one function for each pair of types."""
    mark = re.sub(r"\W+", "_", f"{source}_{duckdb(kind)}")
    function = PythonFunction(f"fold_{body.__name__.strip('_')}_{mark}", body, (source,), duckdb(kind))
    return Typed(f"{call.ctx.define(function)}({entries})", kind)


def _entries(call: Any, body: Any, value: Type) -> Typed:
    key, held = call.values
    source = f"STRUCT(k {duckdb(key.type)}, v {duckdb(held.type)})[]"
    rows = f"list({call.distinct}{{'k': {key.sql}, 'v': {held.sql}}}{call.order}){only(call, f'{key.sql} IS NOT NULL')}"
    return folded(call, body, f"CAST({rows} AS {source})", source, map_of(key.type, value))


def _map_agg(call: Any) -> Typed:
    return _entries(call, _first, call.values[1].type)


def _multimap_agg(call: Any) -> Typed:
    return _entries(call, _all, array(call.values[1].type))


def _map_union(call: Any) -> Typed:
    kind = call.values[0].type
    source = f"STRUCT(k {duckdb(kind.items[0])}, v {duckdb(kind.items[1])})[]"
    maps = f"list({call.values[0].sql}{call.order}){only(call, f'{call.values[0].sql} IS NOT NULL')}"
    entries = f"flatten(list_transform({maps}, lambda m: list_transform(map_entries(m), lambda e: {{'k': e.key, 'v': e.value}})))"
    return folded(call, _first, f"CAST({entries} AS {source})", source, kind)


def _histogram(call: Any) -> Typed:
    value = call.values[0]
    source = f"{duckdb(value.type)}[]"
    rows = f"list({call.distinct}{value.sql}){only(call, f'{value.sql} IS NOT NULL')}"
    return folded(call, _counts, rows, source, map_of(value.type, BIGINT))


ENTRIES: list[Entry] = [
    ("map_agg(K, V) -> map(K,V)", _map_agg),
    ("multimap_agg(K, V) -> map(K,array(V))", _multimap_agg),
    ("map_union(map(K,V)) -> map(K,V)", _map_union),
    ("histogram(T) -> map(T,bigint)", _histogram),
]
