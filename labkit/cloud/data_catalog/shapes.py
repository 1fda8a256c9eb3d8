"""Glue's own description of its requests (botocore carries it): what must be there, how long it may be, and which keys are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from labkit.cloud.call import AwsError

# As much of a refused value as an error shows.
_SHOWN = 200


@dataclass(frozen=True)
class _Spec:
    """A shape of the service, flat: botocore looks its members up again each time they are asked for."""

    kind: str
    members: dict[str, _Spec] = field(default_factory=dict)
    item: list[_Spec] = field(default_factory=list)
    required: tuple[str, ...] = ()
    enum: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None


@lru_cache(maxsize=1)
def _model() -> Any:
    from moto.core.utils import get_service_model

    return get_service_model("glue")


@lru_cache(maxsize=256)
def _of_action(action: str) -> _Spec:
    return _spec(_model().operation_model(action).input_shape, {})


@lru_cache(maxsize=64)
def _of_shape(name: str) -> _Spec:
    return _spec(_model().shape_for(name), {})


def _spec(shape: Any, known: dict[str, _Spec]) -> _Spec:
    """The spec of a shape and all below it; a shape that holds itself is the same spec again."""
    if shape.name in known:
        return known[shape.name]
    kind = shape.type_name
    structure = kind == "structure"
    limits = shape.metadata
    made = _Spec(
        kind,
        required=tuple(shape.required_members) if structure else (),
        enum=tuple(shape.enum) if kind == "string" else (),
        least=limits.get("min"),
        most=limits.get("max"),
    )
    known[shape.name] = made
    if structure:
        made.members.update({name: _spec(member, known) for name, member in shape.members.items()})
    elif kind in ("list", "map"):
        made.item.append(_spec(shape.member if kind == "list" else shape.value, known))
    return made


def check_request(action: str, params: Mapping[str, Any]) -> None:
    """ValidationException in AWS's words for the first member that is missing, too long, or not one of its values."""
    _check_structure(_of_action(action), params, "")


def cut(shape_name: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """The members that a shape has, nested ones too; what the service does not know is dropped, and so are nulls."""
    found: dict[str, Any] = _cut(_of_shape(shape_name), document)
    return found


def _cut(spec: _Spec, value: Any) -> Any:
    if isinstance(value, dict):
        if spec.kind != "structure":
            return dict(value)
        members = spec.members
        return {name: _cut(members[name], item) for name, item in value.items() if name in members and item is not None}
    if spec.kind == "list" and isinstance(value, list):
        return [_cut(spec.item[0], item) for item in value]
    return value


def _check_structure(spec: _Spec, value: Mapping[str, Any], path: str) -> None:
    for name in spec.required:
        if value.get(name) is None:
            raise _refused("null", _join(path, name), "Member must not be null")
    for name, item in value.items():
        if item is not None and name in spec.members:
            _check(spec.members[name], item, _join(path, name))


_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,), "boolean": (bool,), "integer": (int,), "long": (int,), "double": (int, float), "float": (int, float),
    "list": (list,), "map": (Mapping,), "structure": (Mapping,),
}  # fmt: skip


def _check(spec: _Spec, value: Any, path: str) -> None:
    kind = spec.kind
    wanted = _KINDS.get(kind)
    if wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and kind != "boolean")):
        raise AwsError("SerializationException", f"{type(value).__name__} can not be converted to {kind.capitalize()}")
    if kind == "string" and spec.enum and value not in spec.enum:
        raise _refused(value, path, f"Member must satisfy enum value set: [{', '.join(spec.enum)}]")
    if kind in ("string", "list", "map"):
        _check_length(spec, value, len(value), path)
    elif kind in ("integer", "long"):
        _check_range(spec, value, path)
    if kind == "structure":
        _check_structure(spec, value, path)
    elif kind == "list":
        for number, item in enumerate(value, 1):
            if item is None:
                raise _refused("null", f"{path}.{number}.member", "Member must not be null")
            _check(spec.item[0], item, f"{path}.{number}.member")
    elif kind == "map":
        for key, item in value.items():
            if item is not None:
                _check(spec.item[0], item, f"{path}.{key}.member")


def _check_length(spec: _Spec, value: Any, length: int, path: str) -> None:
    least, most = spec.least, spec.most
    if least is not None and length < least:
        raise _refused(value, path, f"Member must have length greater than or equal to {least}")
    if most is not None and length > most:
        raise _refused(value, path, f"Member must have length less than or equal to {most}")


def _check_range(spec: _Spec, value: int, path: str) -> None:
    least, most = spec.least, spec.most
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
