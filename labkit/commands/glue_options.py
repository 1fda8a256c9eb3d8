"""What `labkit glue run` and `labkit glue shell` can be told."""

from __future__ import annotations

import argparse
from pathlib import Path

from labkit.i18n import text

GLUE_VERSION = "5.1"
_BOOKMARKS = ("enable", "disable", "pause")


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """labkit's own options of `glue run`; glue_words.py names them again, because they may stand after SCRIPT too."""
    parser.add_argument("--job-name", metavar="NAME", help=text("cli.glue_run.job_name"))
    parser.add_argument("--glue-version", default=GLUE_VERSION, metavar="V", help=text("cli.glue_run.glue_version"))
    parser.add_argument("--role", metavar="NAME", help=text("cli.glue_run.role"))
    parser.add_argument("--py-files", action="append", metavar="FILE", help=text("cli.glue_run.py_files"))
    parser.add_argument("--files", action="append", metavar="FILE", help=text("cli.glue_run.files"))
    parser.add_argument("--modules", action="append", metavar="PKG", help=text("cli.glue_run.modules"))
    parser.add_argument("--conf", action="append", metavar="K=V", help=text("cli.glue_run.conf"))
    parser.add_argument("--catalog", action="store_true", default=True, help=text("cli.glue_run.catalog"))
    parser.add_argument("--no-catalog", dest="catalog", action="store_false", help=text("cli.glue_run.no_catalog"))
    parser.add_argument("--bookmark", choices=_BOOKMARKS, default="disable", help=text("cli.glue_run.bookmark"))
    parser.add_argument("--timeout", type=_minutes, metavar="MIN", help=text("cli.glue_run.timeout"))
    parser.add_argument("--quiet", action="store_true", help=text("cli.glue_run.quiet"))
    parser.add_argument("--json", type=Path, metavar="FILE", help=text("cli.glue_run.json"))
    parser.add_argument("--ephemeral", action="store_true", help=text("cli.glue_run.ephemeral"))
    parser.add_argument("--yes", action="store_true", help=text("cli.glue_run.yes"))


def add_run_script(parser: argparse.ArgumentParser) -> None:
    """SCRIPT and everything after it."""
    parser.usage = f"%(prog)s {text('cli.glue_run.usage')}"
    parser.add_argument("script", metavar="SCRIPT", help=text("cli.glue_run.script"))
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="…", help=text("cli.glue_run.arguments"))


def add_shell_options(parser: argparse.ArgumentParser) -> None:
    """Options of `glue shell`; what follows a lone `--` are arguments as a job gets them."""
    parser.usage = f"%(prog)s {text('cli.glue_shell.usage')}"
    parser.add_argument("-c", dest="code", metavar="CODE", help=text("cli.glue_shell.code"))
    parser.add_argument("--conf", action="append", metavar="K=V", help=text("cli.glue_run.conf"))
    parser.add_argument("--catalog", action="store_true", default=True, help=text("cli.glue_run.catalog"))
    parser.add_argument("--no-catalog", dest="catalog", action="store_false", help=text("cli.glue_run.no_catalog"))
    parser.add_argument("--plain", action="store_true", help=text("cli.glue_shell.plain"))
    parser.add_argument("--ephemeral", action="store_true", help=text("cli.glue_shell.ephemeral"))
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="…", help=text("cli.glue_shell.arguments"))


def _minutes(value: str) -> int:
    if not value.isdigit() or int(value) < 1:
        raise argparse.ArgumentTypeError(text("cli.bad_number", value=value))
    return int(value)
