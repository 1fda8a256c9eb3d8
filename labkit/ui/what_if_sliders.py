"""The sliders of a what-if: each says what a call with the same name does (`what.at(workers=4)`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labkit.checks.evaluation.model import FORMATS
from labkit.i18n import text
from labkit.ui.show import is_notebook

if TYPE_CHECKING:
    from labkit.ui.what_if import WhatIf

_VIEW = "application/vnd.jupyter.widget-view+json"


def find_widget_view(what: WhatIf) -> dict[str, Any]:
    """The widget's own part of a mime bundle; nothing outside of a notebook."""
    if not is_notebook():
        return {}
    bundle: Any = build_panel(what)._repr_mimebundle_()
    return {_VIEW: bundle[_VIEW]} if _VIEW in bundle else {}


def build_panel(what: WhatIf) -> Any:
    """Sliders above the table and the plot of the values they show."""
    import ipywidgets

    load = what.load
    wide = {"style": {"description_width": "18em"}, "layout": {"width": "38em"}, "continuous_update": False}
    controls = {
        "rows_mb": ipywidgets.FloatLogSlider(load.rows_mb, min=-2, max=5, step=0.05, readout_format=",.4r", **wide),
        "file_mb": ipywidgets.FloatLogSlider(
            load.rows_mb / load.files, min=-2, max=5, step=0.05, readout_format=",.4r", **wide
        ),
        "runs_per_month": ipywidgets.FloatLogSlider(
            load.runs_per_month, min=0, max=6, step=0.02, readout_format=",.0f", **wide
        ),
        "memory_mb": ipywidgets.IntSlider(load.memory_mb, min=128, max=max(20_480, load.memory_mb), step=64, **wide),
        "workers": ipywidgets.IntSlider(load.workers, min=2, max=20, **wide),
        "format": ipywidgets.ToggleButtons(options=FORMATS, value=load.format, style={"description_width": "18em"}),
    }
    for name, control in controls.items():
        control.description = f"{text(_WORDS[name])} ({name})"
    shown = ipywidgets.HTML(what.render())

    def change(_event: Any) -> None:
        shown.value = what.at(**{name: control.value for name, control in controls.items()}).render()

    for control in controls.values():
        control.observe(change, names="value")
    return ipywidgets.VBox([*controls.values(), shown])


_WORDS = {
    "rows_mb": "what_if.rows_mb",
    "file_mb": "what_if.file_mb",
    "runs_per_month": "what_if.runs",
    "memory_mb": "what_if.memory",
    "workers": "what_if.workers",
    "format": "what_if.format",
}
