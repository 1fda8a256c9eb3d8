"""How plots look: one style for light ground and one for dark, with shapes and patterns beside the colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkit.ui.palette import DARK, LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HATCHES = ("", "//", "..", "xx", "\\\\", "++")
MARKERS = ("o", "s", "^", "D", "v", "P")
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))


@dataclass(frozen=True)
class PlotStyle:
    """Colours of one ground; each of `series` stands out from it by at least 4.5:1."""

    ground: str
    ink: str
    grid: str
    series: tuple[str, ...]


def _series(tones: dict[str, str]) -> tuple[str, ...]:
    return tuple(tones[name] for name in ("run", "bad", "good", "warn", "text", "quiet"))


ON_LIGHT = PlotStyle("#ffffff", LIGHT["text"], "#c4c4c4", _series(dict(LIGHT)))
ON_DARK = PlotStyle("#212121", DARK["text"], "#5a5a5a", _series(dict(DARK)))


def dress(axes: Axes, style: PlotStyle, x_label: str, y_label: str) -> None:
    """Give axes the style's colours, a grid behind the data, and their labels."""
    axes.set_facecolor(style.ground)
    axes.set_xlabel(write_plainly(x_label), color=style.ink)
    axes.set_ylabel(write_plainly(y_label), color=style.ink)
    axes.tick_params(colors=style.ink)
    axes.set_axisbelow(True)
    axes.grid(visible=True, color=style.grid, linewidth=0.6)
    for side, spine in axes.spines.items():
        spine.set_color(style.ink)
        spine.set_visible(side in ("left", "bottom"))


def format_amount(value: float, _place: object = None) -> str:
    """A number for an axis or a bar: 12 k, 3.4 M, 0.00005."""
    size = abs(value)
    if size >= 1e9:
        return f"{value / 1e9:.3g} G"
    if size >= 1e6:
        return f"{value / 1e6:.3g} M"
    if size >= 1e4:
        return f"{value / 1e3:.3g} k"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.3g}"


def write_plainly(words: str) -> str:
    """Text as it is: matplotlib reads $ as mathematics, and leaves a name that begins with _ (Athena's _col1) out of a legend."""
    plain = words.replace("$", r"\$")
    return f" {plain}" if plain.startswith("_") else plain
