"""A notebook under the grader: check cells hand over their values, and the check is made where the student's code does not run.

The values are what the student claims; whoever tampers with this module claims something else and gains nothing by it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from labkit.checks.calling import call_function
from labkit.checks.finding import Finding
from labkit.checks.task import ETL, Task
from labkit.checks.tasks import get_task
from labkit.checks.values import ANSWERED, HANDED_OVER, export

VARIABLE = "LABKIT_GRADED"
_handed: dict[str, Mapping[str, Any]] = {}


def is_graded() -> bool:
    """True in a kernel that the grader started."""
    return bool(os.environ.get(VARIABLE))


def find_task(task: str) -> Task:
    """The task of this id; under the grader, where no task's check or hints are to be found, its bare name. UsageError if there is none."""
    return Task(task, 0, ETL, "check.passed", (), _nothing) if is_graded() else get_task(task)


def _nothing(_context: object) -> list[Finding]:
    return []


def hand_over(task: str, values: Mapping[str, Any]) -> None:
    """Give the values of a check cell to the grader."""
    _handed[task] = values
    exported = {name: export(value) for name, value in values.items()}
    _publish(HANDED_OVER, {"task": task, "values": exported}, f"{task} …")


def answer(task: str, name: str, request: str) -> None:
    """Call the function that was handed over as `name` once for each list of arguments in `request` (JSON)."""
    function = _handed.get(task, {}).get(name)
    _publish(ANSWERED, call_function(function, json.loads(request)), name)


def _publish(kind: str, document: Any, words: str) -> None:
    from IPython.display import publish_display_data

    publish_display_data({kind: document, "text/plain": words})  # type: ignore[no-untyped-call]
