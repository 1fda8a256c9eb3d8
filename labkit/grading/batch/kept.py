"""Results on disk, one file a notebook of a student, named by its fingerprint: what a stopped batch need not do again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from labkit.checks.finding import NOT_ATTEMPTED
from labkit.checks.tasks import list_step_tasks
from labkit.errors import LabError
from labkit.grading.editions.cells import Notebook
from labkit.grading.intake.submission import Submission
from labkit.grading.note import Note
from labkit.grading.rebuild.build import read_free_texts
from labkit.grading.worker.outcome import Graded, TaskMark, read_graded, write_graded
from labkit.i18n import build_lesson


@dataclass(frozen=True)
class Marked:
    """A submission with the fingerprint of each notebook that is graded, in the lab's order."""

    submission: Submission
    fingerprints: Mapping[str, str]


class Kept:
    """The results in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def folder_of(self, marked: Marked) -> Path:
        """Where the results and the log of a student lie."""
        return self._folder / marked.submission.key

    def place(self, marked: Marked, name: str) -> Path:
        """The file of one notebook's result."""
        return self.folder_of(marked) / f"{name}-{marked.fingerprints[name]}.json"

    def find(self, marked: Marked, name: str) -> Graded | None:
        """The result of one notebook; None when there is none, when it cannot be read, or when it failed by our fault."""
        found = self.read(marked, name)
        return None if found is None or is_our_fault(found) else found

    def read(self, marked: Marked, name: str) -> Graded | None:
        """The result of one notebook, whatever it says."""
        try:
            return read_graded(json.loads(self.place(marked, name).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def forget(self, marked: Marked, names: Sequence[str]) -> None:
        """Have these notebooks run again."""
        for name in names:
            self.place(marked, name).unlink(missing_ok=True)

    def write(self, marked: Marked, name: str, graded: Graded) -> None:
        """Keep one notebook's result. LabError when the disk refuses."""
        path = self.place(marked, name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_graded(path, graded)
        except OSError as error:
            reason = error.strerror or str(error)
            raise build_lesson(LabError, "error.out_unwritable", folder=str(path.parent), reason=reason) from error


def is_our_fault(graded: Graded) -> bool:
    """True when a person must look, because what failed was ours."""
    return bool(graded.problem) or any(mark.our_fault for mark in graded.tasks)


def build_unfinished(submission: Submission, notebook: Notebook, problem: str) -> Graded:
    """The result of a notebook that no worker finished: nothing attempted, and why (`problem`, key of the catalogue).

    What a submission does to its own worker is its own affair; a worker that fails by itself is ours.
    """
    tasks = tuple(
        TaskMark(task.id, NOT_ATTEMPTED, 0, task.points, task.outcome) for task in list_step_tasks(notebook.step)
    )
    ours = problem if problem == "grading.worker_failed" else ""
    notes = (Note(problem, notebook.name),)
    paper = next((paper for paper in submission.papers if paper.name == notebook.name), None)
    # A cell that ends its worker takes no free text along: a person can read that all the same.
    texts = read_free_texts(notebook, paper.path) if paper else {}
    return Graded(submission.student, submission.key, tasks, (), notes, {}, 0.0, problem=ours, texts=texts)


def merge(submission: Submission, parts: Sequence[Graded]) -> Graded:
    """One result of a student from those of the notebooks; a wall counts as on when it was on for every one of them."""
    told = [part.protections for part in parts if part.protections]
    walls = dict(told[0]) if told else {}
    for other in told[1:]:
        walls = {name: value if other.get(name) == value else _weaker(value) for name, value in walls.items()}
    whole = Graded(submission.student, submission.key, (), (), submission.notes, walls, 0.0)
    return replace(
        whole,
        tasks=tuple(mark for part in parts for mark in part.tasks),
        cells=tuple(cell for part in parts for cell in part.cells),
        notes=(*submission.notes, *(note for part in parts for note in part.notes)),
        seconds=round(sum(part.seconds for part in parts), 1),
        memory_bytes=max((part.memory_bytes for part in parts), default=0),
        problem=next((part.problem for part in parts if part.problem), ""),
        texts={cell: words for part in parts for cell, words in part.texts.items()},
    )


def _weaker(value: object) -> object:
    return False if isinstance(value, bool) else ""
