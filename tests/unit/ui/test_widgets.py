"""Widgets and live displays: a twin where nobody presses buttons, one display that is written over, lessons instead of tracebacks."""

from __future__ import annotations

from typing import Any

import pytest

from labkit.errors import UsageError
from labkit.i18n import build_lesson
from labkit.ui.live_display import LiveDisplay
from labkit.ui.nodes import Node, line
from labkit.ui.plain import render_text
from labkit.ui.shown import Shown
from labkit.ui.widget_display import show_lesson
from labkit.ui.widget_view import WidgetView, has_front_end


class Words(Shown):
    def __init__(self, words: str) -> None:
        self.words = words

    def view(self) -> Node:
        return line(self.words)


class Twin(WidgetView):
    def view(self) -> Node:
        return line("gemelo")


class Handle:
    def __init__(self) -> None:
        self.shown: list[str] = []

    def __call__(self, what: Shown, *, display_id: bool) -> Handle:
        assert display_id
        self.update(what)
        return self

    def update(self, what: Shown) -> None:
        self.shown.append(repr(what))


@pytest.mark.parametrize(
    ("environ", "pressed"),
    [
        ({}, False),
        ({"JPY_SESSION_NAME": "/a/x.ipynb"}, True),
        ({"VSCODE_PID": "1"}, True),
        ({"LABKIT_WIDGETS": "on"}, True),
        ({"JPY_SESSION_NAME": "/a/x.ipynb", "LABKIT_WIDGETS": "off"}, False),
    ],
)
def test_a_widget_is_live_where_somebody_may_press_it(environ: dict[str, str], pressed: bool) -> None:
    assert has_front_end(environ) is pressed


def test_without_a_kernel_a_widget_is_its_twin() -> None:
    bundle = Twin()._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {"text/plain", "text/html"}
    assert bundle["text/plain"] == "gemelo"
    assert "<p>gemelo</p>" in bundle["text/html"]


def test_a_display_is_written_over_and_the_last_word_is_never_left_out() -> None:
    handle, now = Handle(), [0.0]
    display = LiveDisplay(handle, lambda: now[0])
    for moment, words in ((0.0, "uno"), (0.01, "dos"), (0.5, "tres")):
        now[0] = moment
        display.show(Words(words))
    display.show(Words("fin"), final=True)
    assert handle.shown == ["uno", "tres", "fin"]


def test_outside_of_a_notebook_nothing_is_shown_on_the_way() -> None:
    display: Any = LiveDisplay(None)
    display.show(Words("x"), final=True)
    assert display._handle is None


def test_an_expected_failure_is_a_card_in_a_widget() -> None:
    told = render_text(show_lesson(build_lesson(UsageError, "error.query_one", count=2)))
    assert "El texto tiene 2 sentencias." in told
    assert "Qué hacer" in told
