"""SQL as it is typed: where statements end, and where a message points."""

from __future__ import annotations

import pytest

from labkit.ui.sql_text import is_complete, point_at, split_statements


@pytest.mark.parametrize(
    ("sql", "statements"),
    [
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1; SELECT 2 ;", ["SELECT 1", "SELECT 2"]),
        (";;  ;", []),
        ("", []),
        ("-- only; a comment\n", []),
        ("/* a; b */ ; -- c", []),
        ("SELECT ';' AS \"a;b\" ; SELECT 'it''s;'", ["SELECT ';' AS \"a;b\"", "SELECT 'it''s;'"]),
        ("SHOW TABLES IN `a;b`; SELECT 1 -- end; not\n + 1", ["SHOW TABLES IN `a;b`", "SELECT 1 -- end; not\n + 1"]),
        ("SELECT 1 /* ; \n ; */ ; SELECT 2", ["SELECT 1 /* ; \n ; */", "SELECT 2"]),
        ("-- first\nSELECT 1;\n-- last\n", ["-- first\nSELECT 1"]),
        ("SELECT 'open; SELECT 2", ["SELECT 'open", "SELECT 2"]),
    ],
)
def test_statements_are_split_at_their_ends_only(sql: str, statements: list[str]) -> None:
    assert split_statements(sql) == statements


@pytest.mark.parametrize(
    ("typed", "complete"),
    [
        ("SELECT 1;", True), ("SELECT 1 ; ", True), ("SELECT 1; -- and a note", True), ("SELECT 1", False), ("SELECT ';'", False),
        ("SELECT 'a;", False), ("SELECT 'a\nb';", True), ("SELECT 1 /* ; */", False), ("SELECT 1 /* ;", False), ("SELECT 1 -- ;", False),
        ("a; b", False), ('SELECT "a;', False),
    ],
)  # fmt: skip
def test_a_typed_text_is_complete_after_its_semicolon(typed: str, complete: bool) -> None:
    assert is_complete(typed) is complete


def test_a_message_points_at_its_place() -> None:
    sql = "SELECT *\nFROM ventas WHERE año = 1"
    assert point_at(sql, "line 2:19: mismatched input") == "  FROM ventas WHERE año = 1\n                    ^"
    assert point_at(sql, "line 9:1: beyond") == ""
    assert point_at(sql, "no place at all") == ""


def test_a_very_long_line_is_cut_around_the_place() -> None:
    sql = "SELECT " + ", ".join(f"col{number}" for number in range(500))
    shown, mark = point_at(sql, f"line 1:{sql.index('col400') + 1}: Column").splitlines()
    assert len(shown) < 120
    assert shown[len(mark) - 1 :].startswith("col400")
