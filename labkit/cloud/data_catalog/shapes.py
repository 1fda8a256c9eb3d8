"""Glue's own description of its requests (botocore carries it): what must be there, how long it may be, and which keys are kept."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from labkit.cloud.call import AwsError

# As much of a refused value as an error shows.
_SHOWN = 200


@lru_cache(maxsize=1)
def _model() -> Any:
    from moto.core.utils import get_service_model

    return get_service_model("glue")


def check_request(action: str, params: Mapping[str, Any]) -> None:
    """ValidationException in AWS's words for the first member that is missing, too long, or not one of its values."""
    shape = _model().operation_model(action).input_shape
    _check_structure(shape, params, "")


def cut(shape_name: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """The members that a shape has, nested ones too; what the service does not know is dropped, and so are nulls."""
    found: dict[str, Any] = _cut(_model().shape_for(shape_name), document)
    return found


def _cut(shape: Any, value: Any) -> Any:
    if shape.type_name == "structure" and isinstance(value, Mapping):
        return {
            name: _cut(member, value[name])
            for name, member in shape.members.items()
            if name in value and value[name] is not None
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [_cut(shape.member, item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value


def _check_structure(shape: Any, value: Mapping[str, Any], path: str) -> None:
    for name in shape.required_members:
        if value.get(name) is None:
            raise _refused("null", _join(path, name), "Member must not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            _check(member, value[name], _join(path, name))


_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,), "boolean": (bool,), "integer": (int,), "long": (int,), "double": (int, float), "float": (int, float),
    "list": (list,), "map": (Mapping,), "structure": (Mapping,),
}  # fmt: skip


def _check(shape: Any, value: Any, path: str) -> None:
    kind = shape.type_name
    wanted = _KINDS.get(kind)
    if wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and kind != "boolean")):
        raise AwsError("SerializationException", f"{type(value).__name__} can not be converted to {kind.capitalize()}")
    if kind == "string" and shape.enum and value not in shape.enum:
        raise _refused(value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    if kind in ("string", "list", "map"):
        _check_length(shape, value, len(value), path)
    elif kind in ("integer", "long"):
        _check_range(shape, value, path)
    if kind == "structure":
        _check_structure(shape, value, path)
    elif kind == "list":
        for number, item in enumerate(value, 1):
            if item is None:
                raise _refused("null", f"{path}.{number}.member", "Member must not be null")
            _check(shape.member, item, f"{path}.{number}.member")


def _check_length(shape: Any, value: Any, length: int, path: str) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and length < least:
        raise _refused(value, path, f"Member must have length greater than or equal to {least}")
    if most is not None and length > most:
        raise _refused(value, path, f"Member must have length less than or equal to {most}")


def _check_range(shape: Any, value: int, path: str) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and value < least:
        raise _refused(value, path, f"Member must have value greater than or equal to {least}")
    if most is not None and value > most:
        raise _refused(value, path, f"Member must have value less than or equal to {most}")


def _join(path: str, name: str) -> str:
    lowered = name[0].lower() + name[1:]
    return f"{path}.{lowered}" if path else lowered


def _refused(value: Any, path: str, constraint: str) -> AwsError:
    shown = str(value)
    shown = shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"
    quoted = shown if value == "null" else repr(shown)
    text = f"1 validation error detected: Value {quoted} at '{path}' failed to satisfy constraint: {constraint}"
    return AwsError("ValidationException", text)
