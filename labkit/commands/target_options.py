"""What the commands can be told that plan, make and delete the lab's resources."""

from __future__ import annotations

import argparse

from labkit.i18n import text


def add_plan_options(parser: argparse.ArgumentParser) -> None:
    """Which steps, and how the plan is shown."""
    parser.add_argument("steps", nargs="*", type=int, metavar="STEP", help=text("cli.plan.steps"))
    parser.add_argument(
        "--as", dest="style", choices=("list", "boto3", "cli"), default="list", help=text("cli.plan.as")
    )
    parser.add_argument("--json", action="store_true", help=text("cli.plan.json"))


def add_apply_options(parser: argparse.ArgumentParser) -> None:
    """Which steps, and a yes in advance."""
    parser.add_argument("steps", nargs="*", type=int, metavar="STEP", help=text("cli.apply.steps"))
    parser.add_argument("--yes", action="store_true", help=text("cli.apply.yes"))
    parser.add_argument("--budget", type=float, metavar="USD", help=text("cli.apply.budget"))
    parser.add_argument("--email", default="", metavar="MAIL", help=text("cli.apply.email"))


def add_cost_options(parser: argparse.ArgumentParser) -> None:
    """How the costs are shown."""
    parser.add_argument("--json", action="store_true", help=text("cli.cost.json"))


def add_teardown_options(parser: argparse.ArgumentParser) -> None:
    """A yes in advance, a look without deleting, and the result as data."""
    parser.add_argument("--yes", action="store_true", help=text("cli.teardown.yes"))
    parser.add_argument("--dry-run", action="store_true", help=text("cli.teardown.dry_run"))
    parser.add_argument("--json", action="store_true", help=text("cli.teardown.json"))
