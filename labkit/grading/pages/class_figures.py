"""Figures of a class: how totals are spread, averages by notebook and outcome, which tasks were hard, what was misunderstood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median

from labkit.checks.finding import PASSED
from labkit.checks.task import OUTCOMES
from labkit.grading.marks.sheet import Row, list_task_ids
from labkit.grading.worker.outcome import TaskMark


@dataclass(frozen=True)
class Hardness:
    """One task: how many of the class are in each state."""

    mark: TaskMark
    states: Mapping[str, int]

    @property
    def count(self) -> int:
        return sum(self.states.values())

    @property
    def share(self) -> float:
        """Of those whose check did not break, how many passed."""
        judged = self.count - self.states.get("broken", 0)
        return self.states.get(PASSED, 0) / judged if judged else 0.0


@dataclass(frozen=True)
class Believed:
    """A misconception that was met, in how many students, and one finding that has it."""

    key: str
    tasks: tuple[str, ...]
    students: int
    facts: Mapping[str, object]


def share_of(row: Row) -> float:
    """Points of those possible, in percent."""
    return 100 * row.total / row.points if row.points else 0.0


def spread(rows: Sequence[Row]) -> dict[str, float]:
    """How many students are in each tenth of the scale; 100 % belongs to the last."""
    counts = Counter(min(9, int(share_of(row) // 10)) for row in rows)
    return {f"{tenth * 10}–{tenth * 10 + 9 if tenth < 9 else 100}": counts[tenth] for tenth in range(10)}


def middle(rows: Sequence[Row]) -> tuple[float, float, float, float]:
    """Mean, median, least and most of the totals."""
    totals = [row.total for row in rows] or [0.0]
    return mean(totals), median(totals), min(totals), max(totals)


def average_by_notebook(rows: Sequence[Row]) -> dict[str, float]:
    """Percent of each notebook's points that the class has, on average."""
    tasks: dict[str, set[str]] = {}
    for task in list_task_ids(rows):
        tasks.setdefault(f"{int(task.partition('.')[0]):02}", set()).add(task)
    return {name: _average(rows, tasks[name]) for name in tasks}


def average_by_outcome(rows: Sequence[Row]) -> dict[str, float]:
    """The same by learning outcome (the outcome's own key)."""
    tasks: dict[str, set[str]] = {one: set() for one in OUTCOMES}
    for row in rows:
        for mark in row.graded.tasks:
            tasks[mark.outcome].add(mark.task)
    return {one: _average(rows, tasks[one]) for one in OUTCOMES if tasks[one]}


def _average(rows: Sequence[Row], tasks: set[str]) -> float:
    marks = [mark for row in rows for mark in row.parts if mark.task in tasks]
    possible = sum(mark.points for mark in marks)
    return round(100 * sum(mark.earned for mark in marks) / possible, 1) if possible else 0.0


def list_hardness(rows: Sequence[Row]) -> list[Hardness]:
    """Every task, the hardest first."""
    marks: dict[str, TaskMark] = {}
    states: dict[str, Counter[str]] = {}
    for row in rows:
        for mark in row.graded.tasks:
            marks.setdefault(mark.task, mark)
            states.setdefault(mark.task, Counter())["broken" if mark.our_fault else mark.status] += 1
    found = [Hardness(marks[task], dict(states[task])) for task in list_task_ids(rows)]
    return sorted(found, key=lambda one: one.share)


def list_believed(rows: Sequence[Row]) -> list[Believed]:
    """Misconceptions, the most frequent first."""
    students: dict[str, set[str]] = {}
    tasks: dict[str, dict[str, None]] = {}
    facts: dict[str, Mapping[str, object]] = {}
    for row in rows:
        for mark in row.graded.tasks:
            for item in mark.findings:
                key = str(item.get("misconception", ""))
                if key and not item["ok"] and not mark.our_fault:
                    students.setdefault(key, set()).add(row.graded.key)
                    tasks.setdefault(key, {})[mark.task] = None
                    facts.setdefault(key, item["facts"])
    found = [Believed(key, tuple(tasks[key]), len(students[key]), facts[key]) for key in students]
    return sorted(found, key=lambda one: (-one.students, one.key))
