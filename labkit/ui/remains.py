"""What of the lab is still there: since when, what it has cost and costs a day, and the line that takes it down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from labkit.i18n import text
from labkit.ui.figures import describe_usd
from labkit.ui.nodes import Card, Chip, Code, Listing, Node, Quiet, Table, line
from labkit.ui.shown import Shown


@dataclass(frozen=True)
class Remaining:
    """One resource of ours: kind and name as the ledger spells them, and when it was made (None where AWS does not tell)."""

    kind: str
    name: str
    created: datetime | None = None


@dataclass(frozen=True, repr=False)
class RemainsView(Shown):
    """`spent` is what the lab has cost by AWS's minimums, `a_day` what it costs a day if nobody uses it, in dollars.

    `charges` is false on this computer, where nothing costs. `unseen` are the kinds that the caller may not list,
    `unknown` sentences about what teardown cannot delete; `unpriced` says why the costs could not be read ("" when they were).
    """

    place: str
    things: Sequence[Remaining]
    spent: float
    a_day: float
    charges: bool
    unseen: Sequence[str] = ()
    unknown: Sequence[str] = ()
    unpriced: str = ""

    def view(self) -> Node:
        blind = [line(text("remains.unseen", kinds=", ".join(self.unseen)))] if self.unseen else []
        blind += [line(words) for words in self.unknown]
        if not self.things:
            chip = Chip(text("remains.nothing_chip"), "warn" if blind else "good")
            return Card(text("remains.title", place=self.place), (line(text("remains.nothing")), *blind), chip)
        heads = (text("remains.kind"), text("remains.name"), text("remains.since"))
        rows = tuple((item.kind, Code(item.name), _tell_date(item.created)) for item in self.things)
        table = Table(text("remains.caption"), heads, rows)
        costs = (
            [line(text("remains.unpriced", reason=self.unpriced))]
            if self.unpriced
            else [
                line(
                    text("remains.spent" if self.charges else "remains.would_have_cost", usd=describe_usd(self.spent))
                ),
                line(text("remains.a_day", usd=describe_usd(self.a_day))),
            ]
        )
        if not self.charges:
            costs.append(line(Quiet(text("remains.free_here"))))
        end = line(text("remains.take_down"), Code("lab.teardown()"))
        tone = "warn" if self.charges else "note"
        chip = Chip(text("remains.count", count=len(self.things)), tone)
        return Card(text("remains.title", place=self.place), (table, Listing(tuple(costs)), *blind, end), chip)


def _tell_date(created: datetime | None) -> str:
    return f"{created.astimezone():%Y-%m-%d %H:%M}" if created else "–"


@dataclass(frozen=True, repr=False)
class TeardownView(Shown):
    """What `lab.teardown` would delete (`done` None), or what became of each resource: (kind, name, reason, how it ended).

    `is_proven` tells that everything was looked at again and nothing of ours is left.
    """

    place: str
    lines: Sequence[tuple[str, str, str, str]]
    done: bool
    is_proven: bool = False
    problems: Sequence[str] = ()

    def view(self) -> Node:
        title = text("remains.torn_down" if self.done else "remains.would_go", place=self.place)
        if not self.lines:
            return Card(title, (line(text("remains.nothing")), *self._tell_problems()), self._chip())
        heads = (text("remains.kind"), text("remains.name"), text("remains.why"), text("remains.how"))
        rows = tuple((kind, Code(name), why, how) for kind, name, why, how in self.lines)
        table = Table(text("remains.caption"), heads, rows)
        if not self.done:
            order = (line(text("remains.all_of_it")), line(text("remains.delete"), Code("lab.teardown(delete=True)")))
            return Card(title, (table, *order, *self._tell_problems()), Chip(text("calls.planned"), "idle"))
        return Card(title, (table, *self._tell_problems()), self._chip())

    def _tell_problems(self) -> Sequence[Node]:
        return (Listing(tuple(line(problem) for problem in self.problems)),) if self.problems else ()

    def _chip(self) -> Chip:
        if not self.done:
            return Chip(text("remains.nothing_chip"), "good")
        return Chip(text("remains.proven"), "good") if self.is_proven else Chip(text("remains.left"), "bad")
