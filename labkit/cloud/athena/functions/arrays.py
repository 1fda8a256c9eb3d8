"""Arrays: what they hold, what they have in common, parts of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.cloud.athena.dialect.comparisons import orderable
from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions.once import once, text_of
from labkit.cloud.athena.functions.refusing import refuse
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.older_duckdb import is_older
from labkit.cloud.athena.python_functions import PythonFunction
from labkit.cloud.athena.types import BIGINT, array, duckdb, map_of, row

_MOST_COMBINED, _MOST_ELEMENTS, _MOST_REPEATED = 5, 100_000, 10_000


def bound(build: Callable[..., str]) -> Callable[[Any], str]:
    """A translation that writes its arguments more than once: each is computed once."""
    return lambda call: once(call.ctx, [value.sql for value in call.values], lambda *names: build(call, *names))


def bound_template(template: str) -> Callable[[Any], str]:
    """The same for a text with ``{0}``, ``{1}`` …"""
    return bound(lambda call, *names: template.format(*names))


def _element_at(call: Any, items: str, index: str) -> str:
    zero = refuse(text("SQL array indices start at 1"))
    return f"(CASE WHEN {index} = 0 AND {items} IS NOT NULL THEN {zero} ELSE {items}[{index}] END)"


def _slice(call: Any, items: str, start: str, size: str) -> str:
    short = refuse(text("length must be greater than or equal to 0"))
    zero = refuse(text("SQL array indices start at 1"))
    first = f"(CASE WHEN {start} < 0 THEN len({items}) + {start} + 1 ELSE {start} END)"
    return (
        f"(CASE WHEN {items} IS NULL OR {start} IS NULL OR {size} IS NULL THEN NULL WHEN {size} < 0 THEN {short} "
        f"WHEN {start} = 0 THEN {zero} WHEN {first} < 1 OR {size} = 0 OR {first} > len({items}) THEN {items}[1:0] "
        f"ELSE list_slice({items}, {first}, {first} + least({size}, len({items})) - 1) END)"
    )


def _trim(call: Any, items: str, size: str) -> str:
    negative = refuse(f"'size must not be negative: ' || {size}")
    many = refuse(f"'size must not exceed array cardinality ' || len({items}) || ': ' || {size}")
    return (
        f"(CASE WHEN {items} IS NULL OR {size} IS NULL THEN NULL WHEN {size} < 0 THEN {negative} "
        f"WHEN {size} > len({items}) THEN {many} ELSE {items}[1:len({items}) - {size}] END)"
    )


def _repeat(call: Any) -> Typed:
    item, kind = call.values[0], array(call.values[0].type)
    name = call.ctx.alias()

    def build(value: str, count: str) -> str:
        many = f"count argument of repeat function must be less than or equal to {_MOST_REPEATED}"
        few = "count argument of repeat function must be greater than or equal to 0"
        return (
            f"(CASE WHEN {count} > {_MOST_REPEATED} THEN {refuse(text(many))} "
            f"WHEN {count} < 0 THEN {refuse(text(few))} "
            f"ELSE list_transform(range({count}), lambda {name}: {value}) END)"
        )

    return Typed(once(call.ctx, [item.sql, call.values[1].sql], build), kind)


def _contains(call: Any, items: str, item: str) -> str:
    return (
        f"(CASE WHEN {items} IS NULL OR {item} IS NULL THEN NULL WHEN list_contains({items}, {item}) THEN true "
        f"WHEN len({items}) > list_count({items}) THEN NULL ELSE false END)"
    )


def _overlap(call: Any, left: str, right: str) -> str:
    return (
        f"(CASE WHEN {left} IS NULL OR {right} IS NULL THEN NULL WHEN len({left}) = 0 OR len({right}) = 0 THEN false "
        f"WHEN list_has_any({left}, {right}) THEN true "
        f"WHEN len({left}) > list_count({left}) OR len({right}) > list_count({right}) THEN NULL ELSE false END)"
    )


# Up to here every item is looked for among all of them, beyond they are sorted: ten times dearer for a few, not square for many.
_FEW = 500


def _distinct_of(items: str, also: str = "") -> str:
    """The items without repetition, in their order; NULL counts as a value. ``also`` is a further condition on ``x``."""
    few = f"list_filter({items}, lambda x, i: list_position({items}, x) = i{also})"
    placed = f"list_sort(list_transform({items}, lambda x, i: {{'x': x, 'i': i}}))"
    firsts = f"list_transform([{placed}], lambda s: list_filter(s, lambda e, j: j = 1 OR e.x IS DISTINCT FROM s[j - 1].x))[1]"
    many = f"list_transform(list_sort(list_transform({firsts}, lambda e: {{'i': e.i, 'x': e.x}})), lambda e: e.x)"
    many = f"list_filter({many}, lambda x: true{also})" if also else many
    return f"(CASE WHEN len({items}) <= {_FEW} THEN {few} ELSE {many} END)"


def _within(items: str) -> str:
    """Is ``x`` among these? list_position finds NULL only where there is one."""
    return f"list_position({items}, x) IS NOT NULL"


def _intersect(call: Any, left: str, right: str) -> str:
    """Trino goes through the longer of the two, which shows in the order."""
    first, second = _distinct_of(left, f" AND {_within(right)}"), _distinct_of(right, f" AND {_within(left)}")
    return f"(CASE WHEN {left} IS NULL OR {right} IS NULL THEN NULL WHEN len({left}) >= len({right}) THEN {first} ELSE {second} END)"


def _except(call: Any, left: str, right: str) -> str:
    made = _distinct_of(left, f" AND list_position({right}, x) IS NULL")
    return f"(CASE WHEN {left} IS NULL OR {right} IS NULL THEN NULL ELSE {made} END)"


def _union(call: Any) -> str:
    left, right = call.values

    def joined(first: str, second: str) -> str:
        both = f"(CASE WHEN {first} IS NOT NULL AND {second} IS NOT NULL THEN list_concat({first}, {second}) END)"
        return once(call.ctx, [both], _distinct_of)

    return once(call.ctx, [left.sql, right.sql], joined)


def _ordered(call: Any) -> None:
    if not orderable(call.values[0].type):
        raise call.unexpected()


def _sort(call: Any) -> str:
    _ordered(call)
    return f"list_sort({call.values[0].sql}, 'ASC', 'NULLS LAST')"


def _extreme(name: str) -> Callable[..., str]:
    def build(call: Any, items: str) -> str:
        _ordered(call)
        found = f"list_{name}({items})"
        if call.values[0].type.items[0].name in ("double", "real"):
            numbers = f"list_filter({items}, lambda x: NOT isnan(x))"
            found = f"(CASE WHEN len({numbers}) = 0 THEN {items}[1] ELSE list_{name}({numbers}) END)"
        return f"(CASE WHEN len({items}) > list_count({items}) THEN NULL ELSE {found} END)"

    return build


def _array_join(call: Any) -> str:
    items, between = call.values[0], call.values[1].sql
    kind = items.type.items[0]
    if kind.items and kind.name != "unknown":
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"Input type {kind} not supported", call.place)
    shown = call.as_text(Typed("x", kind)) if kind.name != "unknown" else "CAST(x AS VARCHAR)"
    if len(call.values) > 2:
        parts = f"list_transform({items.sql}, lambda x: coalesce({shown}, {call.values[2].sql}))"
    else:
        parts = f"list_transform(list_filter({items.sql}, lambda x: x IS NOT NULL), lambda x: {shown})"
    # An empty list has no text in DuckDB, and an empty one in Trino; array_to_string() takes no separator that varies.
    fixed = text_of(between) is not None

    def build(made: str, mark: str) -> str:
        joined = (
            f"array_to_string({made}, {between})" if fixed else f"list_reduce({made}, lambda a, b: a || {mark} || b)"
        )
        return f"(CASE WHEN {mark} IS NULL THEN NULL WHEN len({made}) = 0 THEN '' ELSE {joined} END)"

    return once(call.ctx, [parts, between], build)


def _flatten(call: Any) -> Typed:
    return Typed(f"flatten({call.values[0].sql})", call.values[0].type.items[0])


def _concat(call: Any) -> str:
    made = str(call.values[0].sql)
    for value in call.values[1:]:
        made = once(
            call.ctx,
            [made, value.sql],
            lambda a, b: f"(CASE WHEN {a} IS NOT NULL AND {b} IS NOT NULL THEN list_concat({a}, {b}) END)",
        )
    return made


def _zip(call: Any) -> Typed:
    kind = array(row(tuple(value.type.items[0] for value in call.values)))
    name = call.ctx.alias()
    parts = ", ".join(f"'field{i}': {name}[{i + 1}]" for i in range(len(call.values)))

    def build(*names: str) -> str:
        given = " AND ".join(f"{one} IS NOT NULL" for one in names)
        return f"(CASE WHEN {given} THEN list_transform(list_zip({', '.join(names)}), lambda {name}: {{{parts}}}) END)"

    return Typed(once(call.ctx, [value.sql for value in call.values], build), kind)


def _combined(length: int, size: int) -> list[list[int]]:
    import itertools
    import math

    if size < 0:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"combination size must not be negative: {size}")
    if size > _MOST_COMBINED:
        text_ = f"combination size must not exceed {_MOST_COMBINED}: {size}"
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", text_)
    if math.comb(length, size) * size > _MOST_ELEMENTS:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", "combinations exceed max size")
    return sorted((list(one) for one in itertools.combinations(range(1, length + 1), size)), key=lambda one: one[::-1])


_COMBINED = PythonFunction("py_combinations", _combined, ("BIGINT", "BIGINT"), "BIGINT[][]")


def _combinations(call: Any, items: str, size: str) -> str:
    found = f"{call.ctx.define(_COMBINED)}(len({items}), {size})"
    return f"list_transform({found}, lambda chosen: list_transform(chosen, lambda i: {items}[i]))"


def _ngrams(call: Any, items: str, size: str) -> str:
    wrong = refuse(text("N must be positive"))
    many = f"least(len({items}), {size})"
    made = f"list_transform(range(1, len({items}) - {many} + 2), lambda i: {items}[i:i + {many} - 1])"
    return f"(CASE WHEN {size} <= 0 AND {items} IS NOT NULL THEN {wrong} ELSE {made} END)"


def _contains_sequence(call: Any, items: str, part: str) -> str:
    starts = f"range(1, len({items}) - len({part}) + 2)"
    same = f"{items}[i:i + len({part}) - 1] IS NOT DISTINCT FROM {part}"
    return (
        f"(CASE WHEN {items} IS NULL OR {part} IS NULL THEN NULL WHEN len({part}) = 0 THEN true "
        f"ELSE len(list_filter({starts}, lambda i: {same})) > 0 END)"
    )


def _histogram(call: Any) -> Typed:
    kind = map_of(call.values[0].type.items[0], BIGINT)

    def build(items: str) -> str:
        keys = _distinct_of(items, " AND x IS NOT NULL")
        if is_older() and kind.items[0].name in ("double", "real"):  # DuckDB 1.5's histogram loses values beside a NaN
            found = f"list_transform(keys, lambda x: len(list_filter({items}, lambda y: y = x)))"
            return f"list_transform([{keys}], lambda keys: map(keys, {found}))[1]"
        counts = "list_transform(keys, lambda x: counted[1][x])"
        counted = f"[list_aggregate({items}, 'histogram')]"
        made = f"list_transform([{keys}], lambda keys: map(keys, {counts}))[1]"
        return f"list_transform([{counted}], lambda counted: {made})[1]"

    return Typed(f"CAST({once(call.ctx, [call.values[0].sql], build)} AS {duckdb(kind)})", kind)


def _shuffle(call: Any) -> str:
    pairs = f"list_transform({call.values[0].sql}, lambda x: {{'lot': random(), 'item': x}})"
    return f"list_transform(list_sort({pairs}), lambda x: x.item)"


def _join_entries() -> list[Entry]:
    return [
        ("array_join(array(T), varchar) -> varchar", _array_join),
        ("array_join(array(T), varchar, varchar) -> varchar", _array_join),
    ]


ENTRIES: list[Entry] = [
    ("cardinality(array(T)) -> bigint", "len({0})"),
    ("contains(array(T), T) -> boolean", bound(_contains)),
    ("contains_sequence(array(T), array(T)) -> boolean", bound(_contains_sequence)),
    ("element_at(array(T), bigint) -> T", bound(_element_at)),
    ("array_distinct(array(T)) -> array(T)", bound(lambda call, items: _distinct_of(items))),
    ("array_intersect(array(T), array(T)) -> array(T)", bound(_intersect)),
    ("array_except(array(T), array(T)) -> array(T)", bound(_except)),
    ("array_union(array(T), array(T)) -> array(T)", _union),
    *_join_entries(),
    ("array_max(array(T)) -> T", bound(_extreme("max"))),
    ("array_min(array(T)) -> T", bound(_extreme("min"))),
    (
        "array_position(array(T), T) -> bigint",
        bound_template(
            "(CASE WHEN {0} IS NULL OR {1} IS NULL THEN NULL ELSE CAST(coalesce(list_position({0}, {1}), 0) AS BIGINT) END)"
        ),
    ),
    (
        "array_remove(array(T), T) -> array(T)",
        bound_template("(CASE WHEN {1} IS NOT NULL THEN list_filter({0}, lambda x: x IS DISTINCT FROM {1}) END)"),
    ),
    ("array_sort(array(T)) -> array(T)", _sort),
    ("array_histogram(array(T)) -> map(T,bigint)", _histogram),
    ("arrays_overlap(array(T), array(T)) -> boolean", bound(_overlap)),
    ("combinations(array(T), bigint) -> array(array(T))", bound(_combinations)),
    ("concat(array(T), array(T)...) -> array(T)", _concat),
    ("flatten(array(array(T))) -> array(T)", _flatten),
    ("ngrams(array(T), bigint) -> array(array(T))", bound(_ngrams)),
    ("repeat(T, bigint) -> array(T)", _repeat),
    ("reverse(array(T)) -> array(T)", "list_reverse({0})"),
    ("shuffle(array(T)) -> array(T)", _shuffle),
    ("slice(array(T), bigint, bigint) -> array(T)", bound(_slice)),
    ("trim_array(array(T), bigint) -> array(T)", bound(_trim)),
    ("zip(array(T), array(U)) -> array(row(T,U))", _zip),
    ("zip(array(T), array(U), array(V)) -> array(row(T,U,V))", _zip),
    ("zip(array(T), array(U), array(V), array(W)) -> array(row(T,U,V,W))", _zip),
    ("zip(array(T), array(U), array(V), array(W), array(Y)) -> array(row(T,U,V,W,Y))", _zip),
]
