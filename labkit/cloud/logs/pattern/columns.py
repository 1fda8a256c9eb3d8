"""Patterns over words with a place: `[ip, user, ..., status = 4*, bytes > 1000]`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from labkit.cloud.logs.pattern.matcher import Matcher, bad_pattern
from labkit.cloud.logs.pattern.values import build_test

# A column may hold spaces between quotes or square brackets.
_WORD = re.compile(r'"([^"]*)"|\[([^\]]*)\]|(\S+)')
_CONDITION = re.compile(
    r'\s*(?P<name>[\w$.-]+)\s*(?:(?P<operator>!=|<=|>=|=|<|>)\s*(?P<value>"(?:[^"\\]|\\.)*"|%[^%]*%|[^\s&|,\]]+))?\s*'
)
_REST = "..."


@dataclass(frozen=True)
class _Column:
    name: str
    test: Callable[[str], bool]


def parse_columns(pattern: str) -> Matcher:
    """The matcher of a pattern with its square brackets."""
    if not pattern.endswith("]"):
        raise bad_pattern()
    columns = [_column(text.strip()) for text in _split(pattern[1:-1])]
    if sum(column.name == _REST for column in columns) > 1:
        raise bad_pattern()
    return Matcher(lambda message: _match(columns, message) is not None, lambda message: _values(columns, message))


def split_words(message: str) -> list[str]:
    """The words of a message as such a pattern sees them."""
    return [next((g for g in match.groups() if g is not None), "") for match in _WORD.finditer(message)]


def _values(columns: Sequence[_Column], message: str) -> dict[str, str]:
    placed = _match(columns, message) or []
    return {f"${column.name}": word for column, word in placed if column.name not in (_REST, "")}


def _match(columns: Sequence[_Column], message: str) -> list[tuple[_Column, str]] | None:
    words = split_words(message)
    rest = next((n for n, column in enumerate(columns) if column.name == _REST), None)
    if rest is None:
        if len(words) != len(columns):
            return None
        placed = list(zip(columns, words, strict=True))
    else:
        after = len(columns) - rest - 1
        if len(words) < rest + after:
            return None
        placed = list(zip(columns[:rest], words, strict=False))
        placed += zip(columns[rest + 1 :], words[len(words) - after :], strict=True) if after else []
    return placed if all(column.test(word) for column, word in placed) else None


def _split(text: str) -> list[str]:
    """By commas outside of quotes; nothing between two of them is a column without a name."""
    if not text.strip():
        raise bad_pattern()
    parts, rest = [], text
    while True:
        match = re.match(r'(?:"(?:[^"\\]|\\.)*"|%[^%]*%|[^,"%])*', rest)
        end = match.end() if match is not None else 0
        parts.append(rest[:end])
        if end == len(rest):
            return parts
        if rest[end] != ",":
            raise bad_pattern()
        rest = rest[end + 1 :]


def _column(text: str) -> _Column:
    if text in (_REST, ""):
        return _Column(text, lambda _: True)
    any_of: list[list[Callable[[str], bool]]] = [[]]
    name, at = "", 0
    while at < len(text):
        match = _CONDITION.match(text, at)
        if match is None:
            raise bad_pattern()
        name = name or match["name"]
        if match["operator"]:
            any_of[-1].append(build_test(match["operator"], match["value"]))
        elif match.end() < len(text):
            raise bad_pattern()
        at = match.end()
        joint = text[at : at + 2]
        if joint not in ("", "&&", "||"):
            raise bad_pattern()
        if joint == "||":
            any_of.append([])
        at += len(joint)
        if joint and at >= len(text):
            raise bad_pattern()
    return _Column(name, lambda word: any(all(test(word) for test in tests) for tests in any_of))
