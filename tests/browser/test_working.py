"""A lesson as a student works through it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.books import write_book, write_solution
from tests.browser.conftest import PICTURES, RunningLab


def test_a_check_says_what_is_missing_and_a_hint_unfolds(lab: RunningLab, open_page: Any) -> None:
    name = write_book(
        lab.folder, "probar", "import labkit\nlab = labkit.open(0)", "rows = ...", 'lab.check("0.1", rows=rows)'
    )
    page = open_page(lab, name)
    page.run_all()
    assert "sin intentar" in page.output_of("lab.check").inner_text()
    assert "Traceback" not in page.output_of("lab.check").inner_text()
    # One short line, and the proof that `failed_cells` sees an error.
    assert [text.partition(":")[0] for text in page.failed_cells()] == ["0.1 sin intentar"]
    page.write_below('lab.hint("0.1")')
    hint = page.cells().last.locator(".jp-OutputArea details").first
    assert hint.get_attribute("open") is not None
    hint.locator("summary").click()
    assert hint.get_attribute("open") is None


@pytest.mark.slow
@pytest.mark.parametrize("name", ["00_inicio", "01_s3"])
def test_a_solved_notebook_runs_from_top_to_bottom(lab: RunningLab, open_page: Any, name: str) -> None:
    page = open_page(lab, write_solution(lab.folder, name))
    page.run_all()
    assert page.failed_cells() == []
    assert page.asked_outside == []
    assert "superad" in " ".join(page.cells().all_text_contents())


@pytest.mark.slow
def test_a_file_chosen_in_the_browser_travels_through_the_map(lab: RunningLab, open_page: Any, tmp_path: Path) -> None:
    name = write_book(
        lab.folder,
        "mapa",
        "import labkit\nlab = labkit.open(7)",
        "mapa = lab.map(live=True)\nmapa",
        "drop = lab.drop()\ndrop",
    )
    page = open_page(lab, name)
    page.run_all()
    picture = page.output_of("lab.map(live=True)")
    before = picture.inner_text()
    file = tmp_path / "ventas año.csv"
    file.write_text("venta_id,fecha,canal,sku,cantidad\n1,2024-05-01,web,A1,2\n", encoding="utf-8")
    chooser = page.output_of("lab.drop()")
    chooser.scroll_into_view_if_needed()
    with page.page.expect_file_chooser() as chosen:
        chooser.get_by_role("button").first.click()
    chosen.value.set_files(file)
    page.page.wait_for_function(
        "([found, before]) => found.innerText !== before", arg=[picture.element_handle(), before], timeout=30_000
    )
    assert page.errors == []


@pytest.mark.slow
def test_everything_is_done_with_the_keyboard(lab: RunningLab, open_page: Any) -> None:
    name = write_book(
        lab.folder,
        "teclado",
        "import labkit\nlab = labkit.open(0)",
        "mapa = lab.map(live=True)\nmapa",
        'lab.check("0.1", rows=...)',
    )
    page = open_page(lab, name)
    page.page.locator(
        ".jp-CodeCell .jp-InputPrompt"
    ).first.click()  # where a screen reader's user lands with F6 and Tab
    keyboard = page.page.keyboard
    page.send(lambda: keyboard.press("Control+Enter"))
    page.wait_until_run()
    for _ in range(3):
        keyboard.press("Shift+Enter")
    page.wait_until_run()
    assert "sin intentar" in page.output_of("lab.check").inner_text()
    pause = page.output_of("lab.map(live=True)").get_by_role("button", name="Pausa")
    words = pause.inner_text()
    pause.focus()
    assert pause.evaluate(
        "button => getComputedStyle(button).outlineStyle !== 'none' || getComputedStyle(button).boxShadow !== 'none'"
    )
    keyboard.press("Enter")
    page.page.wait_for_function("([button, words]) => button.innerText !== words", arg=[pause.element_handle(), words])


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_pictures_of_a_lesson_in_light_and_dark(lab: RunningLab, open_page: Any, theme: str) -> None:
    """Looked at by a person: build/browser/*.png. What a machine can tell is that the theme is on and everything has run."""
    settings = lab.state_dir / "jupyter/user-settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(f'{{"theme": "{theme}"}}', encoding="utf-8")
    try:
        name = write_book(
            lab.folder,
            "temas",
            "import labkit\nlab = labkit.open(3)",
            "lab.map()",
            "lab.progress()",
            "lab.plan()",
            'lab.check("1.1")',
        )
        page = open_page(lab, name)
        page.page.locator(f'body[data-jp-theme-name="{theme}"]').wait_for(state="attached")
        page.run_all()
        PICTURES.mkdir(parents=True, exist_ok=True)
        for place, cell in enumerate(page.cells().all()):
            cell.scroll_into_view_if_needed()
            page.page.screenshot(path=PICTURES / f"{theme.split()[1].lower()}-{place}.png")
    finally:
        settings.unlink()
