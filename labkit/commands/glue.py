"""`labkit glue run`: a script of this computer as a Glue job, followed to its end."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.commands.cloud import find_state_dir
from labkit.commands.confirming import confirm
from labkit.commands.glue_script import Script, find_argument_names, read_script
from labkit.commands.glue_words import build_arguments, split_words
from labkit.errors import AwsCallError, LabError
from labkit.i18n import build_lesson, text
from labkit.settings import Settings, with_endpoint

if TYPE_CHECKING:
    from labkit.aws.created_objects import Folder, Listing
    from labkit.aws.session import Clients
    from labkit.commands.glue_job import JobRequest
    from labkit.ui.glue_follow import Followed
    from labkit.ui.glue_result import GlueResult

# A run that was stopped from here ends as a command that was interrupted does.
_INTERRUPTED = 130
# `glue run` is no step of the lab; its resources are told apart in the ledger by this number.
_LEDGER_STEP = 8
_MOST_OBJECTS = 5_000


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Send the script, start it, show what happens, and say how it ended: 0 SUCCEEDED, 1 failed, 130 stopped by Ctrl-C."""
    from labkit.aws.session import Clients
    from labkit.commands.glue_failure import build_failure
    from labkit.ui.glue_result import print_result
    from labkit.ui.reporter import open_console

    script = read_script(options.script)
    arguments = _take_own_options(options, script)
    _require_writable(options.json)
    settings = confirm(settings, options, text("aws.doing_glue_run"))
    try:
        with (
            reached_cloud(options, settings) as reached,
            tempfile.TemporaryDirectory(prefix="labkit-") as work,
        ):
            result, stopped = _carry_out(options, reached, Clients(reached.target), script, arguments, Path(work))
    except _Left:
        return _INTERRUPTED
    if options.json is not None:
        _write_json(options.json, result)
    if not options.quiet:
        print_result(open_console(sys.stdout, os.environ), result)
        sys.stdout.flush()
    if stopped and result.state != "SUCCEEDED":
        print(text("glue.stopped", run=result.run), file=sys.stderr)
        return _INTERRUPTED
    if result.state != "SUCCEEDED":
        raise build_failure(result, script)
    return 0


@contextlib.contextmanager
def reached_cloud(options: argparse.Namespace, settings: Settings) -> Iterator[Settings]:
    """The settings with an endpoint that answers: the running cloud, one that is started now (and said so), or AWS.

    With `--ephemeral` it is an empty cloud in a folder of its own, which ends with the block.
    """
    if not settings.target.runs_cloud:
        yield settings
        return
    from labkit.cloud import daemon

    if options.ephemeral:
        with tempfile.TemporaryDirectory(prefix="labkit-cloud-") as folder:
            state_dir = Path(folder) / "state"
            try:
                yield with_endpoint(settings, daemon.up(state_dir, ephemeral=True).endpoint_url)
            finally:
                daemon.down(state_dir)
        return
    state_dir = find_state_dir(options, settings)
    before = daemon.find_running(state_dir)
    info = before or daemon.up(state_dir)
    if before is None:
        print(text("glue.cloud_started", url=info.endpoint_url), file=sys.stderr, flush=True)
    yield with_endpoint(settings, info.endpoint_url)


def _take_own_options(options: argparse.Namespace, script: Script) -> dict[str, str]:
    """Read labkit's options that stand after SCRIPT into `options`, and return the script's arguments."""
    own, theirs = split_words(options.arguments, find_argument_names(script.source))
    options.own_parser.parse_args(own, namespace=options)
    return build_arguments(theirs)


def _carry_out(
    options: argparse.Namespace,
    settings: Settings,
    clients: Clients,
    script: Script,
    arguments: dict[str, str],
    work: Path,
) -> tuple[GlueResult, bool]:
    """Make the job, start it and follow it; returns its result and whether it was stopped from here."""
    from labkit.ui.glue_follow import ON_AWS, Pace, caught_interrupts, follow
    from labkit.ui.glue_view import open_view

    request = _build_request(options, script)
    uri = _make_job(options, settings, clients, request, work)
    pace = ON_AWS if settings.target.charges else Pace()
    view = open_view(request.name, sys.stdout, sys.stderr, os.environ, options.quiet)
    before = _list_objects(settings, clients)
    with caught_interrupts() as interrupts, view:
        run_id = _start(clients, request.name, arguments)
        try:
            followed = follow(clients, request.name, run_id, arguments, view, interrupts, pace)
        except KeyboardInterrupt as interrupt:
            raise _leave(clients, request.name, run_id) from interrupt
    created = _find_folders(before, _list_objects(settings, clients))
    return _build_result(settings, script, uri, arguments, followed, created), followed.stopped


