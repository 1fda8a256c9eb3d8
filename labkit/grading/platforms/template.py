"""A CSV that a learning platform exported, to be given back with some cells filled and every other byte as it was."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import DataError
from labkit.i18n import build_lesson

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class Field:
    """One cell: its value, and where its text (quotes included) stands in the file."""

    value: str
    start: int
    end: int
    is_quoted: bool


@dataclass(frozen=True)
class Template:
    """The file's text and its cells, row by row; `mark` is the byte-order mark it began with."""

    text: str
    encoding: str
    mark: bytes
    delimiter: str
    rows: tuple[tuple[Field, ...], ...]

    def cell(self, row: int, column: int | None) -> str:
        """The value of a cell; "" where the row has none."""
        fields = self.rows[row]
        return fields[column].value if column is not None and column < len(fields) else ""

    def fill(self, values: Mapping[tuple[int, int], str]) -> bytes:
        """The file with these cells changed, and nothing else: not a quote, not a line end."""
        pieces, position = [], 0
        for (row, column), value in sorted(values.items()):
            field = self.rows[row][column]
            pieces += [self.text[position : field.start], self._write(value, field)]
            position = field.end
        whole = "".join([*pieces, self.text[position:]])
        return self.mark + whole.encode(self.encoding.removesuffix("-sig"), "xmlcharrefreplace")

    def _write(self, value: str, field: Field) -> str:
        if field.is_quoted or any(letter in value for letter in (self.delimiter, '"', "\n", "\r")):
            return '"' + value.replace('"', '""') + '"'
        return value


def read_template(path: Path) -> Template:
    """Read an export. DataError when it cannot be read or has no rows."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise build_lesson(
            DataError, "error.template_unreadable", file=str(path), reason=error.strerror or ""
        ) from error
    encoding, mark = _find_encoding(content)
    try:
        text = content[len(mark) :].decode(encoding.removesuffix("-sig"))
    except UnicodeDecodeError as error:
        # What cannot be read whole cannot be given back as it was.
        raise build_lesson(DataError, "error.template_unreadable", file=str(path), reason=str(error)) from error
    delimiter = max(",;\t", key=_outside_quotes(text.split("\n", 1)[0]).count)
    rows = _parse(text, delimiter)
    if len(rows) < 2:
        raise build_lesson(DataError, "error.template_empty", file=str(path))
    return Template(text, encoding, mark, delimiter, rows)


def find_column(header: Sequence[Field], names: Sequence[str]) -> int | None:
    """The first column with one of these names, in the order of the names; case and blanks aside."""
    known = {" ".join(field.value.split()).casefold(): number for number, field in reversed(list(enumerate(header)))}
    return next((known[name] for name in names if name in known), None)


def find_column_with(header: Sequence[Field], pieces: Sequence[str]) -> int | None:
    """The first column whose name has one of these pieces: wordings differ between versions of a platform."""
    plain = [" ".join(field.value.split()).casefold() for field in header]
    return next((number for number, name in enumerate(plain) if any(piece in name for piece in pieces)), None)


def _find_encoding(content: bytes) -> tuple[str, bytes]:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding, mark
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        # Excel on Windows, when it has had the file in its hands.
        return "latin-1" if _has_undefined(content) else "cp1252", b""
    return "utf-8", b""


def _has_undefined(content: bytes) -> bool:
    return any(byte in content for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D))


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _parse(text: str, delimiter: str) -> tuple[tuple[Field, ...], ...]:
    rows: list[tuple[Field, ...]] = []
    fields: list[Field] = []
    position = 0
    while position < len(text):
        field = _read_field(text, position, delimiter)
        fields.append(field)
        position = field.end
        if text[position : position + 1] == delimiter:
            position += 1
            if position == len(text):
                fields.append(Field("", position, position, is_quoted=False))
            continue
        position += 2 if text.startswith("\r\n", position) else 1
        if len(fields) > 1 or fields[0].value:
            rows.append(tuple(fields))
        fields = []
    return (*rows, tuple(fields)) if fields else tuple(rows)


def _read_field(text: str, start: int, delimiter: str) -> Field:
    if text[start : start + 1] != '"':
        end = start
        while end < len(text) and text[end] not in (delimiter, "\n", "\r"):
            end += 1
        return Field(text[start:end], start, end, is_quoted=False)
    end = start + 1
    while end < len(text):
        if text[end] == '"':
            if text[end + 1 : end + 2] != '"':
                break
            end += 1
        end += 1
    close = min(end + 1, len(text))
    # What stands after a closing quote belongs to the cell, as spreadsheets read it.
    while close < len(text) and text[close] not in (delimiter, "\n", "\r"):
        close += 1
    value = text[start + 1 : end].replace('""', '"') + text[end + 1 : close]
    return Field(value, start, close, is_quoted=True)
