"""Plots: what can be handed over, two pictures with one alternative text, and the same numbers as a table."""

from __future__ import annotations

import re
from decimal import Decimal

import pandas as pd
import pytest

from labkit.errors import UsageError
from labkit.ui.plot_data import read_plot, read_series
from labkit.ui.plots import draw_bars, draw_lines


@pytest.mark.parametrize(
    ("data", "series"),
    [
        ({"a": 1, "b": Decimal("2.5")}, {"": [("a", 1.0), ("b", 2.5)]}),
        ({"x": {1: 2}, "y": [(1, 3)]}, {"x": [(1, 2.0)], "y": [(1, 3.0)]}),
        ([("ene", 1), ("feb", 2)], {"": [("ene", 1.0), ("feb", 2.0)]}),
        ([(1, 2, 3)], {"y1": [(1, 2.0)], "y2": [(1, 3.0)]}),
        (pd.DataFrame({"mes": ["1", "2"], "n": [3, None], "nota": ["a", "b"]}), {"n": [("1", 3.0)]}),
        ([], {}),
    ],
)
def test_what_can_be_plotted(data: object, series: object) -> None:
    assert read_series(data) == series


def test_what_has_no_number_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="columnas: x, "):
        read_series([("a", "b")])
    with pytest.raises(UsageError, match="pie"):
        read_plot({"a": 1}, "pie", "", "", "", log=False)


def test_a_plot_has_a_picture_for_each_ground_and_says_what_it_shows() -> None:
    plot = draw_bars('Ventas <"mes">', {"ene": 10, "feb": 2500}, "unidades", "mes")
    html = plot._repr_html_()
    images = re.findall(r'<img class="(lk-on-\w+)" alt="([^"]*)" src="data:image/png;base64,', html)
    assert [kind for kind, _ in images] == ["lk-on-light", "lk-on-dark"]
    assert {alt for _, alt in images} == {
        "Gráfico «Ventas &lt;&quot;mes&quot;&gt;»: unidades según mes. unidades: de 10 a 2,500 (puntos: 2)."
    }
    assert "ene  ············ 10" in repr(plot)
    assert "feb  ████████████ 2,500" in repr(plot)


def test_lines_differ_by_more_than_colour() -> None:
    axes = draw_lines("t", {"a": [(1, 1), (2, 2)], "b": [(1, 2), (2, 1)]}, "x", "y").figure().axes[0]
    assert len({line.get_linestyle() for line in axes.lines}) == 2
    assert len({line.get_marker() for line in axes.lines}) == 2
    bars = draw_bars("t", {"a": {"x": 1}, "b": {"x": 2}}, "y").figure().axes[0]
    assert len({patch.get_hatch() for patch in bars.patches}) == 2


def test_without_points_there_is_a_sentence_and_no_picture() -> None:
    plot = draw_lines("t", {"a": []}, "x", "y")
    assert "No hay datos que dibujar." in repr(plot)
    assert "<img" not in plot._repr_html_()


@pytest.mark.parametrize(
    "data",
    [
        {"$x^": 1, "b\\frac": 2},
        {"_col1": {"日本": 1}, "_col2": {"é": -2}},
        {"a": [(1, 2)], "b": [("x", 1)]},
        {"a": float("inf"), "b": 0},
    ],
)
@pytest.mark.parametrize("kind", ["bar", "line"])
@pytest.mark.filterwarnings("error")
def test_odd_names_and_values_are_drawn_without_a_warning(data: object, kind: str) -> None:
    assert read_plot(data, kind, "t", "$", "_y", log=True)._repr_html_().count("<img") == 2


def test_a_long_table_says_that_it_was_cut() -> None:
    assert "los primeros 60 de 500" in repr(draw_lines("t", {"a": [(n, n) for n in range(500)]}, "x", "y"))
