"""CAST to JSON: how each SQL type is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.cloud.athena.jsondata.text import number_text, quoted
from labkit.cloud.athena.rendering import java_double, java_float
from labkit.cloud.athena.temporal import rendering as moments
from labkit.cloud.athena.types import INTEGERS, Type

Put = Callable[[Any], str]

_SCALARS = {*INTEGERS, "boolean", "real", "double", "decimal", "varchar", "json", "timestamp", "date", "unknown"}
_KEYS = {*INTEGERS, "boolean", "real", "double", "decimal", "varchar", "unknown"}


def can_cast_to_json(kind: Type) -> bool:
    """Does CAST(kind AS json) exist?"""
    if kind.name == "map":
        return kind.items[0].name in _KEYS and can_cast_to_json(kind.items[1])
    if kind.name in ("array", "row"):
        return all(can_cast_to_json(item) for item in kind.items)
    return kind.name in _SCALARS


def writer(kind: Type) -> Put:
    """The function that writes a value of this type (None too) as JSON."""
    put = _putter(kind)
    return lambda value: "null" if value is None else put(value)


def _putter(kind: Type) -> Put:
    if kind.name == "array":
        item = writer(kind.items[0])
        return lambda value: "[" + ",".join([item(one) for one in value]) + "]"
    if kind.name == "map":
        return _map(kind)
    if kind.name == "row":
        names = [quoted(name or "") for name in kind.fields]
        items = [writer(item) for item in kind.items]
        return lambda value: (
            "{" + ",".join(f"{n}:{put(v)}" for n, put, v in zip(names, items, _members(value), strict=True)) + "}"
        )
    moment = moments.renderer(kind)
    if moment is not None:
        return lambda value: quoted(moment(value))
    return _PUT.get(kind.name, str)


def _members(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value)


def _map(kind: Type) -> Put:
    item = writer(kind.items[1])
    key = _NAMES.get(kind.items[0].name, str)

    def put(value: Any) -> str:
        named = {key(name): one for name, one in value.items()}
        ordered = sorted(named, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{quoted(name)}:{item(named[name])}" for name in ordered) + "}"

    return put


def _float(value: float) -> str:
    made = java_float(value)
    return f'"{made}"' if made[-1] in "yN" else made


def _boolean(value: bool) -> str:
    return "true" if value else "false"


_PUT: dict[str, Put] = {
    "boolean": _boolean,
    "double": number_text,
    "real": _float,
    "varchar": quoted,
}
# What a map's key becomes, as a member's name.
_NAMES: dict[str, Put] = {"boolean": _boolean, "double": java_double, "real": java_float}
