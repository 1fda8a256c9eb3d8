"""The pieces that every command's parser is made of."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NoReturn

from labkit.errors import UsageError
from labkit.i18n import build_lesson, text
from labkit.settings import TARGETS


class Parser(argparse.ArgumentParser):
    """An argument parser whose mistakes are lessons too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # argparse offers no other way to say these two in Spanish.
        self._optionals.title = text("cli.options")
        self._positionals.title = text("cli.arguments")

    def error(self, message: str) -> NoReturn:
        raise build_lesson(UsageError, "error.usage", message=message, program=self.prog)


class RawFormatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the line breaks of examples, and leaves room for option names."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30)

    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, text("cli.usage") if prefix is None else prefix)


Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


def add_command(
    commands: Commands[Parser], name: str, *, state: bool = True, key: str = "", target: bool = False
) -> argparse.ArgumentParser:
    """One command: its help texts (`cli.<key>.help`, `.about`, `.example`), --debug and, unless told otherwise, --state.

    `target` lets --target and --account stand after it too.
    """
    key = key or name
    parser = commands.add_parser(
        name,
        help=text(f"cli.{key}.help"),
        description=text(f"cli.{key}.about"),
        epilog=text(f"cli.{key}.example"),
        formatter_class=RawFormatter,
        add_help=False,
    )
    add_help_option(parser)
    if state:
        add_state_option(parser, None if key == name else argparse.SUPPRESS)
    if target:
        add_target_options(parser, argparse.SUPPRESS)
    add_debug_option(parser)
    return parser


def add_state_option(parser: argparse.ArgumentParser, default: str | None) -> None:
    """--state DIR: another local cloud beside the usual one."""
    parser.add_argument("--state", type=Path, default=default, metavar="DIR", help=text("cli.state"))


def add_target_options(parser: argparse.ArgumentParser, default: str | None) -> None:
    """--target and --account: where the calls go, and whose they must be."""
    parser.add_argument("--target", choices=TARGETS, default=default, help=text("cli.target"))
    parser.add_argument("--account", metavar="ID", default=default, help=text("cli.account"))


def add_debug_option(parser: argparse.ArgumentParser) -> None:
    """--debug: a traceback for an expected failure too."""
    parser.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=text("cli.debug"))


def add_help_option(parser: argparse.ArgumentParser) -> None:
    """-h, with its text from the catalogue."""
    parser.add_argument("-h", "--help", action="help", help=text("cli.show_help"))


class HelpOf(argparse.Action):
    """`--help` among the words after SCRIPT."""

    def __init__(self, parser: argparse.ArgumentParser, **options: Any) -> None:
        super().__init__(**options)
        self._parser = parser

    def __call__(self, *_words: object) -> None:
        self._parser.print_help()
        self._parser.exit()


def port_number(value: str) -> int:
    """A TCP port, as argparse wants a type."""
    if not value.isdigit() or not 1 <= int(value) <= 65535:
        raise argparse.ArgumentTypeError(text("cli.bad_port", value=value))
    return int(value)


def positive_number(value: str) -> int:
    """A whole number from 1."""
    if not value.isdigit() or int(value) < 1:
        raise argparse.ArgumentTypeError(text("cli.bad_number", value=value))
    return int(value)


def whole_number(value: str) -> int:
    """A whole number from 0."""
    if not value.isdigit():
        raise argparse.ArgumentTypeError(text("cli.bad_count", value=value))
    return int(value)
