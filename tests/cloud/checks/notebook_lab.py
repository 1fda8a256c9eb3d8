"""A lab for running a notebook's reference cells in a test: the panels of the real one, and a journal that takes predictions."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from labkit.aws.session import Clients
from labkit.checks.context import Context, build_context
from labkit.checks.finding import NOT_ATTEMPTED, PASSED, CheckResult
from labkit.checks.run import run_check
from labkit.checks.tasks import get_task
from labkit.checks.truth import Truth
from labkit.checks.values import export, read_value
from labkit.grading.editions.solutions import find_solution
from labkit.names import Names
from labkit.prices import Prices, load_prices
from labkit.settings import Settings
from labkit.ui.panels import Panels


class NotebookLab(Panels):
    """What the reference cells call `lab`."""

    def __init__(self, settings: Settings, clients: Clients) -> None:
        self._settings = settings
        self._clients = clients

    @property
    def settings(self) -> Settings:
        return self._settings

    @property
    def clients(self) -> Clients:
        return self._clients

    @property
    def names(self) -> Names:
        return self._settings.names

    @property
    def prices(self) -> Prices:
        return load_prices()

    @property
    def data(self) -> Path:
        return Truth(self._settings).folder

    @property
    def student(self) -> str:
        return self._settings.student

    def predict(self, task: str, **values: Any) -> SimpleNamespace:
        given = {name: export(value) for name, value in values.items()}
        build_context(self._settings, self._clients).journal.record("prediction", task=task, values=given)
        return SimpleNamespace(values=values)


def build_variables(endpoint_url: str) -> dict[str, str]:
    """What makes plain boto3 of a reference cell look at the test's cloud."""
    os.environ.pop("AWS_PROFILE", None)
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def solve(scope: dict[str, Any], *tasks: str) -> dict[str, Any]:
    """Run the reference cells of these tasks, one after another, in one namespace."""
    for task in tasks:
        for cell in find_solution(task, "es"):
            exec(cell.source, scope)
    return scope


def look(context: Context, task: str, ask: Any = None, **values: Any) -> CheckResult:
    """Check a task with these values, exported and read as on their way from a kernel."""
    handed = {name: read_value(export(value)) for name, value in values.items()}
    # The same truth again: reading it anew costs every look a quarter of a second.
    return run_check(get_task(task), replace(context, values=handed, **({"ask": ask} if ask else {})))


def list_wrong(result: CheckResult) -> set[str]:
    """The misconceptions named by a check that did not pass; findings without one give their own key."""
    assert result.status not in (PASSED, NOT_ATTEMPTED), result
    assert all(item.text() != item.key for item in result.findings), "a text is missing"
    return {(item.misconception or item.key).split(".", 1)[1] for item in result.findings if not item.ok}
