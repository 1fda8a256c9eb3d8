"""What `labkit chaos` can be told."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from labkit.i18n import text

Add = Callable[[str], argparse.ArgumentParser]


def add_chaos_commands(add: Add) -> None:
    """Add the commands of the group; `add(name)` makes the parser of one."""
    for name in ("duplicate", "delay", "reorder", "throttle"):
        parser = add(name)
        if name == "delay":
            parser.add_argument(
                "seconds", type=_seconds, nargs="?", default=10.0, metavar="SECONDS", help=text("cli.chaos.seconds")
            )
        if name != "throttle":
            parser.add_argument("--bucket", metavar="NAME", help=text("cli.chaos.bucket"))
            parser.add_argument("--prefix", metavar="TEXT", help=text("cli.chaos.prefix"))
        parser.add_argument("--function", metavar="NAME", help=text("cli.chaos.function"))
        count = parser.add_mutually_exclusive_group()
        count.add_argument("--times", type=_times, default=1, metavar="N", help=text("cli.chaos.times"))
        count.add_argument("--always", action="store_true", help=text("cli.chaos.always"))
        parser.set_defaults(command="chaos disturb")
    replay = add("replay")
    replay.add_argument("key", metavar="KEY", help=text("cli.chaos.key"))
    replay.add_argument("--bucket", metavar="NAME", help=text("cli.chaos.key_bucket"))
    replay.add_argument("--function", metavar="NAME", help=text("cli.chaos.function"))
    replay.set_defaults(command="chaos replay")
    status = add("status")
    status.add_argument("--json", action="store_true", help=text("cli.chaos.json"))
    status.set_defaults(command="chaos status")
    off = add("off")
    off.add_argument("id", nargs="?", metavar="RULE", help=text("cli.chaos.id"))
    off.set_defaults(command="chaos off")


def _seconds(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0 < number <= 86_400:
        raise argparse.ArgumentTypeError(text("cli.chaos.bad_seconds", value=value))
    return number


def _times(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise argparse.ArgumentTypeError(text("cli.bad_number", value=value))
    return int(value)
