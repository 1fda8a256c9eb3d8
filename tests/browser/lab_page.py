"""JupyterLab's page as a person uses it: open, run, read, press. Waits for conditions of the page, never for a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

START_MS = 60_000
RUN_MS = 180_000
# The notebook in front; others may be restored behind it.
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
RUN_MENU = 3


class LabPage:
    """One browser window with one notebook in front."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked_outside: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self._note(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())

    def go(self, url: str) -> None:
        """Open an address and wait until the notebook's kernel is ready."""
        self.page.goto(url)
        self.wait_until_idle(START_MS)

    def wait_until_idle(self, timeout_ms: int = RUN_MS) -> None:
        self.page.wait_for_selector(f"{PANEL} .jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=timeout_ms)

    def run_all(self) -> None:
        """Run > Run All Cells, and wait until no cell is waiting any more."""
        self.press_menu(RUN_MENU, "runmenu:run-all")
        self.wait_until_run()

    def press_menu(self, place: int, command: str) -> None:
        """Press an entry of the menu bar; told by its command, whatever the language."""
        self.page.locator(".lm-MenuBar-item").nth(place).click()
        self.page.locator(f'.lm-Menu-item[data-command="{command}"]:not(.lm-mod-disabled)').click()

    def wait_until_run(self) -> None:
        """Every code cell that was sent has its number (or was given up after an error)."""
        self.page.wait_for_function(
            """panel => {
                const prompts = [...document.querySelectorAll(panel + ' .jp-CodeCell .jp-InputPrompt')];
                const texts = prompts.map(prompt => prompt.textContent);
                const status = document.querySelector(panel + ' .jp-Notebook-ExecutionIndicator').dataset.status;
                return status === 'idle' && texts.some(text => /\\d/.test(text)) && !texts.some(text => text.includes('*'));
            }""",
            arg=PANEL,
            timeout=RUN_MS,
        )

    def cells(self) -> Locator:
        return self.page.locator(f"{PANEL} .jp-CodeCell")

    def cell(self, text: str) -> Locator:
        """The code cell whose source holds `text`."""
        return self.cells().filter(has=self.page.locator(".cm-content", has_text=text)).first

    def output_of(self, text: str) -> Locator:
        return self.cell(text).locator(".jp-OutputArea").first

    def run_cell(self, text: str) -> Locator:
        """Click into a cell, press Ctrl+Enter, wait, and return its output."""
        cell = self.cell(text)
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        self.wait_until_run()
        return cell.locator(".jp-OutputArea").first

    def write_below(self, source: str) -> Locator:
        """A new cell at the end with this source, run; returns its output."""
        last = self.cells().last
        last.scroll_into_view_if_needed()
        last.locator(".jp-InputPrompt").first.click()
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("b")
        self.page.keyboard.press("Enter")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Control+Enter")
        self.wait_until_run()
        return self.cells().last.locator(".jp-OutputArea").first

    def failed_cells(self) -> list[str]:
        """The output of every cell that ended in an error."""
        found = self.page.locator(f"{PANEL} .jp-CodeCell").all()
        errors = [
            cell.locator(
                '[data-mime-type="application/vnd.jupyter.error"], .jp-RenderedText[data-mime-type="application/vnd.jupyter.stderr"]'
            )
            for cell in found
        ]
        return [error.first.inner_text() for error in errors if error.count()]

    def close(self) -> None:
        self.page.context.close()

    def _note(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
            self.asked_outside.append(url)
