"""Comparison of two values: three-valued inside arrays and rows, NaN equal to nothing, CHAR without its padding."""

from __future__ import annotations

from labkit.cloud.athena.coercion import common_type
from labkit.cloud.athena.dialect import literals, moment_arithmetic
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.types import BOOLEAN, Type, field_name, show

Place = tuple[int, int] | None
_ORDERS = ("<", "<=", ">", ">=")
# Trino has one operator for both directions, and its errors show that one with the sides as they were written.
_SHOWN = {"<>": "=", ">": "<", ">=": "<=", "IS NOT DISTINCT FROM": "IS DISTINCT FROM"}
_LITERAL = "CAST('"
# Texts longer than this are not written twice.
_LONG_TEXT = 1000


def orderable(kind: Type) -> bool:
    """True when values of the type have an order."""
    if kind.name in ("map", "json", "hyperloglog", "tdigest", "qdigest", "function"):
        return False
    return all(orderable(item) for item in kind.items)


def comparable(kind: Type) -> bool:
    """True when values of the type can be equal."""
    return kind.name not in ("hyperloglog", "tdigest", "qdigest", "function") and all(map(comparable, kind.items))


def compare(operator: str, left: Typed, right: Typed, place: Place) -> Typed:
    """``=``, ``<>``, ``<`` …, ``IS DISTINCT FROM``; TYPE_MISMATCH names what cannot be compared."""
    from labkit.cloud.athena.dialect.operators import as_type

    kind = common_type(left.type, right.type)
    if kind is None or not (orderable(kind) if operator in _ORDERS else comparable(kind)):
        text = f"Cannot apply operator: {show(left.type)} {_SHOWN.get(operator, operator)} {show(right.type)}"
        raise QueryFailure("TYPE_MISMATCH", text, place)
    instants = moment_arithmetic.comparable(left, right)
    if instants is not None:
        return Typed(f"({instants[0]} {operator} {instants[1]})", BOOLEAN)
    if kind.name == "char":
        trimmed = [f"rtrim({side.sql}, ' ')" for side in (left, right)]
        return Typed(f"({trimmed[0]} {operator} {trimmed[1]})", BOOLEAN)
    return Typed(_compared(operator, as_type(left, kind).sql, as_type(right, kind).sql, kind), BOOLEAN)


def _compared(operator: str, left: str, right: str, kind: Type) -> str:
    plain = f"({left} {operator} {right})"
    if "DISTINCT" in operator:
        return f"({settled(left, kind)} {operator} {settled(right, kind)})"
    if len(left) + len(right) > _LONG_TEXT and (kind.items or kind.name in ("double", "real")):
        inner = _compared(operator, "pair.l", "pair.r", kind)
        return f"list_transform([{{'l': {left}, 'r': {right}}}], lambda pair: {inner})[1]"
    if kind.name in ("double", "real"):
        return _floating(operator, left, right)
    if operator in ("=", "<>") and kind.items:
        if kind.name == "array" and has_map(kind):
            left, right = settled(left, kind), settled(right, kind)
        equal = _equal(left, right, kind)
        return equal if operator == "=" else f"(NOT {equal})"
    if kind.name in ("array", "row"):
        return _ordered(operator, left, right, kind)
    return plain


def _ordered(operator: str, left: str, right: str, kind: Type) -> str:
    """An order is refused where NULL decides it: the first place at which the two differ."""
    if kind.name == "array":
        differs = "z[1] IS NULL OR z[2] IS NULL OR z[1] <> z[2]"
        first = f"list_position(list_transform(list_zip({left}, {right}), lambda z: {differs}), true)"
        given = f"{left} IS NOT NULL AND {right} IS NOT NULL"
        undecided = f"{given} AND {first} <= least(len({left}), len({right})) AND ({left}[{first}] IS NULL OR {right}[{first}] IS NULL)"
        wrong = "ARRAY comparison not supported for arrays with null elements"
    else:
        sides = [
            (f"struct_extract_at({left}, {index})", f"struct_extract_at({right}, {index})")
            for index in range(1, len(kind.items) + 1)
        ]
        tests = " ".join(f"WHEN {a} IS NULL OR {b} IS NULL THEN true WHEN {a} <> {b} THEN false" for a, b in sides)
        undecided = f"{left} IS NOT NULL AND {right} IS NOT NULL AND (CASE {tests} ELSE false END)"
        wrong = "ROW comparison not supported for fields with null elements"
    return f"(CASE WHEN {undecided} THEN refused('NOT_SUPPORTED|{wrong}') ELSE {left} {operator} {right} END)"


def _floating(operator: str, left: str, right: str) -> str:
    """DuckDB sorts NaN above everything and makes it equal to itself; in Trino any comparison with it is false."""
    plain = f"({left} {operator} {right})"
    if operator == "<>":
        return plain if _number(left) or _number(right) else f"({left} <> {right} OR isnan({left}))"
    bigger = {"<": right, "<=": right}.get(operator, left)
    if operator == "=" and (_number(left) or _number(right)):
        return plain
    return plain if _number(bigger) else f"({plain} AND {bigger} <= 'Infinity'::DOUBLE)"


def _number(sql: str) -> bool:
    return sql.startswith(_LITERAL) and sql.count("CAST(") == 1 and "nan" not in sql.lower()


def _sorted(entries: str) -> str:
    return f"list_sort(map_entries({entries}))"


def has_map(kind: Type) -> bool:
    """Is there a map in values of this type?"""
    return kind.name == "map" or any(map(has_map, kind.items))


def settled(sql: str, kind: Type, depth: int = 0) -> str:
    """The value with the entries of its maps in one order, for what DuckDB compares by itself: groups, DISTINCT, IN."""
    if not has_map(kind):
        return sql
    name = f"settled{depth}"
    inner = [settled(f"struct_extract_at({name}, {i})", item, depth + 1) for i, item in enumerate(kind.items, 1)]
    if kind.name == "map":
        pairs = f"list_transform(map_entries(m), lambda {name}: {{'k': {inner[0]}, 'v': {inner[1]}}})"
        made = f"CASE WHEN m IS NOT NULL THEN map_from_entries(list_sort({pairs})) END"
        return f"list_transform([{sql}], lambda m: {made})[1]"
    if kind.name == "array":
        return f"list_transform({sql}, lambda {name}: {settled(name, kind.items[0], depth + 1)})"
    parts = ", ".join(f"{literals.text(field_name(kind, i))}: {part}" for i, part in enumerate(inner))
    return f"list_transform([{sql}], lambda {name}: CASE WHEN {name} IS NOT NULL THEN {{{parts}}} END)[1]"


def _equal(left: str, right: str, kind: Type) -> str:
    if kind.name == "map":  # whatever the order of the entries
        entries = [_sorted(left), _sorted(right)]
        parts = [
            _compared("=", f"struct_extract_at(z[1], {index})", f"struct_extract_at(z[2], {index})", item)
            for index, item in enumerate(kind.items, 1)
        ]
        pairs = f"list_transform(list_zip({', '.join(entries)}), lambda z: {' AND '.join(parts)})"
        return f"equal_lists({', '.join(entries)}, {pairs})"
    if kind.name == "array":
        item = _compared("=", "z[1]", "z[2]", kind.items[0]) if not kind.items[0].items else "z[1] = z[2]"
        return f"equal_lists({left}, {right}, list_transform(list_zip({left}, {right}), lambda z: {item}))"
    parts = [
        _compared("=", f"struct_extract_at({left}, {index})", f"struct_extract_at({right}, {index})", item)
        for index, item in enumerate(kind.items, 1)
    ]
    return f"({' AND '.join(parts)})"
