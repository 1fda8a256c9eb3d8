"""Cost of a month against frequency, one line an engine, told apart by dashes and words as well as by colour."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from labkit.checks.step_8.model import ENGINES, GLUE, LAMBDA, PANDAS
from labkit.i18n import text
from labkit.ui.markup import escape
from labkit.ui.nodes import Drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from labkit.ui.what_if import WhatIf

_STYLES = {GLUE: ("#0b4f8a", "-"), LAMBDA: ("#a8101a", "--"), PANDAS: ("#116329", "-.")}
_RUNS = tuple(10 ** (power / 4) for power in range(25))


def draw_months(what: WhatIf) -> Drawing:
    """The plot as an image with its own light ground, so that it reads the same in every theme."""
    alt = text("what_if.plot_alt", costs=", ".join(f"{name} {usd:,.2f} USD" for name, usd in what.usd_month.items()))
    data = base64.b64encode(_draw(what)).decode("ascii")
    return Drawing(f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}" style="max-width:100%"/>', alt)


def _draw(what: WhatIf) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 3.1), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    _plot_lines(axes, what)
    axes.axvline(what.load.runs_per_month, color="#333333", linewidth=1, linestyle=":")
    axes.set(xscale="log", yscale="log", xlabel=text("what_if.axis_runs"), ylabel=text("what_if.axis_usd"))
    axes.grid(alpha=0.3)
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=110)
    return image.getvalue()


def _plot_lines(axes: Axes, what: WhatIf) -> None:
    found = what.estimates
    for engine in (name for name in ENGINES if name in found):
        colour, dashes = _STYLES[engine]
        usd_run = found[engine].usd_run
        months = [what.usd_month[PANDAS] if engine == PANDAS else runs * usd_run for runs in _RUNS]
        axes.plot(_RUNS, months, color=colour, linestyle=dashes, linewidth=2)
        # Words at the line's end in place of a legend; where two lines meet they stand apart by engine.
        place = {GLUE: -1, LAMBDA: -5, PANDAS: 2}[engine]
        axes.annotate(
            engine,
            (_RUNS[place], months[place]),
            color=colour,
            fontsize=10,
            textcoords="offset points",
            xytext=(0, 5),
            ha="right" if place < 0 else "left",
        )
