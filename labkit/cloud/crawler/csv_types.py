"""Types of CSV values: bigint, double, boolean and string; more only when a custom classifier asks."""

from __future__ import annotations

import re
from collections.abc import Iterable

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DOUBLE = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_BOOLEAN = re.compile(r"true|false", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z?")
_BIGINT_LIMIT = 1 << 63


def is_string(value: str) -> bool:
    """Whether the built-in classifier would type this one value as string."""
    return value_kind(value) == "string"


def column_type(values: Iterable[str], trim: bool = True, datatypes: tuple[str, ...] = ()) -> str:
    """Return the Hive type of a column; empty values do not count, a column of nothing is ``string``.

    ``datatypes``: CustomDatatypes of a classifier (``DATE``, ``INT`` …); the answer is then one of those or string.
    """
    kinds: set[str] = set()
    texts = []
    for value in values:
        text = value.strip() if trim else value
        if not text:
            continue
        kinds.add(value_kind(text) if not datatypes else _fine_kind(text))
        if "string" in kinds:
            return "string"
        if datatypes:
            texts.append(text)
    kind = _combine(kinds)
    return _custom(kind, texts, {name.upper() for name in datatypes}) if datatypes else kind


def value_kind(value: str) -> str:
    """Return bigint, double, boolean or string for one trimmed, not empty value."""
    if _INTEGER.fullmatch(value):
        return "bigint" if -_BIGINT_LIMIT <= int(value[:40]) < _BIGINT_LIMIT else "double"
    if _DOUBLE.fullmatch(value):
        return "double"
    return "boolean" if _BOOLEAN.fullmatch(value) else "string"


def _fine_kind(value: str) -> str:
    kind = value_kind(value)
    if kind != "string":
        return kind
    if _DATE.fullmatch(value):
        return "date"
    return "timestamp" if _TIMESTAMP.fullmatch(value) else "string"


def _combine(kinds: set[str]) -> str:
    if len(kinds) == 1:
        return next(iter(kinds))
    return "double" if kinds == {"bigint", "double"} else "string"


def _custom(kind: str, texts: list[str], allowed: set[str]) -> str:
    if kind == "bigint":
        return _integer(texts, allowed) or _number(texts, allowed)
    if kind == "double":
        return _number(texts, allowed)
    return kind if kind.upper() in allowed else "string"


def _integer(texts: list[str], allowed: set[str]) -> str:
    largest = max(abs(int(text)) for text in texts)
    for name, kind, limit in (("SHORT", "smallint", 1 << 15), ("INT", "int", 1 << 31), ("LONG", "bigint", 1 << 63)):
        if name in allowed and largest < limit:
            return kind
    return ""


def _number(texts: list[str], allowed: set[str]) -> str:
    exact = not any("e" in text.lower() for text in texts)
    if "DECIMAL" in allowed and exact:
        parts = [text.lstrip("+-").partition(".") for text in texts]
        scale = max(len(part[2]) for part in parts)
        whole = max(len(part[0].lstrip("0")) for part in parts)
        if whole + scale <= 38:
            return f"decimal({max(whole + scale, 1)},{scale})"
    return "double" if "DOUBLE" in allowed else "float" if "FLOAT" in allowed else "string"
