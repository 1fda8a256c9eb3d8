"""Requests checked against AWS's own model of Athena, with the words AWS answers."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from labkit.cloud.athena.requests import invalid

# Members that have a text of their own on AWS.
_OWN_TEXT = {("GetQueryResults", "maxResults")}
# The model's pattern of a prepared statement's name refuses names of one letter, which the rest of its documentation allows.
_READ_AS = {"[a-zA-Z_][a-zA-Z0-9_@:]{1,256}": "[a-zA-Z_][a-zA-Z0-9_@:]{0,255}"}
_NUMBERS = ("integer", "long", "double", "float")


def check_request(action: str, params: Mapping[str, Any]) -> None:
    """InvalidRequestException when a member is missing, of another type, or outside of what AWS's model allows."""
    found = [text for path, text in _violations(_shape(action), params, "") if (action, path) not in _OWN_TEXT]
    if found:
        many = "error" if len(found) == 1 else "errors"
        raise invalid(f"{len(found)} validation {many} detected: {'; '.join(found)}")


@functools.lru_cache(maxsize=1)
def _model() -> Any:
    import botocore.session

    return botocore.session.get_session().get_service_model("athena")


def _shape(action: str) -> Any:
    return _model().operation_model(action).input_shape


def actions() -> list[str]:
    """Every call that AWS's model of Athena has."""
    return list(_model().operation_names)


def _violations(shape: Any, value: Any, path: str) -> Iterator[tuple[str, str]]:
    kind = shape.type_name
    if kind == "structure":
        yield from _structure(shape, value, path)
    elif kind == "list":
        yield from _list(shape, value, path)
    elif kind == "string":
        yield from _string(shape, value, path)
    elif kind in _NUMBERS:
        yield from _number(shape, value, path)
    elif kind == "boolean" and not isinstance(value, bool):
        yield path, _broken(value, path, "Member must be a boolean")


def _structure(shape: Any, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, Mapping):
        yield path, _broken(value, path, "Member must be a structure")
        return
    for name, member in shape.members.items():
        inner = f"{path}.{_lower(name)}" if path else _lower(name)
        if value.get(name) is not None:
            yield from _violations(member, value[name], inner)
        elif name in shape.required_members:
            yield inner, f"Value null at '{inner}' failed to satisfy constraint: Member must not be null"


def _list(shape: Any, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, list):
        yield path, _broken(value, path, "Member must be a list")
        return
    yield from _size(shape, len(value), value, path)
    for number, one in enumerate(value, 1):
        yield from _violations(shape.member, one, f"{path}.{number}.member")


def _string(shape: Any, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, str):
        yield path, _broken(value, path, "Member must be a string")
        return
    yield from _size(shape, len(value), value, path)
    pattern = shape.metadata.get("pattern")
    if pattern and _matcher(pattern) and not _matcher(pattern).fullmatch(value):
        yield path, _broken(value, path, f"Member must satisfy regular expression pattern: {pattern}")
    if shape.enum and value not in shape.enum:
        yield path, _broken(value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")


def _size(shape: Any, size: int, value: Any, path: str) -> Iterator[tuple[str, str]]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield path, _broken(value, path, f"Member must have length greater than or equal to {least}")
    if most is not None and size > most:
        yield path, _broken(value, path, f"Member must have length less than or equal to {most}")


def _number(shape: Any, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield path, _broken(value, path, "Member must be a number")
        return
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and value < least:
        yield path, _broken(value, path, f"Member must have value greater than or equal to {least}")
    if most is not None and value > most:
        yield path, _broken(value, path, f"Member must have value less than or equal to {most}")


@functools.lru_cache(maxsize=64)
def _matcher(pattern: str) -> Any:
    """None for a pattern that only Java reads (surrogate pairs)."""
    if "\\uD800" in pattern:
        return None
    try:
        return re.compile(_READ_AS.get(pattern, pattern))
    except re.error:
        return None


def _broken(value: Any, path: str, constraint: str) -> str:
    """AWS shows the value; a very long one is left out."""
    shown = str(value)
    told = f"Value '{shown}' at" if len(shown) <= 200 else "Value at"
    return f"{told} '{path}' failed to satisfy constraint: {constraint}"


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]
