"""The pages of marks in a real browser: readable for everybody, deaf to whatever a student wrote, and a form that gives a CSV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labkit.grading.pages.write import write_pages
from labkit.grading.rubric.form import build_form
from labkit.grading.rubric.sheet import read_sheet
from tests.browser.test_accessibility import RULES
from tests.unit.grading import made_up

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGES = ("index.html", "students/ana-nunez.html", "students/beto.html", "rubric.html")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("notas de la señora")
    given = made_up.give(
        "ana-nunez", {"context": 1.0, "options": 0.5}, comment="=1 Bien, «claro»", private="no verá\nesto"
    )
    rows = made_up.build_rows(given)
    write_pages(made_up.build_report(rows), out)
    (out / "rubric.html").write_text(build_form(rows, given, "labkit grade …"), encoding="utf-8")
    return out


@pytest.fixture
def heard() -> list[str]:
    """What a page asked for, said or opened."""
    return []


@pytest.fixture
def window(browser: Browser, request: pytest.FixtureRequest, heard: list[str]) -> Iterator[Page]:
    context = browser.new_context(
        color_scheme=getattr(request, "param", "light"), viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda asked: asked.url.startswith(("file:", "data:", "blob:")) or heard.append(asked.url))
    yield page
    context.close()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("window", ["light", "dark"], indirect=True)
def test_axe_finds_nothing_and_nothing_happens(window: Page, name: str, folder: Path, heard: list[str]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    window.goto((folder / name).as_uri())
    window.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    found: list[dict[str, Any]] = Axe().run(window, options=RULES).response["violations"]
    assert [f"{rule['id']}: {node['html'][:150]}" for rule in found for node in rule["nodes"][:3]] == []
    assert heard == []
    window.set_viewport_size({"width": 360, "height": 700})
    assert window.evaluate("document.documentElement.scrollWidth") <= 360


def test_links_lead_to_the_students_pages(window: Page, folder: Path) -> None:
    window.goto((folder / "index.html").as_uri())
    window.get_by_role("link", name="Ana Núñez").click()
    assert window.get_by_role("heading", level=1).inner_text().startswith("Ana Núñez")


def test_what_is_filled_in_is_saved_as_the_csv_that_is_merged(
    window: Page, folder: Path, tmp_path: Path, heard: list[str]
) -> None:
    window.goto((folder / "rubric.html").as_uri())
    assert window.get_by_role("status").inner_text().endswith(": 16")
    window.get_by_label("Porcentaje, Ana Núñez: Decisión").fill("75")
    window.get_by_label("Comentario para el estudiante, Ana Núñez: Decisión").fill('=cmd(), "sí"\nsegunda')
    window.get_by_label("Nota privada, Ana Núñez: Decisión").fill("-mirar")
    window.get_by_label("Porcentaje, Ana Núñez: Opciones").fill("")
    assert window.get_by_role("status").inner_text().endswith(": 16")
    with window.expect_download() as waiting:
        window.get_by_role("button", name="Guardar rubric.csv").click()
    assert waiting.value.suggested_filename == "rubric.csv"
    saved = tmp_path / "rubric.csv"
    waiting.value.save_as(saved)
    found = read_sheet(saved)
    assert len(found) == 18
    decision = found["ana-nunez", "8.5", "decision"]
    assert (decision.share, decision.comment, decision.private) == (0.75, '=cmd(), "sí"\nsegunda', "-mirar")
    assert found["ana-nunez", "8.5", "options"].is_taken_back
    context = found["ana-nunez", "8.5", "context"]
    assert (context.share, context.comment, context.private) == (1.0, "=1 Bien, «claro»", "no verá\nesto")
    assert heard == []


def test_a_percentage_beyond_the_scale_is_not_saved(window: Page, folder: Path) -> None:
    window.goto((folder / "rubric.html").as_uri())
    field = window.get_by_label("Porcentaje, Ana Núñez: Decisión")
    field.fill("120")
    window.get_by_role("button", name="Guardar rubric.csv").click()
    assert field.evaluate("(field) => document.activeElement === field && !field.checkValidity()")
