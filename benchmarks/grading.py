"""Grading as an instructor does it: one student from the command to the page, and a class of 30 with five hostile ones."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.measure import Number
from labkit.checks.tasks import list_step_tasks
from labkit.grading.editions.places import find_places
from labkit.grading.editions.validate import read_source
from tests.grading.classroom import build_class
from tests.grading.submissions import build_solved


def one_student() -> list[Number]:
    """Every notebook with points solved; then the same command again, which has nothing to run."""
    papers = {name: build_solved(name) for name in _names()}
    with tempfile.TemporaryDirectory(prefix="labkit-bench-") as folder:
        # The reference's state is made once for a class, not for each student.
        _grade(Path(folder), {"warm up": {"01_s3": papers["01_s3"]}}, "in-1")
        fresh = _grade(Path(folder), {"Ana Núñez": papers}, "in-2")
        again = _grade(Path(folder), {}, "in-2")
    return [
        Number("one student, all notebooks, command to page", fresh, "s", 60.0, [fresh]),
        Number("  again, with nothing to run", again, "s", 5.0, [again]),
    ]


def whole_class() -> list[Number]:
    """Thirty submissions of all notebooks, two at once."""
    students = build_class(_names())
    with tempfile.TemporaryDirectory(prefix="labkit-bench-") as folder:
        seconds = _grade(Path(folder), {one.name: one.papers for one in students}, "in", "-j", "2")
    return [Number("30 submissions of all notebooks, two at once", seconds / 60, "min", 15.0, [seconds / 60])]


def _names() -> list[str]:
    """The notebooks with points."""
    places = find_places()
    known = {name: read_source(places, name).notebook.step for name in places.names()}
    return [name for name, step in known.items() if any(task.points for task in list_step_tasks(step))]


def _grade(folder: Path, papers: Mapping[str, Mapping[str, bytes]], name: str, *options: str) -> float:
    """Hand these in and grade; the seconds that the command took."""
    for student, notebooks in papers.items():
        own = folder / name / student
        own.mkdir(parents=True)
        for notebook, content in notebooks.items():
            (own / f"{notebook}.ipynb").write_bytes(content)
    words = ["-m", "labkit", "grade", str(folder / name), "--out", str(folder / "out"), *options]
    begun = time.monotonic()
    # 1: somebody's run failed by our fault, and a person has to look.
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stdout + done.stderr)
    return time.monotonic() - begun
