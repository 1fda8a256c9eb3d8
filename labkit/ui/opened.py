"""What opening a notebook says: where it stands, and what was caught up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labkit.i18n import text
from labkit.ui.nodes import Card, Chip, Code, Line, Listing, Node, Quiet, line
from labkit.ui.shown import Shown


@dataclass(frozen=True)
class CaughtUp:
    """One earlier step that lacked something: its number, its title and how many calls were made."""

    number: int
    title: str
    calls: int


@dataclass(frozen=True, repr=False)
class OpenedView(Shown):
    """The place of the notebook, the student, and the steps that were caught up (none when nothing was missing)."""

    title: str
    place: str
    student: str
    caught_up: Sequence[CaughtUp]
    seconds: float

    def view(self) -> Node:
        entries: list[Line] = [line(text("opened.place"), Code(self.place))]
        entries.append(line(text("opened.student", student=self.student) if self.student else text("opened.nobody")))
        if self.caught_up:
            entries += [
                line(text("opened.step", number=item.number, title=item.title, calls=item.calls))
                for item in self.caught_up
            ]
            entries.append(line(Quiet(text("opened.kept"))))
        else:
            entries.append(line(text("opened.nothing")))
        return Card(
            self.title, (Listing(tuple(entries)),), Chip(text("opened.ready", seconds=f"{self.seconds:.1f}"), "good")
        )
