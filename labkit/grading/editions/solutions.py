"""The reference of one task: the code between the marks of its answer cells."""

from __future__ import annotations

from dataclasses import dataclass

from labkit.errors import LabError
from labkit.grading.editions.cells import read_notebook
from labkit.grading.editions.places import find_places
from labkit.grading.editions.regions import drop_marks, find_regions, solution_lines
from labkit.grading.editions.rules_tasks import find_task
from labkit.grading.editions.translations import read_translation
from labkit.i18n import build_lesson


@dataclass(frozen=True)
class SolutionCell:
    """One answer cell of a task: its id, its kind (code, markdown) and its reference, as it would be written."""

    cell_id: str
    kind: str
    source: str


def find_solution(task_id: str, language: str) -> list[SolutionCell]:
    """The reference cells of a task, in order. LabError when this installation has no sources, or the task no cells."""
    places = find_places()
    step = task_id.partition(".")[0]
    for name in places.names():
        notebook = read_notebook(places.source_of(name))
        if str(notebook.step) != step:
            continue
        translation = read_translation(places.translation_of(name, language), language)
        cells = [cell for cell in notebook.cells if cell.is_answer and find_task(cell) == task_id]
        found = []
        for cell in cells:
            translated = cell.kind == "markdown" and translation.is_current(cell)
            source = translation.words[cell.id].text if translated else cell.source
            found.append(SolutionCell(cell.id, cell.kind, _read_reference(source)))
        if found:
            return found
    raise build_lesson(LabError, "error.solution_unknown", task=task_id)


def _read_reference(source: str) -> str:
    """The lines between the marks; the whole cell where they are the body of a function, which says nothing without its head."""
    if any(region.indent for region in find_regions(source)):
        return drop_marks(source)
    return "\n".join(solution_lines(source))
