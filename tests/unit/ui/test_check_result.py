"""A check's result as a student reads it: spans drawn, and one line where the notebook stops."""

from __future__ import annotations

from labkit.checks.finding import NOT_ATTEMPTED, CheckResult, Finding
from labkit.classroom.not_passed import TaskNotPassed
from labkit.ui.check_result import CheckView
from labkit.ui.guidance import HintView
from labkit.ui.markup import render_html

MISSING = Finding(False, "check.value_missing", {"name": "rows"})
VIEW = CheckView(CheckResult("0.1", NOT_ATTEMPTED, (MISSING,)), "task_0.title")


def test_names_in_a_finding_are_drawn_as_code() -> None:
    shown = render_html(VIEW.view())
    assert "<code>rows</code> sigue sin valor" in shown
    assert "`" not in shown.partition("</style>")[2]
    assert "rows sigue sin valor (...)" in repr(VIEW)


def test_the_notebook_stops_with_one_line() -> None:
    said = TaskNotPassed(VIEW)._render_traceback_()
    assert len(said) == 1
    assert said[0].startswith("0.1 sin intentar: rows sigue sin valor (...)")


def test_names_in_a_hint_are_drawn_as_code() -> None:
    assert "<code>" in render_html(HintView("1.1", ("task_1.layout.hint_1",), 3).view())
