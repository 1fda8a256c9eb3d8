"""What `labkit export` can be told."""

from __future__ import annotations

import argparse

from labkit.i18n import text

LANGUAGES = ("cloudformation", "terraform", "cdk")
STEPS = range(1, 7)


def add_export_options(parser: argparse.ArgumentParser) -> None:
    """The language, how far, and where to."""
    parser.add_argument("language", choices=LANGUAGES, help=text("cli.export.language"))
    parser.add_argument("--out", metavar="DIR", help=text("cli.export.out"))
    parser.add_argument("--step", type=int, choices=STEPS, default=STEPS[-1], metavar="N", help=text("cli.export.step"))
    parser.add_argument("--force", action="store_true", help=text("cli.export.force"))
