"""The plan: what each step would still do, found with reads only."""

from __future__ import annotations

from dataclasses import dataclass

from labkit.aws.call import AwsCall
from labkit.aws.session import Clients, aws_errors
from labkit.prices import Prices, compute_call_cost
from labkit.steps.lab import Lab
from labkit.steps.step import STEPS, Step


@dataclass(frozen=True)
class StepPlan:
    """The calls that one step still needs, in order, and what they cost on AWS in dollars."""

    step: Step
    calls: tuple[AwsCall, ...]
    cost_usd: float


def plan_step(clients: Clients, lab: Lab, step: Step, prices: Prices) -> StepPlan:
    """Read AWS and return the plan of one step; empty when everything is there."""
    with aws_errors(f"labkit plan ({step.number})"):
        calls = tuple(step.plan(clients, lab))
    return StepPlan(step, calls, sum(compute_call_cost(prices, call.price) for call in calls))


def plan_lab(clients: Clients, lab: Lab, prices: Prices) -> tuple[StepPlan, ...]:
    """The plans of the six steps against what exists now."""
    return tuple(plan_step(clients, lab, step, prices) for step in STEPS)
