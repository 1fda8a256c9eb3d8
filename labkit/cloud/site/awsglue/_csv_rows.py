"""CSV taken apart in Python: for what Spark's reader does not know (an escaper as Glue's, several lines to skip).

Slower than Spark by an order of magnitude, so it is used only for files that need it, and to look at a file's first lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ._csv_format import CsvFormat

_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}
_LINE_END = re.compile(r"\r\n|\n|\r")
Row = list[str | None]


def _cell_pattern(form: CsvFormat, *, across_lines: bool) -> re.Pattern[str]:
    """One cell and the separator or line end after it: group 1 a quoted cell, group 2 a bare one, group 3 what ended it."""
    sep, esc = re.escape(form.separator), re.escape(form.escaper) if form.escaper else ""
    quote = re.escape(form.quote) if form.quote else ""
    end = rf"{sep}|\r\n|\n|\r|\Z" if across_lines else rf"{sep}|\Z"
    stop = r"\r\n" if across_lines else ""
    bare = f"((?:[^{sep}{stop}{esc}]|{esc}.)*)" if esc else f"([^{sep}{stop}]*)"
    if not quote:
        return re.compile(f"(?!)()|{bare}({end})", re.DOTALL)
    inner = f"{quote}{quote}|{esc}." if esc and esc != quote else f"{quote}{quote}"
    body = f"[^{quote}{esc}]*(?:(?:{inner})[^{quote}{esc}]*)*"
    return re.compile(f"(?:{quote}({body}){quote} *|{bare})({end})", re.DOTALL)


def _unescaper(form: CsvFormat) -> Callable[[str, bool], str]:
    quote, esc = form.quote or "", form.escaper
    pattern = re.compile(re.escape(esc) + "(.)", re.DOTALL) if esc else None

    def unescape(text: str, quoted: bool) -> str:
        if pattern is not None:
            parts = pattern.split(text)
            parts[1::2] = [_ESCAPED.get(letter, letter) for letter in parts[1::2]]
            if quoted:
                parts[::2] = [part.replace(quote * 2, quote) for part in parts[::2]]
            return "".join(parts)
        return text.replace(quote * 2, quote) if quoted else text

    return unescape


def _cells(
    text: str, pattern: re.Pattern[str], unescape: Callable[[str, bool], str]
) -> Iterator[tuple[str | None, str]]:
    """Each cell of a text with what ended it. A bare empty cell is None, a quoted one is the empty string."""
    place, size = 0, len(text)
    while True:
        match = pattern.match(text, place)
        if match is None:  # an escaper at the very end escapes nothing
            yield text[place:], ""
            return
        quoted, bare, end = match.groups()
        if quoted is not None and match.lastindex == 3 and match.start(1) >= 0:
            yield unescape(quoted, True), end
        else:
            yield (unescape(bare, False) if bare else None), end
        place = match.end()
        if not end or (place == size and end in ("\r\n", "\n", "\r")):
            return


def parse_rows(text: str, form: CsvFormat) -> Iterator[Row]:
    """The rows of a text, empty lines left out; nothing is skipped."""
    unescape = _unescaper(form)
    pattern = _cell_pattern(form, across_lines=form.multi_line)
    chunks = (text,) if form.multi_line else _LINE_END.split(text)
    for chunk in chunks:
        if not chunk.strip():
            continue
        row: Row = []
        for cell, end in _cells(chunk, pattern, unescape):
            row.append(cell)
            if end != form.separator:
                if row != [None]:
                    yield row
                row = []


def data_rows(text: str, form: CsvFormat) -> Iterator[Row]:
    """The rows that are data: those after the header and the skipped lines."""
    for place, row in enumerate(parse_rows(text, form)):
        if place >= form.lines_before_data:
            yield row


def to_batches(rows: Iterator[Row], width: int, extra: Sequence[tuple[Any, Any]], size: int = 20_000) -> Iterator[Any]:
    """Arrow batches of string columns; short rows end in nulls, surplus cells are left out.

    `extra`: (value, Arrow type) of columns that are the same in each row.
    """
    import pyarrow as pa

    def batch(chunk: list[Row]) -> Any:
        columns = list(zip(*((row + [None] * width)[:width] for row in chunk), strict=True)) or [()] * width
        arrays = [pa.array(column, pa.string()) for column in columns[:width]]
        arrays += [pa.array([value] * len(chunk), kind) for value, kind in extra]
        return pa.RecordBatch.from_arrays(arrays, names=[f"c{place}" for place in range(len(arrays))])

    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield batch(chunk)
            chunk = []
    if chunk:
        yield batch(chunk)
