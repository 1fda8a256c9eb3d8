"""A real `labkit lab` in a folder as awkward as a student's, and a headless Chromium in front of it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.lab_page import LabPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PICTURES = ROOT / "build" / "browser"
# Quiet for a machine without internet: Chromium would look for its maker's servers all the time.
SWITCHES = ("--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-gpu")  # fmt: skip
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    setattr(item, f"report_{report.when}", report)
    return report


@dataclass(frozen=True)
class RunningLab:
    """A `labkit lab` of ours: its folder, its state, the address with the token, its process."""

    folder: Path
    state_dir: Path
    url: str
    process: subprocess.Popen[str]

    def page_url(self, notebook: str, language: str = "es") -> str:
        """The address of a notebook, `notebook` without its ending."""
        return re.sub(r"/lab/tree/\S+\.ipynb", f"/lab/tree/{language}/{notebook}.ipynb", self.url)


def start_lab(folder: Path, *words: str, env: dict[str, str] | None = None) -> RunningLab:
    """Type `labkit lab` and read the address it says."""
    state_dir = folder / ".labkit"
    command = [
        sys.executable,
        "-m",
        "labkit",
        "lab",
        "--no-browser",
        "--folder",
        str(folder),
        "--state",
        str(state_dir),
    ]
    home = folder.parent / "home"
    home.mkdir(parents=True, exist_ok=True)
    surroundings = {
        **os.environ,
        "HOME": str(home),
        "LABKIT_LANG": "es",
        "LABKIT_WARM_DRIVER": "started",
        **(env or {}),
    }
    # What Spark's start needs once a machine stays where it is, or each run would make it anew.
    surroundings.setdefault("LABKIT_CACHE", str(Path.home() / ".cache" / "labkit"))
    process = subprocess.Popen(
        [*command, *words], cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        found = re.search(r"JupyterLab: (http\S+)", line)
        if found:
            return RunningLab(folder, state_dir, found[1], process)
    raise AssertionError(f"labkit lab ended with {process.wait()}:\n{''.join(said)}")


def stop_lab(lab: RunningLab) -> str:
    """Press Ctrl-C and return what was said at the end."""
    if lab.process.poll() is None:
        lab.process.send_signal(signal.SIGINT)
    rest, _ = lab.process.communicate(timeout=60)
    return rest


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no Chromium on this machine (looked for {', '.join(CHROMIUM)})")
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=list(SWITCHES))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def lab(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    """One lab for the session; a test that breaks things starts its own."""
    running = start_lab(tmp_path_factory.mktemp("Mi año de datos") / "lab de la señora")
    yield running
    stop_lab(running)


@pytest.fixture
def open_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Any]:
    """`open_page(lab, "03_crawler")` is that notebook in a fresh window; what it showed is kept when the test fails."""
    opened: list[LabPage] = []

    def open_notebook(lab: RunningLab, notebook: str, language: str = "es", **options: Any) -> LabPage:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        page = LabPage(context.new_page())
        opened.append(page)
        page.go(lab.page_url(notebook, language) + "&reset")  # without the windows of the test before
        return page

    yield open_notebook
    failed = getattr(request.node, "report_call", None)
    for number, page in enumerate(opened):
        if failed is not None and failed.failed:
            PICTURES.mkdir(parents=True, exist_ok=True)
            page.page.screenshot(path=PICTURES / f"failed-{request.node.name[:60].replace('/', '-')}-{number}.png")
        page.close()
