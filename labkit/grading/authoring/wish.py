"""A task that somebody wants to write, as data."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TASK_ID = re.compile(r"(\d{1,2})\.([1-9]\d?)")
OUTCOME_NAMES = {"etl": "ETL", "automation": "AUTOMATION", "performance": "PERFORMANCE", "evaluation": "EVALUATION"}


@dataclass(frozen=True)
class Wish:
    """`notebook` is its name ("03_crawler"), `task` the new id ("3.5"); `titles` are by language; `after` is a task ("" the last)."""

    notebook: str
    task: str
    points: int
    outcome: str
    titles: tuple[str, str]
    after: str = ""

    @property
    def step(self) -> int:
        return int(self.task.split(".")[0])

    @property
    def number(self) -> int:
        return int(self.task.split(".")[1])

    @property
    def cell_prefix(self) -> str:
        return f"t{self.step}-{self.number}"

    @property
    def module(self) -> str:
        """Name of the check's module; `check_<module>` is its function and `answer_<step>_<number>` the value handed over."""
        return f"task_{self.step}_{self.number}"

    @property
    def answer(self) -> str:
        return f"answer_{self.step}_{self.number}"

    @property
    def key(self) -> str:
        """What its keys of the catalogue begin with."""
        return f"task_{self.task}"


def is_task_id(words: str) -> bool:
    """True for "3.5"."""
    return _TASK_ID.fullmatch(words) is not None
