"""The SQL/JSON path language: text to a tree.

``lax $.items[*]?(@.price > 10).name`` becomes nested tuples whose first member names the operation; every accessor has the path
it works on as its second member.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Node = tuple[Any, ...]

_TOKEN = re.compile(
    r"""\s*(?:(?P<double>(?:\d+(?:\.\d*)?|\.\d+)[eE][+-]?\d+)
         |(?P<decimal>\d+\.\d*|\.\d+)
         |(?P<integer>\d+)
         |(?P<string>"(?:[^"]|"")*")
         |(?P<variable>\$[A-Za-z_][A-Za-z0-9_]*)
         |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
         |(?P<mark>\.\.|==|<>|!=|<=|>=|&&|\|\||[-+*/%<>()\[\].,?@$!])
         |(?P<other>\S)|(?P<end>$))""",
    re.VERBOSE,
)
_METHODS = ("abs", "ceiling", "double", "floor", "keyvalue", "size", "type")
_COMPARISONS = ("==", "<>", "!=", "<", ">", "<=", ">=")


class PathSyntaxError(Exception):
    """A path that does not parse: the parser's text, and the offset in the path where it stops making sense."""

    def __init__(self, text: str, offset: int) -> None:
        super().__init__(text)
        self.offset = offset


class PathNotSupported(Exception):
    """Part of the language that Trino itself has no evaluation for."""


@dataclass(frozen=True)
class Path:
    """A parsed path: its mode, its tree, the named variables it asks for."""

    lax: bool
    root: Node
    variables: tuple[str, ...] = ()


@dataclass
class _Reader:
    tokens: list[tuple[str, str, int]]
    at: int = 0
    variables: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.tokens[self.at][1]

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0]

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1][1]

    def accept(self, text: str) -> bool:
        if self.text == text and self.kind in ("mark", "word"):
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.wrong(f"'{text}'")

    def wrong(self, expected: str = "") -> PathSyntaxError:
        shown = self.text or "<EOF>"
        text = f"mismatched input '{shown}'" + (f" expecting {expected}" if expected else "")
        return PathSyntaxError(text, self.tokens[self.at][2])


@functools.lru_cache(maxsize=512)
def parse_path(text: str) -> Path:
    """The tree of a path; PathSyntaxError says where it stops making sense."""
    kinds = [(str(one.lastgroup), one) for one in _TOKEN.finditer(text)]
    reader = _Reader([(kind, one.group(kind), one.start(kind)) for kind, one in kinds])
    mode = reader.text
    if mode not in ("lax", "strict"):
        raise reader.wrong("{'lax', 'strict'}")
    reader.take()
    root = _sum(reader)
    if reader.kind != "end":
        raise reader.wrong("<EOF>")
    return Path(mode == "lax", root, tuple(reader.variables))


def _sum(r: _Reader) -> Node:
    left = _product(r)
    while r.text in ("+", "-") and r.kind == "mark":
        left = ("binary", left, r.take(), _product(r))
    return left


def _product(r: _Reader) -> Node:
    left = _sign(r)
    while r.text in ("*", "/", "%") and r.kind == "mark":
        left = ("binary", left, r.take(), _sign(r))
    return left


def _sign(r: _Reader) -> Node:
    if r.text in ("+", "-") and r.kind == "mark":
        sign = r.take()
        return ("sign", _sign(r), sign)
    return _accessors(r)


def _accessors(r: _Reader) -> Node:
    made = _primary(r)
    while r.kind == "mark":
        if r.accept(".."):
            made = ("descendant", made, _name(r))
        elif r.accept("."):
            made = _after_dot(r, made)
        elif r.accept("["):
            made = _subscripts(r, made)
        elif r.accept("?"):
            r.expect("(")
            made = ("filter", made, _or(r))
            r.expect(")")
        else:
            break
    return made


def _name(r: _Reader) -> str:
    if r.kind == "word":
        return r.take()
    if r.kind == "string":
        return _string(r.take())
    raise r.wrong("{IDENTIFIER, STRING}")


def _string(text: str) -> str:
    return text[1:-1].replace('""', '"')


def _after_dot(r: _Reader, base: Node) -> Node:
    if r.accept("*"):
        return ("members", base)
    quoted = r.kind == "string"
    name = _name(r)
    if quoted or not (r.text == "(" and r.kind == "mark"):
        return ("member", base, name)
    r.take()
    if name == "datetime":
        raise PathNotSupported("datetime() in a JSON path")
    if name not in _METHODS:
        r.at -= 1
        raise r.wrong("<EOF>")
    r.expect(")")
    return ("method", base, name)


def _subscripts(r: _Reader, base: Node) -> Node:
    if r.accept("*"):
        r.expect("]")
        return ("items", base)
    pairs: list[tuple[Node, Node | None]] = []
    while True:
        first = _sum(r)
        pairs.append((first, _sum(r) if r.accept("to") else None))
        if not r.accept(","):
            break
    r.expect("]")
    return ("subscript", base, tuple(pairs))


def _primary(r: _Reader) -> Node:
    kind = r.kind
    if kind in ("double", "decimal", "integer"):
        text = r.take()
        made: Any = float(text) if kind == "double" else Decimal(text) if kind == "decimal" else int(text)
        return ("literal", made)
    if kind == "string":
        return ("literal", _string(r.take()))
    if kind == "variable":
        r.variables.append(r.text[1:])
        return ("variable", r.take()[1:])
    for word, node in _WORDS.items():
        if r.accept(word):
            return node
    if r.accept("("):
        made = _sum(r)
        r.expect(")")
        return ("group", made)
    raise r.wrong()


_WORDS: dict[str, Node] = {
    "$": ("context",), "@": ("current",), "last": ("last",), "true": ("literal", True), "false": ("literal", False),
    "null": ("null",), "NaN": ("literal", float("nan")),
}  # fmt: skip


def _or(r: _Reader) -> Node:
    left = _and(r)
    while r.accept("||"):
        left = ("or", left, _and(r))
    return left


def _and(r: _Reader) -> Node:
    left = _predicate(r)
    while r.accept("&&"):
        left = ("and", left, _predicate(r))
    return left


def _predicate(r: _Reader) -> Node:
    if r.accept("!"):
        return ("not", _delimited(r))
    if r.text == "exists" and r.kind == "word":
        return _delimited(r)
    if r.text == "(" and r.kind == "mark":
        start = r.at, len(r.variables)
        try:
            made = _delimited(r)
            if r.kind == "end" or r.text in (")", "&&", "||"):
                return made
        except PathSyntaxError:
            pass
        r.at = start[0]
        del r.variables[start[1] :]
    return _comparison(r)


def _delimited(r: _Reader) -> Node:
    if r.accept("exists"):
        r.expect("(")
        path = _sum(r)
        r.expect(")")
        return ("exists", path)
    r.expect("(")
    inner = _or(r)
    r.expect(")")
    if r.text == "is" and r.kind == "word":
        r.take()
        r.expect("unknown")
        return ("unknown", inner)
    return inner


def _comparison(r: _Reader) -> Node:
    left = _sum(r)
    if r.kind == "word" and r.text == "starts":
        r.take()
        r.expect("with")
        return ("starts", left, _primary(r))
    if r.kind == "word" and r.text == "like_regex":
        raise PathNotSupported("like_regex in a JSON path")
    if r.text not in _COMPARISONS or r.kind != "mark":
        raise r.wrong("{'<', '<=', '<>', '!=', '==', '>', '>='}")
    operator = r.take()
    return ("compare", left, {"!=": "<>"}.get(operator, operator), _sum(r))
