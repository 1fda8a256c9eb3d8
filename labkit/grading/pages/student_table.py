"""The class as a table with links to each student's page."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from labkit.checks.task import AUTOMATION, ETL, EVALUATION, OUTCOMES, PERFORMANCE
from labkit.grading.marks.sheet import Row
from labkit.grading.pages.document import Section, cut_name
from labkit.grading.rubric.scheme import format_points
from labkit.i18n import text
from labkit.ui.markup import escape, render_nodes
from labkit.ui.nodes import Chip, line

FOLDER = "students"


def page_name(key: str) -> str:
    """The file name of a student's page."""
    return f"{key}.html"


def short_outcome(outcome: str) -> str:
    """A learning outcome in a word, for the head of a column."""
    words = {
        ETL: text("pages.outcome_etl"),
        AUTOMATION: text("pages.outcome_automation"),
        PERFORMANCE: text("pages.outcome_performance"),
        EVALUATION: text("pages.outcome_evaluation"),
    }
    return words[outcome]


def build_student_table(rows: Sequence[Row]) -> Section:
    """Everybody, with the total, the outcomes and whether the mark is final."""
    outcomes = [one for one in OUTCOMES if any(mark.outcome == one for row in rows for mark in row.graded.tasks)]
    steps = sorted({step for row in rows for step in row.by_notebook})
    heads = [text("pages.student"), text("pages.total"), text("pages.state"), *(short_outcome(one) for one in outcomes)]
    heads += [f"{step:02}" for step in steps]
    numeric = [place not in {0, 2} for place in range(len(heads))]
    head = "".join(
        f'<th scope="col"{_side(right)}>{escape(words)}</th>' for words, right in zip(heads, numeric, strict=True)
    )
    body = "\n".join(_build_row(row, outcomes, steps) for row in rows)
    caption = escape(text("pages.class_caption"))
    html = (
        f'<div class="lk-scroll" tabindex="0" role="group" aria-label="{caption}"><table><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    return Section("class", text("pages.class"), html)


def _build_row(row: Row, outcomes: Sequence[str], steps: Sequence[int]) -> str:
    address = escape(f"{FOLDER}/{quote(page_name(row.graded.key))}")
    total = f"{format_points(row.total)} / {format_points(row.points)}"
    numbers = [row.by_outcome.get(one, 0) for one in outcomes] + [row.by_notebook.get(step, 0) for step in steps]
    cells = "".join(f"<td{_side(right=True)}>{escape(format_points(number))}</td>" for number in numbers)
    name = f'<th scope="row"><a href="{address}">{escape(cut_name(row.graded.student))}</a></th>'
    return (
        f"<tr>{name}<td{_side(right=True)}>{escape(total)}</td><td>{render_nodes(line(_state(row)))}</td>{cells}</tr>"
    )


def _side(right: bool) -> str:
    return ' class="lk-number"' if right else ""


def _state(row: Row) -> Chip:
    if not row.is_certain:
        return Chip(text("pages.look"), "warn")
    return Chip(text("rubric.pending"), "warn") if row.is_pending else Chip(text("pages.final"), "good")
