"""`labkit teardown`: delete what the lab made, and prove that nothing is left."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from labkit.commands.asking import agrees
from labkit.commands.cloud import connect, find_state_dir
from labkit.commands.confirming import confirm, identify, render_identity
from labkit.errors import LabError, UsageError
from labkit.i18n import build_lesson, text
from labkit.settings import Settings

if TYPE_CHECKING:
    from labkit.aws.session import Clients
    from labkit.steps.ledger import Ledger
    from labkit.teardown.belongings import Belongings
    from labkit.teardown.teardown import Outcome, Report


def teardown(options: argparse.Namespace, settings: Settings) -> int:
    """List what is ours and why, ask once, delete it, and look again. Exit code 1 when anything of ours is left, or was not seen."""
    from labkit.aws.session import Clients, aws_errors
    from labkit.steps.ledger import Ledger
    from labkit.teardown.contents import find_contents
    from labkit.teardown.find import find_belongings
    from labkit.ui.teardown import build_document, render_plan

    settings, identity = identify(settings)
    if identity is not None:  # also where nothing is deleted: a proof tells of which account and region it is one
        print(render_identity(settings, identity), file=sys.stderr, flush=True)
    settings = connect(replace(settings, state_dir=find_state_dir(options, settings)))
    clients, ledger = Clients(settings.target), Ledger(settings.state_dir, settings.target)
    with aws_errors("labkit teardown", settings.target):
        found = find_belongings(clients, settings, ledger)
        contents = find_contents(clients, found)
    if not options.json:
        print(render_plan(settings, found, contents, dry=options.dry_run), flush=True)
    if options.dry_run:
        if options.json:
            print(json.dumps(build_document(settings, found, None, contents), ensure_ascii=False, indent=1))
        return 0
    if not found.is_empty:
        _ask(options, settings)
    return _carry_out(options, settings, clients, ledger, found)


def _ask(options: argparse.Namespace, settings: Settings) -> None:
    """On AWS the account, shown already, is confirmed; on this computer a terminal is asked, as `labkit reset` asks."""
    if settings.target.charges:
        confirm(settings, options, text("teardown.doing"), shown=True)
    elif sys.stdin.isatty() and not options.yes and not agrees(text("teardown.question")):
        raise build_lesson(UsageError, "error.teardown.unconfirmed")


def _carry_out(
    options: argparse.Namespace, settings: Settings, clients: Clients, ledger: Ledger, found: Belongings
) -> int:
    from labkit.teardown.teardown import Hooks, tear_down
    from labkit.ui.teardown import build_document, render_outcome, render_report

    def tell(outcome: Outcome) -> None:
        if not options.json:
            print(render_outcome(outcome), flush=True)

    hooks = Hooks(tell, lambda: _keep_spending(settings, clients, found), lambda: _renew(options))
    report = tear_down(clients, settings, ledger, found, hooks)
    if options.json:
        print(json.dumps(build_document(settings, found, report), ensure_ascii=False, indent=1))
    else:
        print(render_report(report))
    return _find_exit_code(report)


def _keep_spending(settings: Settings, clients: Clients, found: Belongings) -> None:
    """What runs and queries cost is known to AWS as long as they are there. Unread costs keep nobody from deleting what costs more."""
    from labkit.run.inputs import build_lab
    from labkit.spending.record import record_spending
    from labkit.ui.teardown import render_sentence

    if found.is_empty:
        return
    try:
        record_spending(clients, build_lab(settings), settings)
    except LabError as error:
        print(text("teardown.unrecorded", reason=render_sentence(error)), file=sys.stderr)


def _renew(options: argparse.Namespace) -> bool:
    """Ask for new keys where somebody can give them."""
    if options.json or not sys.stdin.isatty():
        return False
    return input(text("teardown.renew") + " ").strip().lower() not in ("n", "no")


def _find_exit_code(report: Report) -> int:
    return 0 if report.is_proven and not report.failures else 1
