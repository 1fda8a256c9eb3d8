"""What a student sees first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.browser.conftest import ROOT, RunningLab

NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks" / "es").glob("*.ipynb"))


def test_the_lab_opens_in_spanish_with_nothing_popping_up_and_nothing_asked_of_the_internet(
    lab: RunningLab, open_page: Any
) -> None:
    page = open_page(lab, NOTEBOOKS[0])
    menus = page.page.locator(".lm-MenuBar-item").all_inner_texts()
    assert {"Archivo", "Editar", "Ver", "Configuración", "Ayuda"} <= set(menus)
    assert page.page.locator(".Toastify__toast, .jp-Dialog").count() == 0
    assert page.asked_outside == []
    assert page.errors == []
    pictures = page.page.locator(".jp-MarkdownOutput img")
    pictures.first.wait_for()
    assert all(picture.evaluate("image => image.complete && image.naturalWidth > 0") for picture in pictures.all())


@pytest.mark.slow
@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_each_notebook_opens_and_its_kernel_gets_ready(
    lab: RunningLab, open_page: Any, notebook: str, language: str
) -> None:
    page = open_page(lab, notebook, language)
    assert page.errors == []
    missing = page.page.locator(".jp-MarkdownOutput img").evaluate_all(
        "images => images.filter(i => i.complete && i.naturalWidth === 0).map(i => i.src)"
    )
    assert missing == []


def test_a_second_call_says_where_the_first_one_runs_and_changes_the_language(lab: RunningLab, open_page: Any) -> None:
    words = ["--no-browser", "--folder", str(lab.folder), "--state", str(lab.state_dir)]
    command = [sys.executable, "-m", "labkit", "lab", *words]
    env = {**os.environ, "HOME": str(lab.folder.parent / "home")}

    def call(language: str) -> str:
        done = subprocess.run(
            [*command, "--lang", language, NOTEBOOKS[0]], env=env, capture_output=True, text=True, check=True
        )
        return done.stdout

    said = call("en")
    try:
        assert lab.page_url(NOTEBOOKS[0], "en") in said
        page = open_page(lab, NOTEBOOKS[0], "en")
        assert "File" in page.page.locator(".lm-MenuBar-item").all_inner_texts()
        assert page.page.locator("html").get_attribute("lang") in (None, "en")
    finally:
        call("es")


def test_nobody_gets_in_without_the_token(lab: RunningLab) -> None:
    bare = lab.url.split("?")[0].replace("/lab/", "/api/contents?")
    with pytest.raises(urllib.error.HTTPError) as told:
        urllib.request.urlopen(bare)
    told.value.close()
    assert told.value.code == 403


def test_the_first_page_is_the_first_notebook(lab: RunningLab) -> None:
    root, token = lab.url.split("/lab/")[0], lab.url.split("token=")[1]
    with urllib.request.urlopen(f"{root}/?token={token}") as reply:
        assert reply.url.startswith(f"{root}/lab/tree/es/{NOTEBOOKS[0]}.ipynb")


def test_a_terminal_has_the_commands_and_the_cloud(lab: RunningLab) -> None:
    root, token = lab.url.split("/lab/")[0], lab.url.split("token=")[1]
    with urllib.request.urlopen(f"{root}/api/kernelspecs?token={token}") as reply:
        kernel = json.load(reply)["kernelspecs"]["python3"]["spec"]
    assert kernel["argv"][0] == sys.executable
