"""`labkit cost`: what this lab has spent by its own metering, on either target."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from labkit.commands.cloud import connect, find_state_dir
from labkit.commands.confirming import identify, render_identity
from labkit.i18n import text
from labkit.settings import Settings

if TYPE_CHECKING:
    from labkit.ui.cost_meter import CostMeter


def cost(options: argparse.Namespace, settings: Settings) -> int:
    """Read, write down and show; nothing is changed on AWS."""
    from labkit.aws.session import Clients
    from labkit.prices import load_prices
    from labkit.run.inputs import build_lab
    from labkit.spending.record import record_spending
    from labkit.ui.cost_meter import build_meter

    settings, identity = identify(settings)
    settings = connect(replace(settings, state_dir=find_state_dir(options, settings)))
    usage = record_spending(Clients(settings.target), build_lab(settings), settings)
    meter = build_meter(usage, load_prices(settings.prices))
    if options.json:
        print(json.dumps(build_document(meter, settings), indent=1, ensure_ascii=False))
        return 0
    if identity is not None:
        print(render_identity(settings, identity), file=sys.stderr)
    print(repr(meter))
    real = settings.target.charges and not settings.target.rehearsal
    print(text("spending.aws") if real else text("spending.local"))
    return 0


def build_document(meter: CostMeter, settings: Settings) -> dict[str, Any]:
    """The charges as JSON values; amounts in US dollars."""
    return {
        "target": settings.target.name,
        "rehearsal": settings.target.rehearsal,
        "account": settings.target.account,
        "region": settings.target.region,
        "charges": [asdict(charge) for charge in meter.charges],
        "usd": meter.total,
        "usd_with_lambda_free_tier": meter.total_with_free_tier,
        "storage_a_month_usd": meter.monthly,
        "prices": {
            "read_on": meter.prices.read_on,
            "region": meter.prices.region,
            "source": meter.prices.source,
            "caveat": text("meter.caveat"),
        },
    }
