"""`make` on a machine that lacks something says what, and what to type next."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    shutil.which("make") is None, reason="no make on this machine (Windows): it is not used there"
)

ROOT = Path(__file__).parents[3]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the Makefile and what its targets depend on, and a name as awkward as a student's."""
    folder = tmp_path / "Mi año de datos"
    (folder / "pins").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", folder)
    for name in ("pyproject.toml", "pins/labkit.txt", "pins/build.txt", "pins/uv.txt", "pins/bench.txt"):
        (folder / name).touch()
    return folder


def _make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "TERM": "dumb"}
    return subprocess.run(["make", *words], cwd=folder, env=env, capture_output=True, text=True, check=False)


def _pretend(folder: Path, pretence: str) -> str:
    """A python3 that runs `-c CODE` after `pretence`."""
    fake = folder / "python fake"
    fake.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c 'import sys; {pretence}; exec(sys.argv[1])' \"$2\"\n")
    fake.chmod(0o755)
    return f"PYTHON=./{fake.name}"


def test_make_alone_lists_what_it_can_do(clone: Path) -> None:
    done = _make(clone)
    assert done.returncode == 0
    for target in ("install", "run", "test", "slow", "check", "format", "bench", "pins", "clean"):
        assert f"make {target} " in done.stdout
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize(("version", "shown"), [((3, 9), "Python 3.9"), ((3, 14), "Python 3.14")])
def test_a_python_that_is_too_old_or_too_new_is_named(clone: Path, version: tuple[int, int], shown: str) -> None:
    done = _make(clone, "install", _pretend(clone, f"sys.version_info = {(*version, 1)}"))
    assert done.returncode != 0
    assert f"labkit needs Python 3.10 to 3.13 and './python fake' is {shown}." in done.stderr
    assert "make PYTHON=python3.11 install" in done.stderr
    assert not (clone / ".venv").exists()


def test_debians_missing_venv_is_explained(clone: Path) -> None:
    done = _make(clone, "install", _pretend(clone, 'sys.modules["ensurepip"] = None'))
    assert done.returncode != 0
    assert "sudo apt-get install python3-venv" in done.stderr


def test_a_missing_python_is_explained(clone: Path) -> None:
    done = _make(clone, "install", "PYTHON=no-such-python")
    assert done.returncode != 0
    assert "There is no 'no-such-python' here." in done.stderr


def test_the_second_install_does_nothing(clone: Path) -> None:
    (clone / ".venv").mkdir()
    (clone / ".venv/.installed").touch()
    done = _make(clone, "install", "PYTHON=no-such-python")
    assert done.returncode == 0
    assert "Setting up" not in done.stdout


def test_new_pins_are_installed_the_next_time(clone: Path) -> None:
    (clone / ".venv").mkdir()
    stamp = clone / ".venv/.installed"
    stamp.touch()
    os.utime(stamp, (1, 1))
    assert _make(clone, "install", "PYTHON=no-such-python").returncode != 0


@pytest.mark.parametrize("target", ["run", "test", "slow", "check", "format", "bench"])
def test_every_target_sets_itself_up(clone: Path, target: str) -> None:
    plan = _make(clone, "--dry-run", target).stdout
    assert "-m venv .venv" in plan
    assert "--require-hashes" in plan
