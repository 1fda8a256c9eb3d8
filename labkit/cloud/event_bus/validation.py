"""Requests checked against AWS's own model of EventBridge, with the words AWS answers."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from labkit.cloud.call import AwsError

_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,), "boolean": (bool,), "integer": (int,), "long": (int,), "timestamp": (int, float, str),
    "list": (list,), "map": (Mapping,), "structure": (Mapping,),
}  # fmt: skip
_SHOWN = 200


def check_request(action: str, params: Mapping[str, Any]) -> None:
    """ValidationException for members that are missing or outside of the model, SerializationException for wrong types."""
    shape = _model().operation_model(action).input_shape
    found = [] if shape is None else list(_violations(shape, params, ""))
    if found:
        many = "error" if len(found) == 1 else "errors"
        raise AwsError("ValidationException", f"{len(found)} validation {many} detected: {'; '.join(found)}")


def actions() -> list[str]:
    """Every call that AWS's model of EventBridge has."""
    return list(_model().operation_names)


@functools.lru_cache(maxsize=1)
def _model() -> Any:
    from moto.core.utils import get_service_model

    return get_service_model("events")


def _violations(shape: Any, value: Any, path: str) -> Iterator[str]:
    kind = shape.type_name
    wanted = _KINDS.get(kind)
    if wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and kind != "boolean")):
        raise AwsError("SerializationException", f"{type(value).__name__} can not be converted to {kind.capitalize()}")
    if kind == "structure":
        yield from _structure(shape, value, path)
    elif kind == "list":
        yield from _size(shape, len(value), value, path)
        for number, one in enumerate(value, 1):
            yield from _violations(shape.member, one, f"{path}.{number}.member")
    elif kind == "map":
        yield from _size(shape, len(value), value, path)
        for name, one in value.items():
            yield from _violations(shape.value, one, f"{path}.{name}.member")
    elif kind == "string":
        yield from _string(shape, value, path)
    elif kind in ("integer", "long"):
        yield from _number(shape, value, path)


def _structure(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        lowered = name[0].lower() + name[1:]
        inner = f"{path}.{lowered}" if path else lowered
        if value.get(name) is not None:
            yield from _violations(member, value[name], inner)
        elif name in shape.required_members:
            yield f"Value null at '{inner}' failed to satisfy constraint: Member must not be null"


def _string(shape: Any, value: str, path: str) -> Iterator[str]:
    yield from _size(shape, len(value), value, path)
    pattern = shape.metadata.get("pattern")
    matcher = _matcher(pattern) if pattern else None
    if matcher is not None and not matcher.fullmatch(value):
        yield _broken(value, path, f"Member must satisfy regular expression pattern: {pattern}")
    if shape.enum and value not in shape.enum:
        yield _broken(value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")


def _size(shape: Any, size: int, value: Any, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield _broken(value, path, f"Member must have length greater than or equal to {least}")
    if most is not None and size > most:
        yield _broken(value, path, f"Member must have length less than or equal to {most}")


def _number(shape: Any, value: int, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and value < least:
        yield _broken(value, path, f"Member must have value greater than or equal to {least}")
    if most is not None and value > most:
        yield _broken(value, path, f"Member must have value less than or equal to {most}")


@functools.lru_cache(maxsize=64)
def _matcher(pattern: str) -> re.Pattern[str] | None:
    """None for a pattern that only Java reads."""
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _broken(value: Any, path: str, constraint: str) -> str:
    shown = str(value)
    shown = shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: {constraint}"
