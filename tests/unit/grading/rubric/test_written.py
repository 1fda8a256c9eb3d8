"""What a free text is worth."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from labkit.grading.editions.edition import STUDENT, Edition, build_edition
from labkit.grading.marks.files import write_marks
from labkit.grading.marks.sheet import build_row
from labkit.grading.rubric.scheme import Rubric
from labkit.grading.rubric.written import build_written
from tests.unit.grading import made_up

ALL = dict.fromkeys(made_up.ITEMS, 1.0)


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_text_as_it_was_handed_out_is_blank_in_either_language(language: str) -> None:
    source = made_up.source_of("08_evaluacion")
    translation = next((one for one in source.translations if one.language == language), None)
    built = build_edition(source.notebook, Edition(STUDENT, language, translation))
    handed_out = "".join(next(cell["source"] for cell in built["cells"] if cell["id"] == "t8-5-text"))
    free_text = made_up.free_texts()[0]
    assert free_text.is_blank(handed_out)
    assert free_text.is_blank("")
    assert free_text.is_blank("  \n\n")
    assert not free_text.is_blank(handed_out + "\nLambda, porque es más barato.")


def test_points_follow_the_share_and_the_rubric() -> None:
    row = made_up.build_rows(made_up.give("ana-nunez", ALL | {"options": 0.6, "honesty": 0.0}))[0]
    written = row.written[0]
    assert (written.earned, written.points, written.pending) == (1.6, 2, ())
    assert (row.total, row.points, row.is_pending) == (19.6, 20, False)
    assert row.by_notebook[8] == 9.6
    assert row.by_outcome["evaluation"] == 7.6 - 0.0


def test_an_item_that_nobody_read_is_pending_and_counts_nothing_yet() -> None:
    row = made_up.build_rows(made_up.give("ana-nunez", {"context": 1.0}))[0]
    assert [mark.item.id for mark in row.written[0].pending] == list(made_up.ITEMS[1:])
    assert row.is_pending
    assert row.total == 18.3


def test_another_number_of_points_reckons_everybody_anew() -> None:
    given = made_up.give("ana-nunez", ALL | {"options": 0.5})
    text = made_up.free_texts()[0]
    items = tuple(replace(item, points=1.5) if item.id == "options" else item for item in text.rubric.items)
    dearer = replace(text, rubric=Rubric(text.rubric.task, items))
    graded = made_up.grade("Ana", "ana-nunez")
    before, after = (build_written(graded, [one], given)[0] for one in (text, dearer))
    assert (before.earned, before.points) == (1.75, 2)
    assert (after.earned, after.points) == (2.25, 3)


def test_a_blank_text_is_worth_what_a_person_gave_it_all_the_same() -> None:
    row = made_up.build_rows(made_up.give("diego", {"context": 0.5}))[3]
    assert row.written[0].is_blank
    assert not row.is_pending
    assert row.total == 0.15


def test_nobodys_private_note_is_in_what_pages_and_marks_are_made_from(tmp_path: Path) -> None:
    rows = made_up.build_rows(made_up.give("ana-nunez", ALL, private="RESERVADO"))
    assert "RESERVADO" not in repr(rows)
    paths = write_marks(rows, tmp_path)
    assert not any("RESERVADO" in path.read_text(encoding="utf-8") for path in paths)


def test_mark_sheets_have_the_points_of_texts_and_say_what_waits(tmp_path: Path) -> None:
    rows = made_up.build_rows(made_up.give("ana-nunez", ALL) | made_up.give("beto", {"context": 1.0}))
    write_marks(rows, tmp_path)
    lines = [line.split(",") for line in (tmp_path / "marks.csv").read_text(encoding="utf-8-sig").splitlines()]
    assert lines[1][2:6] == ["20", "20", "yes", "0"]
    assert lines[1][lines[0].index("8.5 text")] == "2"
    document = json.loads((tmp_path / "marks.json").read_text(encoding="utf-8"))
    assert document[1]["written"][0]["pending"] == list(made_up.ITEMS[1:])
    assert (document[0]["total"], document[0]["possible"]) == (20, 20)


def test_without_the_notebook_there_is_no_free_text() -> None:
    assert build_row(made_up.grade("Ana", "ana"), build_written(made_up.grade("Ana", "ana"), [], {})).written == ()
