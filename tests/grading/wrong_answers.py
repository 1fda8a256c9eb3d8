"""A solved notebook whose answers are spoilt just before each check, so that what is right is known and not handed over."""

from __future__ import annotations

import ast
import base64
import json
from collections.abc import Mapping
from typing import Any

from labkit.checks.tasks import list_step_tasks
from labkit.grading.editions.cell_code import find_calls
from labkit.grading.editions.cells import Cell, Notebook
from labkit.grading.editions.places import find_places
from labkit.grading.editions.regions import drop_marks
from labkit.grading.editions.rules_tasks import find_task
from labkit.grading.editions.validate import read_source
from labkit.grading.worker.outcome import Graded
from tests.grading.submissions import Attack

MARK = "RIGHT:"
# Right values are printed so that a search for them does not find them there; then each is changed, its type kept.
_SPOIL = """

def _spoil(value):
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value * 3 + 7
    if isinstance(value, float):
        return value * 3.7 + 0.013
    if isinstance(value, str):
        return "z" + value[::-1]
    if isinstance(value, dict):
        return {key: item if key == "column" else _spoil(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_spoil(item) for item in value]
    return value


def _plain(value):
    if isinstance(value, dict):
        return [_plain(item) for item in value.values()]
    if isinstance(value, (list, tuple, set)):
        return [_plain(item) for item in value]
    is_long = isinstance(value, str) and len(value) > 200
    return value if isinstance(value, (int, float, str)) and not isinstance(value, bool) and not is_long else None


import base64 as _base64, json as _json
print("RIGHT:" + _base64.b64encode(_json.dumps([{task!r}, [_plain(one) for one in ({names},)]]).encode()).decode())
{names}, = [_spoil(one) for one in ({names},)]
"""


def find_values(check: Cell) -> list[str]:
    """The names of the values that a check cell hands over, functions among them; ids of queries stay as they are."""
    (call,) = find_calls(check.source, "check")
    names = [word.value.id for word in call.keywords if isinstance(word.value, ast.Name)]
    # With an id that Athena does not know nothing was attempted.
    return [name for name in names if not name.startswith("query_id")]


def build_wrong(name: str) -> Attack:
    """The submission: every task with a value is wrong. Its points are not told: a task without values stays right."""
    reference = read_source(find_places(), name).notebook
    cells: dict[str, str] = {}
    for check in (cell for cell in reference.cells if cell.kind == "code" and cell.is_graded):
        task = find_task(check)
        last = _find_last_answer(reference, check)
        if task and last is not None and (names := find_values(check)):
            code = _SPOIL.replace("{task!r}", repr(task)).replace("{names}", ", ".join(names))
            cells[last.id] = f"{drop_marks(last.source)}\n{code}"
    return Attack(f"wrong_{name}", name, {task.id: 0 for task in list_step_tasks(reference.step)}, True, cells)


def _find_last_answer(reference: Notebook, check: Cell) -> Cell | None:
    """The last cell of Python that a student writes above the check, since the check before it."""
    above: list[Cell] = []
    for cell in reference.cells:
        if cell.id == check.id:
            break
        if cell.kind == "code" and cell.is_graded:
            above = []
        elif cell.kind == "code" and cell.is_answer and not cell.source.startswith("%%"):
            above.append(cell)
    return above[-1] if above else None


def read_right(graded: Graded) -> Mapping[str, list[Any]]:
    """Task → the leaves of what would have been right."""
    found: dict[str, list[Any]] = {}
    for cell in graded.cells:
        for line in cell.output.splitlines():
            if line.startswith(MARK):
                task, values = json.loads(base64.b64decode(line.removeprefix(MARK)))
                found[task] = list(_leaves(values))
    return found


def _leaves(value: Any) -> list[Any]:
    return [leaf for item in value for leaf in _leaves(item)] if isinstance(value, list) else [value]
