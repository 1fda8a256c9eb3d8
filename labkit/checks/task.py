"""A task of a notebook, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labkit.checks.context import Context
from labkit.checks.finding import Finding

# The learning outcomes of the lab's text, in its order.
ETL = "etl"
AUTOMATION = "automation"
PERFORMANCE = "performance"
EVALUATION = "evaluation"
OUTCOMES = (ETL, AUTOMATION, PERFORMANCE, EVALUATION)


@dataclass(frozen=True)
class Task:
    """One task: `id` is "<step>.<number>"; `title` and `hints` are keys of the catalogue; `check` looks and never changes anything.

    `points` are given when every finding is ok. `by_hand` are points that a person gives by a rubric (free text).
    """

    id: str
    points: int
    outcome: str
    title: str
    hints: tuple[str, ...]
    check: Callable[[Context], list[Finding]]
    by_hand: int = 0

    @property
    def step(self) -> int:
        return int(self.id.split(".", maxsplit=1)[0])
