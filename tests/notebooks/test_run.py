"""nbval is the test: an unsolved notebook fails in exactly its checks, a solved one in nothing, in both languages.

Students' editions run first: the solutions leave in the cloud what the tasks ask for.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labkit import i18n
from labkit.checks.tasks import list_step_tasks
from labkit.grading.editions.places import find_places
from labkit.grading.editions.rules_tasks import find_task
from labkit.grading.editions.validate import read_source
from labkit.grading.nbval_run import NotebookRun

Run = Callable[[str, str, str], NotebookRun]
NAMES = find_places().names()
# With every change: one of each kind, in either language. Code is the same in both, which test_sources holds.
QUICK = {("student", "01_s3", "es"), ("solution", "01_s3", "es")}


def every(kind: str) -> list[object]:
    return [
        pytest.param(name, language, marks=[] if (kind, name, language) in QUICK else [pytest.mark.slow])
        for language in i18n.LANGUAGES
        for name in NAMES
    ]


def show_failures(ran: NotebookRun) -> str:
    """What a failed test prints: cell by cell, the message without colours."""
    parts = [f"{cell.cell_id}: {cell.outcome} after {cell.seconds} s\n{cell.message}" for cell in ran.failed]
    return f"{ran.path.name}\n" + "\n\n".join(parts)


@pytest.mark.parametrize(("name", "language"), every("student"))
def test_an_unsolved_notebook_fails_in_its_checks_and_nowhere_else(run: Run, name: str, language: str) -> None:
    notebook = read_source(find_places(), name).notebook
    checks = {
        cell.id: find_task(cell)
        for cell in notebook.cells
        if cell.kind == "code" and cell.is_graded and find_task(cell) is not None
    }
    ran = run(name, "student", language)
    assert sorted(cell.cell_id for cell in ran.failed) == sorted(checks), show_failures(ran)
    i18n.use_language(language)
    words = (i18n.text("check.not_attempted"), i18n.text("check.not_yet"))
    for cell in ran.failed:
        assert cell.error.startswith("TaskNotPassed"), cell
        assert cell.message.startswith(tuple(f"{checks[cell.cell_id]} {word}: " for word in words)), cell.message
        assert f'lab.hint("{checks[cell.cell_id]}")' in cell.message
        assert "Traceback" not in cell.message
        assert len(cell.message.split("\n")) <= 4, cell.message


@pytest.mark.parametrize(("name", "language"), every("solution"))
def test_a_solved_notebook_passes(run: Run, name: str, language: str) -> None:
    ran = run(name, "solution", language)
    assert not ran.failed, show_failures(ran)
    notebook = read_source(find_places(), name).notebook
    checked = {find_task(cell) for cell in notebook.cells if cell.kind == "code" and cell.is_graded}
    assert checked == {task.id for task in list_step_tasks(notebook.step) if task.points or not task.by_hand}
