"""`labkit events`: what happened, in order: calls, S3 events, invocations, runs, crawls, queries."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from labkit.commands.cloud import find_state_dir, not_running
from labkit.commands.pause import pause
from labkit.errors import CloudError, UsageError
from labkit.i18n import build_lesson, text
from labkit.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from labkit.aws.trail import Happening
    from labkit.ui.happening import Line

SERVICES = (
    "s3", "lambda", "glue", "athena", "iam", "sts", "logs", "cloudwatch", "events", "sqs", "sns", "ssm", "kms", "secretsmanager",
    "dynamodb", "cloudformation", "budgets", "cloudtrail", "tags",
)  # fmt: skip
_POLL_LOCAL_S, _POLL_AWS_S = 0.3, 30.0
# The page gives at most this many rows at once.
_PAGE_ROWS = 1_000
# CloudTrail tells of a call within this time.
_LATE_S = 900.0
_MOST_ON_AWS = 500
# Who may not, and whom nobody knows: worth seeing although nothing was changed.
_DENIED = re.compile(r"Denied|Unauthorized|Token|Signature|UnrecognizedClient|InvalidAccessKeyId")
# What programs write all the time says nothing about what somebody did.
_NOISE = frozenset({"PutLogEvents", "PutMetricData", "CreateLogStream", "UploadPart"})


def events(options: argparse.Namespace, settings: Settings) -> int:
    """Print what happened since `--since`, oldest first, and with --follow what comes, until Ctrl-C."""
    services = _services(options)
    screen = _Screen(options, services)
    if settings.target.runs_cloud:
        from labkit.cloud import daemon

        state_dir = find_state_dir(options, settings)
        info = daemon.find_running(state_dir)
        if info is None:
            raise not_running(options, state_dir)
        return _show_local(info.endpoint_url, state_dir, options, screen)
    return _show_aws(settings, options, screen)


def _services(options: argparse.Namespace) -> frozenset[str]:
    asked = frozenset(word.strip().lower() for word in (options.service or "").split(",") if word.strip())
    unknown = asked - set(SERVICES)
    if unknown:
        raise build_lesson(
            UsageError, "error.events_service", given=", ".join(sorted(unknown)), known=", ".join(SERVICES)
        )
    return asked


def _show_local(endpoint_url: str, state_dir: Path, options: argparse.Namespace, screen: _Screen) -> int:
    from labkit.aws.trail import read_happenings

    kinds = {"reads": bool(options.all or options.errors), "data": True}
    since = time.time() - options.since
    page = read_happenings(endpoint_url, since=since, newest=_PAGE_ROWS, **kinds)
    found, first = screen.keep(page.happenings), page
    # What is asked for may lie behind pages of what is not.
    while len(first.happenings) == _PAGE_ROWS and len(found) < options.limit:
        behind = read_happenings(endpoint_url, since=since, newest=_PAGE_ROWS, before=first.first, **kinds)
        if behind.first >= first.first:
            break  # a cloud that an older labkit started knows no pages
        first, found = behind, screen.keep(behind.happenings) + found
    screen.show(found, options.limit)
    try:
        while options.follow:
            pause(_POLL_LOCAL_S)
            try:
                page = read_happenings(endpoint_url, after=page.next, **kinds)
            except CloudError:
                endpoint_url = _await_cloud(state_dir)
                continue
            screen.show(page.happenings, None)
    except KeyboardInterrupt:
        return 0  # that is how one stops following
    screen.end()
    return 0


def _await_cloud(state_dir: Path) -> str:
    """Say on stderr that the cloud is down and wait until it is up again, perhaps at another port."""
    from labkit.cloud import daemon

    print(text("events.waiting"), file=sys.stderr)
    while (info := daemon.find_running(state_dir)) is None:
        pause(_POLL_LOCAL_S)
    return info.endpoint_url


def _show_aws(settings: Settings, options: argparse.Namespace, screen: _Screen) -> int:
    """CloudTrail's event history, which is late: while following, the last quarter of an hour is asked for again and again."""
    from labkit.aws.session import Clients, aws_errors
    from labkit.aws.trail import lookup_events

    print(text("events.late"), file=sys.stderr)
    cloudtrail = Clients(settings.target).cloudtrail
    reads = None if options.all or options.errors else False
    since = time.time() - max(options.since, _LATE_S if options.follow else 0)
    with aws_errors("cloudtrail.lookup_events"):
        found = lookup_events(cloudtrail, since, reads, _MOST_ON_AWS)
        screen.show(found, options.limit)
        seen = {str(one.record.get("eventID")) for one in found}
        try:
            while options.follow:
                pause(_POLL_AWS_S)
                found = lookup_events(cloudtrail, time.time() - _LATE_S, reads)
                screen.show([one for one in found if str(one.record.get("eventID")) not in seen], None)
                seen |= {str(one.record.get("eventID")) for one in found}
        except KeyboardInterrupt:
            return 0
    screen.end()
    return 0


