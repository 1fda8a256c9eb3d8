"""JSON values in the types of a Hive table, as the JSON SerDes convert them."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.readers.hive_text import scalar
from labkit.cloud.athena.types import INTEGERS, Type, field_name

Read = Callable[[Any], Any]


def value_reader(kind: Type, formats: tuple[str, ...], place: str, ignore_case: bool) -> Callable[[str], Any]:
    """The function that reads one JSON text; HIVE_BAD_DATA for a value that is not of the type."""
    read = _reader(kind, formats, place, ignore_case)

    def value(text: str) -> Any:
        return read(json.loads(text, parse_float=Decimal))

    return value


def _reader(kind: Type, formats: tuple[str, ...], place: str, ignore_case: bool) -> Read:
    if kind.name == "array":
        item = _reader(kind.items[0], formats, place, ignore_case)
        return lambda value: None if value is None else [item(one) for one in _of(value, list, place)]
    if kind.name == "map":
        key, item = (_reader(one, formats, place, ignore_case) for one in kind.items)
        return lambda value: None if value is None else {key(k): item(v) for k, v in _of(value, dict, place).items()}
    if kind.name == "row":
        return _row(kind, formats, place, ignore_case)
    return _scalar(kind, formats, place)


def _of(value: Any, wanted: type, place: str) -> Any:
    """An array or an object; openx also takes one that stands in a string."""
    if isinstance(value, str):
        if not value.strip():
            return wanted()
        try:
            value = json.loads(value, parse_float=Decimal)
        except ValueError:
            raise wrong(value, place) from None
    if not isinstance(value, wanted):
        raise wrong(value, place)
    return value


def wrong(value: Any, place: str) -> QueryFailure:
    """A value that is not of its column's type."""
    shown = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return QueryFailure(
        "HIVE_BAD_DATA", f"Error parsing field value '{shown}' for {place}: For input string: \"{shown}\""
    )


def _row(kind: Type, formats: tuple[str, ...], place: str, ignore_case: bool) -> Read:
    names = [field_name(kind, index) for index in range(len(kind.items))]
    items = [_reader(item, formats, place, ignore_case) for item in kind.items]

    def read(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, list):
            found = dict(zip(names, value, strict=False))
        else:
            found = _of(value, dict, place)
            found = {key.lower(): one for key, one in found.items()} if ignore_case else found
        return {name: item(found.get(name)) for name, item in zip(names, items, strict=True)}

    return read


def _scalar(kind: Type, formats: tuple[str, ...], place: str) -> Read:
    read = scalar(kind, formats)
    texts = kind.name in ("varchar", "char")

    def value(given: Any) -> Any:
        if given is None:
            return None
        shown = _text(given)
        if not shown and not texts:
            return None
        if isinstance(given, Decimal) and kind.name in INTEGERS:
            shown = str(int(given))
        made = read(shown)
        if made is None:
            raise wrong(given, place)
        return made

    return value


def _text(given: Any) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, dict | list):
        return json.dumps(given, default=_number, ensure_ascii=False, separators=(",", ":"))
    return given if isinstance(given, str) else str(given)


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)
