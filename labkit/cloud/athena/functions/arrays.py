"""Arrays and the functions that take a lambda."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.types import DATE, array, row


def _reduce(call: Any) -> Typed:
    """reduce(array, start, (state, item) -> …, state -> …)."""
    items, start = call.values[0], call.values[1]
    step = call.apply(2, [start.type, items.type.items[0]])
    state = step.body.type if start.type.name == "unknown" or start.type != step.body.type else start.type
    step = call.apply(2, [state, items.type.items[0]])
    body, first = call.coerced(step.body, state).sql, call.coerced(start, state).sql
    folded = f"list_reduce({items.sql}, lambda {', '.join(step.names)}: {body}, {first})"
    result = call.lambda_on(3, [Typed(folded, state)])
    return Typed(f"(CASE WHEN {items.sql} IS NULL THEN NULL ELSE {result.sql} END)", result.type)


def _transform(call: Any) -> Typed:
    made = call.apply(1, [call.values[0].type.items[0]])
    return Typed(
        f"list_transform({call.values[0].sql}, lambda {made.names[0]}: {made.body.sql})", array(made.body.type)
    )


def _filter(call: Any) -> Typed:
    items = call.values[0]
    made = call.apply(1, [items.type.items[0]])
    return Typed(f"list_filter({items.sql}, lambda {made.names[0]}: {made.body.sql})", items.type)


def _zip_with(call: Any) -> Typed:
    first, second = call.values[0], call.values[1]
    made = call.apply(2, [first.type.items[0], second.type.items[0]])
    name = call.ctx.alias()
    body = call.lambda_on(2, [
        Typed(f"struct_extract_at({name}, 1)", first.type.items[0]),
        Typed(f"struct_extract_at({name}, 2)", second.type.items[0]),
    ])  # fmt: skip
    return Typed(
        f"list_transform(list_zip({first.sql}, {second.sql}), lambda {name}: {body.sql})", array(made.body.type)
    )


def _matches(template: str) -> Any:
    def translate(call: Any) -> str:
        items = call.values[0]
        made = call.apply(1, [items.type.items[0]])
        return template.format(items=items.sql, name=made.names[0], test=made.body.sql)

    return translate


def _zip(call: Any) -> Typed:
    kind = array(row(tuple(value.type.items[0] for value in call.values)))
    from labkit.cloud.athena.types import duckdb

    return Typed(f"CAST(list_zip({', '.join(value.sql for value in call.values)}) AS {duckdb(kind)})", kind)


def _sequence(call: Any) -> str:
    first, last = call.values[0], call.values[1]
    if first.type == DATE:
        step = call.values[2].sql if len(call.values) > 2 else "to_days(1)"
        series = f"generate_series(CAST({first.sql} AS TIMESTAMP), CAST({last.sql} AS TIMESTAMP), {step})"
        return f"list_transform({series}, lambda x: CAST(x AS DATE))"
    step = call.values[2].sql if len(call.values) > 2 else f"(CASE WHEN {first.sql} <= {last.sql} THEN 1 ELSE -1 END)"
    return f"generate_series({first.sql}, {last.sql}, {step})"


def _array_join(call: Any) -> str:
    items, between = call.values[0], call.values[1].sql
    text = call.as_text(Typed("x", items.type.items[0]))
    if len(call.values) > 2:
        return (
            f"array_to_string(list_transform({items.sql}, lambda x: coalesce({text}, {call.values[2].sql})), {between})"
        )
    return f"array_to_string(list_transform(list_filter({items.sql}, lambda x: x IS NOT NULL), lambda x: {text}), {between})"


def _sort_by(call: Any) -> str:
    raise not_supported("array_sort() with a comparator", call.place)


def _flatten(call: Any) -> Typed:
    return Typed(f"flatten({call.values[0].sql})", call.values[0].type.items[0])


ENTRIES: list[Entry] = [
    ("cardinality(array(T)) -> bigint", "len({0})"),
    ("contains(array(T), T) -> boolean", "list_contains({0}, {1})"),
    ("element_at(array(T), bigint) -> T", "{0}[{1}]"),
    ("array_distinct(array(T)) -> array(T)", "list_filter({0}, lambda x, i: list_position({0}, x) = i)"),
    ("array_intersect(array(T), array(T)) -> array(T)",
     "list_filter({0}, lambda x, i: list_position({0}, x) = i AND list_position({1}, x) IS NOT NULL)"),
    ("array_except(array(T), array(T)) -> array(T)",
     "list_filter({0}, lambda x, i: list_position({0}, x) = i AND list_position({1}, x) IS NULL)"),
    ("array_union(array(T), array(T)) -> array(T)",
     "list_filter(list_concat({0}, {1}), lambda x, i: list_position(list_concat({0}, {1}), x) = i)"),
    ("array_join(array(T), varchar) -> varchar", _array_join),
    ("array_join(array(T), varchar, varchar) -> varchar", _array_join),
    ("array_max(array(T)) -> T", "(CASE WHEN list_position({0}, NULL) > 0 THEN NULL ELSE list_max({0}) END)"),
    ("array_min(array(T)) -> T", "(CASE WHEN list_position({0}, NULL) > 0 THEN NULL ELSE list_min({0}) END)"),
    ("array_position(array(T), T) -> bigint", "CAST(coalesce(list_position({0}, {1}), 0) AS BIGINT)"),
    ("array_remove(array(T), T) -> array(T)", "list_filter({0}, lambda x: x IS DISTINCT FROM {1})"),
    ("array_sort(array(T)) -> array(T)", "list_sort({0}, 'ASC', 'NULLS LAST')"),
    ("array_sort(array(T), function(T,T,integer)) -> array(T)", _sort_by),
    ("arrays_overlap(array(T), array(T)) -> boolean", "list_has_any({0}, {1})"),
    ("concat(array(T), array(T)...) -> array(T)",
     lambda call: "".join("list_concat(" for _ in call.values[1:]) + call.values[0].sql + "".join(f", {v.sql})" for v in call.values[1:])),
    ("flatten(array(array(T))) -> array(T)", _flatten),
    ("repeat(T, bigint) -> array(T)", "list_transform(range({1}), lambda i: {0})"),
    ("reverse(array(T)) -> array(T)", "list_reverse({0})"),
    ("sequence(bigint, bigint) -> array(bigint)", _sequence),
    ("sequence(bigint, bigint, bigint) -> array(bigint)", _sequence),
    ("sequence(date, date) -> array(date)", _sequence),
    ("sequence(date, date, T) -> array(date)", _sequence),
    ("slice(array(T), bigint, bigint) -> array(T)",
     "(CASE WHEN {1} > 0 THEN list_slice({0}, {1}, {1} + {2} - 1) ELSE list_slice({0}, len({0}) + {1} + 1, len({0}) + {1} + {2}) END)"),
    ("trim_array(array(T), bigint) -> array(T)", "list_slice({0}, 1, len({0}) - {1})"),
    ("filter(array(T), function(T,boolean)) -> array(T)", _filter),
    ("transform(array(T), function(T,U)) -> array(U)", _transform),
    ("reduce(array(T), S, function(S,T,S), function(S,R)) -> R", _reduce),
    ("zip(array(T), array(U)) -> array(row(T,U))", _zip),
    ("zip(array(T), array(U), array(V)) -> array(row(T,U,V))", _zip),
    ("zip_with(array(T), array(U), function(T,U,R)) -> array(R)", _zip_with),
    ("any_match(array(T), function(T,boolean)) -> boolean",
     _matches("list_bool_or_null(list_transform({items}, lambda {name}: {test}))")),
    ("all_match(array(T), function(T,boolean)) -> boolean",
     _matches("(NOT list_bool_or_null(list_transform({items}, lambda {name}: NOT {test})))")),
    ("none_match(array(T), function(T,boolean)) -> boolean",
     _matches("(NOT list_bool_or_null(list_transform({items}, lambda {name}: {test})))")),
]  # fmt: skip
