"""The `labkit` command: argument parsing, and the one place where an expected failure becomes an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from labkit import __version__
from labkit.errors import LabError, UsageError
from labkit.i18n import build_lesson, find_language, text, use_language
from labkit.settings import Settings, read_settings

Command = Callable[[argparse.Namespace, Settings], int]
_INTERRUPTED = 130  # 128 + SIGINT, what shells expect


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 an expected failure, 2 wrong usage, 130 Ctrl-C."""
    _make_streams_forgiving()
    words = list(sys.argv[1:] if argv is None else argv)
    # Until the words are understood; after that a `--debug` of somebody's script is not taken for ours.
    options = argparse.Namespace(debug="--debug" in words)
    use_language(find_language(os.environ))
    try:
        settings = read_settings(os.environ, Path.cwd())
        use_language(settings.language)
        options = build_parser().parse_args(words)
        if options.command in (None, "glue", "chaos"):
            getattr(options, "group", build_parser()).print_help()
            return 0
        return int(_load(options.command)(options, settings))
    except LabError as error:
        if options.debug:
            raise
        from labkit.ui.lesson import render_lesson

        print(render_lesson(error), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(text("cli.interrupted"), file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        # `labkit logs | head`: the reader has gone. Python would complain once more while closing stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


class _Parser(argparse.ArgumentParser):
    """An argument parser whose mistakes are lessons too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # argparse offers no other way to say these two in Spanish.
        self._optionals.title = text("cli.options")
        self._positionals.title = text("cli.arguments")

    def error(self, message: str) -> NoReturn:
        raise build_lesson(UsageError, "error.usage", message=message, program=self.prog)


def build_parser() -> argparse.ArgumentParser:
    """The whole command line; every command's help ends in an example."""
    parser = _Parser(
        prog="labkit", description=text("cli.about"), epilog=text("cli.example"), formatter_class=_Raw, add_help=False
    )
    _add_help(parser)
    parser.add_argument("--version", action="version", version=f"labkit {__version__}", help=text("cli.version"))
    parser.add_argument("--debug", action="store_true", help=text("cli.debug"))
    commands = parser.add_subparsers(
        dest="command", title=text("cli.commands"), metavar=text("cli.command"), parser_class=_Parser
    )
    for add in (
        _add_up,
        _add_down,
        _add_status,
        _add_env,
        _add_logs,
        _add_events,
        _add_reset,
        _add_run,
        _add_plan,
        _add_glue,
        _add_crawl,
        _add_sql,
        _add_chaos,
        _add_data,
    ):
        add(commands)
    return parser


class _Raw(argparse.RawDescriptionHelpFormatter):
    """Keeps the line breaks of examples, and leaves room for option names."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30)

    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, text("cli.usage") if prefix is None else prefix)


_Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


def _add(commands: _Commands[_Parser], name: str, *, state: bool = True, key: str = "") -> argparse.ArgumentParser:
    key = key or name
    parser = commands.add_parser(
        name,
        help=text(f"cli.{key}.help"),
        description=text(f"cli.{key}.about"),
        epilog=text(f"cli.{key}.example"),
        formatter_class=_Raw,
        add_help=False,
    )
    _add_help(parser)
    if state:
        _add_state(parser, None if key == name else argparse.SUPPRESS)
    _add_debug(parser)
    return parser


def _add_state(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument("--state", type=Path, default=default, metavar="DIR", help=text("cli.state"))


def _add_debug(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=text("cli.debug"))


def _add_help(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-h", "--help", action="help", help=text("cli.show_help"))


def _add_up(commands: _Commands[_Parser]) -> None:
    parser = _add(commands, "up")
    parser.add_argument("--port", type=_port, metavar="N", help=text("cli.up.port"))
    parser.add_argument("--ephemeral", action="store_true", help=text("cli.up.ephemeral"))
    parser.add_argument("--foreground", action="store_true", help=text("cli.up.foreground"))


def _add_down(commands: _Commands[_Parser]) -> None:
    _add(commands, "down")


def _add_status(commands: _Commands[_Parser]) -> None:
    parser = _add(commands, "status")
    parser.add_argument("--json", action="store_true", help=text("cli.status.json"))


def _add_env(commands: _Commands[_Parser]) -> None:
    parser = _add(commands, "env")
    parser.add_argument("--shell", choices=("sh", "fish", "powershell"), help=text("cli.env.shell"))


def _add_logs(commands: _Commands[_Parser]) -> None:
    from labkit.commands.seeing_options import add_log_options

    add_log_options(_add(commands, "logs"), _positive)


def _add_events(commands: _Commands[_Parser]) -> None:
    from labkit.commands.seeing_options import add_event_options

    add_event_options(_add(commands, "events"), _positive)


def _add_reset(commands: _Commands[_Parser]) -> None:
    parser = _add(commands, "reset")
    parser.add_argument("--yes", action="store_true", help=text("cli.reset.yes"))


def _add_run(commands: _Commands[_Parser]) -> None:
    parser = _add(commands, "run")
    parser.add_argument("--data", type=Path, metavar="FILE", help=text("cli.run.data"))
    parser.add_argument("--columns", default="", metavar="fecha=…,cantidad=…", help=text("cli.run.columns"))
    parser.add_argument("--out", type=Path, default=Path("output"), metavar="DIR", help=text("cli.run.out"))
    parser.add_argument("--json", type=Path, metavar="FILE", help=text("cli.run.json"))
    parser.add_argument("--yes", action="store_true", help=text("cli.run.yes"))


def _add_plan(commands: _Commands[_Parser]) -> None:
    parser = _add(commands, "plan")
    parser.add_argument(
        "--as", dest="style", choices=("list", "boto3", "cli"), default="list", help=text("cli.plan.as")
    )


def _add_data(commands: _Commands[_Parser]) -> None:
    parser = _add(commands, "data", state=False)
    parser.add_argument("--rows", type=_positive, default=12_000, metavar="N", help=text("cli.data.rows"))
    parser.add_argument("--seed", type=int, default=2024, metavar="N", help=text("cli.data.seed"))
    parser.add_argument("--out", type=Path, default=Path("data-out"), metavar="DIR", help=text("cli.data.out"))


def _add_glue(commands: _Commands[_Parser]) -> None:
    from labkit.commands import glue_options

    group = _add(commands, "glue")
    parts = group.add_subparsers(
        dest="glue_command", title=text("cli.commands"), metavar=text("cli.command"), parser_class=_Parser
    )
    group.set_defaults(group=group)
    run = _add(parts, "run", key="glue_run")
    glue_options.add_run_options(run)
    glue_options.add_run_script(run)
    own = _Parser(prog=run.prog, add_help=False, allow_abbrev=False)
    own.add_argument("-h", "--help", action=_HelpOf, nargs=0, parser=run)
    _add_state(own, argparse.SUPPRESS)
    _add_debug(own)
    glue_options.add_run_options(own)
    run.set_defaults(command="glue run", own_parser=own)
    shell = _add(parts, "shell", key="glue_shell")
    glue_options.add_shell_options(shell)
    shell.set_defaults(command="glue shell")


def _add_chaos(commands: _Commands[_Parser]) -> None:
    from labkit.commands import chaos_options

    group = _add(commands, "chaos")
    parts = group.add_subparsers(
        dest="chaos_command", title=text("cli.commands"), metavar=text("cli.command"), parser_class=_Parser
    )
    group.set_defaults(group=group)
    chaos_options.add_chaos_commands(lambda name: _add(parts, name, key=f"chaos_{name}"))


def _add_crawl(commands: _Commands[_Parser]) -> None:
    parser = _add(commands, "crawl")
    parser.add_argument("paths", nargs="+", metavar="S3", help=text("cli.crawl.paths"))
    parser.add_argument("--database", "-d", metavar="NAME", help=text("cli.crawl.database"))
    parser.add_argument("--name", metavar="NAME", help=text("cli.crawl.name"))
    parser.add_argument("--prefix", default="", metavar="TEXT", help=text("cli.crawl.prefix"))
    parser.add_argument("--exclude", action="append", metavar="GLOB", help=text("cli.crawl.exclude"))
    parser.add_argument("--classifier", action="append", metavar="NAME", help=text("cli.crawl.classifier"))
    parser.add_argument("--role", metavar="NAME", help=text("cli.crawl.role"))
    parser.add_argument("--verbose", "-v", action="store_true", help=text("cli.crawl.verbose"))
    parser.add_argument("--ephemeral", action="store_true", help=text("cli.crawl.ephemeral"))
    parser.add_argument("--yes", action="store_true", help=text("cli.crawl.yes"))


def _add_sql(commands: _Commands[_Parser]) -> None:
    parser = _add(commands, "sql")
    parser.add_argument("statement", nargs="*", metavar="SQL", help=text("cli.sql.statement"))
    parser.add_argument("--file", "-f", type=Path, metavar="FILE", help=text("cli.sql.file"))
    parser.add_argument("--database", "-d", metavar="NAME", help=text("cli.sql.database"))
    parser.add_argument("--format", choices=("table", "csv", "json"), help=text("cli.sql.format"))
    parser.add_argument("--rows", type=_count, default=100, metavar="N", help=text("cli.sql.rows"))
    parser.add_argument("--workgroup", metavar="NAME", help=text("cli.sql.workgroup"))
    parser.add_argument("--output", metavar="S3", help=text("cli.sql.output"))
    parser.add_argument("--reuse", type=_count, default=0, metavar="N", help=text("cli.sql.reuse"))
    parser.add_argument("--quiet", "-q", action="store_true", help=text("cli.sql.quiet"))
    parser.add_argument("--ephemeral", action="store_true", help=text("cli.sql.ephemeral"))
    parser.add_argument("--yes", action="store_true", help=text("cli.sql.yes"))


class _HelpOf(argparse.Action):
    """`--help` among the words after SCRIPT."""

    def __init__(self, parser: argparse.ArgumentParser, **options: Any) -> None:
        super().__init__(**options)
        self._parser = parser

    def __call__(self, *_words: object) -> None:
        self._parser.print_help()
        self._parser.exit()


def _load(command: str) -> Command:
    """Import only the command that was asked for: `labkit --help` must not wait for boto3."""
    if command == "data":
        from labkit.commands import data

        return data.generate
    if command in ("run", "plan"):
        from labkit.commands import lab

        return lab.run if command == "run" else lab.plan
    if command == "glue run":
        from labkit.commands import glue

        return glue.run
    if command == "glue shell":
        from labkit.commands import glue_shell

        return glue_shell.shell
    if command.startswith("chaos "):
        from labkit.commands import chaos

        return {"disturb": chaos.disturb, "replay": chaos.replay, "status": chaos.status, "off": chaos.off}[command[6:]]
    if command == "crawl":
        from labkit.commands import crawl

        return crawl.crawl
    if command == "sql":
        from labkit.commands import sql

        return sql.sql
    if command == "logs":
        from labkit.commands import logs

        return logs.logs
    if command == "events":
        from labkit.commands import events

        return events.events
    from labkit.commands import cloud

    table: dict[str, Command] = {
        "up": cloud.up,
        "down": cloud.down,
        "status": cloud.status,
        "env": cloud.env,
        "reset": cloud.reset,
    }
    return table[command]


def _port(value: str) -> int:
    if not value.isdigit() or not 1 <= int(value) <= 65535:
        raise argparse.ArgumentTypeError(text("cli.bad_port", value=value))
    return int(value)


def _positive(value: str) -> int:
    if not value.isdigit() or int(value) < 1:
        raise argparse.ArgumentTypeError(text("cli.bad_number", value=value))
    return int(value)


def _count(value: str) -> int:
    if not value.isdigit():
        raise argparse.ArgumentTypeError(text("cli.bad_count", value=value))
    return int(value)


def _make_streams_forgiving() -> None:
    """A console that cannot show ñ or ✓ gets a question mark instead of a crash."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
