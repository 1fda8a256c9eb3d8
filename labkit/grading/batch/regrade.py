"""Which results are thrown away by `--regrade WHAT`: a task's, a notebook's, a student's, or all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from labkit.checks.tasks import list_step_tasks
from labkit.errors import UsageError
from labkit.grading.batch.kept import Kept, Marked
from labkit.grading.editions.cells import Notebook
from labkit.grading.intake.people import build_key
from labkit.i18n import build_lesson

_TASK = re.compile(r"\d+\.\d+")


def forget_results(
    kept: Kept, wishes: Sequence[str], submissions: Sequence[Marked], references: Sequence[Notebook]
) -> None:
    """Forget what each wish names ("" is everything). UsageError for one that is no task, no notebook and nobody's name.

    A task is run again with its whole notebook, for every student: cells stand on those before them.
    """
    chosen = [_choose(wish, submissions, references) for wish in wishes]
    for students, names in chosen:
        for marked in students:
            kept.forget(marked, names)


def _choose(wish: str, submissions: Sequence[Marked], references: Sequence[Notebook]) -> tuple[list[Marked], list[str]]:
    everything = [notebook.name for notebook in references]
    if not wish:
        return list(submissions), everything
    if names := [notebook.name for notebook in references if _is_named(wish, notebook)]:
        return list(submissions), names
    key = build_key(wish)
    students = [one for one in submissions if key in (one.submission.key, build_key(one.submission.student))]
    if students and not _TASK.fullmatch(wish):
        return students, everything
    raise build_lesson(
        UsageError,
        "error.regrade_unknown",
        wish=wish,
        notebooks=", ".join(everything),
        students=", ".join(one.submission.student for one in submissions[:5]) or "—",
    )


def _is_named(wish: str, notebook: Notebook) -> bool:
    """By its name, by the number it begins with ("04"), or by one of its tasks ("4.2")."""
    if _TASK.fullmatch(wish):
        return any(task.id == wish for task in list_step_tasks(notebook.step))
    return wish in (notebook.name, f"{notebook.step:02}")
