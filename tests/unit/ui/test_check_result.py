"""A check's result as a student reads it: spans drawn, and one line where the notebook stops."""

from __future__ import annotations

import pytest

from labkit.aws.call import AwsCall
from labkit.checks.amounts import show_value
from labkit.checks.finding import NOT_ATTEMPTED, PASSED, CheckResult, Finding
from labkit.classroom.not_passed import TaskNotPassed
from labkit.ui.check_result import CheckView
from labkit.ui.guidance import HintView, PredictionView
from labkit.ui.markup import render_html
from labkit.ui.step_calls import StepCalls

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
    assert said[0] == '0.1 sin intentar: rows sigue sin valor (...) o su celda no se ha ejecutado · lab.hint("0.1")'


def test_a_task_without_points_says_so() -> None:
    passed = CheckResult("0.1", PASSED, (Finding(True, "task_0.read", {"given": "7"}),))
    assert "no lleva puntos" in repr(CheckView(passed, "task_0.title"))


def test_names_in_a_hint_are_drawn_as_code() -> None:
    assert "<code>" in render_html(HintView("1.1", ("task_1.layout.hint_1",), 3).view())


def test_a_long_prediction_is_read_without_scrolling() -> None:
    schema = {f"columna_{number}": "string" for number in range(9)}
    shown = repr(PredictionView("3.1", {"schema": schema}, "2026-11-29T07:00:00"))
    assert max(len(row) for row in shown.splitlines()) < 100
    assert "schema = {'columna_0': 'string',\n" in shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.014666666666666666, "0.014666667"),
        (65038.58047824082, "65038.58"),
        (9.0, "9.0"),
        (0.5, "0.5"),
        (float("nan"), "nan"),
        ({"a": 29.746499999999997}, "{'a': 29.7465}"),
    ],
)
def test_a_number_is_shown_with_the_figures_that_matter(value: object, shown: str) -> None:
    assert show_value(value) == shown


def upload(number: int) -> AwsCall:
    params = {"Filename": "a.csv", "Bucket": "x", "Key": f"{number}.csv"}
    return AwsCall("s3", "upload_file", params, "create", "object", f"s3://x/{number}.csv")


def test_many_calls_are_counted_and_unfold() -> None:
    shown = StepCalls("Paso 8", [upload(number) for number in range(45)], made=True, cost_usd=0.0).view()
    assert "Las 45 llamadas: s3.upload_file × 45" in render_html(shown)
    assert "no se cobran" in render_html(shown)


@pytest.mark.parametrize(("usd", "said"), [(0.000005, "menos de 0.0001 USD"), (0.1467, "unos 0.1467 USD")])
def test_a_price_is_never_zero_when_something_is_charged(usd: float, said: str) -> None:
    assert said in repr(StepCalls("Paso 4", [upload(1)], made=False, cost_usd=usd))
