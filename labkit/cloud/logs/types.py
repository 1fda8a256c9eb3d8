"""Whether the parameters of a call have the JSON types of the API's model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from labkit.cloud.call import AwsError, Call, Handler

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "long": (int,), "boolean": (bool,), "double": (int, float), "float": (int, float),
    "list": (list,), "map": (dict,), "structure": (dict,),
}  # fmt: skip


def with_checked_types(action: str, handler: Handler) -> Handler:
    """The handler, called only with parameters of the right types; AwsError SerializationException otherwise."""

    def checked(call: Call) -> dict[str, Any]:
        shape = _input_shape(action)
        if shape is not None:
            _check(call.params, shape, action)
        return handler(call)

    return checked


@cache
def _input_shape(action: str) -> Any:
    import botocore.session

    model = botocore.session.get_session().get_service_model("logs")
    return model.operation_model(action).input_shape if action in model.operation_names else None


def _check(value: Any, shape: Any, place: str) -> None:
    wanted = _TYPES.get(shape.type_name)
    if wanted is None or value is None:
        return
    if isinstance(value, Mapping) and dict in wanted:
        members = shape.members if shape.type_name == "structure" else None
        for name, item in value.items():
            inner = shape.value if members is None else members.get(name)
            if inner is not None:
                _check(item, inner, f"{place}.{name}")
        return
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        kind = shape.type_name.capitalize()
        raise AwsError("SerializationException", f"{place}: {type(value).__name__} can not be converted to {kind}")
    if isinstance(value, list):
        for item in value:
            _check(item, shape.member, place)
