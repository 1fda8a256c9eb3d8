"""Bad days: each ends in a sentence that says what to do, and work is not lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labkit.cloud import daemon
from tests.browser.books import write_book
from tests.browser.conftest import RunningLab, start_lab, stop_lab
from tests.browser.lab_page import PANEL

pytestmark = pytest.mark.slow
OPEN = "import labkit\nlab = labkit.open(0)"
S3 = 'import boto3\nboto3.client("s3").list_buckets()["Buckets"][0]["Name"]'


@pytest.fixture
def own_lab(chromium: str, tmp_path: Path) -> Iterator[RunningLab]:
    """A lab to break."""
    running = start_lab(tmp_path / "año 2")
    yield running
    stop_lab(running)


def test_a_kernel_restarted_in_the_middle_says_which_cell_to_run(lab: RunningLab, open_page: Any) -> None:
    page = open_page(lab, write_book(lab.folder, "reinicio", OPEN, "rows = 5", 'lab.check("0.1", rows=rows)'))
    page.run_all()
    page.press_menu(4, "kernelmenu:restart")
    page.page.locator(".jp-Dialog .jp-mod-accept").click()
    page.wait_until_ready()
    said = page.run_cell("lab.check").inner_text()
    assert "NameError" in said
    page.run_cell("labkit.open(0)")
    page.run_cell("rows = 5")
    assert "NameError" not in page.run_cell("lab.check").inner_text()


def test_cells_out_of_order_say_what_is_missing(lab: RunningLab, open_page: Any) -> None:
    page = open_page(lab, write_book(lab.folder, "desorden", OPEN, "rows = ...", 'lab.check("0.1", rows=rows)'))
    page.run_cell("labkit.open(0)")
    page.run_cell("rows = ...")
    assert "sin intentar" in page.run_cell("lab.check").inner_text()


def test_a_check_cell_that_was_edited_says_what_a_check_is_called_like(lab: RunningLab, open_page: Any) -> None:
    page = open_page(lab, write_book(lab.folder, "tocada", OPEN, 'lab.check("9.9")', "lab.check()"))
    page.run_cell("labkit.open(0)")
    said = page.run_cell('"9.9"').inner_text()
    assert "9.9" in said
    assert "Qué hacer" in said
    assert "task" in page.run_cell("lab.check()").inner_text()


def test_a_notebook_that_names_a_kernel_of_another_computer_gets_this_one(lab: RunningLab, open_page: Any) -> None:
    name = write_book(lab.folder, "otro_kernel", "import sys\nsys.executable", kernel="conda-env-ana-py")
    page = open_page(lab, name)
    page.run_all()
    assert sys.executable in page.output_of("sys.executable").inner_text()


def test_a_cloud_that_died_is_started_again_by_opening_the_step(own_lab: RunningLab, open_page: Any) -> None:
    page = open_page(own_lab, write_book(own_lab.folder, "muerta", OPEN.replace("0", "2"), S3))
    page.run_all()
    assert "'bsg-data-raw'" in page.output_of("list_buckets").inner_text()
    info = json.loads((own_lab.state_dir / "cloud.json").read_text(encoding="utf-8"))
    os.kill(info["pid"], signal.SIGKILL)
    refused = page.run_cell("list_buckets").inner_text()
    assert "EndpointConnectionError" in refused
    page.run_cell("labkit.open(2)")
    assert "'bsg-data-raw'" in page.run_cell("list_buckets").inner_text()


def test_a_check_finds_the_cloud_dead_and_starts_it_again(own_lab: RunningLab, open_page: Any) -> None:
    page = open_page(own_lab, write_book(own_lab.folder, "caida", OPEN, 'lab.check("1.1")'))
    page.run_all()
    before = json.loads((own_lab.state_dir / "cloud.json").read_text(encoding="utf-8"))
    os.kill(before["pid"], signal.SIGKILL)
    said = page.run_cell("lab.check").inner_text()
    assert "sin intentar" in said
    assert "Traceback" not in said
    running = daemon.find_running(own_lab.state_dir)
    assert running is not None
    assert running.pid != before["pid"]


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="only root can make a small disk")
def test_a_full_disk_is_told_before_anything_starts(tmp_path: Path, chromium: str) -> None:
    disk = tmp_path / "disco pequeño"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip(f"this machine mounts nothing: {made.stderr.decode()}")
    try:
        (disk / "lleno").write_bytes(b"x" * 1_020_000)
        words = [
            sys.executable,
            "-m",
            "labkit",
            "lab",
            "--no-browser",
            "--folder",
            str(tmp_path / "lab"),
            "--state",
            str(disk / "estado"),
        ]
        done = subprocess.run(
            words, capture_output=True, text=True, env={**os.environ, "LABKIT_LANG": "es"}, check=False
        )
        assert done.returncode == 1
        assert "El disco está lleno" in done.stdout
        assert "--state DIR" in done.stdout
        assert "Traceback" not in done.stderr
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_work_in_a_tab_survives_ctrl_c(own_lab: RunningLab, open_page: Any) -> None:
    name = write_book(own_lab.folder, "guardado", "a = 1")
    page = open_page(own_lab, name)
    page.write_below("mi_respuesta = 42")
    page.page.keyboard.press("Control+s")
    page.page.locator(f"{PANEL}").wait_for()
    page.page.wait_for_function("() => !document.querySelector('.lm-DockPanel-tabBar .lm-mod-current.jp-mod-dirty')")
    assert str(own_lab.folder / "notebooks" / "es") in stop_lab(own_lab)
    assert "mi_respuesta = 42" in (own_lab.folder / "notebooks/es" / f"{name}.ipynb").read_text(encoding="utf-8")
