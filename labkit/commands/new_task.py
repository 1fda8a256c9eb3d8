"""`labkit new-task`: the files of a new task, ready to be written by its author."""

from __future__ import annotations

import argparse
from pathlib import Path

from labkit.grading.authoring.scaffold import plan_scaffold
from labkit.grading.authoring.wish import OUTCOME_NAMES, Wish
from labkit.grading.editions.places import find_places
from labkit.i18n import load_catalogue, text
from labkit.settings import Settings


def new_task(options: argparse.Namespace, _settings: Settings) -> int:
    """Write the scaffold and tell what is left to do."""
    places = find_places()
    root = places.root.parent
    titles = load_catalogue()["new_task.title"]
    wish = Wish(
        Path(options.notebook).stem,
        options.task,
        options.points,
        options.outcome,
        (_in_one_line(options.title) or titles["es"], _in_one_line(options.title_en) or titles["en"]),
        options.after or "",
    )
    for path in plan_scaffold(root, wish).write():
        print(text("new_task.wrote", file=path.relative_to(root).as_posix()))
    print(text("new_task.next", notebook=wish.notebook, module=wish.module))
    return 0


def add_new_task_options(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("notebook", metavar="NOTEBOOK", help=text("cli.new_task.notebook"))
    parser.add_argument("task", metavar="TASK", help=text("cli.new_task.task"))
    parser.add_argument("--points", type=_points, required=True, metavar="N", help=text("cli.new_task.points"))
    parser.add_argument("--outcome", choices=list(OUTCOME_NAMES), required=True, help=text("cli.new_task.outcome"))
    parser.add_argument("--after", metavar="TASK", help=text("cli.new_task.after"))
    parser.add_argument("--title", metavar="TEXT", help=text("cli.new_task.title"))
    parser.add_argument("--title-en", metavar="TEXT", help=text("cli.new_task.title_en"))


def _in_one_line(title: str | None) -> str:
    return " ".join((title or "").split())


def _points(words: str) -> int:
    points = int(words)
    if not 0 <= points <= 100:
        raise ValueError(words)
    return points
