"""A batch of made-up submissions, as `labkit grade` runs one."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from labkit.grading.batch.kept import Marked
from labkit.grading.batch.run import Batch, BatchOptions
from labkit.grading.editions.places import find_places
from labkit.grading.editions.validate import read_source
from labkit.grading.intake.submission import Paper, Submission
from labkit.grading.sandbox.protections import Protections, find_protections
from labkit.grading.sandbox.walls import wrap_run
from labkit.grading.worker.outcome import Graded

# Machines that test have little time for each of many: what an honest cell takes is far below.
CELL_S = 40.0
# Where jobs run, and nobody wastes time on purpose.
JOBS_CELL_S = 90.0


def grade(
    folder: Path,
    names: Sequence[str],
    submissions: Mapping[str, Mapping[str, bytes]],
    *,
    workers: int = 2,
    cell_s: float = CELL_S,
) -> dict[str, Graded]:
    """Grade submissions (student → notebook → the file handed in); the results by student."""
    folder.mkdir(parents=True)
    references = [read_source(find_places(), name).notebook for name in names]
    protections = find_protections()
    if len(names) > 1:
        _prepare(folder, protections)
    batch = Batch(folder / "out", protections, BatchOptions(workers=workers, cell_s=cell_s), references)
    marked = [
        Marked(_hand_in(folder / "in", student, papers), dict.fromkeys(names, "1"))
        for student, papers in submissions.items()
    ]
    graded = {done.submission.student: done.graded for done in batch.run(marked, lambda _submission: None)}
    shutil.rmtree(folder / "in")
    return graded


def _prepare(folder: Path, protections: Protections) -> None:
    """The reference's inventories, without which every notebook gets a new cloud."""
    made = folder / "out/references.json"
    made.parent.mkdir()
    words = [str(made), str(folder / "reference"), json.dumps(dataclasses.asdict(protections))]
    command = [sys.executable, "-m", "labkit.grading.batch.references", *words]
    subprocess.run(wrap_run(protections, command), stdin=subprocess.DEVNULL, check=True)


def _hand_in(folder: Path, student: str, papers: Mapping[str, bytes]) -> Submission:
    own = folder / student
    own.mkdir(parents=True)
    for name, content in papers.items():
        (own / f"{name}.ipynb").write_bytes(content)
    handed_in = tuple(Paper(name, own / f"{name}.ipynb", f"{name}.ipynb") for name in papers)
    return Submission(student, student, student, handed_in)


def earned(graded: Graded) -> dict[str, int]:
    """Points by task."""
    return {mark.task: mark.earned for mark in graded.tasks}


def output(graded: Graded) -> str:
    """All that the cells printed, and their errors."""
    return "\n".join(cell.output + cell.error for cell in graded.cells)
