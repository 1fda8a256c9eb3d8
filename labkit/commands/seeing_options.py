"""The options of `labkit logs` and `labkit events`."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from labkit.commands.spans import seconds_of
from labkit.i18n import text


def add_log_options(parser: argparse.ArgumentParser, positive: Callable[[str], int]) -> None:
    """The options of `labkit logs`."""
    parser.add_argument("--follow", "-f", action="store_true", help=text("cli.logs.follow"))
    parser.add_argument("--service", metavar="NAME,…", help=text("cli.logs.service"))
    parser.add_argument("--function", action="append", metavar="NAME", help=text("cli.logs.function"))
    parser.add_argument("--job", metavar="NAME", help=text("cli.logs.job"))
    parser.add_argument("--run", metavar="ID", help=text("cli.logs.run"))
    parser.add_argument("--group", action="append", metavar="NAME", help=text("cli.logs.group"))
    parser.add_argument("--since", type=seconds_of, metavar="5m", help=text("cli.logs.since"))
    parser.add_argument("--filter", metavar="PATTERN", help=text("cli.logs.filter"))
    parser.add_argument("--limit", "--lines", type=positive, default=100, metavar="N", help=text("cli.logs.limit"))
    parser.add_argument("--all", action="store_true", help=text("cli.logs.all"))
    parser.add_argument("--json", action="store_true", help=text("cli.logs.json"))
    parser.add_argument("--server", action="store_true", help=text("cli.logs.server"))


def add_event_options(parser: argparse.ArgumentParser, positive: Callable[[str], int]) -> None:
    """The options of `labkit events`."""
    parser.add_argument("--follow", "-f", action="store_true", help=text("cli.events.follow"))
    parser.add_argument("--since", type=seconds_of, default=600.0, metavar="10m", help=text("cli.events.since"))
    parser.add_argument("--service", metavar="NAME,…", help=text("cli.events.service"))
    parser.add_argument("--errors", action="store_true", help=text("cli.events.errors"))
    parser.add_argument("--data", action="store_true", help=text("cli.events.data"))
    parser.add_argument("--all", action="store_true", help=text("cli.events.all"))
    parser.add_argument("--json", action="store_true", help=text("cli.events.json"))
    parser.add_argument("--limit", type=positive, default=200, metavar="N", help=text("cli.events.limit"))
