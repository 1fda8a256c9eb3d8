"""`labkit apply`: make what the plan lists, step by step."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from labkit.commands.cloud import connect, find_state_dir
from labkit.commands.confirming import confirm
from labkit.errors import LabError, UsageError
from labkit.i18n import build_lesson, text
from labkit.settings import Settings
from labkit.steps.step import STEPS, Step

if TYPE_CHECKING:
    from labkit.aws.call import AwsCall
    from labkit.aws.session import Clients, Wait
    from labkit.steps.lab import Lab
    from labkit.steps.ledger import Ledger


def apply(options: argparse.Namespace, settings: Settings) -> int:
    """Apply the steps that were named, or all six; applying again goes on where the last time ended."""
    from labkit.aws.session import Clients
    from labkit.commands.budget import choose_budget, refuse_foreign_budget, render_budget_notes
    from labkit.run.inputs import build_lab
    from labkit.spending.record import record_requests
    from labkit.steps.budget import build_step
    from labkit.steps.ledger import Ledger
    from labkit.steps.ownership import find_conflicts, refuse_conflicts

    steps = choose_steps(options.steps)
    alarm = choose_budget(options, settings)
    settings = confirm(settings, options, text("aws.doing_apply"))
    settings = connect(replace(settings, state_dir=find_state_dir(options, settings)))
    clients, lab = Clients(settings.target), build_lab(settings)
    ledger = Ledger(settings.state_dir, settings.target)
    numbers = {step.number for step in steps}
    conflicts = find_conflicts(clients, lab, ledger)
    refuse_conflicts([one for one in conflicts if one.wanted.step in numbers])
    if alarm is not None:
        refuse_foreign_budget(clients, ledger, alarm)
    waits: list[Wait] = []
    try:
        for step in [*([build_step(alarm)] if alarm else []), *steps]:
            _apply_patiently(clients, settings, partial(_apply_one, clients, lab, step, settings, ledger, waits))
    finally:
        record_requests(clients, settings)
    _tell_waits(waits)
    if alarm is not None:
        print(render_budget_notes(alarm, settings))
    return 0


def choose_steps(numbers: Sequence[int]) -> list[Step]:
    """The steps of these numbers in their order, all six for none. UsageError for a number that is no step's."""
    known = {step.number for step in STEPS}
    wrong = sorted(set(numbers) - known)
    if wrong:
        raise build_lesson(UsageError, "error.plan_step", steps=", ".join(map(str, wrong)))
    return [step for step in STEPS if not numbers or step.number in numbers]


def _apply_one(clients: Clients, lab: Lab, step: Step, settings: Settings, ledger: Ledger, waits: list[Wait]) -> None:
    from labkit.prices import load_prices
    from labkit.steps.apply import apply_step

    def hear(wait: Wait) -> None:
        if wait.ended:
            waits.append(wait)
        else:
            key = "apply.waiting_role" if wait.reason == "propagation" else "apply.waiting_slower"
            print(f"    {text(key, seconds=f'{wait.seconds:.0f}')}", flush=True)

    title = text(f"step.{step.key}")
    print(text("plan.step", number=step.number, title=title) if step in STEPS else title)
    plan = apply_step(clients, lab, step, load_prices(settings.prices), ledger, _tell, hear)
    if not plan.calls:
        print(f"  {text('run.step_nothing')}")


def _apply_patiently(clients: Clients, settings: Settings, work: Callable[[], None]) -> None:
    """Do the work; when the credentials end in the middle of it, a terminal may renew them and it goes on."""
    from labkit.aws.error_codes import is_expired
    from labkit.ui.lesson import render_lesson

    while True:
        try:
            return work()
        except LabError as error:
            if not is_expired(error.__cause__) or not _can_renew(clients):
                raise
            print(render_lesson(error), file=sys.stderr)
        input(text("apply.renew") + " ")
        clients.renew()
        _require_same_account(clients, settings)


def _can_renew(clients: Clients) -> bool:
    """A person at a terminal, and keys that are read from a file or a sign-in: variables of a running process stay as they are."""
    keys = clients.find_credentials()
    return sys.stdin.isatty() and clients.target.credentials is None and getattr(keys, "method", "") != "env"


def _require_same_account(clients: Clients, settings: Settings) -> None:
    """Renewed keys of another account would go on with the lab of the first one there."""
    from labkit.aws.identity import find_identity

    identity = find_identity(clients)
    if identity.account != settings.target.account:
        raise build_lesson(
            UsageError,
            "error.wrong_account",
            expected=settings.target.account,
            found=identity.account,
            arn=identity.arn,
        )


def _tell(_step: Step, call: AwsCall) -> None:
    print(f"  {call.service}.{call.operation}  {call.name}", flush=True)


def _tell_waits(waits: list[Wait]) -> None:
    for wait in waits:
        key = "apply.waited_role" if wait.reason == "propagation" else "apply.waited_slower"
        print(text(key, call=f"{wait.call.service}.{wait.call.operation}", seconds=f"{wait.seconds:.1f}"))
