"""rubric.csv: written, filled in by a person with any spreadsheet, and read back."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from labkit.errors import DataError
from labkit.grading.rubric.scheme import find_rubrics
from labkit.grading.rubric.sheet import Given, build_sheet, find_strangers, merge_given, read_sheet
from tests.unit.grading import made_up

HEAD = "student,key,item,title,points,percent,comment,private"


def write(tmp_path: Path, words: str | bytes) -> Path:
    path = tmp_path / "rubric.csv"
    path.write_bytes(words if isinstance(words, bytes) else words.encode("utf-8-sig"))
    return path


def build(given: dict[tuple[str, str, str], Given] | None = None) -> str:
    return build_sheet(made_up.build_rows(given), find_rubrics([8]), given or {})


def test_everybody_who_wrote_has_a_line_an_item() -> None:
    rows = list(csv.DictReader(io.StringIO(build(), newline="")))
    assert [row["key"] for row in rows] == ["ana-nunez"] * 6 + ["beto"] * 6 + ["carla"] * 6
    assert rows[0] | {"title": ""} == {
        "student": "Ana Núñez", "key": "ana-nunez", "item": "8.5 context", "title": "", "points": "0.3",
        "percent": "", "comment": "", "private": "",
    }  # fmt: skip


def test_no_cell_is_a_formula() -> None:
    given = made_up.give("ana-nunez", {"context": 0.5}, comment="=cmd()", private="@x")
    rows = list(csv.reader(io.StringIO(build(given), newline="")))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in rows for cell in row)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    given = made_up.give(
        "ana-nunez", {"context": 1.0, "options": 0.6, "trigger": None}, comment='=1 "y"\n, no', private="-p"
    )
    found = read_sheet(write(tmp_path, build(given)))
    assert len(found) == 18
    for place, one in given.items():
        assert (found[place].share, found[place].comment, found[place].private) == (one.share, one.comment, one.private)
    assert read_sheet(write(tmp_path, build(found))) == found


@pytest.mark.parametrize(
    ("words", "share"),
    [("100", 1), ("0", 0), ("33,5", 0.335), ("33.5", 0.335), ("50 %", 0.5), ("75%", 0.75), ("sí", 1), ("NO", 0), ("x", 1), ("", None)],
)  # fmt: skip
def test_a_percentage_may_be_written_in_many_ways(words: str, share: float | None, tmp_path: Path) -> None:
    found = read_sheet(write(tmp_path, f'{HEAD}\r\nAna,ana,8.5 context,,,"{words}",,\r\n'))
    assert found["ana", "8.5", "context"].share == (None if share is None else pytest.approx(share))


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_however_a_spreadsheet_saved_it(mark: str, encoding: str, tmp_path: Path) -> None:
    words = f"{HEAD}\nAna Núñez,ana,8.5 context,,,40,Muy bien señora,\n,,,,,,,\n".replace(",", mark)
    one = read_sheet(write(tmp_path, words.encode(encoding)))["ana", "8.5", "context"]
    assert (one.student, one.share, one.comment) == ("Ana Núñez", 0.4, "Muy bien señora")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Ana,ana,8.5 context,,,120,,", "120"),
        ("Ana,ana,8.5 context,,,-1,,", "-1"),
        ("Ana,ana,8.5 context,,,nan,,", "nan"),
        ("Ana,ana,8.5 context,,,mucho,,", "mucho"),
        ("Ana,ana,08-may,,,50,,", "08-may"),
        ("Ana,,8.5 context,,,50,,", "key"),
        ("Ana,ana,8.5 context,,,50,,\nAna,ana,8.5 context,,,60,,", "línea 4"),
    ],
)
def test_a_line_that_cannot_be_understood_is_named_and_nothing_is_taken(line: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_sheet(write(tmp_path, f"{HEAD}\nBeto,beto,8.5 context,,,50,,\n{line}\n"))
    assert said in str(caught.value)


@pytest.mark.parametrize("words", ["", "a,b\n1,2\n", "student;key;percent\n"])
def test_missing_columns_are_named(words: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="item"):
        read_sheet(write(tmp_path, words))


@pytest.mark.parametrize("words", [b"\x00\x00", HEAD.encode() + b"\n" + b'"' + b"x" * 200_000, b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_csv_is_refused(words: bytes, tmp_path: Path) -> None:
    with pytest.raises(DataError):
        read_sheet(write(tmp_path, words))
    with pytest.raises(DataError, match="gone"):
        read_sheet(tmp_path / "gone.csv")


def test_newer_marks_win_where_they_say_something() -> None:
    kept = made_up.give("ana", {"context": 0.2, "options": 0.4})
    merged = merge_given(kept, made_up.give("ana", {"context": 0.9, "options": None, "trigger": None}))
    assert [merged["ana", "8.5", item].share for item in ("context", "options", "trigger")] == [0.9, 0.4, None]


def test_a_mark_is_taken_back_with_a_dash(tmp_path: Path) -> None:
    kept = made_up.give("ana", {"context": 0.2, "options": 0.4}, comment="x")
    newer = read_sheet(write(tmp_path, f"{HEAD}\nAna,ana,8.5 context,,,-,,\nAna,ana,8.5 options,,,'-,,\n"))
    merged = merge_given(kept, newer)
    assert all(one.is_empty for one in merged.values())
    assert "0.2" not in build_sheet([], find_rubrics([8]), merged)


def test_marks_of_nobody_are_kept_and_told() -> None:
    rubrics = find_rubrics([8])
    given = (
        made_up.give("fuera", {"context": 1.0})
        | made_up.give("ana-nunez", {"gone": 0.5})
        | made_up.give("ana-nunez", {"context": 1.0})
    )
    assert [one.item for one in find_strangers(given, ["ana-nunez"], rubrics)] == ["context", "gone"]
    words = build(given)
    assert ",fuera,8.5 context," in words
    assert ",ana-nunez,8.5 gone," in words
