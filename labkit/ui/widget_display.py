"""A live display inside a widget: what goes on in the background is shown there and not under some cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labkit.errors import LabError
from labkit.i18n import text
from labkit.ui.lesson import render_lesson
from labkit.ui.live_display import LiveDisplay
from labkit.ui.markup import render_html
from labkit.ui.nodes import Block, Card, Chip, Node

if TYPE_CHECKING:
    from labkit.ui.shown import Shown


class _Handle:
    """Looks like IPython's display handle."""

    def __init__(self, html: Any) -> None:
        self._html = html

    def __call__(self, what: Shown, **_options: Any) -> _Handle:
        self.update(what)
        return self

    def update(self, what: Shown) -> None:
        self._html.value = render_html(what.view())


def open_widget_display(html: Any) -> LiveDisplay:
    """A display that writes into an HTML widget."""
    return LiveDisplay(_Handle(html))


def show_lesson(error: LabError) -> Node:
    """An expected failure as a card, for where no cell can raise it."""
    return Card(
        text("widget.failed"), (Block(render_lesson(error), text("widget.failed")),), Chip(text("state.failed"), "bad")
    )
