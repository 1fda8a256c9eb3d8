"""The CSV classifiers: the built-in one's delimiters, header rule and types, and the custom ones."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from labkit.cloud.crawler.csv_types import column_type, is_string
from labkit.cloud.crawler.hive_types import Column, distinct_columns
from labkit.cloud.crawler.shape import MIN_CSV_ROWS, CsvLayout, FileShape

DELIMITERS = (",", "|", ";", "\t", "\u0001")
_DETECT_LINES = 200
_MIN_REGULAR_SHARE = 0.6  # of the lines must have the same number of fields: prose with commas does not
_MAX_HEADER_CELL = 150  # AWS: every cell except the last under 150 characters
_COLUMN_NAME = re.compile(r"[\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF\t]*")  # Glue's single-line string
_LINE_END = re.compile(r"\r\n|\n|\r")


DETECT = "None"


@dataclass(frozen=True)
class CsvOptions:
    """A custom CSV classifier; the defaults are the built-in one (``built_in``). ``header``: PRESENT, ABSENT or UNKNOWN.

    ``serde``: LazySimpleSerDe, OpenCSVSerDe, or ``DETECT``, which takes the second for quoted columns.
    """

    delimiter: str = ""
    quote: str = '"'
    header: str = "UNKNOWN"
    names: tuple[str, ...] = ()
    trim: bool = True
    allow_single_column: bool = False
    datatypes: tuple[str, ...] = ()
    serde: str = "LazySimpleSerDe"
    built_in: bool = True


def classify_csv(text: str, complete: bool, options: CsvOptions = CsvOptions()) -> FileShape | None:
    """Return the shape of a CSV sample, or None when it is not one. Statistics are the caller's."""
    lines = text_lines(text, complete)
    if not lines:
        return None
    candidates = (options.delimiter,) if options.delimiter else DELIMITERS
    if options.built_in and complete and sum(line.count(options.quote) for line in lines) % 2:
        options = replace(options, quote="")  # a quote that is never closed is a character, such as an inch mark
    delimiter = _detect_delimiter(lines[:_DETECT_LINES], candidates, options)
    if delimiter is None:
        return None
    rows = _parse(lines, delimiter, options.quote)
    header = _header(rows, options)
    data = rows[1:] if header else rows
    quoted = _is_quoted(lines, delimiter, options)
    width = len(header) if header else _common_width(data or rows)
    names = _names(header, width, options)
    kinds = [column_type(_cells(data, index), options.trim, options.datatypes) for index in range(width)]
    return FileShape(
        classification="csv",
        columns=distinct_columns(Column(name, kind) for name, kind in zip(names, kinds, strict=True)),
        layout=CsvLayout(delimiter, options.quote or '"', bool(header), quoted, _serde(options, quoted=quoted)),
        sample_rows=len(data),
        enough=len(data) >= MIN_CSV_ROWS or not options.built_in,
    )


def text_lines(text: str, complete: bool) -> list[str]:
    """Split into lines without the blank ones; the last line of an incomplete sample is cut off, so left out."""
    lines = _LINE_END.split(text)
    if not complete:
        lines.pop()
    return [line for line in lines if line.strip(" ")]


def _detect_delimiter(lines: list[str], candidates: Sequence[str], options: CsvOptions) -> str | None:
    best: tuple[float, int] = (0.0, 0)
    chosen = None
    least = 1 if options.allow_single_column else 2
    for delimiter in candidates:
        widths = [len(row) for row in _parse(lines, delimiter, options.quote)]
        width, count = Counter(widths).most_common(1)[0]
        share = count / len(widths)
        if width < least or widths[0] < least or share < _MIN_REGULAR_SHARE:
            continue
        if (round(share, 2), width) > best:
            best, chosen = (round(share, 2), width), delimiter
    return chosen


def _parse(lines: Sequence[str], delimiter: str, quote: str) -> list[list[str]]:
    if not quote or not any(quote in line for line in lines):
        return [line.split(delimiter) for line in lines]
    csv.field_size_limit(1 << 27)  # the default of 128 KB fails on long text fields
    # Joined again, because a quoted field may hold a line end.
    return [row for row in csv.reader((line + "\n" for line in lines), delimiter=delimiter, quotechar=quote) if row]


def _header(rows: list[list[str]], options: CsvOptions) -> list[str]:
    """The header cells, or an empty list."""
    first = [cell.strip() for cell in rows[0]]
    if options.header == "ABSENT":
        return []
    if options.header == "PRESENT" or (options.names and [n.lower() for n in options.names] == _lower(first)):
        return first
    return first if _looks_like_header(first, rows[1:], options.trim) else []


def _looks_like_header(first: list[str], data: list[list[str]], trim: bool) -> bool:
    if any(not cell for cell in first[:-1]) or any(len(cell) >= _MAX_HEADER_CELL for cell in first[:-1]):
        return False
    if not all((not cell or is_string(cell)) and _COLUMN_NAME.fullmatch(cell) for cell in first):
        return False
    # All data STRING: "the first row is not sufficiently different", so no header.
    return any(not is_string(cell.strip() if trim else cell) for row in data for cell in row if cell.strip())


def _names(header: list[str], width: int, options: CsvOptions) -> list[str]:
    given = list(options.names) or header
    return [given[i] if i < len(given) and given[i] else f"col{i}" for i in range(width)]


def _cells(rows: list[list[str]], index: int) -> set[str]:
    return {row[index] for row in rows if index < len(row)}


def _common_width(rows: list[list[str]]) -> int:
    return Counter(len(row) for row in rows).most_common(1)[0][0]


def _is_quoted(lines: list[str], delimiter: str, options: CsvOptions) -> bool:
    """Whether some column has its values between quotes."""
    quote = options.quote
    if not quote or not any(quote in line for line in lines):
        return False
    records = _raw_records(lines[:_DETECT_LINES], quote)
    data = records[1:] or records
    first = sum(record.startswith(quote) for record in data)
    inner = sum(f"{delimiter}{quote}" in record for record in data)
    return max(first, inner) >= _MIN_REGULAR_SHARE * len(data)


def _raw_records(lines: list[str], quote: str) -> list[str]:
    """Lines joined where a quoted value holds a line end."""
    records: list[str] = []
    is_open = False
    for line in lines:
        if is_open:
            records[-1] += "\n" + line
        else:
            records.append(line)
        is_open ^= line.count(quote) % 2 == 1
    return records


def _serde(options: CsvOptions, *, quoted: bool) -> str:
    if options.serde != DETECT:
        return options.serde
    return "OpenCSVSerDe" if quoted else "LazySimpleSerDe"


def _lower(cells: list[str]) -> list[str]:
    return [cell.lower() for cell in cells]
