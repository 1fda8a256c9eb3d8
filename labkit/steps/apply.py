"""Apply: make the calls that the plan lists, one resource at a time, each written in the ledger first."""

from __future__ import annotations

from collections.abc import Callable

from labkit.aws.call import AwsCall
from labkit.aws.session import Clients, send, settle
from labkit.errors import LabError
from labkit.prices import Prices
from labkit.steps.lab import Lab
from labkit.steps.ledger import Ledger
from labkit.steps.plan import StepPlan, plan_step
from labkit.steps.shared_groups import note_absent_groups
from labkit.steps.step import Step

OnCall = Callable[[Step, AwsCall], None]


def apply_step(clients: Clients, lab: Lab, step: Step, prices: Prices, ledger: Ledger, on_call: OnCall) -> StepPlan:
    """Plan the step against what exists now, make its calls, and return that plan (empty when nothing was missing)."""
    plan = plan_step(clients, lab, step, prices)
    apply_plan(clients, plan, ledger, on_call)
    return plan


def apply_plan(clients: Clients, plan: StepPlan, ledger: Ledger, on_call: OnCall) -> None:
    """Make the calls of a plan. `on_call` hears of each call before it is made.

    Errors: the first call that AWS refuses ends the step; what was made before stays, and applying again goes on from there.
    """
    for call in plan.calls:
        on_call(plan.step, call)
        note_absent_groups(clients, ledger, plan.step.number, call)
        ledger.announce(plan.step.number, call)
        try:
            send(clients, call)
        except LabError:
            ledger.settle(call, made=False)
            raise
        ledger.settle(call, made=True)
        settle(clients, call)
