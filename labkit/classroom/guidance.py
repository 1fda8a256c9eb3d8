"""What a student asks of a task: its check, a hint, the solution, a prediction locked; each is written in the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labkit.checks.finding import CheckResult
from labkit.checks.journal import Entry, Journal
from labkit.checks.task import Task
from labkit.checks.values import export, read_value
from labkit.classroom.surroundings import Surroundings
from labkit.errors import LabError
from labkit.i18n import build_lesson
from labkit.ui.check_result import CheckView
from labkit.ui.guidance import HintView, PredictionView, SolutionView
from labkit.ui.progress_table import ProgressView


def check(around: Surroundings, task: Task, values: Mapping[str, Any]) -> CheckView:
    """Check the task in the other process; the cloud is started again if it went away meanwhile."""
    result = _ask(around, task, values)
    around.journal.record("check", task=task.id, status=result.status)
    return CheckView(result, task.title)


def _ask(around: Surroundings, task: Task, values: Mapping[str, Any]) -> CheckResult:
    from labkit.commands.cloud import connect

    was, now = around.settings.target.endpoint_url, connect(around.settings).target.endpoint_url
    if was != now:
        raise build_lesson(LabError, "error.cloud_moved", was=was, now=now)
    return around.checker.check(task.id, values, now)


def next_hint(around: Surroundings, task: Task) -> HintView:
    """Unfold one more hint."""
    shown = len(around.journal.entries("hint", task=task.id))
    if shown < len(task.hints):
        around.journal.record("hint", task=task.id, number=shown + 1)
    return HintView(task.id, task.hints[: shown + 1], len(task.hints))


def show_solution(around: Surroundings, task: Task) -> SolutionView:
    """The reference answer; recorded once it is found."""
    from labkit.grading.editions.solutions import find_solution

    cells = find_solution(task.id, around.settings.language)
    around.journal.record("solution", task=task.id)
    return SolutionView(task.id, tuple(cell.source for cell in cells))


def lock_prediction(around: Surroundings, task: Task, values: Mapping[str, Any]) -> PredictionView:
    """Record the first prediction of a task; one with a value that is still `...`, None or empty is none."""
    before = _find_locked(around.journal, task)
    given = {name: export(value) for name, value in values.items()}
    if before is not None:
        kept = {name: read_value(value) for name, value in before.data["values"].items()}
        return PredictionView(task.id, kept, before.at, refused=given != before.data["values"])
    if not values or any(_is_blank(value) for value in values.values()):
        return PredictionView(task.id, {}, "")
    entry = around.journal.record("prediction", task=task.id, values=given)
    return PredictionView(task.id, dict(values), entry.at)


def _is_blank(value: Any) -> bool:
    return value is ... or value is None or (type(value) in (str, list, tuple, dict, set) and not value)


def _find_locked(journal: Journal, task: Task) -> Entry | None:
    """The prediction since the notebook was last reset: starting over is allowed, and stands in the journal."""
    reset = journal.last("reset", step=task.step)
    found = journal.last("prediction", task=task.id)
    return found if found and (reset is None or found.number > reset.number) else None


def build_progress(journal: Journal, tasks: Sequence[Task]) -> ProgressView:
    """Where these tasks stand by the journal."""
    states = {entry.data["task"]: str(entry.data["status"]) for entry in journal.entries("check")}
    helped = frozenset(entry.data["task"] for entry in journal.entries("solution"))
    return ProgressView(tasks, states, helped)
