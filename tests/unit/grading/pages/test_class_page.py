"""The page of the class."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from labkit.grading.pages.class_figures import list_believed, list_hardness, middle, spread
from labkit.grading.pages.class_page import build_class_page
from labkit.grading.pages.write import write_pages
from labkit.i18n import use_language
from tests.unit.grading import made_up
from tests.unit.grading.pages.html_reader import Page, assert_sound


@pytest.fixture(scope="module")
def page() -> Page:
    use_language("es")
    return Page(build_class_page(made_up.build_report(made_up.build_rows())))


def test_the_page_is_sound_whatever_is_in_it(page: Page) -> None:
    assert_sound(page)
    assert page.find("html")[0]["lang"] == "es"
    assert len(page.html) < 1_000_000


def test_each_plot_is_a_picture_with_words_and_a_table(page: Page) -> None:
    pictures = page.find("img")
    assert len(pictures) == 6
    assert {picture["class"] for picture in pictures} == {"lk-on-light", "lk-on-dark"}
    assert page.text.count("Los datos del gráfico") >= 3


def test_students_are_linked_by_name(page: Page) -> None:
    assert {link["href"] for link in page.find("a") if not link["href"].startswith("#")} == {
        "students/ana-nunez.html",
        "students/beto.html",
        "students/carla.html",
        "students/diego.html",
    }


def test_failures_of_ours_stand_apart_and_first(page: Page) -> None:
    assert "Fallos del calificador" in page.text
    assert "SECRETO" in page.text
    assert page.text.index("Fallos del calificador") < page.text.index("Resultados Media")
    assert "Entregas con un fallo del calificador: 1" in page.text


def test_what_was_stopped_at_a_limit_and_what_was_not_placed_is_told(page: Page) -> None:
    assert "parada por límite" in page.text
    assert "demasiada memoria" in page.text
    assert "Archivos sin colocar" in page.text
    assert "zip dañado" in page.text


def test_how_it_was_graded_is_told(page: Page) -> None:
    for words in (
        "2026-11-29 10:00 UTC",
        "labkit 1.2.3",
        "0123456789abcdef",
        "bubblewrap: red sí",
        "01_s3, 08_evaluacion",
    ):
        assert words in page.text


def test_texts_that_wait_are_counted_and_totals_called_provisional(page: Page) -> None:
    assert "Estudiantes con texto por leer: 3" in page.text


def test_who_has_no_result_yet_is_named() -> None:
    page = Page(build_class_page(replace(made_up.build_report([]), left_out=["Eva <b>"])))
    assert "sin resultado todavía Eva <b>" in page.text


def test_no_student_at_all_is_a_page_too() -> None:
    use_language("en")
    assert_sound(Page(build_class_page(made_up.build_report([]))))


def test_figures_of_a_class() -> None:
    rows = made_up.build_rows()
    assert spread(rows) == {
        "0–9": 1, "10–19": 0, "20–29": 0, "30–39": 0, "40–49": 0, "50–59": 0, "60–69": 0, "70–79": 1, "80–89": 1, "90–100": 1,
    }  # fmt: skip
    assert middle(rows) == (12.25, 15.5, 0, 18)
    hardest = list_hardness(rows)[0]
    assert hardest.mark.task == "1.2"
    assert hardest.states == {"passed": 2, "not_yet": 1, "not_attempted": 1}
    first = next(one for one in list_hardness(rows) if one.mark.task == "1.1")
    assert first.share == pytest.approx(2 / 3), "a check that broke says nothing about the task"
    assert [(one.key, one.students) for one in list_believed(rows)] == [("task_1.misconception.made_up", 1)]


def test_a_page_is_written_for_each_student_and_half_a_character_stops_none(tmp_path: Path) -> None:
    rows = made_up.build_rows(found=[made_up.grade("Ana \ud800", "ana"), made_up.grade("Beto", "beto")])
    write_pages(made_up.build_report(rows), tmp_path)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()) == [
        "index.html",
        "students/ana.html",
        "students/beto.html",
    ]
