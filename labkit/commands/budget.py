"""The `--budget` of `labkit apply`: what may be asked for, whose it is, and what must be known about it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labkit.aws.budgets import find_budget
from labkit.errors import UsageError
from labkit.i18n import build_lesson, text
from labkit.settings import Settings
from labkit.steps.budget import KIND, NUMBER, Budget, build_budget
from labkit.steps.ownership import Conflict, Wanted, refuse_conflicts

if TYPE_CHECKING:
    from labkit.aws.session import Clients
    from labkit.steps.ledger import Ledger


def choose_budget(options: argparse.Namespace, settings: Settings) -> Budget | None:
    """The budget that was asked for, or None. UsageError for one without a positive amount, or on the local target."""
    if options.budget is None:
        if options.email:
            raise build_lesson(UsageError, "error.budget_value", value=f"--email {options.email}")
        return None
    if not settings.target.charges:
        raise build_lesson(UsageError, "error.budget_local")
    if not 0 < options.budget < 1e9 or (options.email and "@" not in options.email):
        raise build_lesson(UsageError, "error.budget_value", value=f"{options.budget:g} {options.email}".strip())
    return build_budget(settings.student, round(options.budget, 2), options.email)


def refuse_foreign_budget(clients: Clients, ledger: Ledger, budget: Budget) -> None:
    """UsageError when a budget of this name exists that the ledger does not know."""
    from labkit.aws.session import aws_errors

    known = {entry.name for entry in ledger.entries() if ledger.is_here(entry) and entry.kind == KIND}
    if budget.name in known:
        return
    with aws_errors(f"budgets.describe_budget ({budget.name})", clients.target):
        found = find_budget(clients, budget.name)
    refuse_conflicts([Conflict(Wanted(NUMBER, KIND, budget.name), "lab")] if found is not None else [])


def render_budget_notes(budget: Budget, settings: Settings) -> str:
    """What a budget does not do."""
    lines = [text("apply.budget_note")]
    lines += [] if budget.email else [text("apply.budget_silent")]
    lines += [text("apply.budget_rehearsal")] if settings.target.rehearsal else []
    return "\n".join(lines)
