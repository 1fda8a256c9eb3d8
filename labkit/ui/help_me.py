"""What the FAQ says of an error: the entry that fits best, how to mend it on this kind of computer, and what else it might be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labkit.faq.entries import Entry, localize
from labkit.faq.search import Match
from labkit.i18n import current_language, text
from labkit.ui.nodes import Card, Chip, Code, Details, Listing, Node, Prose, Quiet, Strong, line
from labkit.ui.shown import Shown


@dataclass(frozen=True, repr=False)
class HelpView(Shown):
    """The answer to one error; `system` is a word of `labkit.doctor.system`, `shows_all` unfolds every entry, `note` stands alone."""

    error: str
    matches: Sequence[Match]
    system: str
    shows_all: bool = False
    note: str = ""

    @property
    def knows(self) -> bool:
        """True when an entry's own text was found in the error."""
        return bool(self.matches) and self.matches[0].is_exact

    def view(self) -> Node:
        if self.note:
            return Card(text("help_me.no_error"), (line(self.note),), Chip(text("help_me.nothing"), "idle"))
        if not self.error.strip():
            return Card(text("help_me.no_error"), (line(text("help_me.how")),), Chip(text("help_me.nothing"), "idle"))
        if not self.matches:
            return self._unknown()
        best, *others = self.matches
        if not best.is_exact:
            near = tuple(_describe(match.entry, self.system, folded=True) for match in self.matches)
            return Card(text("help_me.near"), near, Chip(text("help_me.not_sure"), "warn"))
        content = list(_answer(best.entry, self.system))
        if others and self.shows_all:
            content += [_describe(match.entry, self.system, folded=False) for match in others]
        elif others:
            also = Listing(tuple(line(Code(match.entry.title)) for match in others[:3]))
            content.append(Details(text("help_me.also", count=len(others)), (also,)))
        return Card(best.entry.title, tuple(content), Chip(text("help_me.known"), "note"))

    def _unknown(self) -> Card:
        last = self.error.strip().split("\n")[-1][:300]
        steps = (
            line(text("help_me.read_last"), Code(last)),
            line(text("help_me.doctor"), Code("labkit doctor")),
            line(text("help_me.search")),
            line(text("help_me.ask")),
        )
        return Card(text("help_me.unknown"), (Listing(steps),), Chip(text("help_me.not_known"), "warn"))


def _answer(entry: Entry, system: str) -> list[Node]:
    language = current_language()
    nodes: list[Node] = [
        line(Strong(text("help_me.cause")), Prose(entry.cause[language])),
        line(Strong(text("help_me.fix")), Prose(entry.fix[language])),
    ]
    own = entry.fixes.get(_spell(system))
    if own is not None:
        nodes.append(line(Strong(text("help_me.here", system=name_system(_spell(system)))), Prose(own[language])))
    if entry.links:
        nodes.append(line(Quiet(text("help_me.more")), *(localize(link, language) for link in entry.links)))
    return nodes


def _describe(entry: Entry, system: str, *, folded: bool) -> Details:
    return Details(entry.title, tuple(_answer(entry, system)), open=not folded)


def name_system(system: str) -> str:
    """A system's name for a person."""
    return {
        "linux": "Linux",
        "macos": "macOS",
        "windows": "Windows (WSL)",
        "codespaces": "Codespaces",
        "binder": "Binder",
    }[system]


def _spell(system: str) -> str:
    # Whoever works in WSL sits before Windows: its settings are part of the answer.
    return "windows" if system == "wsl" else system
