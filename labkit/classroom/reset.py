"""`lab.reset(4)`: a step begins anew, and what was there is kept in a backup."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from labkit.aws.session import aws_errors
from labkit.checks.tasks import clear_step
from labkit.classroom.backup import write_backup
from labkit.classroom.notebooks import NOTEBOOKS
from labkit.classroom.surroundings import Surroundings
from labkit.errors import LabError, UsageError
from labkit.i18n import build_lesson
from labkit.steps.apply import apply_plan, apply_step
from labkit.steps.catch_up import plan_catch_up
from labkit.steps.ownership import find_conflicts, refuse_conflicts
from labkit.steps.step import STEPS
from labkit.ui.reset_view import ResetView


def reset_step(around: Surroundings, step: int) -> ResetView:
    """Back up, then restore the notebook as it was handed out and the step's resources as the reference makes them.

    Only what the step's tasks make is deleted; what the student made elsewhere stays. Errors: UsageError for a number without a
    notebook, or where a resource of that name is not ours (on AWS); LabError when the backup cannot be
    written. Nothing is changed then.
    """
    if step not in NOTEBOOKS:
        raise build_lesson(UsageError, "error.step_unknown", step=step, known=", ".join(map(str, NOTEBOOKS)))
    # On AWS a name of the lab's may be somebody else's resource: nothing of a step is deleted then.
    refuse_conflicts(find_conflicts(around.clients, around.wanted, around.ledger))
    name = NOTEBOOKS[step]
    notebook = _find_own_notebook(name)
    with aws_errors(f"reset of step {step}"):
        backup = write_backup(around, step, name, notebook)
        clear_step(step, around.build_context())
    calls = _restore_resources(around, step)
    restored = _restore_notebook(around, name, notebook)
    around.journal.record("reset", step=step, backup=backup.name)
    return ResetView(name, backup, calls, restored)


def _find_own_notebook(name: str) -> Path | None:
    """The student's file: beside the kernel's folder it runs in."""
    path = Path.cwd() / f"{name}.ipynb"
    return path if path.is_file() else None


def _restore_resources(around: Surroundings, step: int) -> int:
    """Make what earlier steps lack, and bring this step's resources to the reference; returns the number of calls."""
    calls = 0
    for plan in plan_catch_up(around.clients, around.wanted, step, around.prices, around.ledger):
        apply_plan(around.clients, plan, around.ledger, lambda _step, _call: None)
        calls += len(plan.calls)
    for known in STEPS:
        if known.number == step:
            plan = apply_step(
                around.clients, around.wanted, known, around.prices, around.ledger, lambda _step, _call: None
            )
            calls += len(plan.calls)
    return calls


def _restore_notebook(around: Surroundings, name: str, notebook: Path | None) -> bool:
    """Replace the student's file in one move; False when there is no file here to replace."""
    if notebook is None:
        return False
    from labkit.grading.editions.pristine import read_pristine

    content = read_pristine(name, around.settings.language)
    try:
        handle, temporary = tempfile.mkstemp(dir=notebook.parent, prefix=f".{name}-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        os.replace(temporary, notebook)
    except OSError as error:
        raise build_lesson(
            LabError, "error.backup", folder=str(notebook), reason=error.strerror or str(error)
        ) from error
    return True
