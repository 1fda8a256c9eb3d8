"""What `labkit lab` and `labkit doctor` can be told."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from labkit.i18n import LANGUAGES, text


def add_lab_options(parser: argparse.ArgumentParser, port_number: Callable[[str], int]) -> None:
    """The notebook to open, and how."""
    parser.add_argument("notebook", nargs="?", metavar="NOTEBOOK", help=text("cli.lab.notebook"))
    parser.add_argument("--lang", choices=LANGUAGES, help=text("cli.lab.lang"))
    parser.add_argument("--student", metavar="NAME", help=text("cli.lab.student"))
    parser.add_argument("--port", type=port_number, metavar="N", help=text("cli.lab.port"))
    parser.add_argument("--no-browser", action="store_true", help=text("cli.lab.no_browser"))
    parser.add_argument("--folder", type=Path, metavar="DIR", help=text("cli.lab.folder"))
    parser.add_argument("--no-doctor", action="store_true", help=text("cli.lab.no_doctor"))
    parser.add_argument("--print-env", action="store_true", help=text("cli.lab.print_env"))
    parser.add_argument("--yes", action="store_true", help=text("cli.lab.yes"))


def add_doctor_options(parser: argparse.ArgumentParser) -> None:
    """How the findings are shown."""
    parser.add_argument("--json", action="store_true", help=text("cli.doctor.json"))
    parser.add_argument("--policy", action="store_true", help=text("cli.doctor.policy"))
    parser.add_argument("--lang", choices=LANGUAGES, help=text("cli.lab.lang"))
