"""Types as Hive's DDL writes them, spelled as the catalog keeps them."""

from __future__ import annotations

from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.errors import QueryFailure

_PRIMITIVES = {
    "boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "string", "binary", "timestamp", "date",
}  # fmt: skip
# The longest that Hive takes.
_LONGEST = {"char": 255, "varchar": 65535}


def hive_type(cursor: Cursor) -> str:
    """The type that comes next: ``struct<x:int,y:array<string>>``."""
    before, cursor.rule = cursor.rule, "column type"
    try:
        return _type(cursor)
    finally:
        cursor.rule = before


def _type(cursor: Cursor) -> str:
    token = cursor.peek()
    word = token.word.lower() if token else ""
    if word in ("array", "map", "struct", "uniontype"):
        cursor.take()
        return f"{word}<{_nested(cursor, word)}>"
    if word in _PRIMITIVES:
        cursor.take()
        if word == "double":
            cursor.accept("PRECISION")
        return word
    if word in ("integer", "decimal", "numeric", "dec", *_LONGEST):
        cursor.take()
        return {"integer": "int"}.get(word) or _sized(cursor, word)
    raise cursor.failure()


def _nested(cursor: Cursor, word: str) -> str:
    cursor.expect("<")
    parts = []
    while True:
        name = f"{_field(cursor)}:" if word == "struct" else ""
        parts.append(name + _type(cursor))
        if word == "struct" and cursor.accept("COMMENT"):
            cursor.string()
        if not cursor.accept(","):
            break
    cursor.expect(">")
    wanted = {"array": 1, "map": 2}.get(word, len(parts))
    if len(parts) != wanted:
        raise cursor.failure()
    if word == "map" and "<" in parts[0]:
        raise cursor.failure()
    return ",".join(parts)


def _field(cursor: Cursor) -> str:
    """A field of a struct may be a reserved word."""
    token = cursor.take()
    if token.kind not in ("word", "backtick"):
        raise cursor.failure()
    cursor.expect(":")
    return token.name.lower()


def _sized(cursor: Cursor, word: str) -> str:
    numbers: list[int] = []
    if cursor.accept("("):
        while True:
            token = cursor.peek()
            if token is None or not token.text.isdigit():
                raise cursor.failure()
            numbers.append(int(cursor.take().text))
            if not cursor.accept(","):
                break
        cursor.expect(")")
    if word in _LONGEST:
        return _text(cursor, word, numbers)
    precision, scale = (*numbers, 0)[:2] if numbers else (10, 0)
    if len(numbers) > 2 or not 1 <= precision <= 38:
        raise QueryFailure("", "FAILED: SemanticException Decimal precision out of allowed range [1,38]")
    if scale > precision:
        raise QueryFailure("", "FAILED: SemanticException Decimal scale must be less than or equal to precision")
    return f"decimal({precision},{scale})"


def _text(cursor: Cursor, word: str, numbers: list[int]) -> str:
    if len(numbers) != 1:
        raise cursor.failure()
    if not 1 <= numbers[0] <= _LONGEST[word]:
        shown = word.capitalize()
        text = f"{shown} length {numbers[0]} out of allowed range [1, {_LONGEST[word]}]"
        raise QueryFailure("", f"FAILED: RuntimeException {text}")
    return f"{word}({numbers[0]})"
