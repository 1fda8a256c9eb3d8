"""`lab.practice()`: the job and the role that the exercises about functions use, so that they never touch the lab's own."""

from __future__ import annotations

from labkit.classroom.surroundings import Surroundings
from labkit.i18n import text
from labkit.steps import practice
from labkit.steps.apply import apply_plan
from labkit.steps.plan import plan_step
from labkit.steps.practice import Practice, build_practice
from labkit.steps.step import Step
from labkit.ui.show import show
from labkit.ui.step_calls import StepCalls


def make_practice(around: Surroundings, step: int) -> Practice:
    """Make what is missing (in the ledger as everything is), show the calls, and return the names."""
    plan = plan_step(around.clients, around.wanted, Step(step, "practice", practice.plan), around.prices)
    apply_plan(around.clients, plan, around.ledger, lambda _step, _call: None)
    show(StepCalls(text("practice.title"), plan.calls, True, plan.cost_usd))
    return build_practice(around.settings.names)
