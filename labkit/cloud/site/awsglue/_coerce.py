"""Python values as a given Glue type: what `withSchema` asks for."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from . import gluetypes as glue

_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")


def _whole(value: Any) -> int:
    number = Decimal(value.strip()) if isinstance(value, str) else value
    if number != int(number):
        raise ValueError(f"{value!r} is no whole number")
    return int(number)


def _boolean(value: Any) -> bool:
    text = str(value).strip().lower()
    if text not in (*_TRUE, *_FALSE):
        raise ValueError(f"{value!r} is neither true nor false")
    return text in _TRUE


def _string(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (dict, list, bool)) else str(value)


def _date(value: Any) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value)[:10])


def _timestamp(value: Any) -> dt.datetime:
    # Python 3.10 does not know the Z that the others take for UTC.
    return value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value).replace("Z", "+00:00"))


_ATOMS: dict[str, Callable[[Any], Any]] = {
    "byte": _whole, "short": _whole, "int": _whole, "long": _whole, "float": float, "double": float, "boolean": _boolean,
    "string": _string, "date": _date, "timestamp": _timestamp, "timestamp_ntz": _timestamp,
    "decimal": lambda value: Decimal(str(value)), "null": lambda value: None,
}  # fmt: skip


def coerce(value: Any, kind: glue.DataType) -> Any:
    """The value as that type; raises ValueError or ArithmeticError for one that is not of it."""
    if value is None:
        return None
    if isinstance(kind, (glue.ArrayType, glue.SetType)):
        items = value if isinstance(value, list) else [value]
        return [coerce(item, kind.elementType) for item in items]
    if isinstance(kind, (glue.StructType, glue.MapType)) and not isinstance(value, dict):
        raise ValueError(f"{value!r} is no {kind.typeName()}")
    if isinstance(kind, glue.StructType):
        return {field.name: coerce(value[field.name], field.dataType) for field in kind if field.name in value}
    if isinstance(kind, glue.MapType):
        return {name: coerce(item, kind.valueType) for name, item in value.items()}
    convert = _ATOMS.get(kind.typeName())
    return convert(value) if convert else value
