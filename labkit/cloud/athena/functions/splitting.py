"""split, split_part, split_to_map, split_to_multimap."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.functions.once import number_of, text_of
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.functions.texts import invalid
from labkit.cloud.athena.python_functions import PythonFunction, python

_MAX_INT = 2147483647
_PAIRS = ("VARCHAR", "VARCHAR", "VARCHAR")


def _split(text: str, mark: str, limit: int) -> list[str]:
    if limit <= 0:
        raise invalid("Limit must be positive")
    if limit > _MAX_INT:
        raise invalid("Limit is too large")
    if not mark:
        raise invalid("The delimiter may not be the empty string")
    return text.split(mark, limit - 1)


def _translate_split(call: Any) -> str:
    values = [one.sql for one in call.values]
    if len(values) == 2 and text_of(values[1]):
        return f"string_split({values[0]}, {values[1]})"
    name = call.ctx.define(PythonFunction("py_split", _split, ("VARCHAR", "VARCHAR", "BIGINT"), "VARCHAR[]"))
    limit = values[2] if len(values) == 3 else f"CAST({_MAX_INT} AS BIGINT)"
    return f"{name}({values[0]}, {values[1]}, {limit})"


def _split_part(text: str, mark: str, index: int) -> str | None:
    if index <= 0:
        raise invalid("Index must be greater than zero")
    parts = text.split(mark) if mark else list(text)
    return parts[index - 1] if index <= len(parts) else None


def _translate_part(call: Any) -> str:
    text, mark, index = (one.sql for one in call.values)
    number = number_of(index)
    if text_of(mark) and number is not None and number > 0:
        return f"string_split({text}, {mark})[{number}]"
    function = PythonFunction(
        "py_split_part", _split_part, ("VARCHAR", "VARCHAR", "BIGINT"), "VARCHAR", gives_null=True
    )
    name = call.ctx.define(function)
    return f"{name}({text}, {mark}, {index})"


def _pairs(text: str, entries: str, keys: str) -> list[tuple[str, str]]:
    """The entries of ``a=1,b=2``; an empty rest at the end is none."""
    if not entries:
        raise invalid("entryDelimiter is empty")
    if not keys:
        raise invalid("keyValueDelimiter is empty")
    if entries == keys:
        raise invalid("entryDelimiter and keyValueDelimiter must not be the same")
    pieces = text.split(entries)
    if not pieces[-1]:
        pieces.pop()
    found = []
    for piece in pieces:
        key, mark, value = piece.partition(keys)
        if not mark or keys in value:
            raise invalid(f"Key-value delimiter must appear exactly once in each entry. Bad input: '{piece}'")
        found.append((key, value))
    return found


def _split_to_map(text: str, entries: str, keys: str) -> dict[str, list[str]]:
    made: dict[str, str] = {}
    for key, value in _pairs(text, entries, keys):
        if key in made:
            raise invalid(f"Duplicate keys ({key}) are not allowed")
        made[key] = value
    return {"key": list(made), "value": list(made.values())}


def _split_to_multimap(text: str, entries: str, keys: str) -> dict[str, Any]:
    made: dict[str, list[str]] = {}
    for key, value in _pairs(text, entries, keys):
        made.setdefault(key, []).append(value)
    return {"key": list(made), "value": list(made.values())}


ENTRIES: list[Entry] = [
    ("split(varchar(x), varchar(y)) -> array(varchar(x))", _translate_split),
    ("split(varchar(x), varchar(y), bigint) -> array(varchar(x))", _translate_split),
    ("split_part(varchar(x), varchar(y), bigint) -> varchar(x)", _translate_part),
    ("split_to_map(varchar, varchar, varchar) -> map(varchar, varchar)",
     python(_split_to_map, _PAIRS, "MAP(VARCHAR, VARCHAR)")),
    ("split_to_multimap(varchar, varchar, varchar) -> map(varchar, array(varchar))",
     python(_split_to_multimap, _PAIRS, "MAP(VARCHAR, VARCHAR[])")),
]  # fmt: skip
