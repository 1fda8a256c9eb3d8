"""JupyterLab's page as a person uses it: open, run, read, press. Waits for conditions of the page, never for a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

START_MS = 60_000
RUN_MS = 120_000
# The notebook in front; others may be restored behind it.
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
RUN_MENU = 3
RETRIES = 40
# The server's word for it: the page itself calls a kernel idle that it has not reached yet.
READY = """async panel => {
    const told = JSON.parse(document.getElementById('jupyter-config-data').textContent);
    const reply = await fetch(told.baseUrl + 'api/sessions?token=' + told.token);
    const name = decodeURIComponent(location.pathname.split('/lab/tree/')[1] || '');
    const mine = (await reply.json()).find(session => session.path === name);
    const status = document.querySelector(panel + ' .jp-Notebook-ExecutionIndicator').dataset.status;
    return mine && mine.kernel.connections > 0 && mine.kernel.execution_state === 'idle' && status === 'idle';
}"""
PROMPTS = """panel => [...document.querySelectorAll(panel + ' .jp-CodeCell .jp-InputPrompt')]
    .map(prompt => prompt.textContent).filter(text => /[\\d*]/.test(text)).join('')"""
RUN = """panel => {
    const prompts = [...document.querySelectorAll(panel + ' .jp-CodeCell .jp-InputPrompt')].map(prompt => prompt.textContent);
    const status = document.querySelector(panel + ' .jp-Notebook-ExecutionIndicator').dataset.status;
    return status === 'idle' && prompts.some(text => /\\d/.test(text)) && !prompts.some(text => text.includes('*'));
}"""


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
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """The kernel is idle and this window is connected to it; before that, JupyterLab ignores "run"."""
        self.page.wait_for_selector(f"{PANEL} .jp-CodeCell", timeout=START_MS)
        self.page.wait_for_function(READY, arg=PANEL, timeout=START_MS, polling=200)

    def run_all(self) -> None:
        """Run > Run All Cells, and wait until no cell is waiting any more."""
        self.send(lambda: self.press_menu(RUN_MENU, "runmenu:run-all"))
        self.wait_until_run()

    def send(self, press: Callable[[], None]) -> None:
        """Press until something runs: nothing of a page tells when it has its session, and until then it drops what is sent."""
        from playwright.sync_api import TimeoutError as NotYet

        before = self.page.evaluate(PROMPTS, PANEL)
        for _ in range(RETRIES):
            press()
            try:
                self.page.wait_for_function(
                    f"([panel, before]) => ({PROMPTS})(panel) !== before", arg=[PANEL, before], timeout=3_000
                )
                return
            except NotYet:
                continue
        raise AssertionError("nothing ran")

    def press_menu(self, place: int, command: str) -> None:
        """Press an entry of the menu bar; told by its command, whatever the language."""
        self.page.locator(".lm-MenuBar-item").nth(place).click()
        self.page.locator(f'.lm-Menu-item[data-command="{command}"]:not(.lm-mod-disabled)').click()

    def wait_until_run(self) -> None:
        """Every code cell that was sent has its number (or was given up after an error)."""
        self.page.wait_for_function(RUN, arg=PANEL, timeout=RUN_MS)

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
        cell.locator(".cm-content").first.click()
        self.send(lambda: self.page.keyboard.press("Control+Enter"))
        self.wait_until_run()
        return cell.locator(".jp-OutputArea").first

    def write_below(self, source: str, *, wait: bool = True) -> Locator:
        """A new cell at the end with this source, run; returns its output."""
        last = self.page.locator(f"{PANEL} .jp-Notebook-cell").last
        last.scroll_into_view_if_needed()
        last.locator(".jp-InputPrompt").first.click()
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("b")
        self.page.keyboard.press("y")
        self.page.keyboard.press("Enter")
        self.page.keyboard.insert_text(source)
        self.send(lambda: self.page.keyboard.press("Control+Enter"))
        if wait:
            self.wait_until_run()
        return self.cells().last.locator(".jp-OutputArea").first

    def failed_cells(self) -> list[str]:
        """What every cell says that ended in an error or wrote to stderr; cells far off the screen have text, but nothing drawn."""
        # JupyterLab draws both with the renderer of stderr, and names the element after the renderer.
        errors = self.page.locator(f'{PANEL} .jp-CodeCell [data-mime-type="application/vnd.jupyter.stderr"]')
        return [text.strip() for text in errors.all_text_contents()]

    def close(self) -> None:
        self.page.context.close()

    def _note(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
            self.asked_outside.append(url)
