"""Marks of a class as rows: what CSV, JSON and the pages are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labkit.checks.task import OUTCOMES
from labkit.grading.rubric.scheme import tidy
from labkit.grading.rubric.written import Written
from labkit.grading.worker.outcome import Graded


@dataclass(frozen=True)
class Part:
    """Points that belong to a task: those of its check, or those of its free text."""

    task: str
    outcome: str
    earned: float
    points: float


@dataclass(frozen=True)
class Row:
    """One student: points by task, by notebook and by learning outcome, those of free texts (`written`) among the last two.

    `is_certain` is False when a person must look (our fault), `is_pending` is True while a free text waits for its reader.
    """

    graded: Graded
    by_task: dict[str, int]
    by_notebook: dict[int, float]
    by_outcome: dict[str, float]
    written: tuple[Written, ...] = ()

    @property
    def total(self) -> float:
        return tidy(sum(self.by_task.values()) + sum(one.earned for one in self.written))

    @property
    def points(self) -> float:
        return tidy(self.graded.points + sum(one.points for one in self.written))

    @property
    def parts(self) -> list[Part]:
        """Checks and free texts alike."""
        return _list_parts(self.graded, self.written)

    @property
    def is_certain(self) -> bool:
        return not self.graded.problem and not any(mark.our_fault for mark in self.graded.tasks)

    @property
    def is_pending(self) -> bool:
        return any(one.pending for one in self.written)


def build_row(graded: Graded, written: tuple[Written, ...] = ()) -> Row:
    """Sum up one submission, with what a person gave its free texts."""
    by_notebook: dict[int, float] = {}
    by_outcome: dict[str, float] = dict.fromkeys(OUTCOMES, 0)
    for mark in _list_parts(graded, written):
        step = int(mark.task.split(".", maxsplit=1)[0])
        by_notebook[step] = tidy(by_notebook.get(step, 0) + mark.earned)
        by_outcome[mark.outcome] = tidy(by_outcome.get(mark.outcome, 0) + mark.earned)
    return Row(graded, {mark.task: mark.earned for mark in graded.tasks}, by_notebook, by_outcome, written)


def _list_parts(graded: Graded, written: tuple[Written, ...]) -> list[Part]:
    checks = [Part(one.task, one.outcome, one.earned, one.points) for one in graded.tasks]
    return checks + [Part(one.task, one.outcome, one.earned, one.points) for one in written]


def list_task_ids(rows: Sequence[Row]) -> list[str]:
    """Every task of any row, in the lab's order."""
    found = {task for row in rows for task in row.by_task}
    return sorted(found, key=lambda task: tuple(int(part) for part in task.split(".")))
