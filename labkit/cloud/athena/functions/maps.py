"""Maps."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.functions.arrays import bound
from labkit.cloud.athena.functions.once import once
from labkit.cloud.athena.functions.refusing import refuse
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.types import UNKNOWN, Type, array, duckdb, map_of, row


def key_text(call: Any, key: str, kind: Type) -> str:
    """A key as an error shows it."""
    if kind.items or kind == UNKNOWN:
        return f"CAST({key} AS VARCHAR)"
    return str(call.as_text(Typed(key, kind)))


def _checked(call: Any, keys: str, made: str, kind: Type, null_text: str = "map key cannot be null") -> str:
    """``made``, unless a key is NULL or there twice."""
    twice = f"list_filter({keys}, lambda x, i: list_position({keys}, x) < i)[1]"
    shown = f"'Duplicate map keys (' || {key_text(call, twice, kind.items[0])} || ') are not allowed'"
    return (
        f"(CASE WHEN len({keys}) > list_count({keys}) THEN {refuse(text(null_text))} "
        f"WHEN len({keys}) > list_unique({keys}) THEN {refuse(shown)} ELSE {made} END)"
    )


def _map(call: Any) -> Typed:
    kind = map_of(call.values[0].type.items[0], call.values[1].type.items[0])
    uneven = refuse(text("Key and value arrays must be the same length"))

    def build(keys: str, values: str) -> str:
        checked = _checked(call, keys, f"map({keys}, {values})", kind)
        return (
            f"(CASE WHEN {keys} IS NULL OR {values} IS NULL THEN NULL "
            f"WHEN len({keys}) <> len({values}) THEN {uneven} ELSE {checked} END)"
        )

    return Typed(once(call.ctx, [call.values[0].sql, call.values[1].sql], build), kind)


def _applied(call: Any, index: int = 1) -> tuple[str, Typed]:
    """A name for an entry, and the lambda's body over its key and value."""
    name = call.ctx.alias()
    key, item = call.values[0].type.items
    return name, call.lambda_on(
        index, [Typed(f"struct_extract_at({name}, 1)", key), Typed(f"struct_extract_at({name}, 2)", item)]
    )


def _filter(call: Any) -> Typed:
    name, test = _applied(call)
    if test.type.name not in ("boolean", "unknown"):
        raise call.unexpected()
    kept = f"list_filter(map_entries({call.values[0].sql}), lambda {name}: CAST({test.sql} AS BOOLEAN))"
    return Typed(_from_pairs(call, kept), call.values[0].type)


def _from_pairs(call: Any, pairs: str) -> str:
    return once(call.ctx, [pairs], lambda made: f"(CASE WHEN {made} IS NOT NULL THEN map_from_entries({made}) END)")


def _values(call: Any) -> Typed:
    name, body = _applied(call)
    made = f"list_transform(map_entries({call.values[0].sql}), lambda {name}: {{'k': struct_extract_at({name}, 1), 'v': {body.sql}}})"
    return Typed(_from_pairs(call, made), map_of(call.values[0].type.items[0], body.type))


def _keys(call: Any) -> Typed:
    name, body = _applied(call)
    kind = map_of(body.type, call.values[0].type.items[1])
    made = f"list_transform(map_entries({call.values[0].sql}), lambda {name}: {{'k': {body.sql}, 'v': struct_extract_at({name}, 2)}})"

    def build(pairs: str) -> str:
        return once(
            call.ctx,
            [f"list_transform({pairs}, lambda x: x.k)"],
            lambda keys: _checked(call, keys, f"map_from_entries({pairs})", kind),
        )

    guarded = once(call.ctx, [made], lambda pairs: f"(CASE WHEN {pairs} IS NOT NULL THEN {build(pairs)} END)")
    return Typed(guarded, kind)


def _zip_with(call: Any) -> Typed:
    """Keys of the first map, then those that only the second has."""
    first, second = call.values[0], call.values[1]
    key = call.ctx.alias()
    left, right = call.ctx.alias(), call.ctx.alias()
    body = call.lambda_on(
        2,
        [
            Typed(key, first.type.items[0]),
            Typed(f"{left}[{key}]", first.type.items[1]),
            Typed(f"{right}[{key}]", second.type.items[1]),
        ],
    )

    def build(keys: str) -> str:
        return f"map({keys}, list_transform({keys}, lambda {key}: {body.sql}))"

    keys = (
        f"list_concat(map_keys({left}), list_filter(map_keys({right}), "
        f"lambda x: NOT list_contains(map_keys({left}), x)))"
    )
    made = f"(CASE WHEN {left} IS NOT NULL AND {right} IS NOT NULL THEN {once(call.ctx, [keys], build)} END)"
    made = f"list_transform([{second.sql}], lambda {right}: {made})[1]"
    kind = map_of(first.type.items[0], body.type)
    return Typed(f"list_transform([{first.sql}], lambda {left}: {made})[1]", kind)


