"""The plan: what each step would still do, found with reads only."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from labkit.aws.call import AwsCall
from labkit.aws.session import Clients, aws_errors
from labkit.prices import Prices, compute_call_cost
from labkit.steps.given_roles import GivenRole, find_given_roles
from labkit.steps.lab import Lab
from labkit.steps.ledger import Ledger
from labkit.steps.ownership import Conflict, find_conflicts, prepare
from labkit.steps.step import STEPS, Step


@dataclass(frozen=True)
class StepPlan:
    """The calls that one step still needs, in order, and what they cost on AWS in dollars."""

    step: Step
    calls: tuple[AwsCall, ...]
    cost_usd: float


@dataclass(frozen=True)
class LabPlan:
    """The plans of several steps, what stands in their way, and the given roles.

    `unplanned` are steps that cannot be planned because a bucket of theirs belongs to another account.
    """

    steps: tuple[StepPlan, ...]
    conflicts: tuple[Conflict, ...]
    unplanned: tuple[Step, ...]
    given_roles: tuple[GivenRole, ...]

    @property
    def cost_usd(self) -> float:
        return sum(plan.cost_usd for plan in self.steps)

    @property
    def calls(self) -> tuple[AwsCall, ...]:
        return tuple(call for plan in self.steps for call in plan.calls)


def plan_step(clients: Clients, lab: Lab, step: Step, prices: Prices) -> StepPlan:
    """Read AWS and return the plan of one step; empty when everything is there."""
    with aws_errors(f"labkit plan ({step.number})", clients.target):
        calls = tuple(step.plan(clients, lab))
    return StepPlan(step, calls, sum(compute_call_cost(prices, call.price) for call in calls))


def plan_lab(clients: Clients, lab: Lab, prices: Prices, steps: Sequence[Step] = STEPS) -> tuple[StepPlan, ...]:
    """The plans of the steps against what exists now; read side by side, as AWS is 50 to 100 ms away and there are fifty reads."""
    prepare(clients)
    with ThreadPoolExecutor(len(steps) or 1) as pool:
        return tuple(pool.map(lambda step: plan_step(clients, lab, step, prices), steps))


def plan_whole(clients: Clients, lab: Lab, prices: Prices, ledger: Ledger, steps: Sequence[Step] = STEPS) -> LabPlan:
    """The plan with everything that a person should know before saying yes: conflicts and given roles too."""
    conflicts = find_conflicts(clients, lab, ledger)
    closed = {one.wanted.name for one in conflicts if one.why == "account"}
    unplanned = tuple(step for step in steps if closed & _list_buckets(lab, step))
    plans = plan_lab(clients, lab, prices, [step for step in steps if step not in unplanned])
    with aws_errors("iam.get_role", clients.target):
        roles = find_given_roles(clients, lab)
    wanted = {step.number for step in steps}
    concerned = tuple(one for one in conflicts if one.wanted.step in wanted or set(wanted) == {1, 2, 3, 4, 5, 6})
    return LabPlan(plans, concerned, unplanned, roles)


def _list_buckets(lab: Lab, step: Step) -> set[str]:
    """The buckets that a step's plan looks into."""
    names = lab.names
    looked_into = {1: set(names.lab_bucket_names), 4: {names.assets_bucket}, 6: {names.raw_bucket}}
    return looked_into.get(step.number, set())
