"""Plots with words: a picture for light ground and one for dark, an alternative text, and the same numbers as a table."""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labkit.i18n import text
from labkit.ui.figures import format_time
from labkit.ui.markup import escape
from labkit.ui.nodes import Bar, Card, Details, Drawing, Node, Table, line
from labkit.ui.plot_style import (
    DASHES,
    HATCHES,
    MARKERS,
    ON_DARK,
    ON_LIGHT,
    PlotStyle,
    dress,
    format_amount,
    write_plainly,
)
from labkit.ui.shown import Shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIZE = (8.0, 3.6)
_DPI = 110
_MOST_LABELS = 24
_MOST_ROWS = 60
# More than this under one axis run into each other.
_MOST_CHARACTERS = 90
Series = Mapping[str, Sequence[tuple[Any, float]]]


@dataclass(frozen=True, repr=False)
class Plot(Shown):
    """A plot that shows itself. `series` has each line's or group's points; `figure(style)` draws it again for another use."""

    title: str
    series: Series
    x_label: str
    y_label: str
    draw: Callable[[Plot, PlotStyle], Figure] = field(repr=False)

    def figure(self, style: PlotStyle = ON_LIGHT) -> Figure:
        """The plot as a matplotlib figure."""
        return self.draw(self, style)

    @property
    def alt(self) -> str:
        """What the picture shows, in words: its axes, and the least and most of each series."""
        told = [
            text(
                "plot.range", name=name or self.y_label, count=len(points), least=_spell(min(ys)), most=_spell(max(ys))
            )
            for name, points in self.series.items()
            if (ys := [y for _, y in points])
        ]
        return " ".join([text("plot.alt", title=self.title, x=self.x_label or "x", y=self.y_label or "y"), *told])

    def view(self) -> Node:
        if not any(self.series.values()):
            return Card(self.title, (line(text("plot.nothing")),))
        return Card(self.title, (Drawing(self._images(), self.alt), Details(text("plot.table"), (self._table(),))))

    def _images(self) -> str:
        return _image(self.figure(ON_LIGHT), self.alt, "lk-on-light") + _image(
            self.figure(ON_DARK), self.alt, "lk-on-dark"
        )

    def _table(self) -> Table:
        names = list(self.series)
        xs = list(dict.fromkeys(x for points in self.series.values() for x, _ in points))
        found = {(name, x): y for name, points in self.series.items() for x, y in points}
        most = max((abs(y) for y in found.values()), default=0.0) or 1.0
        rows = tuple(
            (_label(x), *(_cell(found.get((name, x)), most, alone=len(names) == 1) for name in names))
            for x in xs[:_MOST_ROWS]
        )
        caption = (
            text("plot.table") if len(xs) <= _MOST_ROWS else text("plot.table_cut", shown=_MOST_ROWS, count=len(xs))
        )
        heads = (self.x_label or "x", *(name or self.y_label or "y" for name in names))
        # A bar begins at the left; a number alone stands at the right.
        numbers = frozenset(range(1, len(heads))) if len(names) > 1 else frozenset()
        return Table(caption, heads, rows, numbers, keyed=True)


def draw_bars(
    title: str, values: Mapping[str, float] | Series, y_label: str, x_label: str = "", *, log: bool = False
) -> Plot:
    """Bars: one a label, or one a label and series; `log` for values that lie far apart."""
    return Plot(title, _as_series(values), x_label, y_label, _Bars(log))


def draw_lines(title: str, series: Series, x_label: str, y_label: str, *, log: bool = False) -> Plot:
    """Lines through points (x, y); x may be numbers, times or labels."""
    return Plot(title, _as_series(series), x_label, y_label, _Lines(log))