def _entry_parts(call: Any) -> tuple[Type, Type]:
    pair = call.values[0].type.items[0]
    if pair.name != "row" or len(pair.items) != 2:
        raise call.unexpected()
    return pair.items[0], pair.items[1]


def _from_entries(call: Any) -> Typed:
    key, item = _entry_parts(call)
    kind = map_of(key, item)
    empty = refuse(text("map entry cannot be null"))

    def build(pairs: str) -> str:
        keys = f"list_transform({pairs}, lambda x: struct_extract_at(x, 1))"
        checked = once(call.ctx, [keys], lambda names: _checked(call, names, f"map_from_entries({pairs})", kind))
        return f"(CASE WHEN {pairs} IS NULL THEN NULL WHEN len({pairs}) > list_count({pairs}) THEN {empty} ELSE {checked} END)"

    return Typed(once(call.ctx, [call.values[0].sql], build), kind)


def _multimap(call: Any) -> Typed:
    key, item = _entry_parts(call)
    kind = map_of(key, array(item))
    empty = refuse(text("map entry cannot be null"))
    null = refuse(text("map key cannot be null"))

    def build(pairs: str) -> str:
        keys = f"list_transform({pairs}, lambda x: struct_extract_at(x, 1))"
        several = f"list_transform(list_filter({pairs}, lambda x: struct_extract_at(x, 1) = k), lambda x: struct_extract_at(x, 2))"

        def mapped(names: str) -> str:
            once_each = f"list_filter({names}, lambda x, i: list_position({names}, x) = i)"
            made = once(call.ctx, [once_each], lambda each: f"map({each}, list_transform({each}, lambda k: {several}))")
            return f"(CASE WHEN len({names}) > list_count({names}) THEN {null} ELSE {made} END)"

        return (
            f"(CASE WHEN {pairs} IS NULL THEN NULL WHEN len({pairs}) > list_count({pairs}) THEN {empty} "
            f"ELSE {once(call.ctx, [keys], mapped)} END)"
        )

    return Typed(once(call.ctx, [call.values[0].sql], build), kind)


def _to_entries(call: Any) -> Typed:
    kind = array(row(call.values[0].type.items))
    parts = "{'field0': struct_extract_at(x, 1), 'field1': struct_extract_at(x, 2)}"
    return Typed(f"CAST(list_transform(map_entries({call.values[0].sql}), lambda x: {parts}) AS {duckdb(kind)})", kind)


def _concat(call: Any, *maps: str) -> str:
    given = " AND ".join(f"{one} IS NOT NULL" for one in maps)
    return f"(CASE WHEN {given} THEN map_concat({', '.join(maps)}) END)"


ENTRIES: list[Entry] = [
    ("map() -> map(K,V)", lambda call: Typed("MAP {}", map_of(UNKNOWN, UNKNOWN))),
    ("map(array(K), array(V)) -> map(K,V)", _map),
    ("cardinality(map(K,V)) -> bigint", "CAST(cardinality({0}) AS BIGINT)"),
    ("element_at(map(K,V), K) -> V", "{0}[{1}]"),
    ("map_keys(map(K,V)) -> array(K)", "map_keys({0})"),
    ("map_values(map(K,V)) -> array(V)", "map_values({0})"),
    ("map_concat(map(K,V), map(K,V)...) -> map(K,V)", bound(_concat)),
    ("map_entries(map(K,V)) -> array(row(K,V))", _to_entries),
    ("map_from_entries(array(row(K,V))) -> map(K,V)", _from_entries),
    ("multimap_from_entries(array(row(K,V))) -> map(K,array(V))", _multimap),
    ("map_filter(map(K,V), function(K,V,boolean)) -> map(K,V)", _filter),
    ("map_zip_with(map(K,V), map(K,W), function(K,V,W,R)) -> map(K,R)", _zip_with),
    ("transform_values(map(K,V), function(K,V,R)) -> map(K,R)", _values),
    ("transform_keys(map(K,V), function(K,V,R)) -> map(R,V)", _keys),
]
