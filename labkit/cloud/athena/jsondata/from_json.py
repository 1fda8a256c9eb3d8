"""CAST from JSON: what each SQL type takes out of a JSON value, and what it refuses."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.jsondata.text import InvalidJson, Members, read, write
from labkit.cloud.athena.types import INTEGERS, VARCHAR, Type, show

Take = Callable[[Any], Any]

_BITS = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}
_KEYS = {*INTEGERS, "boolean", "real", "double", "decimal", "varchar"}
_SHOWN = 10_000


class _Refused(ValueError):
    """A value that does not fit; the caller names the whole document."""


def can_cast_from_json(kind: Type) -> bool:
    """Does CAST(json AS kind) exist?"""
    if kind.name in (*_KEYS, "json"):
        return True
    if kind.name == "map":
        return kind.items[0].name in _KEYS and can_cast_from_json(kind.items[1])
    return kind.name in ("array", "row") and all(can_cast_from_json(item) for item in kind.items)


def stored(kind: Type) -> Type:
    """The type from_json's values have: doubles come as their digits, because DuckDB takes a NaN of Python's for a NULL."""
    if kind.name in ("double", "real"):
        return VARCHAR
    return replace(kind, items=tuple(stored(item) for item in kind.items)) if kind.items else kind


def from_json(kind: Type) -> Callable[[str], Any]:
    """JSON text to a Python value that DuckDB takes for ``stored(kind)``; QueryFailure in Trino's words."""
    take = _taker(kind, digits=True)
    nested = bool(kind.items)

    def cast(text: str) -> Any:
        try:
            return take(read(text))
        except QueryFailure as failure:
            if not nested:
                raise
            raise _failed(f"Cannot cast to {show(kind)}. {failure.text}\n{_cut(text)}") from None
        except _Refused as failure:
            if nested:
                raise _failed(f"Cannot cast to {show(kind)}. {failure}\n{_cut(text)}") from None
            raise _failed(f"Cannot cast '{text}' to {_scalar_name(kind)}") from None
        except (InvalidJson, RecursionError):
            raise _failed(f"Cannot cast value to {show(kind)}\n{_cut(text)}") from None

    return cast


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "...(truncated)"


def _failed(text: str) -> QueryFailure:
    return QueryFailure("INVALID_CAST_ARGUMENT", text)


def _scalar_name(kind: Type) -> str:
    return f"DECIMAL({kind.params[0]},{kind.params[1]})" if kind.name == "decimal" else kind.name


def _taker(kind: Type, digits: bool = False) -> Take:
    if kind.name in _BITS:
        return lambda value: _integer(value, kind.name)
    if kind.name == "row":
        return _row(kind, digits)
    if kind.name == "map":
        return _map(kind, digits)
    if kind.name == "array":
        item = _taker(kind.items[0], digits)
        return lambda value: _array(value, item)
    if kind.name == "decimal":
        return lambda value: _decimal(value, *kind.params)
    if kind.name in ("double", "real"):
        return lambda value: _digits(_floating(value, kind.name)) if digits else _floating(value, kind.name)
    if kind.name == "json":
        return write
    return _boolean if kind.name == "boolean" else lambda value: _text(value, kind)


def _unexpected(value: Any, name: str) -> _Refused:
    return _Refused(f"Unexpected token when cast to {name}: {'{' if isinstance(value, Members) else '['}")


def _integer(value: Any, name: str) -> int | None:
    limit = 2 ** (_BITS[name] - 1)
    if value is None or isinstance(value, bool):
        return None if value is None else int(value)
    if isinstance(value, str):
        if not re.fullmatch(r"[+-]?[0-9]+", value) or not -limit <= int(value) < limit:
            raise _failed(f"Cannot cast '{value}' to {name.upper() if name != 'integer' else 'INT'}")
        return int(value)
    if isinstance(value, Decimal):
        return _rounded(float(value), name, limit)
    if not isinstance(value, int):
        raise _unexpected(value, name)
    if not -limit <= value < limit:
        raise _Refused(f"{value} is out of range of {name}")
    return value


def _rounded(number: float, name: str, limit: int) -> int:
    whole = math.floor(abs(number) + 0.5) if math.isfinite(number) else limit + 1
    whole = -whole if number < 0 else whole
    if -limit <= whole < limit:
        return whole
    if name == "bigint":
        raise _failed(f"Unable to cast {number} to bigint")
    raise QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", f"Out of range for {name}: {number}")


