"""What opening a notebook says: where it stands, whose account it is, and what was caught up or is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labkit.i18n import text
from labkit.ui.nodes import Block, Card, Chip, Code, Details, Line, Listing, Node, Prose, Quiet, line
from labkit.ui.shown import Shown
from labkit.ui.step_calls import StepCalls, tell_price


@dataclass(frozen=True)
class CaughtUp:
    """One earlier step that lacked something: its number, its title and how many calls were made."""

    number: int
    title: str
    calls: int


@dataclass(frozen=True, repr=False)
class OpenedView(Shown):
    """The place of the notebook, the student, and the steps that were caught up (none when nothing was missing).

    On AWS `identity` tells account, region, caller and the end of the credentials, and `missing` what earlier steps lack. `notes`
    tell what one must know about the account: what is still there, and roles that somebody else made.
    """

    title: str
    place: str
    student: str
    caught_up: Sequence[CaughtUp]
    seconds: float
    identity: str = ""
    missing: Sequence[StepCalls] = ()
    notes: Sequence[str] = ()

    def view(self) -> Node:
        entries: list[Line] = [line(text("opened.place"), Code(self.place))]
        entries.append(line(text("opened.student", student=self.student) if self.student else text("opened.nobody")))
        if self.caught_up:
            entries += [_tell_step(item) for item in self.caught_up]
            entries.append(line(Quiet(text("opened.kept"))))
        elif not self.missing:
            entries.append(line(text("opened.nothing")))
        entries += [line(Prose(note)) for note in self.notes]
        identity = (Block(self.identity, wraps=True),) if self.identity else ()
        done = Chip(text("opened.ready", seconds=f"{self.seconds:.1f}"), "warn" if self.missing else "good")
        return Card(self.title, (*identity, Listing(tuple(entries)), *self._list_missing()), done)

    def _list_missing(self) -> Sequence[Node]:
        if not self.missing:
            return ()
        calls, usd = sum(len(step.calls) for step in self.missing), sum(step.cost_usd for step in self.missing)
        return (
            line(text("opened.missing", calls=calls), tell_price(usd)),
            line(text("opened.make_missing"), Code("lab.catch_up()")),
            Details(
                text("opened.missing_calls"), tuple(Card(step.title, (step.list_calls(),)) for step in self.missing)
            ),
        )


@dataclass(frozen=True, repr=False)
class CaughtUpView(Shown):
    """What `lab.catch_up()` made."""

    steps: Sequence[CaughtUp]

    def view(self) -> Node:
        if not self.steps:
            return Card(text("opened.caught_up"), (line(text("opened.nothing")),), Chip(text("calls.ready"), "good"))
        entries = (*(_tell_step(item) for item in self.steps), line(Quiet(text("opened.kept"))))
        return Card(text("opened.caught_up"), (Listing(entries),), Chip(text("calls.made"), "good"))


def _tell_step(item: CaughtUp) -> Line:
    return line(text("opened.step", number=item.number, title=item.title, calls=item.calls))
