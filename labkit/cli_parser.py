"""The whole command line, command by command."""

from __future__ import annotations

import argparse
from pathlib import Path

from labkit import __version__
from labkit.cli_pieces import (
    Commands,
    HelpOf,
    Parser,
    RawFormatter,
    add_command,
    add_debug_option,
    add_help_option,
    add_state_option,
    add_target_options,
    port_number,
    positive_number,
    whole_number,
)
from labkit.i18n import text


def build_parser() -> argparse.ArgumentParser:
    """The whole command line; every command's help ends in an example."""
    parser = Parser(
        prog="labkit",
        description=text("cli.about"),
        epilog=text("cli.example"),
        formatter_class=RawFormatter,
        add_help=False,
    )
    add_help_option(parser)
    parser.add_argument("--version", action="version", version=f"labkit {__version__}", help=text("cli.version"))
    parser.add_argument("--debug", action="store_true", help=text("cli.debug"))
    add_target_options(parser, None)
    commands = parser.add_subparsers(
        dest="command", title=text("cli.commands"), metavar=text("cli.command"), parser_class=Parser
    )
    for add in (
        _add_lab,
        _add_doctor,
        _add_up,
        _add_down,
        _add_status,
        _add_env,
        _add_logs,
        _add_events,
        _add_reset,
        _add_run,
        _add_plan,
        _add_apply,
        _add_cost,
        _add_teardown,
        _add_export,
        _add_glue,
        _add_crawl,
        _add_sql,
        _add_chaos,
        _add_grade,
        _add_similarity,
        _add_release,
        _add_submit,
        _add_data,
        _add_notebooks,
        _add_new_task,
        _add_help_me,
        _add_parity,
    ):
        add(commands)
    return parser


def _add_lab(commands: Commands[Parser]) -> None:
    from labkit.commands.lab_options import add_lab_options

    add_lab_options(add_command(commands, "lab", target=True), port_number)


def _add_doctor(commands: Commands[Parser]) -> None:
    from labkit.commands.lab_options import add_doctor_options

    add_doctor_options(add_command(commands, "doctor", target=True))


def _add_up(commands: Commands[Parser]) -> None:
    parser = add_command(commands, "up")
    parser.add_argument("--port", type=port_number, metavar="N", help=text("cli.up.port"))
    parser.add_argument("--ephemeral", action="store_true", help=text("cli.up.ephemeral"))
    parser.add_argument("--foreground", action="store_true", help=text("cli.up.foreground"))


def _add_down(commands: Commands[Parser]) -> None:
    add_command(commands, "down")


def _add_status(commands: Commands[Parser]) -> None:
    parser = add_command(commands, "status")
    parser.add_argument("--json", action="store_true", help=text("cli.status.json"))


def _add_env(commands: Commands[Parser]) -> None:
    parser = add_command(commands, "env")
    parser.add_argument("--shell", choices=("sh", "fish", "powershell"), help=text("cli.env.shell"))


def _add_logs(commands: Commands[Parser]) -> None:
    from labkit.commands.seeing_options import add_log_options

    add_log_options(add_command(commands, "logs", target=True), positive_number)


def _add_events(commands: Commands[Parser]) -> None:
    from labkit.commands.seeing_options import add_event_options

    add_event_options(add_command(commands, "events"), positive_number)


def _add_reset(commands: Commands[Parser]) -> None:
    parser = add_command(commands, "reset")
    parser.add_argument("--yes", action="store_true", help=text("cli.reset.yes"))


def _add_run(commands: Commands[Parser]) -> None:
    parser = add_command(commands, "run", target=True)
    parser.add_argument("--data", type=Path, metavar="FILE", help=text("cli.run.data"))
    parser.add_argument("--columns", default="", metavar="fecha=…,cantidad=…", help=text("cli.run.columns"))
    parser.add_argument("--out", type=Path, default=Path("output"), metavar="DIR", help=text("cli.run.out"))
    parser.add_argument("--json", type=Path, metavar="FILE", help=text("cli.run.json"))
    parser.add_argument("--yes", action="store_true", help=text("cli.run.yes"))


def _add_plan(commands: Commands[Parser]) -> None:
    from labkit.commands.target_options import add_plan_options

    add_plan_options(add_command(commands, "plan", target=True))


def _add_apply(commands: Commands[Parser]) -> None:
    from labkit.commands.target_options import add_apply_options

    add_apply_options(add_command(commands, "apply", target=True))


def _add_export(commands: Commands[Parser]) -> None:
    from labkit.commands.export_options import add_export_options

    add_export_options(add_command(commands, "export", state=False, target=True))


def _add_teardown(commands: Commands[Parser]) -> None:
    from labkit.commands.target_options import add_teardown_options

    add_teardown_options(add_command(commands, "teardown", target=True))


def _add_cost(commands: Commands[Parser]) -> None:
    from labkit.commands.target_options import add_cost_options

    add_cost_options(add_command(commands, "cost", target=True))


