"""Sales by month as a bar chart in a PNG file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labkit.errors import LabError
from labkit.i18n import build_lesson, text
from labkit.results import Month

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# More labels than this under one axis run into each other.
_MOST_LABELS = 24
_BAR = "#1f6f8b"
_BAR_AMOUNT = "#c8553d"


def preload() -> None:
    """Import what drawing needs (over a second), for a thread that runs while somebody else works."""
    import matplotlib.backends.backend_agg
    import matplotlib.figure
    import matplotlib.font_manager  # noqa: F401


def save_chart(months: Sequence[Month], path: Path, title: str) -> Path:
    """Draw the months into a PNG and return its path. LabError if it cannot be written."""
    figure = build_figure(months, title)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=130)
    except OSError as error:
        raise build_lesson(LabError, "error.chart_unwritable", file=str(path), reason=str(error)) from error
    return path


def build_figure(months: Sequence[Month], title: str) -> Figure:
    """Units per month as bars, and the amount under them when there is one."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = 2 if any(month.amount is not None for month in months) else 1
    figure = Figure(figsize=(9, 3.4 * panels + 0.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(panels, 1, squeeze=False)[:, 0]
    figure.suptitle(title, fontsize=14)
    _draw(axes[0], months, [month.units for month in months], text("chart.units"), _BAR)
    if panels == 2:
        _draw(axes[1], months, [month.amount or 0.0 for month in months], text("chart.amount"), _BAR_AMOUNT)
    axes[-1].set_xlabel(text("chart.month"))
    return figure


def _draw(axes: Axes, months: Sequence[Month], values: list[float], label: str, colour: str) -> None:
    positions = range(len(months))
    bars = axes.bar(positions, values, color=colour, width=0.8)
    if len(months) <= _MOST_LABELS:
        axes.bar_label(bars, labels=[_short(value) for value in values], padding=2, fontsize=8)
    every = max(1, -(-len(months) // _MOST_LABELS))
    shown = list(positions)[::every]
    axes.set_xticks(
        shown,
        [months[place].label for place in shown],
        rotation=45 if len(months) > 8 else 0,
        ha="right" if len(months) > 8 else "center",
    )
    axes.set_ylabel(label)
    axes.set_ylim(bottom=min([*values, 0.0]), top=max([*values, 0.0]) * 1.12 or 1.0)
    axes.yaxis.set_major_formatter(lambda value, _place: _short(value))
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _short(value: Any) -> str:
    size = abs(float(value))
    if size >= 1e6:
        return f"{value / 1e6:.3g} M"
    if size >= 1e4:
        return f"{value / 1e3:.3g} k"
    return f"{value:,.0f}" if float(value).is_integer() or size >= 100 else f"{value:,.2f}"
