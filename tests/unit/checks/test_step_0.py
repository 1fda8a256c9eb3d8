from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from labkit.checks.context import Context
from labkit.checks.finding import NOT_ATTEMPTED, NOT_YET, PASSED, CheckResult
from labkit.checks.journal import Journal
from labkit.checks.run import run_check
from labkit.checks.tasks import get_task
from labkit.checks.truth import Truth
from labkit.checks.values import MISSING, Other
from labkit.settings import read_settings


@pytest.fixture(scope="module", params=["", "Ñandú"])
def context(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Context:
    folder = tmp_path_factory.mktemp("start")
    settings = read_settings({"LABKIT_STUDENT": request.param, "LABKIT_STATE": str(folder)}, folder)
    nowhere: Any = None
    return Context(nowhere, settings, Truth(settings), Journal(folder))


def look(context: Context, rows: Any) -> CheckResult:
    return run_check(get_task("0.1"), replace(context, values={"rows": rows}))


def count_first(context: Context) -> int:
    return sum(row["_file"] == "ventas_2024_01.csv" for row in context.truth.sales)


def test_the_rows_of_the_first_month_pass(context: Context) -> None:
    assert look(context, count_first(context)).status == PASSED
    assert look(context, float(count_first(context))).status == PASSED


@pytest.mark.parametrize("given", [MISSING])
def test_the_placeholder_is_not_attempted(context: Context, given: Any) -> None:
    assert look(context, given).status == NOT_ATTEMPTED


@pytest.mark.parametrize("given", [7, -1, 0.5, "1048", True, None, [1], Other("builtins.range")])
def test_anything_else_is_not_yet(context: Context, given: Any) -> None:
    assert look(context, given).status == NOT_YET


def test_the_usual_mistakes_are_named(context: Context) -> None:
    everything = len(context.truth.sales)
    mistakes = {
        count_first(context) + 1: "task_0.header",
        everything: "task_0.all_files",
        everything + 12: "task_0.all_files",
    }
    for given, why in mistakes.items():
        result = look(context, given)
        assert [item.misconception for item in result.findings if not item.ok] == [why]
        assert str(count_first(context)) not in " ".join(item.text() for item in look(context, 7).findings)
