"""Notebook 02 in an account whose roles somebody else made (AWS Academy's LabRole): no task fails for that reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labkit.aws.session import Clients
from labkit.checks.context import Context, build_context
from labkit.checks.finding import NOT_ATTEMPTED, NOT_POSSIBLE, NOT_YET, PASSED, CheckResult
from labkit.checks.run import run_check
from labkit.checks.tasks import clear_step, get_task, list_step_tasks
from labkit.checks.values import export, read_value
from labkit.settings import read_settings, with_endpoint
from labkit.ui.check_result import CheckView
from labkit.ui.progress_table import ProgressView
from tests.cloud.conftest import RunningCloud

GIVEN = "arn:aws:iam::123456789012:role/LabRole"


@pytest.fixture
def context(cloud: RunningCloud, tmp_path: Path) -> Context:
    environ = {"LABKIT_GLUE_ROLE": GIVEN, "LABKIT_LAMBDA_ROLE": GIVEN, "LABKIT_STATE": str(tmp_path)}
    settings = with_endpoint(read_settings(environ, tmp_path), cloud.endpoint_url)
    return build_context(settings, Clients(settings.target))


def look(context: Context, task: str, **values: Any) -> CheckResult:
    handed = {name: read_value(export(value)) for name, value in values.items()}
    return run_check(get_task(task), Context(context.clients, context.settings, context.truth, context.journal, handed))


def trusting(service: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.quick
def test_the_trust_is_judged_by_its_document(context: Context) -> None:
    assert look(context, "2.1").status == NOT_ATTEMPTED
    assert look(context, "2.1", trust=trusting("glue.amazonaws.com")).status == PASSED
    wrong = look(context, "2.1", trust=trusting("lambda.amazonaws.com"))
    assert wrong.status == NOT_YET
    assert "task_2.misconception.trust_service" in {item.misconception for item in wrong.findings}
    no_document = look(context, "2.1", trust="glue")
    assert no_document.status == NOT_YET


@pytest.mark.quick
def test_what_needs_roles_of_ones_own_is_not_possible_and_counts_neither_way(context: Context) -> None:
    tasks = list_step_tasks(2)
    results = {task.id: look(context, task.id, trust=trusting("glue.amazonaws.com")) for task in tasks}
    assert {name: result.status for name, result in results.items()} == {
        "2.1": PASSED, "2.2": NOT_POSSIBLE, "2.3": NOT_POSSIBLE, "2.4": NOT_POSSIBLE, "2.5": NOT_POSSIBLE,
    }  # fmt: skip
    assert "LabRole" in str(CheckView(results["2.2"], "task_2.data.title"))
    progress = ProgressView(tasks, {name: result.status for name, result in results.items()})
    assert (progress.earned, progress.points) == (2, 2)
    assert "12" in str(progress)
    clear_step(2, context)
