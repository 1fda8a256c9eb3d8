"""Read a Hive type as the catalog spells it."""

from __future__ import annotations

import re

from labkit.cloud.crawler.hive_types import Array, HiveType, Map, Struct

_TOKEN = re.compile(r"[<>,:]|[^<>,:()]+(?:\([^)]*\))?")


def parse_type(text: str) -> HiveType:
    """Return the type; ValueError when the text is not one."""
    tokens = [token.strip() for token in _TOKEN.findall(text)]
    kind, left = _read(tokens)
    if left or "".join(tokens).replace(" ", "") != text.replace(" ", ""):
        raise ValueError(f"{text!r} is not a Hive type")
    return kind


def _read(tokens: list[str]) -> tuple[HiveType, list[str]]:
    if not tokens or tokens[0] in ("<", ">", ",", ":"):
        raise ValueError("a type is missing")
    name, rest = tokens[0], tokens[1:]
    if rest[:1] != ["<"]:
        return name.lower(), rest
    kind = name.lower()
    if kind == "array":
        element, rest = _read(rest[1:])
        return Array(element), _skip(rest, ">")
    if kind == "map":
        key, rest = _read(rest[1:])
        value, rest = _read(_skip(rest, ","))
        return Map(key, value), _skip(rest, ">")
    if kind != "struct":
        raise ValueError(f"{name} takes no type parameters")
    fields = []
    rest = rest[1:]
    while True:
        field = rest[0] if rest else ""
        inner, rest = _read(_skip(rest[1:], ":"))
        fields.append((field, inner))
        if rest[:1] != [","]:
            return Struct(tuple(fields)), _skip(rest, ">")
        rest = rest[1:]


def _skip(tokens: list[str], expected: str) -> list[str]:
    if tokens[:1] != [expected]:
        raise ValueError(f"{expected} is missing")
    return tokens[1:]
