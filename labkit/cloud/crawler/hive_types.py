"""Hive types as values, and how two of them become one.

A type is a plain string (``bigint``, ``decimal(10,2)`` …) or one of the nested shapes below.
``null`` is internal: a value was seen but never with a type; it is written to the catalog as ``string``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

NULL = "null"
_INTEGERS = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}  # decimal digits each may need
_INTEGER_ORDER = tuple(_INTEGERS)
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
MAX_DECIMAL_DIGITS = 38


@dataclass(frozen=True)
class Array:
    """``array<element>``."""

    element: HiveType


@dataclass(frozen=True)
class Map:
    """``map<key,value>``."""

    key: HiveType
    value: HiveType


@dataclass(frozen=True)
class Struct:
    """``struct<name:type,…>``, fields in the order they were first seen."""

    fields: tuple[tuple[str, HiveType], ...]


HiveType = str | Array | Map | Struct


@dataclass(frozen=True)
class Column:
    """One column of a table; the name is lower-cased, accents and spaces are kept."""

    name: str
    type: HiveType


def render(kind: HiveType) -> str:
    """Return the type as the catalog spells it, such as ``array<struct<a:int>>``."""
    if isinstance(kind, Array):
        return f"array<{render(kind.element)}>"
    if isinstance(kind, Map):
        return f"map<{render(kind.key)},{render(kind.value)}>"
    if isinstance(kind, Struct):
        fields = ",".join(f"{name}:{render(inner)}" for name, inner in kind.fields)
        return f"struct<{fields}>" if fields else "string"  # Hive has no empty struct
    return "string" if kind == NULL else kind


def merge(left: HiveType, right: HiveType) -> HiveType:
    """Return the narrowest type that holds both; ``string`` when nothing else does."""
    if right in (left, NULL):
        return left
    if left == NULL:
        return right
    if isinstance(left, str) and isinstance(right, str):
        return _merge_primitives(left, right)
    if isinstance(left, Array) and isinstance(right, Array):
        return Array(merge(left.element, right.element))
    if isinstance(left, Map) and isinstance(right, Map):
        return Map(merge(left.key, right.key), merge(left.value, right.value))
    if isinstance(left, Struct) and isinstance(right, Struct):
        return _merge_structs(left, right)
    return "string"


def merge_all(kinds: Iterable[HiveType]) -> HiveType:
    """Merge any number of types; ``null`` for none."""
    result: HiveType = NULL
    for kind in kinds:
        result = merge(result, kind)
    return result


def merge_columns(schemas: Iterable[tuple[Column, ...]]) -> tuple[Column, ...]:
    """Union of columns by name, in order of first sight, types merged."""
    merged: dict[str, HiveType] = {}
    for columns in schemas:
        for column in columns:
            seen = merged.get(column.name, NULL)
            merged[column.name] = column.type if seen == NULL else merge(seen, column.type)
    return tuple(Column(name, kind) for name, kind in merged.items())


def distinct_columns(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Lower-case the names; a name met twice gets ``_2``, ``_3`` … because Athena refuses duplicates."""
    taken: set[str] = set()
    result = []
    for column in columns:
        base = column.name.lower()
        name, count = base, 1
        while name in taken:
            count += 1
            name = f"{base}_{count}"
        taken.add(name)
        result.append(Column(name, column.type))
    return tuple(result)


def _merge_primitives(left: str, right: str) -> str:
    if left in _INTEGERS and right in _INTEGERS:
        return max(left, right, key=_INTEGER_ORDER.index)
    one, other = _as_decimal(left), _as_decimal(right)
    if one and other:
        scale = max(one[1], other[1])
        whole = max(one[0] - one[1], other[0] - other[1])
        return f"decimal({min(whole + scale, MAX_DECIMAL_DIGITS)},{scale})"
    if _is_number(left) and _is_number(right):
        return "double"
    return "string"


def _merge_structs(left: Struct, right: Struct) -> Struct:
    fields = dict(left.fields)
    for name, kind in right.fields:
        fields[name] = merge(fields[name], kind) if name in fields else kind
    return Struct(tuple(fields.items()))


def _as_decimal(kind: str) -> tuple[int, int] | None:
    if kind in _INTEGERS:
        return _INTEGERS[kind], 0
    found = _DECIMAL.fullmatch(kind)
    return (int(found[1]), int(found[2])) if found else None


def _is_number(kind: str) -> bool:
    return kind in _INTEGERS or kind in ("float", "double") or _as_decimal(kind) is not None
