"""Rules of tasks: the notebook and the registry of checks name the same tasks with the same points."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from labkit.grading.editions.cell_code import find_calls, first_argument
from labkit.grading.editions.cells import Cell, Notebook
from labkit.grading.editions.faults import Fault

_TASK_ID = re.compile(r"t(\d+)-(\d+)-[\w-]+")


@dataclass(frozen=True)
class Points:
    """What a task is worth: `checked` by its check, `by_hand` by a person's reading of its free text."""

    checked: float
    by_hand: float = 0


def find_task(cell: Cell) -> str | None:
    """The task a cell belongs to: the one its check names, else the one its id begins with (`t3-1-answer` → "3.1")."""
    if cell.kind == "code" and cell.is_graded:
        named = [first_argument(call) for call in find_calls(cell.source, "check")]
        return str(named[0]) if len(named) == 1 and isinstance(named[0], str) else None
    found = _TASK_ID.fullmatch(cell.id)
    return f"{int(found[1])}.{int(found[2])}" if found else None


def load_points(step: int) -> dict[str, Points]:
    """The registry's tasks of a step."""
    from labkit.checks.tasks import list_step_tasks

    return {task.id: Points(task.points, task.by_hand) for task in list_step_tasks(step)}


def check_tasks(notebook: Notebook, registry: Mapping[str, Points]) -> Iterator[Fault]:
    """Faults between the cells of a notebook and the tasks of its step."""
    for cell in notebook.cells:
        if cell.is_graded or cell.is_answer:
            for key, facts in _check_cell(cell, registry):
                yield Fault(notebook.name, cell.id, key, facts)
        elif cell.kind == "code" and find_calls(cell.source, "check"):
            yield Fault(notebook.name, cell.id, "notebooks.fault.check_without_points")
    for task, points in registry.items():
        for key in _check_task(notebook, task, points):
            yield Fault(notebook.name, "", key, {"task": task})


def _check_cell(cell: Cell, registry: Mapping[str, Points]) -> Iterator[tuple[str, dict[str, object]]]:
    task = find_task(cell)
    if task is None:
        is_check = cell.kind == "code" and cell.is_graded
        yield ("notebooks.fault.check_call", {}) if is_check else ("notebooks.fault.task_id", {})
        return
    if task not in registry:
        yield "notebooks.fault.task_unknown", {"task": task, "known": ", ".join(registry) or "—"}
        return
    if cell.is_graded:
        wanted = registry[task].by_hand if cell.is_answer else registry[task].checked
        if cell.nbgrader.get("points") != wanted:
            facts = {"task": task, "wanted": wanted, "found": cell.nbgrader.get("points")}
            yield "notebooks.fault.points_differ", facts


def _check_task(notebook: Notebook, task: str, points: Points) -> Iterator[str]:
    cells = [cell for cell in notebook.cells if (cell.is_graded or cell.is_answer) and find_task(cell) == task]
    kinds = Counter((cell.is_answer, cell.is_graded) for cell in cells)
    if kinds[(False, True)] > 1:
        yield "notebooks.fault.checked_twice"
    if points.checked and not kinds[(False, True)]:
        yield "notebooks.fault.unchecked"
    if points.by_hand and not kinds[(True, True)]:
        yield "notebooks.fault.no_free_text"
    if not kinds[(True, False)] and not kinds[(True, True)]:
        yield "notebooks.fault.no_answer"
