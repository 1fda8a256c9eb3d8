"""The tokens of a statement, the place reached, and what Trino would have taken where the text stops making sense."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from labkit.cloud.athena.dialect.grammar.words import INTERVAL_FIELDS, QUERY_WORDS, RESERVED
from labkit.cloud.athena.dialect.lexer import position
from labkit.cloud.athena.errors import MalformedQuery

END = "<EOF>"
# Trino's lexical rules: white space is four characters only, and a letter is A-Z.
_PATTERN = re.compile(
    r"""(?P<space>[ \r\n\t]+|--[^\r\n]*|/\*.*?\*/)
      |(?P<string>'(?:[^']|'')*')
      |(?P<unicode>[uU]&'(?:[^']|'')*')
      |(?P<hex>[xX]'[^']*')
      |(?P<quoted>"(?:[^"]|"")*")
      |(?P<backtick>`(?:[^`]|``)*`)
      |(?P<double>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+(?![A-Za-z0-9_]))
      |(?P<decimal>[0-9](?:_?[0-9])*\.(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)
      |(?P<integer>(?:0[xX](?:_?[0-9A-Fa-f])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|[0-9](?:_?[0-9])*)(?![A-Za-z0-9_]))
      |(?P<digits>[0-9][A-Za-z0-9_]+)
      |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
      |(?P<mark><>|!=|<=|>=|\|\||->|=>|[-+*/%=<>(),.;\[\]?:|{}^$])
      |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_NAMES = ("word", "quoted", "backtick", "digits")


class Token(NamedTuple):
    """``key`` is the upper-case word, the mark, or '' for names in quotes and literals."""

    kind: str
    text: str
    start: int
    key: str


class Mismatch(Exception):
    """The text stops making sense; what was wanted where is in the stream."""


def read_tokens(sql: str) -> list[Token]:
    """Every token but white space and comments, and one for the end."""
    found = []
    for match in _PATTERN.finditer(sql):
        kind = str(match.lastgroup)
        if kind != "space":
            text = match.group()
            found.append(Token(kind, text, match.start(), text.upper() if kind == "word" else _mark(kind, text)))
    return [*found, Token("end", END, len(sql), END)]


def _mark(kind: str, text: str) -> str:
    return text if kind in ("mark", "other") else ""


class Stream:
    """Where the parser is. Each test that fails notes what it wanted, so that the furthest place names all of it."""

    def __init__(self, sql: str) -> None:
        from sqlglot import exp

        self.exp: Any = exp
        self.sql = sql
        self.tokens = read_tokens(sql)
        self.at = 0
        self.no_query: set[int] = set()
        self.item = -1
        self._far = -1
        self._wanted: set[str] = set()

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.at]

    @property
    def key(self) -> str:
        """The next token's word or mark."""
        return self.tokens[self.at].key

    def ahead(self, count: int = 1) -> Token:
        """The token ``count`` places on."""
        return self.tokens[min(self.at + count, len(self.tokens) - 1)]

    def want(self, *names: str, at: int | None = None) -> None:
        """Note what could have stood here."""
        place = self.at if at is None else at
        if place > self._far:
            self._far, self._wanted = place, set(names)
        elif place == self._far:
            self._wanted.update(names)

    def take(self) -> Token:
        """The next token, stepped over."""
        token = self.tokens[self.at]
        self.at += 1
        return token

    def accept(self, *keys: str) -> bool:
        """Step over these words if they come next, all of them."""
        for count, key in enumerate(keys):
            if self.tokens[min(self.at + count, len(self.tokens) - 1)].key != key:
                self.want(f"'{key}'" if key != END else key, at=self.at + count)
                return False
        self.at += len(keys)
        return True

    def accept_one(self, *keys: str) -> str:
        """Step over whichever of these comes next; '' when none does."""
        key = self.key
        if key in keys:
            self.at += 1
            return key
        self.want(*(f"'{one}'" for one in keys))
        return ""

    def expect(self, *keys: str) -> None:
        """Step over these words."""
        if not self.accept(*keys):
            raise Mismatch

    def expect_one(self, *keys: str) -> str:
        """Step over one of these words."""
        found = self.accept_one(*keys)
        if not found:
            raise Mismatch
        return found

    def at_name(self, ahead: int = 0) -> bool:
        """Could an identifier stand here?"""
        token = self.ahead(ahead) if ahead else self.token
        return token.kind in _NAMES and token.key not in RESERVED

    def name(self) -> Any:
        """An identifier; Trino's own error for back quotes, leading digits and empty names."""
        if not self.at_name():
            self.want("<identifier>")
            raise Mismatch
        token = self.take()
        if token.kind == "word":
            return self.node("Identifier", token.start, this=token.text, quoted=False)
        if token.kind == "backtick":
            text = "backquoted identifiers are not supported; use double quotes to quote identifiers"
            raise MalformedQuery(text, position(self.sql, token.start))
        if token.kind == "digits":
            text = "identifiers must not start with a digit; surround the identifier with double quotes"
            raise MalformedQuery(text, position(self.sql, token.start))
        if len(token.text) == 2:
            raise MalformedQuery("Zero-length delimited identifier not allowed", position(self.sql, token.start))
        return self.node("Identifier", token.start, this=token.text[1:-1].replace('""', '"'), quoted=True)

    def names(self) -> list[Any]:
        """``(a, b)``."""
        self.expect("(")
        found = [self.name()]
        while self.accept(","):
            found.append(self.name())
        self.expect(")")
        return found

    def node(self, kind: str, start: int, /, **parts: Any) -> Any:
        """A node of the tree that knows where it stands in the text."""
        made = getattr(self.exp, kind)(**parts)
        made.meta["start"] = start
        return made

    def query_follows(self) -> bool:
        """After any number of ``(``, does a query begin here? (Only a try tells whether it also ends as one.)"""
        place = self.at
        while self.tokens[place].key == "(":
            place += 1
        return self.tokens[place].key in QUERY_WORDS

    def inside(self, key: str) -> bool:
        """Does ``key`` stand between the ``(`` ahead and its ``)``, in no deeper parentheses?"""
        depth, place = 0, self.at
        while place < len(self.tokens):
            found = self.tokens[place].key
            if found in ("(", "["):
                depth += 1
            elif found in (")", "]"):
                depth -= 1
                if not depth:
                    return False
            elif depth == 1 and found == key:
                return True
            place += 1
        return False

    def failure(self) -> MalformedQuery:
        """Trino's text for the furthest place that was reached."""
        token = self.tokens[min(max(self._far, 0), len(self.tokens) - 1)]
        text = token.text
        if token.kind == "other" and text.isalpha():
            text += _unquoted(self.sql, token.start)
        wanted = ", ".join(sorted(self._wanted, key=lambda one: (one.startswith("<"), one)))
        return MalformedQuery(
            f"mismatched input '{token.text}'. Expecting: {wanted}{text[1:] if len(text) > 1 and token.kind == 'other' else ''}",
            position(self.sql, token.start),
        )


def dotted(s: Stream, base: Any) -> Any:
    """``base.name``, once the dot is behind: a longer column name, or a field of a row."""
    if base.meta["start"] == s.item and not s.at_name():
        s.want("'*'")
    name = s.name()
    parts = {key: base.args.get(key) for key in ("this", "table", "db", "catalog")}
    if type(base).__name__ == "Column" and parts["catalog"] is None:
        moved = {"table": parts["this"], "db": parts["table"], "catalog": parts["db"]}
        return s.node("Column", base.meta["start"], this=name, **{k: v for k, v in moved.items() if v is not None})
    return s.node("Dot", base.meta["start"], this=base, expression=name)


def _unquoted(sql: str, start: int) -> str:
    """A hint that Trino does not give: its identifiers are made of A-Z, digits and _."""
    while start and (sql[start - 1].isalnum() or sql[start - 1] == "_"):
        start -= 1
    whole = re.match(r"\w+", sql[start:])
    return f'. Identifiers outside A-Z need double quotes: "{whole.group()}"' if whole else ""


__all__ = ["END", "INTERVAL_FIELDS", "Mismatch", "Stream", "Token", "dotted"]
