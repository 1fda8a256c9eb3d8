"""`labkit apply`: make what the plan lists, step by step."""

from __future__ import annotations

import argparse
from dataclasses import replace

from labkit.aws.call import AwsCall
from labkit.commands.cloud import connect, find_state_dir
from labkit.commands.confirming import confirm
from labkit.i18n import text
from labkit.settings import Settings
from labkit.steps.step import Step


def apply(options: argparse.Namespace, settings: Settings) -> int:
    """Apply the steps that were named, or all six; applying again goes on where the last time ended."""
    from labkit.aws.session import Clients
    from labkit.prices import load_prices
    from labkit.run.inputs import build_lab
    from labkit.steps.apply import apply_step
    from labkit.steps.ledger import Ledger
    from labkit.steps.step import STEPS

    settings = confirm(settings, options, text("aws.doing_apply"))
    settings = connect(replace(settings, state_dir=find_state_dir(options, settings)))
    clients, lab, prices = Clients(settings.target), build_lab(settings), load_prices(settings.prices)
    ledger = Ledger(settings.state_dir, settings.target)
    for step in STEPS:
        if not options.steps or step.number in options.steps:
            print(text("plan.step", number=step.number, title=text(f"step.{step.key}")))
            plan = apply_step(clients, lab, step, prices, ledger, _tell)
            if not plan.calls:
                print(f"  {text('run.step_nothing')}")
    return 0


def _tell(_step: Step, call: AwsCall) -> None:
    print(f"  {call.service}.{call.operation}  {call.name}", flush=True)