class _Screen:
    """Chooses and prints."""

    def __init__(self, options: argparse.Namespace, services: frozenset[str]) -> None:
        self._options = options
        self._services = services
        self._terminal = sys.stdout.isatty()
        self._coloured = self._terminal and "NO_COLOR" not in os.environ
        self._shown = 0

    def show(self, happenings: Iterable[Happening], most: int | None) -> None:
        """Print those that are wanted, the last `most` of them."""
        from labkit.ui.happening import describe

        chosen = [(one, line) for one in happenings if self._wants(one, line := describe(one))]
        for one, line in chosen if most is None else chosen[-most:]:
            print(self._json(one, line) if self._options.json else self._text(one, line))
            self._shown += 1
        sys.stdout.flush()

    def keep(self, happenings: Iterable[Happening]) -> list[Happening]:
        """Those that are wanted."""
        from labkit.ui.happening import describe

        return [one for one in happenings if self._wants(one, describe(one))]

    def end(self) -> None:
        """Say why there is nothing, on stderr."""
        if not self._shown and not self._options.json:
            print(text("events.nothing"), file=sys.stderr)

    def _wants(self, one: Happening, line: Line) -> bool:
        options = self._options
        if self._services and line.service not in self._services:
            return False
        if options.errors:
            return line.bad
        is_data = one.record.get("eventCategory") == "Data"
        if options.data and one.kind == "call" and not is_data:
            return False
        if options.all or one.kind != "call" or (line.bad and not line.read):
            return True
        denied = line.bad and _DENIED.search(str(one.record.get("errorCode"))) is not None
        return denied or not (line.read or one.record.get("eventName") in _NOISE)

    def _text(self, one: Happening, line: Line) -> str:
        from labkit.ui.log_label import stamp, without_controls

        at = stamp(int(one.at * 1000), local=self._terminal)
        what, outcome = without_controls(line.what), without_controls(line.outcome)
        if not self._coloured:
            return f"{at}  {line.service:<10} {line.who or '·':<20} {what}  {outcome}"
        tint = 31 if line.bad else 32
        return f"\x1b[2m{at}\x1b[0m  \x1b[36m{line.service:<10}\x1b[0m {line.who or '·':<20} {what}  \x1b[{tint}m{outcome}\x1b[0m"

    def _json(self, one: Happening, line: Line) -> str:
        from labkit.ui.log_label import stamp

        shown = {
            "time": stamp(int(one.at * 1000), local=False), "kind": one.kind, "region": one.region, "service": line.service,
            "who": line.who, "what": line.what, "outcome": line.outcome, "failed": line.bad,
        }  # fmt: skip
        more = {"record": one.record} if one.kind == "call" else {"resource": one.resource, "facts": one.facts}
        return json.dumps(shown | more, ensure_ascii=False)
