"""What `labkit grade` can be told."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from labkit.i18n import LANGUAGES, text


def add_grade_options(parser: argparse.ArgumentParser, positive: Callable[[str], int]) -> None:
    """Add the arguments; `positive` reads a whole number from 1."""
    parser.add_argument("submissions", type=Path, metavar="SUBMISSIONS", help=text("cli.grade.submissions"))
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=text("cli.grade.out"))
    parser.add_argument("--jobs", "-j", type=positive, default=None, metavar="N", help=text("cli.grade.jobs"))
    parser.add_argument("--roster", type=Path, metavar="FILE", help=text("cli.grade.roster"))
    parser.add_argument("--notebook-language", choices=LANGUAGES, default="es", help=text("cli.grade.language"))
    parser.add_argument("--only", action="append", metavar="NAME", help=text("cli.grade.only"))
    parser.add_argument("--notebooks", action="append", metavar="NAME", help=text("cli.grade.notebooks"))
    parser.add_argument(
        "--regrade", action="append", nargs="?", const="", metavar="WHAT", help=text("cli.grade.regrade")
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help=text("cli.grade.keep"))
    parser.add_argument("--chain", action="store_true", help=text("cli.grade.chain"))
    parser.add_argument("--rubric", type=Path, metavar="FILE", help=text("cli.grade.rubric"))
    parser.add_argument("--scheme", type=Path, metavar="FILE", help=text("cli.grade.scheme"))
    parser.add_argument("--lang", choices=LANGUAGES, help=text("cli.grade.lang"))
    parser.add_argument("--moodle", type=Path, metavar="FILE", help=text("cli.grade.moodle"))
    parser.add_argument("--canvas", type=Path, metavar="FILE", help=text("cli.grade.canvas"))
    parser.add_argument("--canvas-column", metavar="NAME", help=text("cli.grade.canvas_column"))
    parser.add_argument("--dry-run", action="store_true", help=text("cli.grade.dry_run"))
