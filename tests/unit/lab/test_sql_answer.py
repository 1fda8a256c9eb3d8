"""Answers as CSV, as JSON lines and as a table."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from rich.console import Console

from labkit.i18n import use_language
from labkit.ui.sql_answer import print_table, split_lines, write_csv, write_json

COLUMNS = [("id", "bigint"), ("nombre", "varchar"), ("precio", "double"), ("ok", "boolean"), ("lista", "array")]
ROWS: list[tuple[str | None, ...]] = [
    ("1", 'dice "hola", sí', "1.5", "true", "[1, 2]"),
    ("2", "", "NaN", "false", None),
    ("3", None, None, None, "[]"),
]


def test_csv_tells_null_from_empty() -> None:
    stream = io.StringIO()
    assert write_csv(stream, COLUMNS, ROWS) == 3
    lines = stream.getvalue().splitlines()
    assert lines[0] == "id,nombre,precio,ok,lista"
    assert lines[2:] == ['2,"",NaN,false,', "3,,,,[]"]
    assert next(csv.reader([lines[1]])) == ["1", 'dice "hola", sí', "1.5", "true", "[1, 2]"]


def test_json_lines_have_json_types() -> None:
    stream = io.StringIO()
    write_json(stream, COLUMNS, ROWS)
    documents: list[dict[str, Any]] = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert documents[0] == {"id": 1, "nombre": 'dice "hola", sí', "precio": 1.5, "ok": True, "lista": "[1, 2]"}
    assert documents[1]["precio"] == "NaN"
    assert documents[2]["nombre"] is None


def test_a_table_shows_some_rows_and_counts_the_rest() -> None:
    use_language("en")
    console = Console(file=io.StringIO(), width=80, no_color=True)
    assert print_table(console, COLUMNS[:2], [(str(n), "[bold]x[/bold]") for n in range(10)], 3) == 10
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "[bold]x[/bold]" in shown  # data is never markup
    assert "7 more rows" in shown
    assert shown.count("[bold]") == 3


def test_null_stands_out_in_a_table() -> None:
    console = Console(file=io.StringIO(), width=80, no_color=True)
    print_table(console, [("a", "varchar")], [(None,)], 0)
    assert "NULL" in console.file.getvalue()  # type: ignore[attr-defined]


def test_lines_of_text_lose_only_their_padding() -> None:
    assert list(split_lines([("id                  \tint                 \t                    ",), ("",), (None,)])) == [
        "id                  \tint", "", "",
    ]  # fmt: skip
