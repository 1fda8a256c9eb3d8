"""Walking over the tokens of a DDL statement."""

from __future__ import annotations

import re

from labkit.cloud.athena.dialect.lexer import Token, position
from labkit.cloud.athena.errors import MalformedQuery, QueryFailure
from labkit.cloud.athena.statement import Statement

# https://docs.aws.amazon.com/athena/latest/ug/reserved-words.html, the list for DDL, without START and TIMESTAMP:
# AWS's own examples of VPC flow logs and Classic Load Balancer logs have them as columns without backticks.
RESERVED = frozenset((
    "ALL", "ALTER", "AND", "ARRAY", "AS", "AUTHORIZATION", "BETWEEN", "BIGINT", "BINARY", "BOOLEAN", "BOTH", "BY", "CASE",
    "CASHE", "CAST", "CHAR", "COLUMN", "CONF", "CONSTRAINT", "COMMIT", "CREATE", "CROSS", "CUBE", "CURRENT", "CURRENT_DATE",
    "CURRENT_TIMESTAMP", "CURSOR", "DATABASE", "DATE", "DAYOFWEEK", "DECIMAL", "DELETE", "DESCRIBE", "DISTINCT", "DIV",
    "DOUBLE", "DROP", "ELSE", "END", "EXCHANGE", "EXISTS", "EXTENDED", "EXTERNAL", "EXTRACT", "FALSE", "FETCH", "FLOAT",
    "FLOOR", "FOLLOWING", "FOR", "FOREIGN", "FROM", "FULL", "FUNCTION", "GRANT", "GROUP", "GROUPING", "HAVING", "IF",
    "IMPORT", "IN", "INNER", "INSERT", "INT", "INTEGER", "INTERSECT", "INTERVAL", "INTO", "IS", "JOIN", "LATERAL", "LEFT",
    "LESS", "LIKE", "LOCAL", "MACRO", "MAP", "MORE", "NONE", "NOT", "NULL", "NUMERIC", "OF", "ON", "ONLY", "OR", "ORDER",
    "OUT", "OUTER", "OVER", "PARTIALSCAN", "PARTITION", "PERCENT", "PRECEDING", "PRECISION", "PRESERVE", "PRIMARY",
    "PROCEDURE", "RANGE", "READS", "REDUCE", "REGEXP", "REFERENCES", "REVOKE", "RIGHT", "RLIKE", "ROLLBACK", "ROLLUP",
    "ROW", "ROWS", "SELECT", "SET", "SMALLINT", "TABLE", "TABLESAMPLE", "THEN", "TO", "TRANSFORM", "TRIGGER",
    "TRUE", "TRUNCATE", "UNBOUNDED", "UNION", "UNIQUEJOIN", "UPDATE", "USER", "USING", "UTC_TIMESTAMP", "VALUES", "VARCHAR",
    "VIEWS", "WHEN", "WHERE", "WINDOW", "WITH",
))  # fmt: skip


class Cursor:
    """The place reached in a statement; ``rule`` is what Hive's parser calls the part it is in."""

    def __init__(self, statement: Statement, skip: int = 0, rule: str = "", hive: bool = True) -> None:
        self.sql = statement.sql
        self.rule = rule
        self._hive = hive
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
        """Step over these keywords; a parse failure that names the one that is missing otherwise."""
        for word in words:
            if not self.accept(word):
                raise self._mismatch(word)

    def take(self) -> Token:
        """The next token, whatever it is."""
        token = self.peek()
        if token is None:
            raise self.failure()
        self._next += 1
        return token

    def name(self) -> str:
        """An identifier in lower case, as Hive keeps it; Hive's reserved words need backticks, and so does a leading underscore."""
        token = self.peek()
        kinds = ("word", "backtick") if self._hive else ("word", "backtick", "quoted")
        if token is None or token.kind not in kinds or not token.name:
            raise self.failure()
        if self._hive and token.kind == "word" and (token.word in RESERVED or token.text.startswith("_")):
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
        token = self.peek()
        if token is None:
            return
        if self.peek(1) is None:
            raise self._parse_exception(f"extraneous input '{token.text}' expecting EOF near '<EOF>'")
        raise self._parse_exception(f"missing EOF at '{token.text}' near '{self._before()}'")

    def failure(self) -> QueryFailure:
        """Hive's ParseException at this place."""
        near = " ".join(f"'{one.text}'" if one else "'<EOF>'" for one in (self.peek(), self.peek(1), self.peek(2)))
        return self._parse_exception(f"cannot recognize input near {near}{self._in_rule()}")

    def _mismatch(self, wanted: str) -> QueryFailure:
        token = self.peek()
        text = f"mismatched input '{token.text if token else '<EOF>'}' expecting {wanted} near '{self._before()}'"
        return self._parse_exception(text + self._in_rule())

    def _in_rule(self) -> str:
        return f" in {self.rule}" if self.rule else ""

    def _before(self) -> str:
        token = self._tokens[self._next - 1] if self._next else None
        return token.text if token else "<EOF>"

    def _parse_exception(self, text: str) -> QueryFailure:
        token = self.peek()
        if not self._hive:
            return self._trino(token, text)
        place = _place(self.sql, token.start if token else len(self.sql))
        return QueryFailure("", f"FAILED: ParseException line {place} {text}")

    def _trino(self, token: Token | None, text: str) -> QueryFailure:
        """The same for a statement that Trino parses."""
        wanted = re.search(r" expecting (\S+) near ", text)
        expected = f". Expecting: '{wanted.group(1)}'" if wanted else ""
        place = position(self.sql, token.start if token else len(self.sql))
        return MalformedQuery(f"mismatched input '{token.text if token else '<EOF>'}'{expected}", place)


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
