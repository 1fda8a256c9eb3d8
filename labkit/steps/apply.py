"""Apply: make the calls that the plan lists, one resource at a time, each written in the ledger first."""

from __future__ import annotations

from collections.abc import Callable

from labkit.aws.call import AwsCall
from labkit.aws.error_codes import error_code, is_existing, was_answered
from labkit.aws.session import Clients, Wait, ignore_wait, send, settle
from labkit.errors import LabError
from labkit.prices import Prices
from labkit.steps.lab import Lab
from labkit.steps.ledger import Ledger
from labkit.steps.ownership import is_ours
from labkit.steps.plan import StepPlan, plan_step
from labkit.steps.shared_groups import note_absent_groups
from labkit.steps.step import Step

OnCall = Callable[[Step, AwsCall], None]
OnWait = Callable[[Wait], None]


def apply_step(
    clients: Clients,
    lab: Lab,
    step: Step,
    prices: Prices,
    ledger: Ledger,
    on_call: OnCall,
    on_wait: OnWait = ignore_wait,
) -> StepPlan:
    """Plan the step against what exists now, make its calls, and return that plan (empty when nothing was missing)."""
    plan = plan_step(clients, lab, step, prices)
    settle_arrived(ledger, plan)
    apply_plan(clients, plan, ledger, on_call, lab=lab, on_wait=on_wait)
    return plan


def apply_plan(
    clients: Clients,
    plan: StepPlan,
    ledger: Ledger,
    on_call: OnCall,
    *,
    lab: Lab | None = None,
    on_wait: OnWait = ignore_wait,
) -> None:
    """Make the calls of a plan. `on_call` hears of each call before it is made, `on_wait` of calls that must wait.

    `lab` tells whose tag makes a resource ours that is there already when its call arrives (a call whose reply was lost).
    Errors: the first call that AWS refuses ends the step; what was made before stays, and applying again goes on from there.
    """
    for call in plan.calls:
        if _claims_anothers(ledger, call):
            continue
        on_call(plan.step, call)
        note_absent_groups(clients, ledger, plan.step.number, call)
        ledger.announce(plan.step.number, call)
        try:
            send(clients, call, on_wait=on_wait)
        except LabError as error:
            if not _arrived_before(clients, lab, call, error):
                # After a timeout or a 5xx nobody knows: the entry stays "calling", and the next apply looks.
                if was_answered(error.__cause__):
                    ledger.settle(call, made=False)
                raise
        ledger.settle(call, made=True)
        settle(clients, call)


def _claims_anothers(ledger: Ledger, call: AwsCall) -> bool:
    """True for our tag on a bucket that the ledger does not know: teardown would take it for ours, and empty it."""
    if call.kind != "s3-bucket-tags":
        return False
    bucket = call.name.partition("/")[0]
    return not any(
        ledger.is_here(entry) and (entry.kind, entry.name) == ("s3-bucket", bucket) and entry.state != "refused"
        for entry in ledger.entries()
    )


def settle_arrived(ledger: Ledger, plan: StepPlan) -> None:
    """What was being called when labkit was cut off, and is no longer in the plan, did arrive: it is ours."""
    missing = {(call.kind, call.name) for call in plan.calls}
    for entry in ledger.entries():
        is_open = ledger.is_here(entry) and entry.step == plan.step.number and entry.state == "calling"
        if is_open and entry.kind in _LOOKED_UP and (entry.kind, entry.name) not in missing:
            ledger.settle(AwsCall("", "", {}, "create", entry.kind, entry.name), made=True)


def _arrived_before(clients: Clients, lab: Lab | None, call: AwsCall, error: LabError) -> bool:
    """True when AWS says that it exists, and it carries our tag: an earlier attempt of this call had arrived."""
    cause = error.__cause__
    if call.kind == "glue-crawl" and error_code(cause) == "CrawlerRunningException":
        return True  # What was asked for is under way, and is waited for.
    if not isinstance(cause, Exception) or not is_existing(cause) or lab is None:
        return False
    return is_ours(clients, lab, call)


# The kinds whose absence a plan would show as a call; others (the log groups that Glue makes) are not in any plan.
_LOOKED_UP = frozenset(
    {
        "s3-bucket",
        "s3-object",
        "athena-workgroup",
        "iam-role",
        "iam-attachment",
        "iam-inline-policy",
        "glue-database",
        "glue-crawler",
        "glue-job",
        "log-group",
        "log-retention",
        "lambda-function",
        "lambda-permission",
        "s3-notification",
    }
)