def _add_data(commands: Commands[Parser]) -> None:
    parser = add_command(commands, "data", state=False)
    parser.add_argument("--rows", type=positive_number, default=12_000, metavar="N", help=text("cli.data.rows"))
    parser.add_argument("--seed", type=int, default=2024, metavar="N", help=text("cli.data.seed"))
    parser.add_argument("--out", type=Path, default=Path("data-out"), metavar="DIR", help=text("cli.data.out"))


def _add_glue(commands: Commands[Parser]) -> None:
    from labkit.commands import glue_options

    group = add_command(commands, "glue")
    parts = group.add_subparsers(
        dest="glue_command", title=text("cli.commands"), metavar=text("cli.command"), parser_class=Parser
    )
    group.set_defaults(group=group)
    run = add_command(parts, "run", key="glue_run")
    glue_options.add_run_options(run)
    glue_options.add_run_script(run)
    own = Parser(prog=run.prog, add_help=False, allow_abbrev=False)
    own.add_argument("-h", "--help", action=HelpOf, nargs=0, parser=run)
    add_state_option(own, argparse.SUPPRESS)
    add_debug_option(own)
    glue_options.add_run_options(own)
    run.set_defaults(command="glue run", own_parser=own)
    shell = add_command(parts, "shell", key="glue_shell")
    glue_options.add_shell_options(shell)
    shell.set_defaults(command="glue shell")


def _add_chaos(commands: Commands[Parser]) -> None:
    from labkit.commands import chaos_options

    group = add_command(commands, "chaos")
    parts = group.add_subparsers(
        dest="chaos_command", title=text("cli.commands"), metavar=text("cli.command"), parser_class=Parser
    )
    group.set_defaults(group=group)
    chaos_options.add_chaos_commands(lambda name: add_command(parts, name, key=f"chaos_{name}"))


def _add_notebooks(commands: Commands[Parser]) -> None:
    from labkit.commands import notebooks_options

    group = add_command(commands, "notebooks", state=False)
    parts = group.add_subparsers(
        dest="notebooks_command", title=text("cli.commands"), metavar=text("cli.command"), parser_class=Parser
    )
    group.set_defaults(group=group)
    notebooks_options.add_notebook_commands(lambda name: add_command(parts, name, state=False, key=f"notebooks_{name}"))


def _add_new_task(commands: Commands[Parser]) -> None:
    from labkit.commands.new_task import add_new_task_options

    add_new_task_options(add_command(commands, "new-task", state=False, key="new_task"))


def _add_parity(commands: Commands[Parser]) -> None:
    from labkit.commands.parity_options import add_parity_options

    add_parity_options(add_command(commands, "parity", state=False))


def _add_help_me(commands: Commands[Parser]) -> None:
    parser = add_command(commands, "help-me")
    parser.add_argument("words", nargs="*", metavar="TEXT", help=text("cli.help_me.text"))
    parser.add_argument("--all", action="store_true", help=text("cli.help_me.all"))
    parser.add_argument("--list", action="store_true", help=text("cli.help_me.list"))


def _add_grade(commands: Commands[Parser]) -> None:
    from labkit.commands.grade_options import add_grade_options

    add_grade_options(add_command(commands, "grade", state=False), positive_number)


def _add_similarity(commands: Commands[Parser]) -> None:
    from labkit.commands.similarity import add_similarity_options

    add_similarity_options(add_command(commands, "similarity", state=False))


def _add_release(commands: Commands[Parser]) -> None:
    from labkit.commands.release_options import add_release_options

    add_release_options(add_command(commands, "release", state=False))


def _add_submit(commands: Commands[Parser]) -> None:
    from labkit.commands.release_options import add_submit_options

    add_submit_options(add_command(commands, "submit", state=False))


def _add_crawl(commands: Commands[Parser]) -> None:
    parser = add_command(commands, "crawl", target=True)
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


def _add_sql(commands: Commands[Parser]) -> None:
    parser = add_command(commands, "sql", target=True)
    parser.add_argument("statement", nargs="*", metavar="SQL", help=text("cli.sql.statement"))
    parser.add_argument("--file", "-f", type=Path, metavar="FILE", help=text("cli.sql.file"))
    parser.add_argument("--database", "-d", metavar="NAME", help=text("cli.sql.database"))
    parser.add_argument("--format", choices=("table", "csv", "json"), help=text("cli.sql.format"))
    parser.add_argument("--rows", type=whole_number, default=100, metavar="N", help=text("cli.sql.rows"))
    parser.add_argument("--workgroup", metavar="NAME", help=text("cli.sql.workgroup"))
    parser.add_argument("--output", metavar="S3", help=text("cli.sql.output"))
    parser.add_argument("--reuse", type=whole_number, default=0, metavar="N", help=text("cli.sql.reuse"))
    parser.add_argument("--quiet", "-q", action="store_true", help=text("cli.sql.quiet"))
    parser.add_argument("--ephemeral", action="store_true", help=text("cli.sql.ephemeral"))
    parser.add_argument("--yes", action="store_true", help=text("cli.sql.yes"))
