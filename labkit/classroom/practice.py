"""`lab.practice()`: the job and the role that the exercises about functions use, so that they never touch the lab's own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from labkit.aws.call import AwsCall
from labkit.aws.session import Clients
from labkit.classroom.surroundings import Surroundings
from labkit.i18n import text
from labkit.steps import practice
from labkit.steps.apply import apply_plan
from labkit.steps.function import plan_function
from labkit.steps.lab import Lab
from labkit.steps.log_group import plan_log_group
from labkit.steps.plan import plan_step
from labkit.steps.practice import Practice, build_function, build_practice
from labkit.steps.step import Step
from labkit.ui.show import show
from labkit.ui.step_calls import StepCalls


def make_practice(around: Surroundings, step: int) -> Practice:
    """Make what is missing (in the ledger as everything is), show the calls, and return the names."""
    show(_apply(around, Step(step, "practice", practice.plan), text("practice.title")))
    return build_practice(around.settings.names)


def deploy_function(around: Surroundings, step: int, name: str, file: Path, variables: Mapping[str, str]) -> StepCalls:
    """Zip one file and make a function of it, or bring the function up to date: what was called is what is given back."""
    planned = partial(_plan_deployment, name, file, variables)
    return _apply(around, Step(step, "practice", planned), text("practice.deploy", function=name, file=file.name))


def _plan_deployment(name: str, file: Path, variables: Mapping[str, str], clients: Clients, lab: Lab) -> list[AwsCall]:
    function = build_function(lab, name, file, variables)
    return plan_log_group(clients, f"/aws/lambda/{name}", lab) + plan_function(clients, function, lab.tags)


def _apply(around: Surroundings, step: Step, title: str) -> StepCalls:
    plan = plan_step(around.clients, around.wanted, step, around.prices)
    apply_plan(around.clients, plan, around.ledger, lambda _step, _call: None)
    return StepCalls(title, plan.calls, True, plan.cost_usd)
