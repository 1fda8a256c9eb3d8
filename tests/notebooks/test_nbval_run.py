"""The runner: outcomes by cell id, whatever a cell does to its kernel."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labkit.grading.nbval_run import Limits, NotebookRun, current_environment, run_notebook, run_notebooks
from labkit.grading.worker.forks import Forks, can_fork

CELLS = {
    "mixed": {
        "ok": "print('hola ñ')\n1 + 1",
        "wrong": "1 / 0",
        "expected": "1 / 0",
        "hidden": "get_ipython().showtraceback = lambda *a, **k: None\nraise ValueError('x')",
        "environment": "import os\nprint([name for name in os.environ if 'NBVAL' in name])",
        "skipped": "# NBVAL_SKIP\n1 / 0",
        "after": "2",
    },
    "dead": {"before": "1", "dies": "import os\nos._exit(1)", "later": "1"},
    "late": {"before": "1", "long": "import time\ntime.sleep(60)", "later": "1"},
}


def write(folder: Path, name: str) -> Path:
    cells = [
        {
            "cell_type": "code",
            "id": cell_id,
            "source": source,
            "metadata": {"tags": ["raises-exception"]} if cell_id == "expected" else {},
            "outputs": [],
            "execution_count": None,
        }
        for cell_id, source in CELLS[name].items()
    ]
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return path


def outcomes(ran: NotebookRun) -> dict[str, str]:
    return {cell.cell_id: cell.outcome for cell in ran.cells}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose other files would take part in a plain pytest run."""
    folder = tmp_path / "entrega de Íñigo"
    folder.mkdir()
    (folder / "conftest.py").write_text("raise SystemExit('conftest ran')", encoding="utf-8")
    (folder / "pytest.py").write_text("raise SystemExit('a shadow ran')", encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --nbval-cell-timeout=0\n", encoding="utf-8")
    return folder


def test_each_cell_is_told_by_its_id(folder: Path) -> None:
    paths = [write(folder, name) for name in ("mixed", "dead")]
    (folder / "broken.ipynb").write_text("{", encoding="utf-8")
    ran, dead, broken, missing = run_notebooks(
        [*paths, folder / "broken.ipynb", folder / "no.ipynb"], current_environment()
    )
    assert outcomes(ran) == {
        "ok": "passed",
        "wrong": "failed",
        "expected": "passed",
        "hidden": "failed",
        "environment": "passed",
        "skipped": "skipped",
        "after": "passed",
    }
    assert ran.by_id["ok"].output == "hola ñ\n\n2"
    assert ran.by_id["wrong"].error == "ZeroDivisionError: division by zero"
    assert "\x1b" not in ran.by_id["wrong"].message
    assert ran.by_id["hidden"].error == "RuntimeError: the kernel replied error and showed no error"
    assert ran.by_id["environment"].output.strip() == "[]"
    assert outcomes(dead) == {"before": "passed", "dies": "failed", "later": "not_run"}
    assert dead.by_id["dies"].error.startswith("KernelDied")
    assert (broken.cells, missing.cells) == ((), ())
    assert "NotJSONError" in broken.problem
    assert "there is no file" in missing.problem


@pytest.mark.slow
def test_marks_in_a_notebook_count_only_when_they_are_trusted(folder: Path) -> None:
    ran = run_notebook(write(folder, "mixed"), current_environment(), limits=Limits(honours_marks=False))
    assert [cell.cell_id for cell in ran.failed] == ["wrong", "expected", "hidden", "skipped"]


@pytest.mark.slow
def test_a_cell_that_takes_too_long_ends_its_notebook(folder: Path) -> None:
    ran = run_notebook(write(folder, "late"), current_environment(), limits=Limits(cell_s=2))
    assert outcomes(ran) == {"before": "passed", "long": "timed_out", "later": "not_run"}


@pytest.mark.slow
def test_a_run_that_takes_too_long_is_ended_with_all_it_started(folder: Path) -> None:
    ran = run_notebook(write(folder, "late"), current_environment(), limits=Limits(run_s=20))
    assert outcomes(ran)["long"] == "not_run"
    assert ran.problem == "the run was ended after 20 s"


@pytest.mark.slow
@pytest.mark.skipif(not can_fork(), reason="a process with libraries loaded is only copied on Linux")
def test_a_forked_pytest_tells_what_a_new_one_tells(folder: Path, tmp_path: Path) -> None:
    environ = current_environment()
    with Forks(environ, tmp_path) as forks:
        mixed = run_notebook(write(folder, "mixed"), environ, start=forks.start)
        dead = run_notebook(write(folder, "dead"), environ, start=forks.start)
        ended = run_notebook(write(folder, "late"), environ, limits=Limits(run_s=8), start=forks.start)
        again = run_notebook(write(folder, "dead"), environ, start=forks.start)
    assert outcomes(mixed) == outcomes(run_notebook(write(folder, "mixed"), environ))
    assert mixed.by_id["environment"].output.strip() == "[]"
    assert outcomes(dead) == outcomes(again) == {"before": "passed", "dies": "failed", "later": "not_run"}
    assert ended.problem == "the run was ended after 8 s"
