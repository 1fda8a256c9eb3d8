"""Walking over the tokens of a DDL statement."""

from __future__ import annotations

from labkit.cloud.athena.dialect.lexer import Token, position
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.statement import Statement


class Cursor:
    """The place reached in a statement."""

    def __init__(self, statement: Statement, skip: int = 0) -> None:
        self.sql = statement.sql
        self._tokens = statement.tokens
        self._next = skip

    def peek(self, ahead: int = 0) -> Token | None:
        """The token ``ahead`` places on, or None at the end."""
        index = self._next + ahead
        return self._tokens[index] if index < len(self._tokens) else None

    def at(self, *words: str) -> bool:
        """Do these keywords or marks come next?"""
        for ahead, word in enumerate(words):
            token = self.peek(ahead)
            if token is None or (token.word or token.text) != word:
                return False
        return True

    def accept(self, *words: str) -> bool:
        """Step over these keywords if they come next."""
        if not self.at(*words):
            return False
        self._next += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Step over these keywords; a parse failure otherwise."""
        if not self.accept(*words):
            raise self.failure()

    def take(self) -> Token:
        """The next token, whatever it is."""
        token = self.peek()
        if token is None:
            raise self.failure()
        self._next += 1
        return token

    def name(self) -> str:
        """An identifier in lower case, as Hive keeps it."""
        token = self.peek()
        if token is None or token.kind not in ("word", "backtick", "quoted"):
            raise self.failure()
        self._next += 1
        return token.name.lower()

    def qualified(self, database: str) -> tuple[str, str]:
        """``db.table`` or ``table``; a leading awsdatacatalog is taken off."""
        parts = [self.name()]
        while self.accept("."):
            parts.append(self.name())
        if len(parts) == 1 and "." in parts[0]:
            parts = parts[0].split(".")
        if len(parts) == 3 and parts[0] == "awsdatacatalog":
            parts = parts[1:]
        if len(parts) > 2:
            raise self.failure()
        return (parts[0], parts[1]) if len(parts) == 2 else (database, parts[0])

    def string(self) -> str:
        """A string literal, in single or (Hive) double quotes, with Hive's backslash escapes."""
        token = self.peek()
        if token is None or token.kind not in ("string", "quoted"):
            raise self.failure()
        self._next += 1
        return _unescape(token.value if token.kind == "string" else token.text[1:-1])

    def rest(self) -> str:
        """The text from here on, with everything before it blanked so that positions stay true."""
        token = self.peek()
        if token is None:
            raise self.failure()
        return (
            "".join(letter if letter == "\n" else " " for letter in self.sql[: token.start]) + self.sql[token.start :]
        )

    def end(self) -> None:
        """Nothing may follow."""
        if self.peek() is not None:
            raise self.failure()

    def failure(self) -> QueryFailure:
        """Hive's ParseException at this place."""
        token = self.peek()
        if token is None:
            return QueryFailure(
                "", f"FAILED: ParseException line {_place(self.sql, len(self.sql))} cannot recognize input near '<EOF>'"
            )
        near = " ".join(f"'{one.text}'" if one else "'<EOF>'" for one in (token, self.peek(1), self.peek(2)))
        return QueryFailure(
            "", f"FAILED: ParseException line {_place(self.sql, token.start)} cannot recognize input near {near}"
        )


def _place(sql: str, offset: int) -> str:
    line, column = position(sql, offset)
    return f"{line}:{column - 1}"


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    out, index = [], 0
    while index < len(text):
        letter, following = text[index], text[index + 1 : index + 2]
        if letter != "\\" or not following:
            out.append(letter)
            index += 1
        elif text[index + 1 : index + 4].isdigit():
            out.append(chr(int(text[index + 1 : index + 4], 8)))
            index += 4
        elif following == "u" and len(text) >= index + 6:
            out.append(chr(int(text[index + 2 : index + 6], 16)))
            index += 6
        else:
            out.append({"t": "\t", "n": "\n", "r": "\r", "b": "\b"}.get(following, following))
            index += 2
    return "".join(out)
