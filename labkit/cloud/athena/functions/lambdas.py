"""The functions of arrays that take a lambda."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.coercion import common_type
from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.functions.once import once
from labkit.cloud.athena.functions.refusing import refuse
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.older_duckdb import is_older
from labkit.cloud.athena.types import INTEGER, Type, array, duckdb

# How often the type of reduce()'s state may widen before it must have settled.
_TRIES = 4


def _reduce(call: Any) -> Typed:
    """reduce(array, start, (state, item) -> …, state -> …): the state has the type both of its sources turn into."""
    items, start = call.values[0], call.values[1]
    state = start.type
    for _ in range(_TRIES):
        step = call.apply(2, [state, items.type.items[0]])
        met = common_type(state, step.body.type)
        if met is None:
            raise call.unexpected()
        if met == state:
            break
        state = met
    body, first = call.coerced(step.body, state).sql, call.coerced(start, state).sql
    name = call.ctx.alias()
    result = call.lambda_on(3, [Typed(name, state)])

    def build(given: str) -> str:
        if is_older():
            folded = _folded_rows(call, given, state, first)
        else:
            folded = f"list_reduce({given}, lambda {', '.join(step.names)}: {body}, {first})"
        return f"(CASE WHEN {given} IS NOT NULL THEN list_transform([{folded}], lambda {name}: {result.sql})[1] END)"

    return Typed(once(call.ctx, [items.sql], build), result.type)


def _folded_rows(call: Any, given: str, state: Type, first: str) -> str:
    """DuckDB 1.5 folds a list only into what its elements are: so they are rows of a state and an element."""
    kind = call.values[0].type.items[0]
    row = f"STRUCT(s {duckdb(state)}, x {duckdb(kind)})"
    left, right, item = (call.ctx.alias() for _ in range(3))
    body = call.coerced(call.lambda_on(2, [Typed(f"{left}.s", state), Typed(f"{right}.x", kind)]), state).sql
    rows = f"list_transform({given}, lambda {item}: CAST({{'s': NULL, 'x': {item}}} AS {row}))"
    start = f"CAST({{'s': {first}, 'x': NULL}} AS {row})"
    return f"list_reduce({rows}, lambda {left}, {right}: CAST({{'s': {body}, 'x': NULL}} AS {row}), {start}).s"


def _transform(call: Any) -> Typed:
    made = call.apply(1, [call.values[0].type.items[0]])
    sql = f"list_transform({call.values[0].sql}, lambda {made.names[0]}: {made.body.sql})"
    return Typed(sql, array(made.body.type))


def _condition(call: Any, index: int, kinds: list[Type]) -> tuple[list[str], str]:
    """The lambda's parameters and its body, which must be BOOLEAN."""
    made = call.apply(index, kinds)
    if made.body.type.name not in ("boolean", "unknown"):
        raise call.unexpected()
    return made.names, f"CAST({made.body.sql} AS BOOLEAN)" if made.body.type.name == "unknown" else made.body.sql


def _filter(call: Any) -> Typed:
    items = call.values[0]
    names, test = _condition(call, 1, [items.type.items[0]])
    return Typed(f"list_filter({items.sql}, lambda {names[0]}: {test})", items.type)


def _zip_with(call: Any) -> Typed:
    first, second = call.values[0], call.values[1]
    name = call.ctx.alias()
    body = call.lambda_on(2, [Typed(f"{name}[1]", first.type.items[0]), Typed(f"{name}[2]", second.type.items[0])])

    def build(left: str, right: str) -> str:
        made = f"list_transform(list_zip({left}, {right}), lambda {name}: {body.sql})"
        return f"(CASE WHEN {left} IS NOT NULL AND {right} IS NOT NULL THEN {made} END)"

    return Typed(once(call.ctx, [first.sql, second.sql], build), array(body.type))


def _matches(template: str) -> Any:
    """any_match and its kin: NULL when nothing decides and something is unknown."""

    def translate(call: Any) -> str:
        items = call.values[0]
        names, test = _condition(call, 1, [items.type.items[0]])
        return template.format(items=items.sql, name=names[0], test=test)

    return translate


def _sort_by(call: Any) -> Typed:
    """Every element goes where the number of elements before it says: the order of a stable sort."""
    items = call.values[0]
    kind = items.type.items[0]
    here, there, i, j = (call.ctx.alias() for _ in range(4))
    body = call.lambda_on(1, [Typed(there, kind), Typed(here, kind)])
    if common_type(body.type, INTEGER) != INTEGER:
        raise call.unexpected()
    wrong = refuse(text("Lambda comparator must return either -1, 0, or 1"))

    def build(given: str) -> str:
        compared = once(call.ctx, [body.sql], lambda c: f"(CASE WHEN {c} IN (-1, 0, 1) THEN {c} ELSE {wrong} END)")
        signs = f"list_transform({given}, lambda {there}, {j}: CASE WHEN {i} = {j} THEN 1 ELSE {compared} END)"
        before = f"len(list_filter({signs}, lambda sign, k: sign = -1 OR (sign = 0 AND k < {i})))"
        ranks = f"list_transform({given}, lambda {here}, {i}: {{'rank': {before}, 'spot': {i}}})"
        return f"list_transform(list_sort({ranks}), lambda e: {given}[e.spot])"

    return Typed(once(call.ctx, [items.sql], build), items.type)


ENTRIES: list[Entry] = [
    ("array_sort(array(T), function(T,T,integer)) -> array(T)", _sort_by),
    ("filter(array(T), function(T,boolean)) -> array(T)", _filter),
    ("transform(array(T), function(T,U)) -> array(U)", _transform),
    ("reduce(array(T), S, function(S,T,S), function(S,R)) -> R", _reduce),
    ("zip_with(array(T), array(U), function(T,U,R)) -> array(R)", _zip_with),
    (
        "any_match(array(T), function(T,boolean)) -> boolean",
        _matches("list_bool_or_null(list_transform({items}, lambda {name}: {test}))"),
    ),
    (
        "all_match(array(T), function(T,boolean)) -> boolean",
        _matches("(NOT list_bool_or_null(list_transform({items}, lambda {name}: NOT {test})))"),
    ),
    (
        "none_match(array(T), function(T,boolean)) -> boolean",
        _matches("(NOT list_bool_or_null(list_transform({items}, lambda {name}: {test})))"),
    ),
]
