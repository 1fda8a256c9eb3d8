"""Every task of the lab, by notebook."""

from __future__ import annotations

import difflib
from functools import cache
from importlib import import_module

from labkit.checks.context import Context
from labkit.checks.task import Task
from labkit.errors import UsageError
from labkit.i18n import build_lesson

# Loaded when asked for: a check may need pandas, and `labkit.open(1)` should not wait for step 8.
STEPS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 90)


@cache
def list_step_tasks(step: int) -> tuple[Task, ...]:
    """The tasks of one notebook, in its order; none for a notebook without tasks."""
    return tuple(getattr(_load(step), "TASKS", ()))


def list_tasks() -> tuple[Task, ...]:
    """The tasks of all notebooks."""
    return tuple(task for step in STEPS for task in list_step_tasks(step))


def get_task(task_id: str) -> Task:
    """The task of this id. UsageError that names the nearest ones."""
    found = {task.id: task for task in list_tasks()}
    if task_id in found:
        return found[task_id]
    near = difflib.get_close_matches(str(task_id), found, n=3, cutoff=0.3) or list(found)[:3]
    raise build_lesson(UsageError, "error.task_unknown", task=task_id, near=", ".join(near))


def clear_step(step: int, context: Context) -> None:
    """Delete what the tasks of a notebook made in AWS, and nothing else."""
    clear = getattr(_load(step), "clear", None)
    if clear is not None:
        clear(context)


def _load(step: int) -> object:
    name = f"labkit.checks.step_{step}"
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None
