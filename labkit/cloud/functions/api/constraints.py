"""Requests checked against AWS's model of Lambda, with the words AWS answers (ValidationException)."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from labkit.cloud.call import AwsError

# The model carries the limits of managed instances and durable functions (5,400 s, 32 GB), which functions on Lambda's own
# compute do not have (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
_MOST = {"timeout": 900, "ephemeralStorage.size": 10240}
# Checked elsewhere, with another exception: these have a text of their own on AWS.
_OWN_TEXT = {"runtime", "principal", "eventSourceArn"}
_MOST_OWN_TEXT = {"memorySize"}
_TYPES = {"string": str, "integer": int, "long": int, "boolean": bool, "list": list, "structure": dict, "map": dict}


def check_parameters(shape: Any, params: Mapping[str, Any]) -> None:
    """AwsError ValidationException that lists everything wrong; SerializationException for a value of another type."""
    found = list(_structure(shape, params, ""))
    if found:
        raise validation_error(found)


def validation_error(found: Sequence[str]) -> AwsError:
    """AWS's list of what is wrong with a request."""
    many = "error" if len(found) == 1 else "errors"
    return AwsError("ValidationException", f"{len(found)} validation {many} detected: {'; '.join(found)}")


def broken(value: Any, path: str, constraint: str) -> str:
    """One entry of that list."""
    return f"Value '{_shown(value)}' at '{path}' failed to satisfy constraint: {constraint}"


def _violations(shape: Any, value: Any, path: str) -> Iterator[str]:
    kind = shape.type_name
    if kind in _TYPES and (not isinstance(value, _TYPES[kind]) or (kind != "boolean" and isinstance(value, bool))):
        raise AwsError("SerializationException", f"{path}: a {kind} is expected, {type(value).__name__} was sent")
    if path in _OWN_TEXT:
        return
    if kind == "structure":
        yield from _structure(shape, value, path)
    elif kind == "list":
        yield from _list(shape, value, path)
    elif kind == "map":
        yield from _map(shape, value, path)
    else:
        yield from (broken(value, path, told) for told in _scalar(shape, value, path))


def _structure(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        inner = f"{path}.{_lower(name)}" if path else _lower(name)
        if value.get(name) is not None:
            yield from _violations(member, value[name], inner)
        elif name in shape.required_members:
            yield f"Value null at '{inner}' failed to satisfy constraint: Member must not be null"


def _list(shape: Any, value: list[Any], path: str) -> Iterator[str]:
    for told in _size(shape, len(value)):
        yield broken(value, path, told)
    if shape.member.type_name == "structure":
        for number, one in enumerate(value, 1):
            yield from _violations(shape.member, one, f"{path}.{number}.member")
        return
    if any(list(_scalar(shape.member, one, "")) for one in value):
        told = ", ".join(_all_rules(shape.member))
        yield broken(value, path, f"Member must satisfy constraint: [{told}]")


def _map(shape: Any, value: dict[str, Any], path: str) -> Iterator[str]:
    if any(list(_scalar(shape.key, key, "")) for key in value):
        yield broken(value, path, f"Map keys must satisfy constraint: [{', '.join(_all_rules(shape.key))}]")
    if any(list(_scalar(shape.value, one, "")) for one in value.values()):
        yield broken(value, path, f"Map value must satisfy constraint: [{', '.join(_all_rules(shape.value))}]")


def _scalar(shape: Any, value: Any, path: str) -> Iterator[str]:
    if shape.type_name == "string":
        if not isinstance(value, str):
            raise AwsError("SerializationException", f"{path or 'a member'}: a string is expected")
        if shape.enum and value not in shape.enum:
            yield f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
        yield from _size(shape, len(value))
        pattern = shape.metadata.get("pattern")
        matcher = _matcher(pattern) if pattern else None
        if matcher is not None and not matcher.fullmatch(value):
            yield f"Member must satisfy regular expression pattern: {pattern}"
    elif shape.type_name in ("integer", "long", "double", "float"):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise AwsError("SerializationException", f"{path or 'a member'}: a number is expected")
        least, most = shape.metadata.get("min"), _MOST.get(path, shape.metadata.get("max"))
        if least is not None and value < least:
            yield f"Member must have value greater than or equal to {least}"
        if most is not None and value > most and path not in _MOST_OWN_TEXT:
            yield f"Member must have value less than or equal to {most}"


def _all_rules(shape: Any) -> list[str]:
    """Every rule of a member, as AWS lists them for a list or a map whatever it was that failed."""
    rules: list[str] = []
    if shape.type_name == "string":
        rules += (
            [f"Member must have length less than or equal to {shape.metadata['max']}"]
            if "max" in shape.metadata
            else []
        )
        rules += (
            [f"Member must have length greater than or equal to {shape.metadata['min']}"]
            if shape.metadata.get("min")
            else []
        )
        rules += [f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"] if shape.enum else []
        pattern = shape.metadata.get("pattern")
        rules += [f"Member must satisfy regular expression pattern: {pattern}"] if pattern else []
    else:
        rules += (
            [f"Member must have value less than or equal to {shape.metadata['max']}"] if "max" in shape.metadata else []
        )
        rules += (
            [f"Member must have value greater than or equal to {shape.metadata['min']}"]
            if "min" in shape.metadata
            else []
        )
    return [*rules, "Member must not be null"]


def _size(shape: Any, size: int) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least and size < least:
        yield f"Member must have length greater than or equal to {least}"
    if most is not None and size > most:
        yield f"Member must have length less than or equal to {most}"


@functools.lru_cache(maxsize=128)
def _matcher(pattern: str) -> re.Pattern[str] | None:
    """None for a pattern that only Java reads (classes of Unicode)."""
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _shown(value: Any) -> str:
    """A value as Java prints it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_shown(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_shown(one) for one in value) + "]"
    return str(value)


def _lower(name: str) -> str:
    if name.isupper() or name[:3] in ("KMS", "DNS"):
        return name.lower() if name.isupper() else name[:3].lower() + name[3:]
    return name[0].lower() + name[1:]
