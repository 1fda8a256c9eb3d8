"""The doctor's report: every finding with symbol and word, what is wrong first with its cause and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labkit.doctor.finding import OK, PROBLEM, WARNING, Finding
from labkit.i18n import text
from labkit.ui.nodes import Card, Chip, Code, Line, Node, Quiet, Strong, Table, line
from labkit.ui.shown import Shown

_TONES = {OK: "good", WARNING: "warn", PROBLEM: "bad"}
_WORDS = {OK: "doctor.state.word_ok", WARNING: "doctor.state.word_warning", PROBLEM: "doctor.state.word_problem"}


@dataclass(frozen=True, repr=False)
class DoctorReport(Shown):
    """The findings about one computer; `short` leaves out those that are fine."""

    findings: Sequence[Finding]
    system: str
    short: bool = False

    @property
    def ok(self) -> bool:
        """True when nothing is in the way; warnings are not."""
        return not any(finding.state == PROBLEM for finding in self.findings)

    def view(self) -> Node:
        content: list[Node] = [self._explain(finding) for finding in self.findings if finding.state != OK]
        fine = [finding for finding in self.findings if finding.state == OK]
        if fine and not self.short:
            headers = (text("doctor.column_state"), text("doctor.column_topic"), text("doctor.column_said"))
            rows = tuple((_chip(finding), finding.title, finding.said) for finding in fine)
            content.append(Table(text("doctor.caption_fine"), headers, rows))
        return Card(text("doctor.caption"), tuple(content), self._sum())

    def _explain(self, finding: Finding) -> Node:
        lines: list[Line] = [
            line(Strong(finding.said)),
            line(text("doctor.cause"), finding.cause),
            line(text("doctor.fix"), finding.fix(self.system)),
        ]
        if finding.link:
            lines.append(line(Quiet(text("doctor.link")), Code(finding.link)))
        return Card(finding.title, tuple(lines), _chip(finding))

    def _sum(self) -> Chip:
        count = len(self.findings)
        problems = sum(finding.state == PROBLEM for finding in self.findings)
        warnings = sum(finding.state == WARNING for finding in self.findings)
        if not problems and not warnings:
            return Chip(text("doctor.sum_ok", count=count), "good")
        words = text("doctor.sum", problems=problems, warnings=warnings, count=count)
        return Chip(words, "bad" if problems else "warn")


def _chip(finding: Finding) -> Chip:
    return Chip(text(_WORDS[finding.state]), _TONES[finding.state])
