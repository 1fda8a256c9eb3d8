"""`labkit plan`: what the steps still need, why, and what it costs; nothing is changed."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace

from labkit.commands.cloud import connect, find_state_dir
from labkit.commands.confirming import identify, render_identity
from labkit.i18n import text
from labkit.settings import Settings


def plan(options: argparse.Namespace, settings: Settings) -> int:
    """Print the plan of the steps that were named, or of all six; exit code 1 when something that is not ours stands in the way."""
    from labkit.aws.session import Clients
    from labkit.commands.apply import choose_steps
    from labkit.prices import load_prices
    from labkit.run.inputs import build_drop, build_lab
    from labkit.steps.forecast import build_forecast
    from labkit.steps.ledger import Ledger
    from labkit.steps.plan import plan_whole
    from labkit.ui.lab_plan import build_document, render_lab_plan
    from labkit.ui.plan import render_plan

    steps = choose_steps(options.steps)
    settings, identity = identify(settings)
    settings = connect(replace(settings, state_dir=find_state_dir(options, settings)))
    if identity is not None:
        print(render_identity(settings, identity), file=sys.stderr)
    lab, prices = build_lab(settings), load_prices(settings.prices)
    ledger = Ledger(settings.state_dir, settings.target)
    found = plan_whole(Clients(settings.target), lab, prices, ledger, steps)
    forecast = build_forecast(lab, prices, build_drop(settings))
    if options.json:
        print(json.dumps(build_document(found, forecast, prices), indent=1, ensure_ascii=False))
    elif options.style == "list":
        print(render_lab_plan(found, forecast, prices))
    else:
        print(render_plan(found.steps, options.style))
    if found.conflicts:
        print(text("plan.refused"), file=sys.stderr)
    return 1 if found.conflicts else 0
