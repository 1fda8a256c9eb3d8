"""JSON read token by token, with the places and the words of the parser behind EventBridge (Jackson), which AWS's errors show.

A string is read lazily there: until its text is asked for, the parser stands after the opening quote; and with the name of a
field the beginning of its value has been read too.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

_SHOWN_CHARS = 500
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORD = re.compile(r"[A-Za-z0-9_$]+")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_EXISTS = re.compile(r'\s*"exists"\s*:\s*(?P<value>true|false)\s*\}')
_SPACE = re.compile(r"[ \t\r\n]*")
_VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


class ReadError(ValueError):
    """What is wrong with the text, with its place."""


class Token(NamedTuple):
    """`kind`: one of ``{ } [ ] name string number true false null`` and ``end``; `text` of names, strings and numbers."""

    kind: str
    text: str


class JsonReader:
    """Reads one document; `fail` makes the error of the place that has been reached."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0  # where the next token is looked for
        self._place = 0  # where the parser says it is
        self._waiting: Token | None = None
        self._open: list[str] = []
        self._starts: list[int] = []
        self._first = True

    def next(self) -> Token:
        """The next token; ReadError when the text is not JSON."""
        if self._waiting is not None:
            token, self._waiting = self._waiting, None
            return token
        self._skip_space()
        if not self._open:
            return self._value()
        closing = "}" if self._open[-1] == "{" else "]"
        if self._peek() == closing:
            self._at += 1
            self._place = self._at
            self._open.pop()
            self._starts.pop()
            self._first = False
            return Token(closing, closing)
        self._separator()
        return self._name() if self._open[-1] == "{" else self._value()

    def take_exists(self) -> bool | None:
        """Read ``"exists": true}`` or ``false`` behind an opening brace and give its value; None, and nothing read, for anything else."""
        found = _EXISTS.match(self._source, self._at)
        if found is None or self._waiting is not None:
            return None
        self._at = self._place = found.end()
        self._open.pop()
        self._starts.pop()
        self._first = False
        return found["value"] == "true"

    def read_text(self) -> None:
        """The string that was read last is read to its end."""
        self._place = self._at

    def fail(self, message: str) -> ReadError:
        """The error with the place that was reached."""
        return ReadError(f"{message}{self._location(self._place)}")

    def _name(self) -> Token:
        if self._peek() != '"':
            raise self._unexpected("was expecting double-quote to start field name")
        text = self._string()
        self._skip_space()
        if self._peek() != ":":
            raise self._unexpected("was expecting a colon to separate field name and value")
        self._at += 1
        self._skip_space()
        self._waiting = self._value()
        return Token("name", text)

    def _value(self) -> Token:
        letter = self._peek()
        self._first = False
        if letter in "{[":
            self._open.append(letter)
            self._starts.append(self._at)
            self._at += 1
            self._place = self._at
            self._first = True
            return Token(letter, letter)
        if letter == '"':
            opened = self._at + 1
            text = self._string()
            self._place = opened
            return Token("string", text)
        number = _NUMBER.match(self._source, self._at)
        if number and not _WORD.match(self._source, number.end()):
            self._at = self._place = number.end()
            return Token("number", number[0])
        word = _WORD.match(self._source, self._at)
        if word is None:
            raise self._unexpected(f"expected a valid value {_VALUES}")
        self._at = self._place = word.end()
        if word[0] not in ("true", "false", "null"):
            raise self.fail(f"Unrecognized token '{word[0]}': was expecting {_VALUES}")
        return Token(word[0], word[0])

    def _string(self) -> str:
        found = _STRING.match(self._source, self._at)
        if found is None:
            self._place = len(self._source)
            if self._source.find('"', self._at + 1) < 0:
                raise self.fail("Unexpected end-of-input: was expecting closing quote for a string value")
            raise self.fail("Unrecognized character escape or illegal unquoted character in a string")
        self._at = found.end()
        return str(json.loads(found[0]))

    def _separator(self) -> None:
        if self._first:
            self._first = False
            return
        if self._peek() != ",":
            kind = "Object" if self._open[-1] == "{" else "Array"
            raise self._unexpected(f"was expecting comma to separate {kind} entries")
        self._at += 1
        self._skip_space()

    def _peek(self) -> str:
        if self._at < len(self._source):
            return self._source[self._at]
        self._place = len(self._source)
        if not self._open:
            raise ReadError("No content to map due to end-of-input" + self._location(self._place))
        kind = "Object" if self._open[-1] == "{" else "Array"
        start = self._location(self._starts[-1]).strip().removeprefix("at ")
        raise self.fail(f"Unexpected end-of-input: expected close marker for {kind} (start marker at {start})")

    def _unexpected(self, wanted: str) -> ReadError:
        letter = self._source[self._at]
        message = f"Unexpected character ('{letter}' (code {ord(letter)})): {wanted}"
        return ReadError(f"{message}{self._location(self._at)}")

    def _skip_space(self) -> None:
        found = _SPACE.match(self._source, self._at)
        self._at = found.end() if found else self._at

    def _location(self, place: int) -> str:
        before = self._source[:place]
        line = before.count("\n") + 1
        column = place - (before.rfind("\n") + 1) + 1
        shown, more = self._source[:_SHOWN_CHARS], len(self._source) - _SHOWN_CHARS
        cut = f"[truncated {more} chars]" if more > 0 else ""
        return f'\n at [Source: (String)"{shown}"{cut}; line: {line}, column: {column}]'
