"""What earlier steps lack when a notebook is opened: made at once on this computer, listed with its price on AWS."""

from __future__ import annotations

from collections.abc import Iterator

from labkit.classroom.notebooks import NEEDS_BELOW
from labkit.classroom.surroundings import Surroundings
from labkit.i18n import text
from labkit.steps.apply import apply_plan
from labkit.steps.catch_up import plan_catch_up
from labkit.steps.ledger import alone
from labkit.steps.ownership import find_conflicts, refuse_conflicts
from labkit.steps.plan import StepPlan
from labkit.ui.opened import CaughtUp, CaughtUpView
from labkit.ui.step_calls import StepCalls


def catch_up(around: Surroundings, before: int) -> list[CaughtUp]:
    """Make what the steps below `before` lack."""
    refuse_conflicts(find_conflicts(around.clients, around.wanted, around.ledger))
    done = []
    with alone(around.settings.state_dir, "catch-up.lock"):
        for plan in plan_catch_up(around.clients, around.wanted, before, around.prices, around.ledger):
            if plan.calls:
                apply_plan(around.clients, plan, around.ledger, lambda _step, _call: None)
                done.append(CaughtUp(plan.step.number, text(f"step.{plan.step.key}"), len(plan.calls)))
    return done


def list_missing(around: Surroundings, before: int) -> Iterator[StepCalls]:
    """The calls that the steps below `before` lack, with what they cost; nothing is changed."""
    for plan in plan_catch_up(around.clients, around.wanted, before, around.prices, around.ledger):
        if plan.calls:
            yield StepCalls(_title(plan), plan.calls, False, plan.cost_usd)


def catch_up_now(around: Surroundings, step: int) -> CaughtUpView:
    """Make what the notebook of this step takes for granted; the student asked for it after seeing the list."""
    return CaughtUpView(tuple(catch_up(around, NEEDS_BELOW[step])))


def _title(plan: StepPlan) -> str:
    return text("plan.step", number=plan.step.number, title=text(f"step.{plan.step.key}"))
