"""The map as a widget that follows what happens; its twin is the map as it was when it was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.aws.pipeline_state import PipelineState, read_pipeline
from labkit.i18n import text
from labkit.ui.map_watch import IDLE_S, MapWatch
from labkit.ui.markup import render_html
from labkit.ui.nodes import Chip, Code, Node, Quiet, line
from labkit.ui.pipeline_map import PipelineMap
from labkit.ui.widget_view import WidgetView, build_button, build_html

if TYPE_CHECKING:
    from labkit.aws.session import Clients
    from labkit.names import Names

_open: list[LiveMap] = []


class LiveMap(WidgetView):
    """What `lab.map(live=True)` gives: `refresh`, `pause`, `resume` and `close` are its buttons."""

    def __init__(self, clients: Clients, names: Names, idle_s: float = IDLE_S) -> None:
        from ipywidgets import HBox, VBox

        self._clients = clients
        self._names = names
        self._idle_s = idle_s
        self._state = read_pipeline(clients, names)
        self._picture = build_html(self._map().view())
        self._note = build_html(self._calls())
        self._toggle = build_button(text("map.pause"), "mapa.pause()", self._pause_or_resume)
        again = build_button(text("map.refresh"), "mapa.refresh() · lab.map()", self.refresh)
        self.widget = VBox([self._picture, HBox([again, self._toggle]), self._note])
        self._watch = self._start()

    @property
    def live(self) -> bool:
        """Is it following what happens?"""
        return self._watch.alive

    @property
    def state(self) -> PipelineState:
        """The pipeline as it was last seen."""
        return self._state

    def refresh(self) -> None:
        """Read everything now; a map that had stopped by itself follows again."""
        self._show(read_pipeline(self._clients, self._names))
        if not self.live and self._toggle.description != text("map.resume"):
            self._watch = self._start()

    def pause(self) -> None:
        """Follow no longer."""
        self._watch.stop()
        self._toggle.description, self._toggle.tooltip = text("map.resume"), "mapa.resume()"

    def resume(self) -> None:
        """Follow again, beginning with everything as it is now."""
        self._watch.stop()
        self._watch = self._start()
        self._toggle.description, self._toggle.tooltip = text("map.pause"), "mapa.pause()"
        self._note.value = render_html(self._calls())

    def close(self) -> None:
        """End thread and widget."""
        self._watch.stop()
        super().close()

    def view(self) -> Node:
        return self._map().view()

    def _map(self) -> PipelineMap:
        return PipelineMap(self._state, self._names)

    def _start(self) -> MapWatch:
        watch = MapWatch(self._clients, self._names, self._show, self._idle_s, self._rest)
        watch.start(self._state)
        return watch

    def _show(self, state: PipelineState) -> None:
        self._state = state
        if self.widget.comm is None:
            # Closed from outside, with Widget.close_all() or by the front end.
            self._watch.stop()
            return
        self._picture.value = render_html(self._map().view())

    def _rest(self) -> None:
        """Say that following has ended because nothing happened for long."""
        self._toggle.description, self._toggle.tooltip = text("map.resume"), "mapa.resume()"
        rested = line(Chip(text("map.resting"), "idle"), text("map.resting_why", minutes=f"{self._idle_s / 60:.0f}"))
        self._note.value = render_html(rested, self._calls())

    def _pause_or_resume(self) -> None:
        if self.live:
            self.pause()
        else:
            self.resume()

    def _calls(self) -> Node:
        return line(
            Quiet(text("map.calls")),
            Code("mapa = lab.map(live=True)"),
            Code("mapa.refresh()"),
            Code("mapa.pause()"),
            Code("mapa.resume()"),
            Code("mapa.close()"),
        )


def open_live_map(clients: Clients, names: Names) -> LiveMap:
    """Open a live map; one that was open before stops, so that no thread is left behind an output that is gone."""
    for old in _open:
        old.pause()
    _open[:] = [LiveMap(clients, names)]
    return _open[0]
