"""Before anything is changed on AWS: whose account, which region, until when, and one yes."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timezone

from labkit.aws.identity import Identity, find_identity
from labkit.aws.session import Clients
from labkit.commands.asking import agrees
from labkit.errors import UsageError
from labkit.i18n import build_lesson, text
from labkit.settings import Settings, with_account


def identify(settings: Settings) -> tuple[Settings, Identity | None]:
    """Ask AWS whose account it is; the settings then carry it and the names made from it. On the local target nobody is asked.

    Errors: UsageError when the caller's account is not the one that the user named, AwsCallError without usable credentials.
    """
    if not settings.target.charges:
        return settings, None
    identity = find_identity(Clients(settings.target))
    expected = settings.target.expected_account
    if expected and expected != identity.account:
        raise build_lesson(
            UsageError, "error.wrong_account", expected=expected, found=identity.account, arn=identity.arn
        )
    return with_account(settings, identity.account), identity


def confirm(settings: Settings, options: argparse.Namespace, doing: str, *, shown: bool = False) -> Settings:
    """Show the identity and get one yes for `doing`; the settings with the account known. Nothing to ask on the local target.

    `shown`: the identity was shown before, and is not again.
    A terminal is asked, unless --yes. Without one, --yes and the account's number are needed: a script names its account.
    Errors: UsageError without that yes, and as of `identify`.
    """
    settings, identity = identify(settings)
    if identity is None:
        return settings
    if not shown:
        print(render_identity(settings, identity), file=sys.stderr)
    if identity.is_root and not settings.target.rehearsal:
        print(text("aws.root_warning"), file=sys.stderr)
    if options.yes and (settings.target.expected_account or sys.stdin.isatty() or settings.target.rehearsal):
        return settings
    if not sys.stdin.isatty():
        raise build_lesson(UsageError, "error.unconfirmed_script", account=identity.account)
    question = text("aws.question")
    if not agrees(f"{doing} {question}"):
        raise build_lesson(UsageError, "error.unconfirmed")
    return settings


def render_identity(settings: Settings, identity: Identity, now: datetime | None = None) -> str:
    """The account, region, caller and end of the credentials in a few lines; a rehearsal says that it is one."""
    target = settings.target
    lines = [text("aws.rehearsal", url=target.endpoint_url)] if target.rehearsal else []
    alias = f" ({identity.alias})" if identity.alias else ""
    lines += [
        text("aws.account", account=identity.account + alias),
        text("aws.region", region=target.region),
        text("aws.caller", arn=identity.arn, source=name_source(identity)),
        text("aws.expiry", when=_render_expiry(identity, now or datetime.now(timezone.utc))),
    ]
    if settings.student:
        lines.append(text("aws.student", student=settings.student))
    return "\n".join(lines)


def name_source(identity: Identity) -> str:
    """Where the keys come from: the profile, else boto3's word for it; only a rehearsal hands keys to boto3 itself ("explicit")."""
    words = {"explicit": text("aws.source_rehearsal"), "env": text("aws.source_env")}
    return identity.profile or words.get(identity.source, identity.source) or "-"


def _render_expiry(identity: Identity, now: datetime) -> str:
    if identity.expires is not None:
        minutes = max(0, int((identity.expires - now).total_seconds() // 60))
        return text("aws.expires_in", minutes=minutes, at=identity.expires.astimezone().strftime("%H:%M"))
    return text("aws.expires_unknown") if identity.is_temporary else text("aws.expires_never")
