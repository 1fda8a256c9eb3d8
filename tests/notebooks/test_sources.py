"""The sources are sound and translated, and the committed student editions are what they give."""

from __future__ import annotations

import json

import pytest

from labkit import i18n
from labkit.classroom.notebooks import NOTEBOOKS
from labkit.grading.editions.build import find_leftovers, find_outdated
from labkit.grading.editions.cells import read_notebook
from labkit.grading.editions.faults import errors_of
from labkit.grading.editions.places import find_notebook, find_places
from labkit.grading.editions.regions import blank_code, solution_lines
from labkit.grading.editions.solutions import find_solution
from labkit.grading.editions.validate import find_faults, read_source

NAMES = find_places().names()


def test_every_notebook_of_the_lab_is_there_and_no_other() -> None:
    assert sorted(NOTEBOOKS.values()) == NAMES
    assert list(find_leftovers(find_places())) == []
    for step in NOTEBOOKS:
        for language in i18n.LANGUAGES:
            assert find_notebook(step, language).stem == NOTEBOOKS[step]


@pytest.mark.parametrize("name", NAMES)
def test_a_source_is_sound_and_its_editions_are_up_to_date(name: str) -> None:
    i18n.use_language("en")
    source = read_source(find_places(), name)
    faults = find_faults(source, find_places())
    assert [fault.describe() for fault in errors_of(faults)] == []
    stale = [fault.describe() for fault in faults if fault.key == "notebooks.fault.stale"]
    if stale:
        # A warning, as agreed: the English edition says in the cell that it is shown in Spanish.
        import warnings

        warnings.warn("\n".join(stale), stacklevel=1)
    assert [(one.path.name, one.cells) for one in find_outdated(source, find_places())] == [], "run `make notebooks`"


@pytest.mark.parametrize("name", NAMES)
def test_code_is_the_same_in_both_languages(name: str) -> None:
    editions = [find_places().edition_of(name, language) for language in i18n.LANGUAGES]
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in editions]
    spanish, english = ([cell for cell in found["cells"] if cell["cell_type"] == "code"] for found in documents)
    assert spanish == english
    ids = [[cell["id"] for cell in found["cells"]] for found in documents]
    assert ids[0] == ids[1]


def test_the_points_are_a_hundred() -> None:
    from labkit.checks.tasks import list_tasks

    assert sum(task.points + task.by_hand for task in list_tasks()) == 100


def test_each_outcome_of_the_lab_has_tasks_and_points() -> None:
    from labkit.checks.task import OUTCOMES
    from labkit.checks.tasks import list_tasks

    points = dict.fromkeys(OUTCOMES, 0)
    for task in list_tasks():
        points[task.outcome] += task.points + task.by_hand
    assert all(points.values()), points


def test_every_task_has_a_reference_in_both_languages() -> None:
    from labkit.checks.tasks import list_tasks

    for task in list_tasks():
        for language in i18n.LANGUAGES:
            cells = find_solution(task.id, language)
            assert all(cell.source.strip() and "SOLUTION" not in cell.source for cell in cells), task.id
            assert not [cell.cell_id for cell in cells if cell.kind == "code" and cell.source.startswith(" ")]


@pytest.mark.parametrize("name", NAMES)
def test_no_line_of_a_solution_reaches_a_student(name: str) -> None:
    """Longer lines, and only those that stand nowhere outside a region: a student's own cells may well import boto3 too."""
    cells = [cell for cell in read_source(find_places(), name).notebook.cells if cell.kind == "code"]
    shown = "\n".join(blank_code(cell.source) if cell.is_answer else cell.source for cell in cells)
    secret = {
        line.strip()
        for cell in cells
        if cell.is_answer
        for line in solution_lines(cell.source)
        if len(line.strip()) > 30 and line.strip() not in shown
    }
    assert secret or not any(cell.is_answer for cell in cells)
    for language in i18n.LANGUAGES:
        student = read_notebook(find_places().edition_of(name, language))
        words = "\n".join(cell.source for cell in student.cells if cell.kind == "code")
        assert [line for line in secret if line in words] == []
        assert "BEGIN SOLUTION" not in "\n".join(cell.source for cell in student.cells)
