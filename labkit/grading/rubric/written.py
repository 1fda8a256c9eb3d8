"""What a student's free text is worth: the items' shares that a person gave, times the points that the rubric gives them now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkit.checks.tasks import get_task
from labkit.grading.editions.cells import Cell, Notebook
from labkit.grading.editions.edition import STUDENT, Edition, build_edition
from labkit.grading.editions.rules_tasks import find_task
from labkit.grading.editions.translations import SOURCE_LANGUAGE, Translation
from labkit.grading.rebuild.build import list_free_texts
from labkit.grading.rubric.scheme import Item, Rubric, tidy

if TYPE_CHECKING:
    from labkit.grading.rubric.sheet import Given
    from labkit.grading.worker.outcome import Graded


@dataclass(frozen=True)
class ItemMark:
    """One item of one student: `share` between 0 and 1, None while nobody has read it; `comment` is for the student.

    What the person noted for themselves is not in here, so that no page of a student can show it.
    """

    item: Item
    share: float | None = None
    comment: str = ""

    @property
    def earned(self) -> float:
        return tidy(self.item.points * (self.share or 0))


@dataclass(frozen=True)
class Written:
    """One free text: `is_blank` when nothing was written beside what was handed out; then there is nothing to wait for."""

    task: str
    outcome: str
    text: str
    is_blank: bool
    items: tuple[ItemMark, ...]

    @property
    def earned(self) -> float:
        return tidy(sum(mark.earned for mark in self.items))

    @property
    def points(self) -> float:
        return tidy(sum(mark.item.points for mark in self.items))

    @property
    def pending(self) -> tuple[ItemMark, ...]:
        """The items that a person still has to read."""
        return () if self.is_blank else tuple(mark for mark in self.items if mark.share is None)


@dataclass(frozen=True)
class FreeText:
    """A free-text cell of a notebook: the task it belongs to, its rubric, and every line it was handed out with."""

    cell: str
    rubric: Rubric
    handed_out: frozenset[str]

    def is_blank(self, text: str) -> bool:
        """True when no line is the student's own."""
        return not {line.strip() for line in text.splitlines()} - self.handed_out


def find_free_texts(
    reference: Notebook, translations: Sequence[Translation], rubrics: Mapping[str, Rubric]
) -> list[FreeText]:
    """The free texts of one notebook."""
    cells = list_free_texts(reference)
    if not cells:
        return []
    editions = [Edition(STUDENT, SOURCE_LANGUAGE), *(Edition(STUDENT, one.language, one) for one in translations)]
    built = [{cell["id"]: cell["source"] for cell in build_edition(reference, one)["cells"]} for one in editions]
    return [
        FreeText(cell.id, rubrics[task], frozenset({""} | {line.strip() for one in built for line in one[cell.id]}))
        for cell in cells
        if (task := _task_of(cell)) in rubrics
    ]


def _task_of(cell: Cell) -> str:
    return find_task(cell) or ""


def build_written(
    graded: Graded, free_texts: Sequence[FreeText], given: Mapping[tuple[str, str, str], Given]
) -> tuple[Written, ...]:
    """The free texts of one student with the marks given so far (`given`: student's key, task, item)."""
    found = []
    for one in free_texts:
        text = graded.texts.get(one.cell, "")
        task = one.rubric.task
        marks = tuple(_mark(item, given.get((graded.key, task, item.id))) for item in one.rubric.items)
        found.append(Written(task, get_task(task).outcome, text, one.is_blank(text), marks))
    return tuple(found)


def _mark(item: Item, given: Given | None) -> ItemMark:
    return ItemMark(item) if given is None else ItemMark(item, given.share, given.comment)
