"""Marks of a class as rows: what CSV, JSON and the pages are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labkit.checks.task import OUTCOMES
from labkit.grading.worker.outcome import Graded


@dataclass(frozen=True)
class Row:
    """One student: points by task, by notebook and by learning outcome; `is_certain` is False when a person must look (our fault)."""

    graded: Graded
    by_task: dict[str, int]
    by_notebook: dict[int, int]
    by_outcome: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_task.values())

    @property
    def is_certain(self) -> bool:
        return not self.graded.problem and not any(mark.our_fault for mark in self.graded.tasks)


def build_row(graded: Graded) -> Row:
    """Sum up one submission."""
    by_notebook: dict[int, int] = {}
    by_outcome = dict.fromkeys(OUTCOMES, 0)
    for mark in graded.tasks:
        step = int(mark.task.split(".", maxsplit=1)[0])
        by_notebook[step] = by_notebook.get(step, 0) + mark.earned
        by_outcome[mark.outcome] = by_outcome.get(mark.outcome, 0) + mark.earned
    return Row(graded, {mark.task: mark.earned for mark in graded.tasks}, by_notebook, by_outcome)


def list_task_ids(rows: Sequence[Row]) -> list[str]:
    """Every task of any row, in the lab's order."""
    found = {task for row in rows for task in row.by_task}
    return sorted(found, key=lambda task: tuple(int(part) for part in task.split(".")))
