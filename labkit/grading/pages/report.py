"""What the pages are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labkit.grading.editions.cells import Notebook
from labkit.grading.intake.submission import Unplaced
from labkit.grading.marks.sheet import Row


@dataclass(frozen=True)
class Report:
    """A graded class: `walls` says in words which protections were on, `reference` which notebooks and checks decided, `when` the time.

    `left_out` are the students who handed in and have no result, because only others were asked for.
    """

    rows: Sequence[Row]
    references: Sequence[Notebook]
    unplaced: Sequence[Unplaced]
    walls: str
    reference: str
    version: str
    when: str
    left_out: Sequence[str] = ()
