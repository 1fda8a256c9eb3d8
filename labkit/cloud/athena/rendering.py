"""Values as Athena writes them into a result: Java's doubles, milliseconds, ``[1, 2]``, ``{a=1}``."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.temporal import rendering as moments
from labkit.cloud.athena.types import Type, field_name, show

Render = Callable[[Any], str]


def renderer(kind: Type) -> Render:
    """The function that writes one non-NULL value of this type."""
    if kind.name == "array":
        item = _inner(kind.items[0])
        return lambda value: "[" + ", ".join(item(one) for one in value) + "]"
    if kind.name == "map":
        key, item = _inner(kind.items[0]), _inner(kind.items[1])
        pairs = _listed_pairs if kind.items[0].items else dict.items
        return lambda value: "{" + ", ".join(f"{key(k)}={item(v)}" for k, v in pairs(value)) + "}"
    if kind.name == "row":
        fields = [(field_name(kind, index), _inner(one)) for index, one in enumerate(kind.items)]
        return lambda value: (
            "{"
            + ", ".join(f"{name}={write(one)}" for (name, write), one in zip(fields, _members(value), strict=False))
            + "}"
        )
    if kind.name in ("hyperloglog", "tdigest", "qdigest"):
        raise not_supported(f"a result of type {show(kind)}")
    moment = moments.renderer(kind)
    if moment is not None:
        return moment
    return _SCALARS.get(kind.name, str)


def _listed_pairs(value: Any) -> Any:
    """DuckDB gives a MAP whose keys Python cannot hash as two lists."""
    return zip(value["key"], value["value"], strict=True)


def _members(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value)


def _inner(kind: Type) -> Render:
    write = renderer(kind)
    return lambda value: "null" if value is None else write(value)


def java_double(value: float) -> str:
    """Double.toString: plain from 0.001 to 10 million, otherwise ``1.0E7``."""
    return _java(value, repr(value))


def java_float(value: float) -> str:
    """Float.toString: the shortest digits that give the same 32-bit number."""
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if struct.pack("f", float(text)) == struct.pack("f", value):
            return _java(value, repr(float(text)))
    return _java(value, repr(value))


def _java(value: float, shortest: str) -> str:
    if math.isnan(value):
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return format(Decimal(shortest), "f") if "e" in shortest else shortest
    sign, digits, exponent = Decimal(shortest).normalize().as_tuple()
    if len(digits) == 1:  # Java writes two digits at least, and the nearest: 4.9E-324
        sign, digits, exponent = Decimal(f"{value:.1e}").normalize().as_tuple()
    whole = "".join(map(str, digits))
    return f"{'-' if sign else ''}{whole[0]}.{whole[1:] or '0'}E{int(exponent) + len(whole) - 1}"


def moment(value: datetime) -> str:
    """A timestamp with milliseconds."""
    return (
        f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03d}"
        if value.year >= 1000
        else f"{value.year:04d}{value:-%m-%d %H:%M:%S}.{value.microsecond // 1000:03d}"
    )


def _binary(value: bytes) -> str:
    return " ".join(f"{byte:02x}" for byte in value)


def _address(value: bytes) -> str:
    from labkit.cloud.athena.dialect.identifiers import address_text

    return str(address_text(value))


_SCALARS: dict[str, Render] = {
    "boolean": lambda value: "true" if value else "false",
    "double": java_double,
    "real": java_float,
    "decimal": lambda value: format(value, "f"),
    "varbinary": _binary,
    "ipaddress": _address,
}
