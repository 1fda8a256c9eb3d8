"""Whose account a notebook works in: on AWS it must be named, and be the caller's, before anything else happens."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from labkit.commands.confirming import identify, render_identity
from labkit.errors import UsageError
from labkit.i18n import build_lesson
from labkit.settings import Settings


@dataclass(frozen=True)
class Whose:
    """The settings with the account known, and the lines that tell it ("" on the local target)."""

    settings: Settings
    told: str = ""


def find_whose(settings: Settings, account: str, step: int) -> Whose:
    """Ask AWS who calls. The local target has one account and asks nobody, so the same cell runs on both.

    Errors: UsageError when no account was named, or another one than the caller's; AwsCallError without usable credentials.
    """
    if not settings.target.charges:
        return Whose(settings)
    if account:
        settings = replace(settings, target=replace(settings.target, expected_account=account.strip()))
    named = settings.target.expected_account
    settings, identity = identify(settings)
    assert identity is not None
    if not named:
        alias = f" ({identity.alias})" if identity.alias else ""
        raise build_lesson(
            UsageError, "error.open_account", step=step, account=identity.account, alias=alias, arn=identity.arn
        )
    # The process that checks, and a terminal's commands, read them.
    os.environ.update({"LABKIT_TARGET": settings.target.name, "LABKIT_ACCOUNT": identity.account})
    return Whose(settings, render_identity(settings, identity))
