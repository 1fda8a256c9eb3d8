"""Hints that unfold one after another, a reference solution, a locked prediction."""

from __future__ import annotations

import pprint
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.i18n import text
from labkit.ui.nodes import Block, Card, Chip, Code, Details, Node, Prose, Quiet, line
from labkit.ui.shown import Shown


@dataclass(frozen=True, repr=False)
class HintView(Shown):
    """The hints of a task that have been asked for so far (keys); the newest is unfolded."""

    task: str
    hints: tuple[str, ...]
    total: int

    def view(self) -> Node:
        shown = [
            Details(
                text("hint.number", number=number, total=self.total),
                (line(Prose(text(key))),),
                open=number == len(self.hints),
            )
            for number, key in enumerate(self.hints, start=1)
        ]
        if not self.total:
            last: Node = line(text("hint.none"))
        elif len(self.hints) < self.total:
            last = line(Quiet(text("hint.more")), Code(f'lab.hint("{self.task}")'))
        else:
            last = line(Quiet(text("hint.last")), Code(f'lab.solution("{self.task}")'))
        return Card(text("hint.title", task=self.task), (*shown, last))


@dataclass(frozen=True, repr=False)
class SolutionView(Shown):
    """The reference answer of a task: the text of each of its cells."""

    task: str
    cells: tuple[str, ...]

    def view(self) -> Node:
        blocks = tuple(Block(cell) for cell in self.cells)
        return Card(text("solution.title", task=self.task), (*blocks, line(Quiet(text("solution.recorded")))))


@dataclass(frozen=True, repr=False)
class PredictionView(Shown):
    """What was predicted and since when it is locked (ISO 8601); `refused` when another prediction came later."""

    task: str
    values: Mapping[str, Any]
    locked_at: str
    refused: bool = False

    def view(self) -> Node:
        if not self.locked_at:
            return Card(
                text("prediction.title", task=self.task),
                (line(text("prediction.missing")),),
                Chip(text("check.not_attempted"), "idle"),
            )
        listed = "\n".join(_assign(name, value) for name, value in self.values.items())
        words = text("prediction.refused") if self.refused else text("prediction.kept")
        chip = Chip(text("prediction.locked", at=self.locked_at[:19].replace("T", " ")), "note")
        return Card(text("prediction.title", task=self.task), (Block(listed), line(words)), chip)


def _assign(name: str, value: Any) -> str:
    """`name = value` on as many lines as it takes to read it without scrolling."""
    written = pprint.pformat(value, width=88, sort_dicts=False)
    return f"{name} = {written}".replace("\n", "\n" + " " * (len(name) + 3))
