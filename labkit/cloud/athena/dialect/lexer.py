"""Tokens of Trino SQL and Hive DDL, with their place in the text."""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from labkit.cloud.athena.errors import MalformedQuery

_PATTERN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
      |(?P<string>(?:[uU]&|[xX])?'(?:[^']|'')*')
      |(?P<quoted>"(?:[^"]|"")*")
      |(?P<backtick>`(?:[^`]|``)*`)
      |(?P<number>(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?(?![A-Za-z_]))
      |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
      |(?P<mark><>|!=|<=|>=|\|\||->|=>|[-+*/%=<>(),.;\[\]?:@$|{}^])
      |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
# Hive's literals end at a quote that no backslash precedes.
_HIVE_PATTERN = re.compile(
    _PATTERN.pattern.replace("(?:[uU]&|[xX])?'(?:[^']|'')*'", r"'(?:[^'\\]|\\.|'')*'").replace(
        '"(?:[^"]|"")*"', r'"(?:[^"\\]|\\.|"")*"'
    ),
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """One token; ``start`` and ``end`` are offsets into the text."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """Upper-case keyword, or '' for anything else."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def name(self) -> str:
        """The identifier this token names, without its quotes."""
        if self.kind == "quoted":
            return self.text[1:-1].replace('""', '"')
        if self.kind == "backtick":
            return self.text[1:-1].replace("``", "`")
        return self.text

    @property
    def value(self) -> str:
        """The text inside a string literal."""
        return self.text[1:-1].replace("''", "'")


def position(sql: str, offset: int) -> tuple[int, int]:
    """Line and column (both from 1) of an offset."""
    starts = _line_starts(sql)
    line = bisect.bisect_right(starts, offset)
    return line, offset - starts[line - 1] + 1


@functools.lru_cache(maxsize=8)
def _line_starts(sql: str) -> list[int]:
    """Where each line begins: a long statement asks for thousands of places."""
    return [0, *(index + 1 for index, letter in enumerate(sql) if letter == "\n")]


def tokens(sql: str, hive: bool = False) -> Iterator[Token]:
    """Every token but white space and comments; ``hive`` reads literals as Hive's DDL does."""
    for found in (_HIVE_PATTERN if hive else _PATTERN).finditer(sql):
        if found.lastgroup != "space":
            yield Token(str(found.lastgroup), found.group(), found.start(), found.end())


def mismatched(sql: str, token: Token | None) -> MalformedQuery:
    """Trino's text for a token that cannot stand where it stands."""
    if token is None:
        return MalformedQuery("mismatched input '<EOF>'", position(sql, len(sql)))
    return MalformedQuery(f"mismatched input '{token.text}'", position(sql, token.start))
