"""json_extract and its kin: Trino's small path language, and the search that stops where it has found something."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.jsondata.text import (
    InvalidJson,
    number_at,
    pass_over,
    skip_space,
    string_at,
    value_at,
    whole,
    write,
)


def _invalid(path: str) -> QueryFailure:
    return QueryFailure("INVALID_FUNCTION_ARGUMENT", f"Invalid JSON path: '{path}'")


@functools.lru_cache(maxsize=1024)
def tokens(path: str) -> tuple[str, ...]:
    """The names and numbers of ``$.a["b c"][0]``; wildcards, filters and ``..`` are no part of this language."""
    if not path.startswith("$"):
        raise _invalid(path)
    found: list[str] = []
    at = 1
    while at < len(path):
        if path[at] == ".":
            token, at = _word(path, at + 1, ":_")
        elif path.startswith('["', at):
            token, at = _quoted(path, at + 2)
            at = _close(path, at)
        elif path[at] == "[":
            token, at = _word(path, at + 1, "_")
            at = _close(path, at)
        else:
            raise _invalid(path)
        found.append(token)
    return tuple(found)


def _word(path: str, start: int, others: str) -> tuple[str, int]:
    at = start
    while at < len(path) and (path[at].isalnum() or path[at] in others):
        at += 1
    if at == start:
        raise _invalid(path)
    return path[start:at], at


def _close(path: str, at: int) -> int:
    if not path.startswith("]", at):
        raise _invalid(path)
    return at + 1


def _quoted(path: str, at: int) -> tuple[str, int]:
    made: list[str] = []
    while at < len(path) and path[at] != '"':
        if path[at] == "\\":
            at += 1
            if path[at : at + 1] not in ('"', "\\"):
                raise _invalid(path)
        made.append(path[at])
        at += 1
    if at >= len(path):
        raise _invalid(path)
    return "".join(made), at + 1


def _found(text: str, path: str) -> int | None:
    """Where the value that ``path`` names starts; None when there is none. InvalidJson up to there is raised."""
    at = skip_space(text, 0)
    for token in tokens(path):
        opening = text[at : at + 1]
        if opening == "{":
            at = _member(text, at + 1, token)
        elif opening == "[":
            at = _item(text, at + 1, token)
        else:
            return None
        if at < 0:
            return None
    return at if at < len(text) else None


def _member(text: str, at: int, name: str) -> int:
    at = skip_space(text, at)
    if text[at : at + 1] == "}":
        return -1
    while text[at : at + 1] == '"':
        key, at = string_at(text, at)
        at = skip_space(text, at)
        if text[at : at + 1] != ":":
            break
        at = skip_space(text, at + 1)
        if key == name:
            return at
        at = skip_space(text, pass_over(text, at))
        if text[at : at + 1] != ",":
            return -1
        at = skip_space(text, at + 1)
    raise InvalidJson("an object that does not go on")


def _item(text: str, at: int, token: str) -> int:
    wanted = int(token) if token.isascii() and token.isdigit() and len(token) < 11 else -1
    at = skip_space(text, at)
    if text[at : at + 1] == "]":
        return -1
    index = 0
    while index != wanted:
        at = skip_space(text, pass_over(text, at))
        if text[at : at + 1] != ",":
            return -1
        at = skip_space(text, at + 1)
        index += 1
    return at


def _search(text: str, path: str, take: Callable[[str, int], Any]) -> Any:
    """What ``take`` makes of the value found; text that is no JSON up to there gives NULL, a wrong path fails."""
    tokens(path)
    try:
        at = _found(text, path)
        return None if at is None else take(text, at)
    except (InvalidJson, RecursionError):
        return None


def scalar(text: str, path: str) -> str | None:
    """json_extract_scalar: the text of a string, number or boolean, digits as written."""
    found: str | None = _search(text, path, _scalar)
    return found


def _scalar(text: str, at: int) -> str | None:
    if text[at] == '"':
        return whole(string_at(text, at)[0])
    for word in ("true", "false"):
        if text.startswith(word, at):
            pass_over(text, at)
            return word
    if text[at] in "{[" or text.startswith("null", at):
        return None
    return number_at(text, at)


def structure(text: str, path: str) -> str | None:
    """json_extract: the value as JSON without white space, members in their order."""
    found: str | None = _search(text, path, lambda source, at: whole(write(value_at(source, at)[0])))
    return found


def size(text: str, path: str) -> int | None:
    """json_size: members of an object, items of an array, 0 for anything else."""
    found: int | None = _search(text, path, _size)
    return found


def _size(text: str, at: int) -> int:
    value = value_at(text, at)[0]
    return len(value) if isinstance(value, list) else 0
