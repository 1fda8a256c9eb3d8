"""What somebody hands over to be plotted, as series of points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from labkit.errors import UsageError
from labkit.i18n import build_lesson, text
from labkit.ui.plots import Plot, Series, draw_bars, draw_lines

KINDS = ("bar", "line")


def read_series(data: Any) -> Series:
    """Points of a mapping (label → number, or name → points), an answer of Athena, a DataFrame, or rows (x, y, …).

    Of rows and tables the first column is x and every other column with numbers is a series. UsageError when there is no number.
    """
    if isinstance(data, Mapping):
        return _from_mapping(data)
    if hasattr(data, "columns") and hasattr(data, "itertuples"):
        return _from_rows([str(name) for name in data.columns], data.itertuples(index=False))
    if hasattr(data, "columns") and hasattr(data, "rows"):
        return _from_rows(list(data.columns), data.rows)
    rows = [tuple(row) for row in data]
    return (
        _from_rows(["x", *("" if len(rows[0]) == 2 else f"y{place}" for place in range(1, len(rows[0])))], rows)
        if rows
        else {}
    )


def read_plot(data: Any, kind: str, title: str, x_label: str, y_label: str, *, log: bool) -> Plot:
    """The plot of what somebody hands over. UsageError for a kind that there is not."""
    if kind not in KINDS:
        raise build_lesson(UsageError, "error.plot_kind", kind=kind, known=", ".join(KINDS))
    draw = draw_bars if kind == "bar" else draw_lines
    series = read_series(data)
    names = ", ".join(name for name in series if name)
    return draw(title or y_label or names or text("plot.untitled"), series, y_label=y_label, x_label=x_label, log=log)


def _from_mapping(data: Mapping[Any, Any]) -> Series:
    if any(isinstance(value, (Mapping, list, tuple)) for value in data.values()):
        pairs = {str(name): points.items() if isinstance(points, Mapping) else points for name, points in data.items()}
        return {name: [(x, float(y)) for x, y in points if _is_number(y)] for name, points in pairs.items()}
    return _from_rows(["x", ""], list(data.items()))


def _from_rows(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Series:
    found = [tuple(row) for row in rows]
    series = {
        name: [(row[0], float(row[place])) for row in found if _is_number(row[place])]
        for place, name in enumerate(names)
        if place > 0
    }
    kept = {name: points for name, points in series.items() if points}
    if found and not kept:
        raise build_lesson(UsageError, "error.plot_numbers", columns=", ".join(names))
    return kept


def _is_number(value: Any) -> bool:
    import math
    from decimal import Decimal
    from numbers import Real

    return isinstance(value, (Real, Decimal)) and not isinstance(value, bool) and math.isfinite(value)
