"""`labkit sql`: statements of Athena from the command line, a file, a pipe or a prompt."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.commands.confirming import confirm
from labkit.commands.glue import reached_cloud
from labkit.errors import DataError, UsageError
from labkit.i18n import build_lesson, text
from labkit.settings import Settings
from labkit.ui.sql_failure import build_failure
from labkit.ui.sql_text import split_statements

if TYPE_CHECKING:
    from labkit.aws.session import Clients
    from labkit.aws.statements import Answer, Execution

_INTERRUPTED = 130
# A line about how long it takes, only for those that take long.
_SILENT_S = 1.0


@dataclass(frozen=True)
class Session:
    """Where statements go and how their answers are shown; ``most`` rows of a table, 0 for all."""

    clients: Clients
    settings: Settings
    database: str
    workgroup: str
    output: str
    form: str
    most: int
    quiet: bool
    reuse_minutes: int


def sql(options: argparse.Namespace, settings: Settings) -> int:
    """Run what was given, one statement after the other until one fails; without anything on a terminal, a prompt."""
    given = _read_given(options)
    settings = confirm(settings, options, text("aws.doing_sql"))
    with reached_cloud(options, settings) as reached:
        session = _open_session(options, reached)
        if given is None:
            from labkit.commands.sql_prompt import prompt

            return prompt(session)
        statements = split_statements(given)
        if not statements:
            raise build_lesson(UsageError, "error.sql_empty")
        for statement in statements:
            if not run_one(session, statement):
                return _INTERRUPTED
    return 0


def _read_given(options: argparse.Namespace) -> str | None:
    """The SQL of the command line, of --file or of a pipe; None when somebody sits at a terminal."""
    if options.file is not None and options.statement:
        raise build_lesson(UsageError, "error.sql_twice")
    if options.file is not None:
        return _read_file(options.file)
    if options.statement:
        return " ".join(options.statement)
    return None if sys.stdin.isatty() else sys.stdin.read()


def _read_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise build_lesson(DataError, "error.sql_file", file=str(path), reason=str(error)) from error


def _open_session(options: argparse.Namespace, settings: Settings) -> Session:
    from labkit.aws.data_catalog import database_exists
    from labkit.aws.s3 import bucket_exists
    from labkit.aws.session import Clients, aws_errors

    clients, names = Clients(settings.target), settings.names
    output = options.output or f"s3://{names.results_bucket}/labkit-sql/"
    with aws_errors("athena"):
        if options.output is None and not bucket_exists(clients.s3, names.results_bucket):
            _make_results_bucket(options, settings, clients)
        database = options.database or (names.database if database_exists(clients.glue, names.database) else "default")
    form = options.format or ("table" if sys.stdout.isatty() else "csv")
    return Session(
        clients, settings, database, options.workgroup or names.workgroup, output, form, options.rows, options.quiet,
        options.reuse,
    )  # fmt: skip


def _make_results_bucket(options: argparse.Namespace, settings: Settings, clients: Clients) -> None:
    """Step 1's bucket for answers, made early: in the ledger as there (a cloud that ends with the command has none)."""
    from labkit.aws.session import send
    from labkit.commands.cloud import find_state_dir
    from labkit.commands.glue_job import plan_bucket
    from labkit.steps.ledger import Ledger
    from labkit.steps.tags import build_tags

    ledger = Ledger(find_state_dir(options, settings), settings.target)
    for call in plan_bucket(clients, settings.names.results_bucket, build_tags(settings)):
        if not options.ephemeral:
            ledger.announce(1, call)
        send(clients, call)
        if not options.ephemeral:
            ledger.settle(call, made=True)


def run_one(session: Session, statement: str) -> bool:
    """Run one statement and show its answer; False when Ctrl-C stopped it. PipelineError says why it failed."""
    from botocore.exceptions import ClientError

    from labkit.aws.session import aws_errors
    from labkit.aws.statements import read_answer, start_statement

    client = session.clients.athena
    with aws_errors("athena.start_query_execution"):
        try:
            query_id = start_statement(
                client, statement, session.database, session.workgroup, session.output, session.reuse_minutes
            )
        except ClientError as error:
            said = error.response.get("Error", {})
            if said.get("Code") == "InvalidRequestException":
                raise build_failure(statement, str(said.get("Message", ""))) from error
            raise
        execution = _wait(session, query_id)
        if execution is None:
            return False
        if execution.state != "SUCCEEDED":
            raise build_failure(statement, execution.reason)
        answer = read_answer(client, execution)
        count = _show(session, execution, answer)
    _summarise(session, execution, count, bool(answer.columns))
    return True


def _wait(session: Session, query_id: str) -> Execution | None:
    from labkit.aws.statements import stop_statement, wait_statement

    client, watch = session.clients.athena, _watcher(session)
    try:
        execution = wait_statement(client, query_id, watch=watch)
    except KeyboardInterrupt:
        stop_statement(client, query_id)
        wait_statement(client, query_id)
        _clear(session)
        print(text("sql.stopped", id=query_id), file=sys.stderr)
        return None
    _clear(session)
    return execution


def _watcher(session: Session) -> Callable[[str, float], None]:
    from labkit.aws.statements import ignore_progress

    if session.quiet or not sys.stderr.isatty():
        return ignore_progress

    def watch(state: str, seconds: float) -> None:
        if seconds > _SILENT_S:
            print(
                "\r" + text("sql.running", state=state, seconds=f"{seconds:.0f}"), end="", file=sys.stderr, flush=True
            )

    return watch


def _clear(session: Session) -> None:
    if not session.quiet and sys.stderr.isatty():
        # With blanks: a notebook knows \r, but no sequence that clears a line.
        blank = " " * min(60, shutil.get_terminal_size().columns - 1)
        print(f"\r{blank}\r", end="", file=sys.stderr, flush=True)


def _show(session: Session, execution: Execution, answer: Answer) -> int:
    from labkit.ui.reporter import open_console
    from labkit.ui.sql_answer import print_table, split_lines, write_csv, write_json

    columns, rows = answer.columns, answer.rows
    if session.form == "json":
        return write_json(sys.stdout, columns, rows)
    if execution.kind != "DML":  # SHOW, DESCRIBE, EXPLAIN: lines of text, as Athena lays them out
        lines = list(split_lines(rows))
        print(*lines, sep="\n", end="\n" if lines else "")
        return len(lines)
    if session.form == "csv":
        return write_csv(sys.stdout, columns, rows) if columns else 0
    return print_table(open_console(sys.stdout, os.environ), columns, rows, session.most)


def _summarise(session: Session, execution: Execution, count: int, has_rows: bool) -> None:
    """One line on stderr: rows, bytes read, seconds, and what AWS would bill."""
    from labkit.prices import compute_query_cost, load_prices
    from labkit.ui.glue_progress import format_size

    sys.stdout.flush()
    if session.quiet:
        return
    parts = [text("sql.rows", count=count)] if has_rows else [text("sql.done")]
    if execution.kind == "DML":
        parts.append(
            text("sql.reused") if execution.reused else text("sql.scanned", size=format_size(execution.scanned_bytes))
        )
    parts.append(f"{execution.seconds:.2f} s")
    if execution.kind == "DML" and not execution.reused:
        usd = compute_query_cost(load_prices(session.settings.prices), execution.scanned_bytes)
        parts.append(text("sql.bill", usd=f"{usd:.5f}"))
    print(" · ".join(parts), file=sys.stderr, flush=True)
