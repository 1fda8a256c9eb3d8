"""Rows of the table as something that shows itself: short in a notebook, with calls and evidence in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labkit.i18n import current_language, text
from labkit.parity.find import build_standings, find_rows
from labkit.parity.rows import (
    DIFFERS,
    NOT_RECORDED,
    REFUSED,
    SAME,
    STATUSES,
    Area,
    Row,
    StepCalls,
    load_areas,
    load_rows,
)
from labkit.ui.nodes import (
    SYMBOLS,
    Card,
    Chip,
    Code,
    Details,
    Inline,
    Line,
    Listing,
    Node,
    Prose,
    Quiet,
    Strong,
    Table,
    line,
)
from labkit.ui.parity.words import TONES, name_status, tell_counts, tell_evidence, tell_shown
from labkit.ui.shown import Shown

PAGES = {"es": "docs/paridad.md", "en": "docs/parity.md"}


@dataclass(frozen=True, repr=False)
class ParityView(Shown):
    """`rows` under a title; `calls` are shown with the rows that say how each stands; `full` adds evidence, ids and dates."""

    title: str
    rows: Sequence[Row]
    calls: Sequence[str] = ()
    full: bool = False
    hint: str = ""

    @property
    def recorded(self) -> int:
        """How many of the rows this project has seen on a live account."""
        return sum(row.recorded != NOT_RECORDED for row in self.rows)

    def of(self, status: str) -> list[Row]:
        """The rows of a status: "same", "differs" or "refused"."""
        return [row for row in self.rows if row.status == status]

    def view(self) -> Node:
        if not self.rows:
            return Card(self.title, (line(text("parity.no_rows")),), Chip(text("parity.nothing"), "idle"))
        seen = self.recorded
        chip = Chip(text("parity.chip", count=seen, rows=len(self.rows)), "good" if seen else "warn")
        parts: list[Node] = [line(tell_counts(self.rows)), line(tell_evidence(self.rows))]
        if self.calls:
            calls = _tabulate(self.calls, self.rows)
            parts.append(calls if self.full else Details(text("parity.calls", count=len(self.calls)), (calls,)))
        for status in (DIFFERS, REFUSED, SAME):
            parts += self._list(status)
        if self.hint:
            parts.append(line(Quiet(text("parity.more")), Code(self.hint), Quiet(PAGES[current_language()])))
        return Card(self.title, tuple(parts), chip)

    def _list(self, status: str) -> list[Node]:
        rows = self.of(status)
        if not rows:
            return []
        head = f"{SYMBOLS[TONES[status]]} {name_status(status)} ({len(rows)})"
        content = tuple(_detail(row) for row in rows) if self.full else (Listing(tuple(_tell(row) for row in rows)),)
        return [Details(head, content, open=self.full or status != SAME)]


def _tell(row: Row) -> Line:
    """A row in a line: what, and how it is here."""
    language = current_language()
    what, how = _plain(row.what[language]), row.how[language]
    return line(Strong(f"{what}:"), Prose(how)) if how else line(Strong(what))


def _detail(row: Row) -> Details:
    """A row with its tests, its sources, what was seen on AWS, and its date."""
    language = current_language()
    what, how = _plain(row.what[language]), row.how[language]
    facts = [line(Quiet(text("parity.row", id=row.id, shown=tell_shown(row), date=row.checked)))]
    sources = ", ".join(_cite(source.title[language], source.date) for source in row.sources)
    facts += [line(Quiet(text("parity.sources", sources=sources)))] if sources else []
    facts.append(line(Quiet(text("parity.tests", tests=", ".join(row.evidence) or text("parity.no_test")))))
    return Details(f"{what}: {how.replace('`', '')}" if how else what, tuple(facts))


def show_step(step: StepCalls, *, full: bool) -> ParityView:
    """The rows of a notebook and its calls."""
    title = text("parity.step", number=step.number, title=step.title[current_language()])
    hint = "" if full else f"labkit parity {step.number}"
    return ParityView(title, find_rows(step=step.number), step.calls, full, hint)


@dataclass(frozen=True, repr=False)
class ParityOverview(Shown):
    """The whole table, counted by area."""

    def view(self) -> Node:
        rows = load_rows()
        heads = ("parity.area", "parity.same", "parity.differs", "parity.refused", "parity.seen_by_others")
        table = Table(
            text("parity.overview"),
            tuple(text(key) for key in heads),
            tuple((*_count(area),) for area in load_areas()),
            frozenset({1, 2, 3, 4}),
            keyed=True,
        )
        seen = sum(row.recorded != NOT_RECORDED for row in rows)
        chip = Chip(text("parity.chip", count=seen, rows=len(rows)), "good" if seen else "warn")
        hint = line(
            Quiet(text("parity.more")), Code("labkit parity 3"), Code("labkit parity --call glue.start_job_run")
        )
        return Card(text("parity.overview"), (line(tell_counts(rows)), line(tell_evidence(rows)), table, hint), chip)


def _count(area: Area) -> tuple[Inline | Line, ...]:
    counts = [sum(row.status == status for row in area.rows) for status in STATUSES]
    name = area.title[current_language()]
    return (
        f"{name} ({area.name})",
        *(str(count) for count in counts),
        str(sum(bool(row.recordings) for row in area.rows)),
    )


def _tabulate(calls: Sequence[str], rows: Sequence[Row]) -> Table:
    """Each call with the rows that say how it stands; a row of another step says it where none of this one does."""
    headers = (text("parity.call"), text("parity.same"), text("parity.differs"), text("parity.refused"))
    standings = [
        here if here.same or here.differs or here.refused else anywhere
        for here, anywhere in zip(build_standings(calls, rows), build_standings(calls), strict=True)
    ]
    cells = tuple(
        (Code(one.call), ", ".join(one.same), ", ".join(one.differs), ", ".join(one.refused)) for one in standings
    )
    return Table(text("parity.calls", count=len(calls)), headers, cells, keyed=True)


def _cite(title: str, date: str) -> str:
    return f"{title} ({date})" if date else title


def _plain(words: str) -> str:
    """Without the marks of code: a heading is strong as a whole."""
    return words.replace("`` ` ``", "´").replace("`", "")
