"""Values for the ``?`` of a statement."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.grammar.expressions import parse_expression
from labkit.cloud.athena.dialect.grammar.stream import END, Mismatch, Stream, read_tokens
from labkit.cloud.athena.errors import MalformedQuery, QueryFailure

_PLAIN = ("Literal", "Null", "Boolean", "HexString", "Interval", "ParseJSON")


def with_values(sql: str, values: list[str]) -> str:
    """The text with each ``?`` replaced by its value, a constant expression; QueryFailure when it is not one or the numbers differ."""
    marks = [token for token in read_tokens(sql) if token.key == "?"]
    if len(marks) != len(values):
        text = f"Incorrect number of parameters: expected {len(marks)} but found {len(values)}"
        raise QueryFailure("INVALID_PARAMETER_USAGE", text)
    parts, start = [], 0
    for mark, value in zip(marks, values, strict=True):
        parts += [sql[start : mark.start], _constant(value)]
        start = mark.start + 1
    return "".join([*parts, sql[start:]])


def _constant(value: str) -> str:
    """The value without its comments; in parentheses unless it is a single constant."""
    s = Stream(value)
    try:
        node = parse_expression(s)
        s.expect(END)
    except Mismatch:
        raise QueryFailure("INVALID_PARAMETER_USAGE", _refusal(value, str(s.failure()))) from None
    except MalformedQuery as failure:
        raise QueryFailure("INVALID_PARAMETER_USAGE", _refusal(value, failure.text)) from None
    if any(type(one).__name__ in ("Column", "Placeholder", "Select", "Values", "Union") for one in node.walk()):
        raise QueryFailure("INVALID_PARAMETER_USAGE", _refusal(value, "it is not a constant"))
    text = " ".join(token.text for token in s.tokens[:-1])
    return f" {text} " if _is_plain(node) else f" ({text}) "


def _is_plain(node: Any) -> bool:
    kind = type(node).__name__
    if kind == "Neg":
        return _is_plain(node.this)
    return kind in _PLAIN or (kind == "Cast" and bool(node.meta.get("literal")))


def _refusal(value: str, why: str) -> str:
    return f"Execution parameter is not a constant: {value} ({why}). A text needs single quotes: '{value}'"
