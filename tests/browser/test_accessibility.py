"""A notebook saved as HTML can be read by everybody: axe finds nothing against WCAG 2.1 AA, in light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labkit.commands.jupyter import configuration
from tests.browser.conftest import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TEMPLATES = Path(configuration.__file__).parent / "templates"
STUDENT = sorted((ROOT / "notebooks").glob("e[sn]/*.ipynb"))
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],
}


def find_violations(browser: Browser, notebook: Path, language: str, theme: str, folder: Path) -> list[str]:
    """Save a notebook as HTML, as JupyterLab does here, and let axe look at it."""
    from axe_playwright_python.sync_playwright import Axe
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    config = Config(configuration.build_export_config(language))
    exporter = HTMLExporter(config=config, theme=theme, embed_images=True, extra_template_basedirs=[str(TEMPLATES)])
    html, _ = exporter.from_filename(str(notebook))
    saved = folder / f"{language}-{theme}-{notebook.stem}.html"
    saved.write_text(html, encoding="utf-8")
    context = browser.new_context(color_scheme=theme)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        # The page asks for MathJax and RequireJS elsewhere, and must do without them.
        page.route(
            "**/*",
            lambda route: route.continue_() if route.request.url.startswith(("file:", "data:")) else route.abort(),
        )
        page.goto(saved.as_uri())
        found: list[dict[str, Any]] = Axe().run(page, options=RULES).response["violations"]
    finally:
        context.close()
    return [f"{rule['id']}: {node['html'][:150]}" for rule in found for node in rule["nodes"][:3]]


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("notebook", STUDENT, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_each_notebook_saved_as_html_is_accessible(
    browser: Browser, notebook: Path, theme: str, tmp_path: Path
) -> None:
    assert find_violations(browser, notebook, notebook.parent.name, theme, tmp_path) == []
