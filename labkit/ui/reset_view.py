"""What a reset did, and where the copy of what was there lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labkit.i18n import text
from labkit.ui.nodes import Card, Chip, Code, Listing, Node, line
from labkit.ui.shown import Shown


@dataclass(frozen=True, repr=False)
class ResetView(Shown):
    """`calls` were made to bring the resources to the reference; `restored` tells whether a notebook file was replaced."""

    name: str
    backup: Path
    calls: int
    restored: bool

    def view(self) -> Node:
        entries = [
            line(text("reset.backup"), Code(str(self.backup))),
            line(text("reset.resources", calls=self.calls)),
            line(text("reset.notebook") if self.restored else text("reset.no_notebook")),
        ]
        return Card(text("reset.title", name=self.name), (Listing(tuple(entries)),), Chip(text("calls.made"), "good"))
