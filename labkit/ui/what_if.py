"""What if? Measured runs carried over to other sizes, formats, workers and frequencies, with sliders or by calls."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from labkit.checks.evaluation.model import ENGINES, FORMATS, GLUE, Estimate, Load, Speed, estimate
from labkit.errors import UsageError
from labkit.i18n import build_lesson, text
from labkit.prices import Prices
from labkit.ui.figures import format_seconds, format_usd
from labkit.ui.markup import render_html
from labkit.ui.nodes import Card, Chip, Details, Drawing, Inline, Line, Node, Quiet, Table, line
from labkit.ui.shown import Shown

# name → (least, most): what a slider can say, and so what a call may.
RANGES = {
    "rows_mb": (0.01, 1_000_000.0),
    "file_mb": (0.01, 100_000.0),
    "runs_per_month": (1, 1_000_000),
    "memory_mb": (128, 1_000_000),
    "workers": (2, 100),
}


@dataclass(frozen=True, repr=False)
class WhatIf(Shown):
    """One load and what each measured engine would take and cost for it.

    `at(runs_per_month=…)` is the same with something changed. In JupyterLab it comes with sliders.
    """

    name: str
    load: Load
    speeds: Mapping[str, Speed]
    prices: Prices

    @property
    def estimates(self) -> dict[str, Estimate]:
        """Engine → estimate; engines that were not measured with this format are left out."""
        return {
            engine: estimate(engine, speed, self.load, self.prices)
            for engine, speed in self.speeds.items()
            if self.load.format in speed.per_mb_s
        }

    @property
    def seconds(self) -> dict[str, float]:
        return {engine: found.seconds for engine, found in self.estimates.items()}

    @property
    def usd_run(self) -> dict[str, float]:
        return {engine: found.usd_run for engine, found in self.estimates.items()}

    @property
    def usd_month(self) -> dict[str, float]:
        return {engine: found.usd_month for engine, found in self.estimates.items()}

    def at(self, **changes: Any) -> WhatIf:
        """The same with changes: rows_mb, file_mb, format, runs_per_month, workers, memory_mb. UsageError for a value that cannot be."""
        for name, value in changes.items():
            _check_change(name, value)
        file_mb = changes.pop("file_mb", None)
        load = replace(self.load, **changes)
        if file_mb is not None:
            load = replace(load, files=max(1, math.ceil(load.rows_mb / file_mb - 1e-9)))
        return replace(self, load=load)

    def view(self) -> Node:
        return Card(
            text("what_if.title", name=self.name),
            (self._describe_load(), *self._unmeasured(), self._table(), *self._drawing(), _explain()),
        )

    def _describe_load(self) -> Line:
        load = self.load
        return line(
            text(
                "what_if.load",
                rows_mb=f"{round(load.rows_mb, 1):,g}",
                files=load.files,
                format=load.format,
                runs=f"{load.runs_per_month:,g}",
                workers=load.workers,
                memory=f"{load.memory_mb:,}",
            )
        )

    def _table(self) -> Table:
        headers = (
            text("what_if.engine"),
            text("what_if.seconds"),
            text("what_if.usd_run"),
            text("what_if.usd_month"),
            text("what_if.possible"),
        )
        found = self.estimates
        body = tuple(_row(engine, found.get(engine)) for engine in ENGINES)
        return Table(text("what_if.caption"), headers, body, frozenset({1, 2, 3}), keyed=True)

    def _unmeasured(self) -> tuple[Line, ...]:
        return () if self.speeds else (line(Chip(text("what_if.unmeasured"), "idle")),)

    def _drawing(self) -> tuple[Drawing, ...]:
        from labkit.ui.what_if_plot import draw_months

        return (draw_months(self),) if self.estimates else ()

    def _repr_mimebundle_(self, **_wishes: Any) -> dict[str, Any]:
        """Sliders where widgets live; the HTML and the text twin travel along for exports and terminals."""
        from labkit.ui.what_if_sliders import find_widget_view

        return {"text/plain": repr(self), "text/html": self._repr_html_(), **find_widget_view(self)}

    def render(self) -> str:
        """The HTML of now, for the display under the sliders."""
        return render_html(self.view())


def _check_change(name: str, value: Any) -> None:
    if name == "format":
        if value not in FORMATS:
            raise build_lesson(UsageError, "error.what_if", name=name, value=repr(value), allowed=", ".join(FORMATS))
        return
    if name not in RANGES:
        known = ", ".join([*RANGES, "format"])
        raise build_lesson(UsageError, "error.what_if", name=name, value=repr(value), allowed=known)
    low, high = RANGES[name]
    whole = name in ("workers", "memory_mb")
    if type(value) not in ((int,) if whole else (int, float)) or not low <= value <= high:
        raise build_lesson(UsageError, "error.what_if", name=name, value=repr(value), allowed=f"{low:g} … {high:g}")


def _row(engine: str, found: Estimate | None) -> tuple[Inline, ...]:
    if found is None:
        return engine, "–", "–", "–", Chip(text("what_if.not_measured"), "idle")
    chip = Chip(text("what_if.yes"), "good") if not found.refusals else Chip(_refusal_words(found), "bad")
    run = "–" if engine not in (GLUE, "lambda") else format_usd(found.usd_run)
    return engine, format_seconds(found.seconds), run, format_usd(found.usd_month), chip


def _refusal_words(found: Estimate) -> str:
    words = {
        "time": text("what_if.limit_time"),
        "memory": text("what_if.limit_memory"),
        "busy": text("what_if.limit_busy"),
    }
    return ", ".join(words[name] for name in found.refusals)


def _explain() -> Details:
    told = (
        text("what_if.formula"),
        text("what_if.glue"),
        text("what_if.lambda"),
        text("what_if.pandas"),
        text("what_if.limits"),
    )
    return Details(text("what_if.how"), tuple(line(Quiet(words)) for words in told))