def _floating(value: Any, name: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, str):
        if not re.fullmatch(r"\s*[+-]?(NaN|Infinity|([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)\s*", value):
            raise _failed(f"Cannot cast '{value}' to {name.upper()}")
        return _narrow(float(value), name)
    if isinstance(value, list):
        raise _unexpected(value, name)
    return _narrow(float(value), name)


def _digits(value: float | None) -> str | None:
    return None if value is None else repr(value)


def _narrow(value: float, name: str) -> float:
    if name == "double" or not math.isfinite(value):
        return value
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def _boolean(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        lowered = value.lower()
        if lowered in ("t", "true", "1"):
            return True
        if lowered in ("f", "false", "0"):
            return False
        raise _failed(f"Cannot cast '{value}' to BOOLEAN")
    if isinstance(value, Decimal):
        return float(value) != 0
    if not isinstance(value, int):
        raise _unexpected(value, "boolean")
    if not -(2**63) <= value < 2**63:
        raise _Refused(f"{value} is out of range of bigint")
    return value != 0


_DIGITS = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def _decimal(value: Any, precision: int, scale: int) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, list):
        raise _unexpected(value, f"DECIMAL({precision},{scale})")
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        raise _Refused(value)
    exact = Decimal(int(value) if isinstance(value, bool) else value)
    if not exact or exact.adjusted() < precision - scale:
        made = exact.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, Context(prec=76))
        if made.adjusted() < precision - scale or not made:
            return made
    raise _failed(f"Cannot cast input json to DECIMAL({precision},{scale})")


def _text(value: Any, kind: Type) -> str | None:
    if value is None:
        return None
    if isinstance(value, list):
        raise _unexpected(value, "varchar")
    if isinstance(value, bool):
        made = "true" if value else "false"
    elif isinstance(value, Decimal):
        made = scientific(float(value))
    else:
        made = str(value)
    return made[: kind.params[0]] if kind.params else made


def scientific(value: float) -> str:
    """A DOUBLE as CAST to VARCHAR writes it: 1.5E0."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "-0.0E0" if math.copysign(1, value) < 0 else "0.0E0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    shown = "".join(map(str, digits))
    return f"{'-' if sign else ''}{shown[0]}.{shown[1:] or '0'}E{int(exponent) + len(shown) - 1}"


def _array(value: Any, item: Take) -> list[Any] | None:
    if value is None:
        return None
    if not isinstance(value, list) or isinstance(value, Members):
        raise _Refused(f"Expected a json array, but got {_token(value)}")
    return [item(one) for one in value]


def _token(value: Any) -> str:
    if isinstance(value, list):
        return "{" if isinstance(value, Members) else "["
    return value if isinstance(value, str) else write(value, fraction=str)


def _map(kind: Type, digits: bool) -> Take:
    key, item = _taker(kind.items[0], digits), _taker(kind.items[1], digits)

    def take(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, Members):
            raise _Refused(f"Expected a json object, but got {_token(value)}")
        keys = [key(name) for name, _ in value]
        if len({repr(one) for one in keys}) < len(keys):
            raise _Refused("Duplicate keys are not allowed")
        return {"key": keys, "value": [item(one) for _, one in value]}

    return take


def _row(kind: Type, digits: bool) -> Take:
    takers = [_taker(item, digits) for item in kind.items]
    names = list(kind.fields)
    labels = [name or f"field{index}" for index, name in enumerate(names)]
    places = {name: index for index, name in enumerate(names) if name is not None}

    def take(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, list):
            raise _Refused(f"Expected a json array or object, but got {_token(value)}")
        if isinstance(value, Members):
            return dict(zip(labels, _by_name(value, takers, places), strict=True))
        if len(value) != len(takers):
            raise _Refused("Expected json array ending" if len(value) > len(takers) else "Unexpected end of json array")
        return dict(zip(labels, (one(part) for one, part in zip(takers, value, strict=True)), strict=True))

    return take


def _by_name(value: Members, takers: list[Take], places: dict[str, int]) -> list[Any]:
    if not places:
        raise _Refused("Cannot cast a JSON object to anonymous row type. Input must be a JSON array.")
    made: list[Any] = [None] * len(takers)
    seen: set[int] = set()
    for name, one in value:
        index = places.get(name.lower())
        if index is None:
            continue
        if index in seen:
            raise _Refused(f"Duplicate field: {name.lower()}")
        seen.add(index)
        made[index] = takers[index](one)
    return made


def scalar_taker(kind: Type) -> Take:
    """What ``kind`` takes out of a scalar; ValueError or QueryFailure when it does not fit."""
    return _taker(kind)
