"""The map of the pipeline: a picture, the same as a table, and the last event that went through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkit.aws.pipeline_state import PipelineState, read_pipeline
from labkit.i18n import text
from labkit.ui.figures import format_time
from labkit.ui.map_boxes import Box, build_boxes
from labkit.ui.map_drawing import draw_map
from labkit.ui.map_journey import Stop, trace_journey
from labkit.ui.nodes import Card, Chip, Code, Details, Drawing, Line, Listing, Node, Quiet, Table, line
from labkit.ui.shown import Shown

if TYPE_CHECKING:
    from labkit.aws.session import Clients
    from labkit.names import Names


@dataclass(frozen=True, repr=False)
class PipelineMap(Shown):
    """What `lab.map` gives: the pipeline as it was when it was read."""

    state: PipelineState
    names: Names

    @property
    def boxes(self) -> dict[str, Box]:
        return build_boxes(self.state, self.names)

    @property
    def journey(self) -> tuple[Stop, ...]:
        """Where the last event came by."""
        return trace_journey(self.state)

    def view(self) -> Node:
        if self.state.unreachable:
            return Card(
                text("map.title"), (line(text("map.unreachable")), line(Quiet(self.state.unreachable))), self._chip()
            )
        boxes, stops = self.boxes, self.journey
        picture = Drawing(draw_map(boxes, [stop.part for stop in stops], text("map.alt")), "")
        return Card(
            text("map.title"),
            (picture, *_show_journey(stops), *self._limits(), _show_table(boxes), *self._problems()),
            self._chip(),
        )

    def _limits(self) -> list[Node]:
        raw = self.state.raw
        return [] if raw is None or raw.complete else [line(Quiet(text("map.first_only", count=f"{raw.objects:,}")))]

    def _problems(self) -> list[Node]:
        return [
            line(Chip(text("map.unread"), "warn"), Code(part), words)
            for part, words in (self.state.problems or {}).items()
        ]

    def _chip(self) -> Chip:
        if self.state.unreachable:
            return Chip(text("map.stopped"), "bad")
        return Chip(text("map.read_at", time=format_time(self.state.at)), "note")


def read_map(clients: Clients, names: Names) -> PipelineMap:
    """Read the pipeline once."""
    return PipelineMap(read_pipeline(clients, names), names)


def _show_journey(stops: tuple[Stop, ...]) -> list[Node]:
    if not stops:
        return [line(text("map.no_event"))]
    kinds = {
        "raw": text("map.raw"), "function": text("map.function"), "job": text("map.job"), "processed": text("map.processed"),
    }  # fmt: skip
    entries = [
        Line(
            (
                stop.chip,
                Quiet(format_time(stop.at)),
                kinds[stop.part],
                Code(stop.what),
                *((stop.detail,) if stop.detail else ()),
            )
        )
        for stop in stops
    ]
    return [line(text("map.last_event")), Listing(tuple(entries), ordered=True)]


def _show_table(boxes: dict[str, Box]) -> Node:
    heads = (text("map.part"), text("map.name"), text("partition.state"), text("map.counts"))
    rows = tuple((box.kind, Code(box.name), box.chip, box.counts) for box in boxes.values())
    caption = text("map.table")
    return Details(caption, (Table(caption, heads, rows, keyed=True),))
