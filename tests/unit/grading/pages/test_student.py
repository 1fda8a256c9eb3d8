"""A student's page: all that concerns them, nothing that concerns others, and nothing that was not checked."""

from __future__ import annotations

import pytest

from labkit.checks.finding import NOT_YET
from labkit.grading.pages.student import build_student_page
from labkit.i18n import LANGUAGES, use_language
from tests.unit.grading import made_up
from tests.unit.grading.pages.html_reader import Page, assert_sound


def read(place: int, given: dict | None = None) -> Page:  # type: ignore[type-arg]
    rows = made_up.build_rows(given)
    return Page(build_student_page(rows[place], made_up.build_report(rows)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("place", range(4))
def test_every_page_is_sound_whatever_is_in_it(place: int, language: str) -> None:
    use_language(language)
    page = read(place)
    assert_sound(page)
    assert page.find("html")[0]["lang"] == language


def test_hostile_words_are_shown_and_do_nothing() -> None:
    page = read(1)
    assert not page.find("img")
    assert "<script>alert(1)</script>" in page.text
    assert "\\x1b[31m" in page.text
    assert "\\u202e" in page.text
    assert "\\x00" in page.text


def test_long_output_is_cut_with_a_note() -> None:
    page = read(1)
    # What is long here is the student's text, which a person reads whole; of outputs a few lines are kept.
    assert len(page.html) < 300_000
    assert "línea cortada" in page.text
    assert "460 líneas más" in page.text


def test_each_task_has_its_state_in_words_its_points_and_its_hints_when_open() -> None:
    page = read(1)
    assert "1.1 · " in page.text
    assert "✓ superada 3 de 3 puntos" in page.text
    assert "✗ todavía no 0 de 2 puntos" in page.text
    assert page.text.count("Pistas") == 1


def test_check_cells_are_told_by_their_findings_and_not_by_the_runner() -> None:
    assert "TaskFailed" not in read(1).html


def test_a_check_that_broke_shows_no_word_of_ours_and_blames_nobody() -> None:
    page = read(2)
    assert "SECRETO" not in page.html
    assert "nota provisional" in page.text
    assert "no tuyo" in page.text


def test_the_folder_of_the_run_is_not_shown() -> None:
    cell = made_up.CellMark(
        "01_s3",
        "t1-1-answer",
        "failed",
        0.1,
        "FileNotFoundError: '/home/profe/notas/.grading/work/ana-12-34/kernel/x.csv'",
    )
    rows = made_up.build_rows(found=[made_up.grade("Ana", "ana", {"1.1": NOT_YET}, cells=(cell,))])
    page = Page(build_student_page(rows[0], made_up.build_report(rows)))
    assert "profe" not in page.html
    assert "…/x.csv" in page.text


def test_a_key_that_the_catalogue_lacks_or_facts_that_do_not_fit_stop_no_page() -> None:
    found = made_up.grade("Ana", "ana")
    odd = ({"ok": False, "key": "gone.key", "facts": {}, "misconception": "pages.line_cut"},)
    mark = made_up.TaskMark("1.1", "strange", 0, 3, "etl", odd)
    gone = made_up.TaskMark("1.99", "passed", 1, 1, "etl")
    row = made_up.build_row(made_up.Graded("Ana", "ana", (mark, gone), (), (), {}, 1.0))
    page = Page(build_student_page(row, made_up.build_report([row])))
    assert found.key == "ana"
    assert "gone.key" in page.text
    assert "1.99" in page.text


def test_text_that_waits_says_so_and_the_total_is_provisional() -> None:
    page = read(0)
    assert "nota provisional" in page.text
    assert "Quedan 6 apartados" in page.text
    assert "18 de 20 puntos" in page.text


def test_what_a_reader_gave_is_shown_with_its_feedback_and_without_private_notes() -> None:
    shares = {"context": 1.0, "options": 0.6, "decision": 0.0, "consequences": 1.0, "trigger": 1.0, "honesty": 1.0}
    given = made_up.give("ana-nunez", shares, comment="Muy claro <b>", private="RESERVADO")
    page = read(0, given)
    assert "RESERVADO" not in page.html
    assert "nota provisional" not in page.text
    assert "19,3 de 20 puntos" in page.text
    assert "en parte" in page.text
    assert "0,3 / 0,5" in page.text
    assert "Comentario: Muy claro <b>" in page.text
    assert "Describe la carga con sus números" in page.text
    assert "50 % si solo" not in page.html  # the note for who grades


def test_a_blank_text_waits_for_nobody() -> None:
    page = read(3)
    assert "sin texto" in page.text
    assert "nota provisional" not in page.text


def test_nobody_else_is_on_the_page() -> None:
    page = read(0)
    assert "Beto" not in page.html
    assert "Carla" not in page.html
    assert "Diego" not in page.html
