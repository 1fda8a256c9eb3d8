from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from labkit import i18n
from labkit.checks.evaluation.measured import Measurement
from labkit.checks.evaluation.model import ENGINES, Load, Measured, Speed, estimate
from labkit.errors import UsageError
from labkit.prices import load_prices
from labkit.ui.measured import MeasuredTable, MeasuredView, Workloads
from labkit.ui.what_if import WhatIf
from labkit.ui.what_if_sliders import build_panel

SPEEDS = {
    "glue": Speed(0.4, 0.01, {"csv": 0.06, "parquet": 0.02}, cores=2),
    "lambda": Speed(0.05, 0.01, {"csv": 0.02}),
    "pandas": Speed(0.05, 0.01, {"csv": 0.015, "parquet": 0.01}),
}
WHAT = WhatIf("steady", Load(400, 1000, 1128), SPEEDS, load_prices())
RUN = Measurement("glue", "jr_1", 3, {"csv": 1.25}, {}, {"csv": Measured("csv", 1, 8.4, 1.25)}, billed_s=4, size=2)


class Images(HTMLParser):
    """Collects what an `<img>` says to those who do not see it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.alts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.alts.append(dict(attrs)["alt"] or "")


def test_the_text_twin_holds_what_the_html_shows() -> None:
    twin = repr(WHAT)
    for engine in ENGINES:
        assert engine in twin
        assert f"{WHAT.usd_month[engine]:,.2f}" in twin or f"{WHAT.usd_month[engine]:,.6f}" in twin
    assert all("USD" in alt for alt in Images(WHAT._repr_html_()).alts)


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_formula_and_its_limits_are_said(language: str) -> None:
    i18n.use_language(language)
    try:
        assert i18n.text("what_if.formula") in WHAT._repr_html_()
        assert i18n.text("what_if.limits") in repr(WHAT)
    finally:
        i18n.use_language("es")


def test_a_call_does_what_its_slider_does() -> None:
    panel: Any = build_panel(WHAT)
    sliders = {control.description.rpartition("(")[2].strip(")"): control for control in panel.children[:-1]}
    assert set(sliders) == {"rows_mb", "file_mb", "runs_per_month", "memory_mb", "workers", "format"}
    sliders["workers"].value = 8
    sliders["runs_per_month"].value = 100.0
    assert panel.children[-1].value == WHAT.at(workers=8, runs_per_month=100.0, file_mb=400.0).render()


def test_the_sliders_begin_where_the_workload_stands_even_beyond_their_usual_end() -> None:
    nightly = replace(WHAT, load=Load(60_000, 30, 96_000, files=480, workers=10))
    panel: Any = build_panel(nightly)
    values = [control.value for control in panel.children[:-1]]
    assert values == [60_000, 125, 30, 96_000, 10, "csv"]


def test_changes_go_into_the_estimates() -> None:
    changed = WHAT.at(rows_mb=800, file_mb=8, runs_per_month=10, workers=5, memory_mb=2048)
    load = Load(800, 10, 2048, files=100, workers=5)
    assert changed.load == load
    assert changed.seconds["glue"] == estimate("glue", SPEEDS["glue"], load, WHAT.prices).seconds
    assert WHAT.load.files == 1


def test_an_engine_without_a_measurement_in_this_format_gets_no_number() -> None:
    parquet = WHAT.at(format="parquet")
    assert set(parquet.estimates) == {"glue", "pandas"}
    assert i18n.text("what_if.not_measured") in repr(parquet)


def test_a_limit_is_shown_in_words() -> None:
    assert i18n.text("what_if.limit_time") in repr(WHAT.at(rows_mb=100_000))
    assert i18n.text("what_if.limit_memory") in repr(WHAT.at(memory_mb=20_000))
    assert i18n.text("what_if.limit_busy") in repr(WHAT.at(runs_per_month=1_000_000))


def test_nothing_measured_is_said_and_draws_nothing() -> None:
    empty = replace(WHAT, speeds={})
    assert i18n.text("what_if.unmeasured") in repr(empty)
    assert empty.usd_month == {}
    assert "<img" not in empty._repr_html_()


@pytest.mark.parametrize(
    "change",
    [
        {"workers": 1},
        {"workers": 2.5},
        {"rows_mb": 0},
        {"rows_mb": float("nan")},
        {"rows_mb": "400"},
        {"runs_per_month": True},
        {"runs_per_month": -1},
        {"memory_mb": 64},
        {"format": "json"},
        {"format": ["csv"]},
        {"speed": 3},
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(change: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        WHAT.at(**change)
    assert next(iter(change)) in caught.value.what


def test_outside_of_a_notebook_there_are_no_widgets() -> None:
    assert set(WHAT._repr_mimebundle_()) == {"text/plain", "text/html"}


def test_a_measurement_shows_its_run_and_what_is_billed() -> None:
    view = MeasuredView(RUN, ('boto3.client("glue").start_job_run(…)',))
    assert (view.seconds, view.billed_s, view.size, view.run_id) == ({"csv": 1.25}, 4, 2, "jr_1")
    assert all(words in repr(view) for words in ("jr_1", "1.250", "start_job_run", "4 s"))


def test_the_table_of_runs_sets_the_prediction_beside_the_measurement() -> None:
    table = repr(MeasuredTable({"glue": RUN}, {"glue": 5.0}))
    assert "0.25" in table
    assert "1.250" in table
    assert repr(MeasuredTable({}, {})).strip() == i18n.text("measured.nothing")
    assert "–" in repr(MeasuredTable({"glue": RUN}, {}))


def test_workloads_are_read_like_a_dictionary_and_not_changed_through_it() -> None:
    loads = Workloads({"tiny": {"input_mb": 0.1, "memory_mb": 256, "runs_per_month": 10, "workers": 2}})
    loads["tiny"]["memory_mb"] = 1
    assert loads["tiny"]["memory_mb"] == 256
    assert (list(loads), len(loads)) == (["tiny"], 1)
    assert i18n.text("workloads.unmeasured") in repr(loads)
