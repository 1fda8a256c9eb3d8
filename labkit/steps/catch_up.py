"""Catching up: what the earlier steps still lack, without touching what the student has made in a way of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from labkit.aws.call import AwsCall
from labkit.aws.session import Clients, aws_errors
from labkit.prices import Prices, compute_call_cost
from labkit.steps.lab import Lab
from labkit.steps.ledger import Ledger
from labkit.steps.plan import StepPlan
from labkit.steps.step import STEPS, Step

# Calls that give something to a role, a bucket or a log group: one that the lab did not make itself keeps what its maker gave it.
_PARTS = ("iam-attachment", "iam-inline-policy", "s3-bucket-tags", "log-retention")


def plan_missing(clients: Clients, lab: Lab, step: Step, prices: Prices, ledger: Ledger) -> StepPlan:
    """The calls that make what is missing; nothing that exists is updated, replaced or given more than it has."""
    with aws_errors(f"labkit plan ({step.number})"):
        calls = tuple(_only_new(step.plan(clients, lab), ledger))
    return StepPlan(step, calls, sum(compute_call_cost(prices, call.price) for call in calls))


def plan_catch_up(clients: Clients, lab: Lab, before: int, prices: Prices, ledger: Ledger) -> Iterator[StepPlan]:
    """The missing calls of each step below `before`, in order; each is planned when it is asked for, after the ones before it."""
    for step in STEPS:
        if step.number < before:
            yield plan_missing(clients, lab, step, prices, ledger)


def _only_new(calls: list[AwsCall], ledger: Ledger) -> Iterator[AwsCall]:
    known = {entry.name for entry in ledger.entries() if entry.state == "made"}
    made = {call.name for call in calls if call.verb == "create" and call.kind not in _PARTS}
    for call in calls:
        if call.verb == "update" or (call.kind == "s3-notification" and _has_own_trigger(call)):
            continue
        if call.kind in _PARTS:
            role = call.name.rpartition("/")[0] or call.name
            # The lab's role lacks a policy that it was never given: the last run was cut short. One that it was given and that is
            # gone has been taken away on purpose.
            cut_short = role in known and call.name not in known
            if role not in made and not cut_short:
                continue
        yield call


def _has_own_trigger(call: AwsCall) -> bool:
    """True when the bucket invokes the function already: S3 refuses a second rule for the same keys."""
    listed: list[dict[str, Any]] = call.params["NotificationConfiguration"]["LambdaFunctionConfigurations"]
    targets = [item.get("LambdaFunctionArn") for item in listed]
    return len(targets) != len(set(targets))