def _build_request(options: argparse.Namespace, script: Script) -> JobRequest:
    from labkit.commands.glue_job import JobRequest, build_job_name

    given = {
        "--enable-glue-datacatalog": "true" if options.catalog else "",
        "--job-bookmark-option": f"job-bookmark-{options.bookmark}",
        "--additional-python-modules": ",".join(options.modules or []),
        "--conf": " --conf ".join(options.conf or []),
    }
    return JobRequest(
        name=options.job_name or build_job_name(script.path),
        script=script.path,
        chosen=options.job_name is not None,
        glue_version=options.glue_version,
        role=options.role,
        defaults={name: value for name, value in given.items() if value},
        timeout_min=options.timeout,
        py_files=tuple(options.py_files or ()),
        files=tuple(options.files or ()),
    )


def _make_job(
    options: argparse.Namespace, settings: Settings, clients: Clients, request: JobRequest, work: Path
) -> str:
    """Make what is missing, written in the ledger as the lab's own resources are; returns where the script lies."""
    from labkit.aws.session import send
    from labkit.commands.glue_job import plan_job_run
    from labkit.steps.ledger import Ledger
    from labkit.steps.shared_groups import note_absent_groups

    wanted = plan_job_run(clients, settings, request, work)
    ledger = Ledger(find_state_dir(options, settings), settings.target)
    for call in wanted.calls:
        if not options.ephemeral:
            note_absent_groups(clients, ledger, _LEDGER_STEP, call)
            ledger.announce(_LEDGER_STEP, call)
        send(clients, call)
        if not options.ephemeral:
            ledger.settle(call, made=True)
    if wanted.replaces:
        print(text("glue.job_replaced", job=request.name), file=sys.stderr)
    return wanted.script_uri


def _start(clients: Clients, job: str, arguments: dict[str, str]) -> str:
    from botocore.exceptions import ClientError

    from labkit.aws.glue_runs import start_run
    from labkit.aws.session import aws_errors, error_code

    with aws_errors(f"glue.start_job_run ({job})"):
        try:
            return start_run(clients.glue, job, arguments)
        except ClientError as error:
            if error_code(error) == "ConcurrentRunsExceededException":
                raise build_lesson(AwsCallError, "error.glue_busy", job=job) from error
            raise


class _Left(Exception):
    """Ctrl-C was pressed twice: the user does not wait for the end."""


def _leave(clients: Clients, job: str, run_id: str) -> _Left:
    """Ask once more for the end of the run (the second Ctrl-C may come before the first was heard), and say what to look at."""
    from labkit.aws.glue_runs import stop_run

    with contextlib.suppress(Exception):
        stop_run(clients.glue, job, run_id)
    print(text("glue.left", job=job, run=run_id), file=sys.stderr)
    return _Left()


def _list_objects(settings: Settings, clients: Clients) -> Listing | None:
    """What lies in S3 now; not asked on AWS, where listings cost money and other people write too."""
    from labkit.aws.created_objects import list_everything
    from labkit.aws.session import aws_errors

    if settings.target.charges:
        return None
    with aws_errors("s3.list_objects_v2"):
        return list_everything(clients.s3, _MOST_OBJECTS)


def _find_folders(before: Listing | None, after: Listing | None) -> tuple[Folder, ...] | None:
    from labkit.aws.created_objects import find_created, group_by_folder

    return None if before is None or after is None else group_by_folder(find_created(before, after))


def _build_result(
    settings: Settings,
    script: Script,
    uri: str,
    arguments: dict[str, str],
    followed: Followed,
    created: tuple[Folder, ...] | None,
) -> GlueResult:
    from labkit.prices import load_prices
    from labkit.ui.glue_error import find_line
    from labkit.ui.glue_result import GlueResult

    run, prices = followed.run, load_prices(settings.prices)
    # "AWS Glue jobs are billed per second with a one-minute minimum"; a run whose script was never reached is not billed.
    launched = not run.error.startswith("LAUNCH ERROR")
    billed_s = max(run.execution_s, int(prices.items["job_minimum_s"])) if launched else 0
    return GlueResult(
        job=run.job,
        run=run.id,
        state=run.state,
        seconds=round(run.seconds, 3),
        billed_s=billed_s,
        dpu=run.capacity_dpu,
        usd=billed_s / 3600 * run.capacity_dpu * prices.items["dpu_hour"],
        totals=followed.progress.totals,
        created=created,
        script=str(script.path),
        script_uri=uri,
        arguments=arguments,
        error=run.error,
        line=find_line(run.error),
    )


def _require_writable(path: Path | None) -> None:
    """Find out before the run, not after it, that its result cannot be written."""
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise build_lesson(
            LabError, "error.json_unwritable", file=str(path), reason=error.strerror or str(error)
        ) from error


def _write_json(path: Path, result: GlueResult) -> None:
    path.write_text(json.dumps(result.as_document(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
