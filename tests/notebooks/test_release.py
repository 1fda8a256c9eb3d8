"""What students get works by itself: unpacked elsewhere, with nothing of this clone in sight."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from labkit.cli import main
from labkit.grading.editions.build import write_editions
from labkit.grading.editions.edition import SOLUTION
from labkit.grading.editions.places import find_places
from labkit.grading.editions.rules_tasks import find_task
from labkit.grading.editions.validate import read_source
from labkit.grading.nbval_run import Limits, run_notebook
from labkit.grading.release.pack import FOLDER

pytestmark = pytest.mark.slow
# Nothing of the working folder is imported; the flag came with Python 3.11.
SAFE = ["-P"] if sys.version_info >= (3, 11) else []
LIMITS = Limits(cell_s=180, startup_s=120, run_s=900)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("descargas de Íñigo")
    assert main(["release", "--out", str(folder / "lab.zip")]) == 0
    with zipfile.ZipFile(folder / "lab.zip") as archive:
        archive.extractall(folder)
    return folder / FOLDER


def _environment(lab: Path, state: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LABKIT_", "PYTHON"))}
    return {**kept, "PYTHONPATH": str(lab), "LABKIT_STATE": str(state), "LABKIT_LANG": "es"}


def _labkit(lab: Path, state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *SAFE, "-m", "labkit", *words]
    environ = _environment(lab, state)
    return subprocess.run(command, cwd=lab, env=environ, capture_output=True, text=True, check=False)


def test_the_first_step_opens_and_its_checks_answer(unpacked: Path, tmp_path: Path) -> None:
    where = "import labkit; print(labkit.__file__)"
    environ = _environment(unpacked, tmp_path)
    found = subprocess.check_output([sys.executable, *SAFE, "-c", where], cwd=tmp_path, env=environ, text=True)
    assert found.strip() == str(unpacked / "labkit/__init__.py")
    notebook = read_source(find_places(), "01_s3").notebook
    checks = [cell.id for cell in notebook.cells if cell.kind == "code" and cell.is_graded and find_task(cell)]
    try:
        ran = run_notebook(unpacked / "notebooks/es/01_s3.ipynb", environ, limits=LIMITS)
    finally:
        _labkit(unpacked, tmp_path, "down")
    assert not ran.problem
    assert sorted(cell.cell_id for cell in ran.failed) == sorted(checks)


def test_a_student_hands_in_from_there_and_cannot_grade(unpacked: Path, tmp_path: Path) -> None:
    write_editions(read_source(find_places(), "01_s3"), find_places(), tmp_path, SOLUTION, ("es",))
    mine = str(tmp_path / "es/01_s3.ipynb")
    out = tmp_path / "entrega.zip"
    handed_in = _labkit(unpacked, tmp_path, "submit", mine, "--name", "Ana Núñez", "--run", "--out", str(out))
    assert handed_in.returncode == 0, handed_in.stderr
    assert "01_s3: respondidas 6 de 6 celdas" in handed_in.stdout
    assert "✗" not in handed_in.stdout
    assert zipfile.is_zipfile(out)
    graded = _labkit(unpacked, tmp_path, "grade", str(out), "--out", str(tmp_path / "marks"))
    assert graded.returncode == 1
    assert "no tiene las fuentes de los cuadernos" in graded.stderr
