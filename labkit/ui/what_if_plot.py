"""Cost of a month against frequency, one line an engine, told apart by dashes and words as well as by colour."""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from typing import TYPE_CHECKING

from labkit.checks.evaluation.model import ENGINES, GLUE, LAMBDA, PANDAS
from labkit.i18n import text
from labkit.ui.markup import escape
from labkit.ui.nodes import Drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from labkit.ui.what_if import WhatIf

# Colour, dashes, and the place along the line where its name stands: apart from the others' whatever the numbers.
_STYLES = {GLUE: ("#0b4f8a", "-", 21), LAMBDA: ("#a8101a", "--", 8), PANDAS: ("#116329", "-.", 2)}
_RUNS = tuple(10 ** (power / 4) for power in range(25))

# (engine, dollars a run or, for the instance, a month)
_Lines = tuple[tuple[str, float], ...]


def draw_months(what: WhatIf) -> Drawing:
    """The plot as an image with its own light ground, so that it reads the same in every theme."""
    found = what.estimates
    alt = text("what_if.plot_alt", costs=", ".join(f"{name} {item.usd_month:,.2f} USD" for name, item in found.items()))
    lines = tuple(
        (name, found[name].usd_month if name == PANDAS else found[name].usd_run) for name in ENGINES if name in found
    )
    image = _draw(lines, what.load.runs_per_month, text("what_if.axis_runs"), text("what_if.axis_usd"))
    return Drawing(f'<img alt="{escape(alt)}" src="data:image/png;base64,{image}" style="max-width:100%"/>', alt)


@lru_cache(maxsize=64)
def _draw(lines: _Lines, runs: float, across: str, up: str) -> str:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 3.0), facecolor="white")
    FigureCanvasAgg(figure)
    figure.subplots_adjust(left=0.12, right=0.98, top=0.96, bottom=0.17)
    axes = figure.add_subplot()
    for engine, usd in lines:
        _plot_line(axes, engine, usd)
    axes.axvline(runs, color="#333333", linewidth=1, linestyle=":")
    axes.set(xscale="log", yscale="log", xlabel=across, ylabel=up)
    axes.minorticks_off()
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _place: f"{value:,g}" if value < 1e6 else "1M")
    axes.grid(alpha=0.3)
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=110)
    return base64.b64encode(image.getvalue()).decode("ascii")


def _plot_line(axes: Axes, engine: str, usd: float) -> None:
    colour, dashes, place = _STYLES[engine]
    months = [usd if engine == PANDAS else runs * usd for runs in _RUNS]
    axes.plot(_RUNS, months, color=colour, linestyle=dashes, linewidth=2)
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    axes.text(_RUNS[place], months[place], engine, color=colour, ha="center", va="center", bbox=ground)
