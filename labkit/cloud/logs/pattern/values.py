"""Comparing a value of a message with what a pattern asks: numbers, texts with `*`, regular expressions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from labkit.cloud.logs.pattern.matcher import bad_pattern, compile_regex

NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
Test = Callable[[Any], bool]
_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def build_test(operator: str, word: str) -> Test:
    """The test of one comparison; `word` is as written: `400`, `"a*"`, `%[a-z]+%`, `abc`."""
    if operator in _ORDERS:
        if not NUMBER.fullmatch(word):
            raise bad_pattern(f"Invalid filter pattern: {operator} compares numbers, not {word}")
        order, bound = _ORDERS[operator], float(word)
        return lambda value: (number := to_number(value)) is not None and order(number, bound)
    equals = _equality(word)
    return equals if operator == "=" else lambda value: not equals(value)


def _equality(word: str) -> Test:
    if len(word) > 1 and word[0] == word[-1] == "%":
        expression = compile_regex(word[1:-1])
        return lambda value: expression.search(to_text(value)) is not None
    if NUMBER.fullmatch(word):
        wanted = float(word)
        return lambda value: to_number(value) == wanted
    text = unquote(word) if word.startswith('"') else word
    if "*" not in text:
        return lambda value: to_text(value) == text
    parts = ".*".join(map(re.escape, text.split("*")))
    wildcard = re.compile(parts, re.DOTALL)
    return lambda value: wildcard.fullmatch(to_text(value)) is not None


def unquote(word: str) -> str:
    """A text without its quotes and escapes."""
    return re.sub(r"\\(.)", r"\1", word[1:-1])


def to_number(value: Any) -> float | None:
    """The number that a value is, or that a text spells."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    return float(value) if isinstance(value, str) and NUMBER.fullmatch(value.strip()) else None


def to_text(value: Any) -> str:
    """A value as a pattern sees it."""
    import json

    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
