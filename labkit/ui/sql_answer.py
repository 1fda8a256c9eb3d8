"""The answer of a statement: a table for people, CSV or JSON lines for programs."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from labkit.i18n import text

if TYPE_CHECKING:
    from rich.console import Console

FORMATS = ("table", "csv", "json")
_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "float", "real", "double", "decimal")
_INTEGERS = ("tinyint", "smallint", "integer", "bigint")
Row = Sequence[str | None]


def print_table(console: Console, columns: Sequence[tuple[str, str]], rows: Iterable[Row], most: int) -> int:
    """A table of at most ``most`` rows (0: all); returns how many rows were seen."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name, kind in columns:
        table.add_column(Text(name), justify="right" if kind in _NUMBERS else "left", overflow="fold")
    seen = iter(rows)
    shown = list(itertools.islice(seen, most or None))
    for row in shown:
        table.add_row(*(Text("NULL", style="dim") if value is None else Text(value) for value in row))
    if columns:
        console.print(table)
    rest = sum(1 for _ in seen)
    if rest:
        console.print(text("sql.more_rows", count=rest), style="dim", markup=False)
    return len(shown) + rest


def write_csv(stream: TextIO, columns: Sequence[tuple[str, str]], rows: Iterable[Row]) -> int:
    """RFC 4180 with a header; NULL is an empty field and an empty text is ``""``."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([name for name, _ in columns])
    count = 0
    for row in rows:
        stream.write(",".join(_field(value) for value in row) + "\n")
        count += 1
    return count


def _field(value: str | None) -> str:
    if value is None:
        return ""
    if value == "" or any(mark in value for mark in ',"\r\n'):
        return '"' + value.replace('"', '""') + '"'
    return value


def write_json(stream: TextIO, columns: Sequence[tuple[str, str]], rows: Iterable[Row]) -> int:
    """One JSON object a line; numbers and booleans as JSON has them, everything else as Athena's text."""
    count = 0
    for row in rows:
        pairs = zip(columns, row, strict=False)
        document = {name: _json_value(kind, value) for (name, kind), value in pairs}
        stream.write(json.dumps(document, ensure_ascii=False) + "\n")
        count += 1
    return count


def _json_value(kind: str, value: str | None) -> Any:
    if value is None:
        return None
    if kind in _INTEGERS:
        return int(value)
    if kind in ("double", "float", "real"):
        number = float(value)
        return number if number - number == 0 else value  # JSON has no NaN and no Infinity
    if kind == "boolean":
        return value == "true"
    return value


def split_lines(rows: Iterable[Row]) -> Iterator[str]:
    """The lines of an answer that is text (SHOW, DESCRIBE, EXPLAIN)."""
    for row in rows:
        yield "\t".join(value or "" for value in row).rstrip()
