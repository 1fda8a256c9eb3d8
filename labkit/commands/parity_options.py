"""What `labkit parity` can be told."""

from __future__ import annotations

import argparse

from labkit.i18n import LANGUAGES, text


def add_parity_options(parser: argparse.ArgumentParser) -> None:
    """Which rows, and how they are shown."""
    parser.add_argument("step", nargs="?", metavar="STEP", help=text("cli.parity.step"))
    parser.add_argument("--service", metavar="NAME", help=text("cli.parity.service"))
    parser.add_argument("--call", metavar="CALL", help=text("cli.parity.call"))
    parser.add_argument("--json", action="store_true", help=text("cli.parity.json"))
    parser.add_argument("--markdown", choices=LANGUAGES, help=text("cli.parity.markdown"))
    parser.add_argument("--lang", choices=LANGUAGES, help=text("cli.lab.lang"))
