"""What `labkit notebooks` can be told."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from labkit.i18n import LANGUAGES, text

Add = Callable[[str], argparse.ArgumentParser]


def add_notebook_commands(add: Add) -> None:
    """Add the commands of the group; `add(name)` makes the parser of one."""
    build = add("build")
    build.add_argument("--solutions", type=Path, metavar="DIR", help=text("cli.notebooks.solutions"))
    build.add_argument("--only", action="append", metavar="NAME", help=text("cli.notebooks.only"))
    build.add_argument("--check", action="store_true", help=text("cli.notebooks.check"))
    build.add_argument("--force", action="store_true", help=text("cli.notebooks.force"))
    build.set_defaults(command="notebooks build")
    status = add("status")
    status.set_defaults(command="notebooks status")
    stamp = add("stamp")
    stamp.add_argument("name", metavar="NAME", help=text("cli.notebooks.name"))
    cells = stamp.add_mutually_exclusive_group(required=True)
    cells.add_argument("cells", nargs="*", default=[], metavar="CELL", help=text("cli.notebooks.cells"))
    cells.add_argument("--accept", action="store_true", help=text("cli.notebooks.accept"))
    stamp.add_argument("--language", choices=LANGUAGES[1:], default="en", help=text("cli.notebooks.language"))
    stamp.set_defaults(command="notebooks stamp")
