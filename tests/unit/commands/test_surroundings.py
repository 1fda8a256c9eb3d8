"""The facts are read off the machine as they are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from labkit.commands import surroundings_machine as machine
from labkit.commands import surroundings_notebooks as notebooks
from labkit.commands.surroundings_installation import find_kernel, find_version, list_packages
from labkit.commands.surroundings_machine import find_disk, find_memory


def test_a_containers_limit_counts_as_the_memory_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit, used = tmp_path / "memory.max", tmp_path / "memory.current"
    limit.write_text(str(2**30), encoding="ascii")
    used.write_text(str(2**29), encoding="ascii")
    monkeypatch.setattr(machine, "_LIMITS", (str(limit),))
    monkeypatch.setattr(machine, "_USED", (str(used),))
    total, free = find_memory()
    assert total == 2**30
    assert free <= 2**29
    limit.write_text("max\n", encoding="ascii")
    assert find_memory()[0] > 2**30
    monkeypatch.setenv("MEM_LIMIT", str(2**31))
    assert find_memory()[0] == 2**31


def test_a_state_folder_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert find_disk(tmp_path / "file" / "state").error
    found = find_disk(tmp_path / "not yet" / "there")
    assert found.error == ""
    assert found.free_bytes > 0
    assert abs(found.clock_lag_s) < 60
    assert not list(tmp_path.glob(".labkit-probe*"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_noticed_though_the_file_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # An empty file fits on a full disk; its content does not.
    (tmp_path / f".labkit-probe-{os.getpid()}").symlink_to("/dev/full")
    assert "space" in find_disk(tmp_path).error.lower()


def test_this_environment_has_what_labkit_names() -> None:
    packages = {package.name: package for package in list_packages()}
    assert {"boto3", "moto", "jupyterlab", "pyspark"} <= set(packages)
    assert all(package.fits for package in packages.values() if package.installed)
    assert find_version("a-package-that-nobody-made") is None


def test_the_kernel_of_this_environment_is_found() -> None:
    kernel, problem = find_kernel()
    assert problem == ""
    assert kernel


def book(*sources: str, output: str = "") -> str:
    cells = [
        {"id": f"c{place}", "source": source, "outputs": [output] if output else []}
        for place, source in enumerate(sources)
    ]
    return json.dumps({"cells": cells})


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shipped = tmp_path / "shipped" / "notebooks"
    for root in (shipped, tmp_path / "lab" / "notebooks"):
        for name in ("es/00_inicio", "es/01_s3", "en/01_s3"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / f"{name}.ipynb").write_text(book("a = ..."), encoding="utf-8")
    monkeypatch.setattr(notebooks, "find_lab_file", lambda relative: tmp_path / "shipped" / relative)
    return tmp_path / "lab"


def test_running_a_notebook_is_no_edit_but_an_answer_is(lab: Path) -> None:
    (lab / "notebooks/es/00_inicio.ipynb").write_text(book("a = ...", output="1"), encoding="utf-8")
    (lab / "notebooks/es/01_s3.ipynb").write_text(book("a = 1"), encoding="utf-8")
    found = notebooks.find_notebooks(lab)
    assert (found.count, found.edited, found.missing, found.broken) == (3, ("es/01_s3",), (), ())


def test_missing_and_unreadable_notebooks_are_named(lab: Path) -> None:
    (lab / "notebooks/es/00_inicio.ipynb").unlink()
    (lab / "notebooks/en/01_s3.ipynb").write_text("<<<<<<< HEAD\n" + book("a"), encoding="utf-8")
    found = notebooks.find_notebooks(lab)
    assert (found.missing, found.broken) == (("es/00_inicio",), ("en/01_s3",))


def test_a_folder_without_notebooks_lacks_nothing(lab: Path, tmp_path: Path) -> None:
    assert notebooks.find_notebooks(tmp_path / "elsewhere").count == 0
