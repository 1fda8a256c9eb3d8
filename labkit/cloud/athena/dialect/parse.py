"""Trino text to a sqlglot tree in which every function keeps the name the user wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labkit.cloud.athena.dialect.grammar.depth import with_room
from labkit.cloud.athena.dialect.grammar.stream import END, Mismatch, Stream
from labkit.cloud.athena.dialect.lexer import position
from labkit.cloud.athena.errors import MalformedQuery

if TYPE_CHECKING:
    from sqlglot import exp


def parse_query(sql: str) -> Any:
    """The tree of one SELECT, VALUES, TABLE or WITH; MalformedQuery with line and column otherwise."""
    return with_room(lambda: _parsed(sql), lambda: MalformedQuery(TOO_LARGE, (1, 1)))


_DEEPEST = 2_000
TOO_LARGE = "statement is too large (stack overflow while parsing)"


def _parsed(sql: str) -> Any:
    from labkit.cloud.athena.dialect.grammar.queries import parse_query as whole

    s = Stream(sql)
    _check_depth(s)
    try:
        tree = whole(s)
        if s.key != ";" or s.ahead().key != END:
            s.expect(END)
    except Mismatch:
        raise s.failure() from None
    return tree


def _check_depth(s: Stream) -> None:
    """Parentheses and brackets deeper than any parser's stack."""
    depth = 0
    for token in s.tokens:
        if token.key in ("(", "["):
            depth += 1
            if depth > _DEEPEST:
                raise MalformedQuery(TOO_LARGE, (1, 1))
        elif token.key in (")", "]"):
            depth -= 1


def place(sql: str, node: exp.Expression) -> tuple[int, int] | None:
    """Line and column of a node: where Trino says it stands (an operator's is the operator's own)."""
    start = node.meta.get("start")
    if start is None:
        starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
        start = min(starts) if starts else None
    return None if start is None else position(sql, start)
