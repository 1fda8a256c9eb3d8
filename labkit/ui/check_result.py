"""How a check turned out: the evidence that was seen, the likely misconception, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from labkit.checks.finding import BROKEN, NOT_ATTEMPTED, NOT_POSSIBLE, NOT_YET, PASSED, CheckResult, Finding
from labkit.i18n import text
from labkit.ui.nodes import Card, Chip, Code, Line, Listing, Node, Prose, Quiet, line
from labkit.ui.plain import render_text
from labkit.ui.shown import Shown

_TONES = {PASSED: "good", NOT_YET: "bad", NOT_ATTEMPTED: "idle", NOT_POSSIBLE: "note", BROKEN: "warn"}


@dataclass(frozen=True, repr=False)
class CheckView(Shown):
    """One result with its task's title."""

    result: CheckResult
    title: str

    @property
    def status(self) -> str:
        return self.result.status

    @property
    def passed(self) -> bool:
        return self.result.passed

    def view(self) -> Node:
        result = self.result
        told = tuple(_show_finding(item, judged=result.status != NOT_POSSIBLE) for item in result.findings)
        content: list[Node] = [Listing(told)]
        believed = dict.fromkeys(words for item in result.findings if (words := item.misconception_text()))
        content += [line(Chip(text("check.misconception"), "note"), Prose(words)) for words in believed]
        content.append(self._next_step())
        heading = f"{result.task} · {text(self.title)}"
        return Card(heading, tuple(content), Chip(status_word(result.status), _TONES[result.status]))

    def summary(self) -> str:
        """One line for a traceback: how it stands, the first thing that is not as it must be, and where help is. The card has the rest."""
        first = next((item for item in self.result.findings if not item.ok), None)
        head = f"{self.result.task} {status_word(self.result.status)}"
        said = f"{head}: {render_text(line(Prose(first.text())))}" if first else head
        return said if self.result.status == BROKEN else f'{said} · lab.hint("{self.result.task}")'

    def _next_step(self) -> Line:
        if self.result.passed:
            if not self.result.points:
                return line(text("check.no_points"))
            return line(text("check.points", earned=self.result.earned, points=self.result.points))
        if self.result.status == BROKEN:
            return line(text("check.next_broken"))
        if self.result.status == NOT_POSSIBLE:
            return line(text("check.next_not_possible", points=self.result.points))
        return line(Quiet(text("check.next")), Code(f'lab.hint("{self.result.task}")'))


def status_word(status: str) -> str:
    """The word of a status in the current language."""
    words = {
        PASSED: text("check.passed"),
        NOT_YET: text("check.not_yet"),
        NOT_ATTEMPTED: text("check.not_attempted"),
        NOT_POSSIBLE: text("check.not_possible"),
        BROKEN: text("check.is_broken"),
    }
    return words[status]


def _show_finding(finding: Finding, *, judged: bool) -> Line:
    if not judged:
        return line(Prose(finding.text()))
    chip = Chip(text("check.right"), "good") if finding.ok else Chip(text("check.wrong"), "bad")
    return line(chip, Prose(finding.text()))
