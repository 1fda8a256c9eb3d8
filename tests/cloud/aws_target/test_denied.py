"""Access denied on every single call of the plan in turn: the lesson names the permission, and the ledger loses nothing."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name

from labkit.errors import AwsCallError
from labkit.prices import load_prices
from labkit.steps.apply import apply_plan, apply_step
from labkit.steps.plan import StepPlan, plan_step
from labkit.steps.step import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from labkit.aws.call import AwsCall
    from labkit.aws.session import Clients
    from labkit.steps.step import Step

PRICES = load_prices()


def ignore(_step: Step, _call: AwsCall) -> None:
    """Nobody listens."""


@contextmanager
def denied(clients: Clients, call: AwsCall) -> Iterator[None]:
    """botocore gets a 403 for this operation, as AWS would send one, without a word about which permission is missing."""
    operation = "put_object" if call.operation == "upload_file" else call.operation

    def deny(model: Any, **_rest: Any) -> Any:
        if xform_name(model.name) != operation:
            return None
        reply = {
            "Error": {"Code": "AccessDenied", "Message": "Access Denied"},
            "ResponseMetadata": {"HTTPStatusCode": 403},
        }
        return SimpleNamespace(status_code=403, headers={}), reply

    client = clients.find(call.service)
    client.meta.events.register_first("before-call", deny)
    try:
        yield
    finally:
        client.meta.events.unregister("before-call", deny)


@pytest.mark.slow
def test_a_denial_of_any_call_names_its_permission_and_loses_nothing(rehearse: Callable[[str], Any]) -> None:
    mine = rehearse("denied")
    clients, ledger, denials = mine.clients, mine.ledger, 0
    for step in STEPS:
        while (plan := plan_step(clients, mine.lab, step, PRICES)).calls:
            first = plan.calls[0]
            before = {(entry.kind, entry.name) for entry in ledger.entries() if entry.state == "made"}
            with denied(clients, first), pytest.raises(AwsCallError) as caught:
                apply_step(clients, mine.lab, step, PRICES, ledger, ignore)
            check_lesson(caught.value, first)
            states = {(entry.kind, entry.name): entry.state for entry in ledger.entries()}
            assert all(states[one] == "made" for one in before), first
            assert states.get((first.kind, first.name)) == "refused" or first.verb != "create", first
            denials += 1
            apply_plan(clients, StepPlan(step, (first,), 0.0), ledger, ignore)
    assert denials == 36
    assert {entry.state for entry in ledger.entries() if entry.kind != "shared-log-group"} == {"made"}


def check_lesson(lesson: AwsCallError, call: AwsCall) -> None:
    service = call.service
    assert lesson.key == "error.aws_denied", (call.operation, str(lesson))
    assert re.search(rf"\b{service}:[A-Z]\w+", lesson.what), lesson.what
    (written,) = re.findall(r"\{.*?\}", lesson.next_step)
    statement = json.loads(written)
    assert statement["Effect"] == "Allow"
    assert statement["Action"].startswith(f"{service}:")
    assert statement["Resource"].startswith(f"arn:aws:{service}:")