@dataclass(frozen=True)
class _Bars:
    log: bool

    def __call__(self, plot: Plot, style: PlotStyle) -> Figure:
        figure, axes = _open_figure(style, plot)
        labels = list(dict.fromkeys(x for points in plot.series.values() for x, _ in points))
        width = 0.8 / max(1, len(plot.series))
        for place, (name, points) in enumerate(plot.series.items()):
            found = dict(points)
            at = [index + (place - (len(plot.series) - 1) / 2) * width for index in range(len(labels))]
            heights = [found.get(label, 0.0) for label in labels]
            bars = axes.bar(
                at,
                heights,
                width,
                label=write_plainly(name),
                color=style.series[place % 6],
                edgecolor=style.ground,
                hatch=HATCHES[place % 6],
            )
            if len(labels) * len(plot.series) <= _MOST_LABELS:
                axes.bar_label(
                    bars, [format_amount(height) for height in heights], color=style.ink, fontsize=8, padding=2
                )
        every = max(1, -(-len(labels) // _MOST_LABELS))
        ticks = range(0, len(labels), every)
        steep = sum(len(_label(labels[tick])) + 2 for tick in ticks) > _MOST_CHARACTERS
        axes.set_xticks(
            ticks,
            [write_plainly(_label(labels[tick])) for tick in ticks],
            rotation=30 if steep else 0,
            ha="right" if steep else "center",
        )
        return _finish(figure, axes, plot, style, log=self.log)


@dataclass(frozen=True)
class _Lines:
    log: bool

    def __call__(self, plot: Plot, style: PlotStyle) -> Figure:
        figure, axes = _open_figure(style, plot)
        texts = [isinstance(x, str) for points in plot.series.values() for x, _ in points]
        mixed = any(texts) and not all(texts)
        for place, (name, points) in enumerate(plot.series.items()):
            xs, ys = [str(x) if mixed else x for x, _ in points], [y for _, y in points]
            marker = MARKERS[place % 6] if len(points) <= 60 else ""
            axes.plot(
                xs,
                ys,
                label=write_plainly(name),
                color=style.series[place % 6],
                marker=marker,
                linestyle=DASHES[place % 6],
                linewidth=2,
            )
        if any(isinstance(x, datetime) for points in plot.series.values() for x, _ in points):
            figure.autofmt_xdate()
        return _finish(figure, axes, plot, style, log=self.log)


def _open_figure(style: PlotStyle, plot: Plot) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE, dpi=_DPI, layout="constrained", facecolor=style.ground)
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    dress(axes, style, plot.x_label, plot.y_label)
    return figure, axes


def _finish(figure: Any, axes: Any, plot: Plot, style: PlotStyle, *, log: bool) -> Figure:
    if log and all(y > 0 for points in plot.series.values() for _, y in points):
        axes.set_yscale("log")
    elif all(float(y).is_integer() for points in plot.series.values() for _, y in points):
        axes.yaxis.get_major_locator().set_params(integer=True)  # nothing is counted in fifths
    axes.yaxis.set_major_formatter(format_amount)
    if len(plot.series) > 1:
        axes.legend(facecolor=style.ground, edgecolor=style.grid, labelcolor=style.ink)
    found: Figure = figure
    return found


def _image(figure: Figure, alt: str, kind: str) -> str:
    body = io.BytesIO()
    with warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box; the words stand in the alternative text and in the table.
        warnings.filterwarnings("ignore", message="Glyph")
        figure.savefig(body, format="png", facecolor=figure.get_facecolor(), metadata={"Software": None})
    data = base64.b64encode(body.getvalue()).decode("ascii")
    return f'<img class="{kind}" alt="{escape(alt)}" src="data:image/png;base64,{data}">'


def _as_series(values: Any) -> Series:
    """One nameless series of a mapping from label to number; points of each series in order."""
    if all(isinstance(value, (int, float)) for value in values.values()):
        return {"": [(label, float(value)) for label, value in values.items()]}
    return {
        str(name): [(x, float(y)) for x, y in (points.items() if isinstance(points, Mapping) else points)]
        for name, points in values.items()
    }


def _label(x: Any) -> str:
    return format_time(x) if isinstance(x, datetime) else format_amount(x) if isinstance(x, float) else str(x)


def _spell(y: float) -> str:
    return f"{y:,.0f}" if float(y).is_integer() else f"{y:,.6g}"


def _cell(y: float | None, most: float, *, alone: bool) -> str | Bar:
    if y is None:
        return "—"
    return Bar(abs(y) / most, _spell(y)) if alone else _spell(y)
