"""What `labkit release` and `labkit submit` can be told."""

from __future__ import annotations

import argparse
from pathlib import Path

from labkit.i18n import LANGUAGES, text


def add_release_options(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `labkit release`."""
    parser.add_argument("--out", type=Path, default=Path("lab.zip"), metavar="FILE", help=text("cli.release.out"))
    parser.add_argument("--lang", choices=(*LANGUAGES, "both"), default="both", help=text("cli.release.lang"))


def add_submit_options(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `labkit submit`."""
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help=text("cli.submit.files"))
    parser.add_argument("--name", default="", metavar="NAME", help=text("cli.submit.name"))
    parser.add_argument("--out", type=Path, metavar="FILE", help=text("cli.submit.out"))
    parser.add_argument("--run", action="store_true", help=text("cli.submit.run"))
