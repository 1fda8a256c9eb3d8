"""Maps."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.types import UNKNOWN, map_of


def _entries(call: Any, kept: str) -> tuple[str, Any]:
    """The map's entries through a lambda of (key, value)."""
    value = call.values[0]
    name = call.ctx.alias()
    key, item = value.type.items
    body = call.lambda_on(
        1, [Typed(f"struct_extract_at({name}, 1)", key), Typed(f"struct_extract_at({name}, 2)", item)]
    )
    return kept.format(entries=f"map_entries({value.sql})", name=name, body=body.sql), body.type


def _filter(call: Any) -> Typed:
    sql, _ = _entries(call, "map_from_entries(list_filter({entries}, lambda {name}: {body}))")
    return Typed(sql, call.values[0].type)


def _values(call: Any) -> Typed:
    sql, kind = _entries(
        call,
        "map_from_entries(list_transform({entries}, lambda {name}: {{'k': struct_extract_at({name}, 1), 'v': {body}}}))",
    )
    return Typed(sql, map_of(call.values[0].type.items[0], kind))


def _keys(call: Any) -> Typed:
    sql, kind = _entries(
        call,
        "map_from_entries(list_transform({entries}, lambda {name}: {{'k': {body}, 'v': struct_extract_at({name}, 2)}}))",
    )
    return Typed(sql, map_of(kind, call.values[0].type.items[1]))


def _from_entries(call: Any) -> Typed:
    pair = call.values[0].type.items[0]
    return Typed(f"map_from_entries({call.values[0].sql})", map_of(*pair.items))


def _to_entries(call: Any) -> Typed:
    from labkit.cloud.athena.types import array, duckdb, row

    kind = array(row(call.values[0].type.items))
    parts = "{'field0': struct_extract_at(x, 1), 'field1': struct_extract_at(x, 2)}"
    return Typed(f"CAST(list_transform(map_entries({call.values[0].sql}), lambda x: {parts}) AS {duckdb(kind)})", kind)


ENTRIES: list[Entry] = [
    ("map() -> map(K,V)", lambda call: Typed("MAP {}", map_of(UNKNOWN, UNKNOWN))),
    ("map(array(K), array(V)) -> map(K,V)", "map({0}, {1})"),
    ("cardinality(map(K,V)) -> bigint", "CAST(cardinality({0}) AS BIGINT)"),
    ("element_at(map(K,V), K) -> V", "{0}[{1}]"),
    ("map_keys(map(K,V)) -> array(K)", "map_keys({0})"),
    ("map_values(map(K,V)) -> array(V)", "map_values({0})"),
    ("map_concat(map(K,V), map(K,V)...) -> map(K,V)", "map_concat({all})"),
    ("map_entries(map(K,V)) -> array(row(K,V))", _to_entries),
    ("map_from_entries(array(row(K,V))) -> map(K,V)", _from_entries),
    ("map_filter(map(K,V), function(K,V,boolean)) -> map(K,V)", _filter),
    ("transform_values(map(K,V), function(K,V,R)) -> map(K,R)", _values),
    ("transform_keys(map(K,V), function(K,V,R)) -> map(R,V)", _keys),
]
