"""The grammar of metric math: text to a tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass


class MathError(Exception):
    """An expression that cannot be read or computed, in a few words."""


@dataclass(frozen=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True)
class Text:
    """A text between quotes."""

    value: str


@dataclass(frozen=True)
class Name:
    """An Id of the request, or a word that a function takes (REPEAT, AVG, DESC)."""

    value: str


@dataclass(frozen=True)
class Items:
    """`[m1, m2]`."""

    members: tuple[Node, ...]


@dataclass(frozen=True)
class Invocation:
    """A function with its arguments."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Binary:
    """Two operands and what joins them."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Negative:
    """A minus sign and what it stands before."""

    operand: Node


Node = Number | Text | Name | Items | Invocation | Binary | Negative

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|(?P<operator>==|!=|<=|>=|&&|\|\||[-+*/^<>(),\[\]]))"
)
_WORDS = {"AND": "&&", "OR": "||"}
# From what binds loosest to what binds tightest.
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/"))
_DEEPEST = 40
Token = tuple[str, str]


def parse(text: str) -> Node:
    """The tree of an expression; MathError when it is none."""
    reader = _Reader(_tokens(text))
    node = reader.level(0)
    if reader.peek()[0] != "end":
        raise MathError(f"Unexpected '{reader.peek()[1]}'")
    return node


def names(node: Node) -> set[str]:
    """All names in a tree that may be Ids."""
    return {part.value for part in _parts(node) if isinstance(part, Name)}


def functions(node: Node) -> set[str]:
    """The functions that a tree calls."""
    return {part.function for part in _parts(node) if isinstance(part, Invocation)}


def _parts(node: Node) -> Iterator[Node]:
    """A tree's nodes, without recursion: a sum of hundreds of series is a deep tree."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, Items):
            waiting += part.members
        elif isinstance(part, Invocation):
            waiting += part.arguments
        elif isinstance(part, Binary):
            waiting += (part.left, part.right)
        elif isinstance(part, Negative):
            waiting.append(part.operand)


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            raise MathError(f"Unexpected '{text[place:].strip()[:1]}'")
        kind = str(match.lastgroup)
        value = match[kind]
        if kind == "name" and value in _WORDS:
            kind, value = "operator", _WORDS[value]
        found.append((kind, re.sub(r"\\(.)", r"\1", value[1:-1]) if kind == "text" else value))
        place = match.end()
    return found


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def peek(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "end of expression")

    def take(self) -> Token:
        token = self.peek()
        self._at += 1
        return token

    def level(self, level: int) -> Node:
        """A chain of operators of one level, which group from the left."""
        if level == len(_LEVELS):
            return self._unary()
        node = self.level(level + 1)
        while self.peek()[0] == "operator" and self.peek()[1] in _LEVELS[level]:
            operator = self.take()[1]
            node = Binary(operator, node, self.level(level + 1))
        return node

    def _unary(self) -> Node:
        if self.peek() == ("operator", "-"):
            self.take()
            return Negative(self._nested(self._unary))
        if self.peek() == ("operator", "+"):
            self.take()
            return self._nested(self._unary)
        return self._power()

    def _power(self) -> Node:
        base = self._atom()
        if self.peek() == ("operator", "^"):
            self.take()
            return Binary("^", base, self._nested(self._unary))
        return base

    def _nested(self, read: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise MathError("The expression is nested too deeply")
        node = read()
        self._depth -= 1
        return node

    def _atom(self) -> Node:
        kind, value = self.take()
        if kind == "number":
            return Number(float(value))
        if kind == "text":
            return Text(value)
        if kind == "name":
            if self.peek() != ("operator", "("):
                return Name(value)
            self.take()
            return Invocation(value.upper(), self._members(")"))
        if (kind, value) == ("operator", "("):
            node = self._nested(lambda: self.level(0))
            self._expect(")")
            return node
        if (kind, value) == ("operator", "["):
            return Items(self._members("]"))
        raise MathError(f"Unexpected '{value}'")

    def _members(self, end: str) -> tuple[Node, ...]:
        members: list[Node] = []
        if self.peek() == ("operator", end):
            self.take()
            return ()
        while True:
            members.append(self._nested(lambda: self.level(0)))
            kind, value = self.take()
            if (kind, value) == ("operator", end):
                return tuple(members)
            if (kind, value) != ("operator", ","):
                raise MathError(f"Unexpected '{value}'")

    def _expect(self, what: str) -> None:
        kind, value = self.take()
        if (kind, value) != ("operator", what):
            raise MathError(f"Unexpected '{value}'")
