"""The run itself: six steps, one file dropped, and the chain followed to its numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial

from labkit.aws.call import AwsCall
from labkit.aws.crawler import find_crawler, start_crawler, wait_crawler
from labkit.aws.data_catalog import find_table
from labkit.aws.glue_jobs import JobRun
from labkit.aws.logs import LogLine
from labkit.aws.s3 import S3Object, list_objects
from labkit.aws.session import Clients, Wait, aws_errors, send
from labkit.errors import PipelineError
from labkit.i18n import build_lesson, text
from labkit.prices import Prices
from labkit.results import Hop
from labkit.run.answers import Answers, ask
from labkit.run.chain import Waiting, list_function_lines, list_run_ids, wait_idle, wait_run, wait_started_run
from labkit.run.drop import Drop, drop_file
from labkit.run.inputs import Inputs
from labkit.run.progress import Progress, stage
from labkit.steps.apply import apply_step
from labkit.steps.crawl import build_processed, plan_crawler
from labkit.steps.ledger import Ledger
from labkit.steps.ownership import find_conflicts, refuse_conflicts
from labkit.steps.step import STEPS, Step

_CRAWL_STEP = 7


@dataclass(frozen=True)
class Outcome:
    """What happened, for the report: seconds of each crawl, objects sent, and the function's log lines since the drop."""

    created: tuple[str, ...]
    run: JobRun
    hops: tuple[Hop, ...]
    answers: Answers
    crawls_s: tuple[float, ...]
    puts: int
    function_lines: tuple[LogLine, ...]
    parquet: tuple[S3Object, ...]
    raw: tuple[S3Object, ...]


@dataclass(frozen=True)
class _Built:
    created: tuple[str, ...]
    puts: int
    crawls_s: tuple[float, ...]


def run_pipeline(
    clients: Clients, inputs: Inputs, prices: Prices, ledger: Ledger, progress: Progress, waiting: Waiting
) -> Outcome:
    """Do the six steps, drop the file, wait for the chain to fire by itself, crawl the Parquet and query it.

    Errors: LabError of the link that broke; what was made stays, and running again goes on from there.
    """
    refuse_conflicts(find_conflicts(clients, inputs.lab, ledger))
    built = _build(clients, inputs, prices, ledger, progress)
    drop, run, lines = _set_off(clients, inputs, ledger, progress, waiting)
    crawl_began = datetime.now(timezone.utc)
    crawl_s, made = _crawl(clients, inputs, ledger, progress)
    query_began = datetime.now(timezone.utc)
    with stage(progress, text("run.query")) as current, aws_errors("athena.start_query_execution"):
        answers = ask(clients, inputs.lab.names, inputs.columns)
        current.detail = text("run.query_done", months=len(answers.months), rows=sum(m.rows for m in answers.months))
    hops = (
        *_build_hops(drop, run, lines),
        Hop("hop.crawl", crawl_began.isoformat(), crawl_s),
        Hop("hop.query", query_began.isoformat(), current.seconds),
    )
    names = inputs.lab.names
    with aws_errors("s3.list_objects_v2"):
        parquet = tuple(list_objects(clients.s3, names.processed_bucket, f"{names.processed}/"))
        raw = tuple(list_objects(clients.s3, names.raw_bucket, names.raw_prefix))
    if parquet and not answers.months:
        # The job wrote rows and Athena sees none: showing an empty table would be a lie.
        raise build_lesson(PipelineError, "error.no_rows", count=len(parquet), folder=names.processed_uri)
    created, crawls_s = (*built.created, *made), (*built.crawls_s, crawl_s)
    return Outcome(created, run, hops, answers, crawls_s, built.puts + 1, tuple(lines), parquet, raw)


def _build(clients: Clients, inputs: Inputs, prices: Prices, ledger: Ledger, progress: Progress) -> _Built:
    calls: list[AwsCall] = []
    crawls_s: list[float] = []

    def announce(_step: Step, call: AwsCall) -> None:
        progress.say(f"{call.service}.{call.operation} {call.name}")

    def hear(wait: Wait) -> None:
        if not wait.ended:
            key = "apply.waiting_role" if wait.reason == "propagation" else "apply.waiting_slower"
            progress.say(text(key, seconds=f"{wait.seconds:.0f}"))

    for step in STEPS:
        with stage(progress, text("run.step", number=step.number, title=text(f"step.{step.key}"))) as current:
            plan = apply_step(clients, inputs.lab, step, prices, ledger, announce, hear)
            current.detail = text("run.step_done", count=len(plan.calls)) if plan.calls else text("run.step_nothing")
        calls += plan.calls
        crawls_s += [current.seconds for call in plan.calls if call.operation == "start_crawler"]
    puts = sum(call.operation == "upload_file" for call in calls)
    return _Built(_list_created(calls), puts, tuple(crawls_s))


def _tell_run(progress: Progress, clock: Callable[[], float], began: float, now: JobRun) -> None:
    """The run's state, and how long it has been waited for: a pipe has no spinner."""
    progress.say(f"{now.state} {now.id[:12]} · {clock() - began:.0f} s")


def _list_created(calls: list[AwsCall]) -> tuple[str, ...]:
    return tuple(f"{call.kind} {call.name}" for call in calls if call.verb == "create")


def _set_off(
    clients: Clients, inputs: Inputs, ledger: Ledger, progress: Progress, waiting: Waiting
) -> tuple[Drop, JobRun, list[LogLine]]:
    names = inputs.lab.names
    with aws_errors(f"glue.get_job_runs ({names.job})"):
        wait_idle(
            clients, names, waiting, lambda run: progress.note(text("run.busy", run=run.id[:12], state=run.state))
        )
        known = list_run_ids(clients, names)
    with stage(progress, text("run.drop", file=inputs.file.name, folder=names.raw_uri)) as current:
        drop = drop_file(clients, inputs.drop, ledger, _Meter(inputs.drop.path.stat().st_size, progress))
        current.detail = inputs.drop.uri
    with aws_errors(f"glue.get_job_run ({names.job})"):
        with stage(progress, text("run.event")) as current:
            run = wait_started_run(clients, names, known, inputs.drop.uri, drop.began_ms, waiting)
            current.detail = text("run.event_done", function=names.function, run=run.id[:12])
        with stage(progress, text("run.job", job=names.job)) as current:
            run = wait_run(clients, run, waiting, partial(_tell_run, progress, waiting.clock, waiting.clock()))
            current.detail = f"{run.state}, {run.execution_s} s"
    with aws_errors("logs.filter_log_events"):
        return drop, run, list_function_lines(clients, names, drop.began_ms)


class _Meter:
    """Adds up the bytes of an upload and says so at every tenth part of the file."""

    def __init__(self, size_bytes: int, progress: Progress) -> None:
        self._size = max(1, size_bytes)
        self._progress = progress
        self._sent = 0
        self._told = 0

    def __call__(self, more: int) -> None:
        self._sent += more
        tenth = self._sent * 10 // self._size
        if tenth > self._told:
            self._told = tenth
            self._progress.say(f"{self._sent / 1e6:,.1f} / {self._size / 1e6:,.1f} MB")


def _crawl(clients: Clients, inputs: Inputs, ledger: Ledger, progress: Progress) -> tuple[float, tuple[str, ...]]:
    crawler = build_processed(inputs.lab)
    with stage(progress, text("run.crawl", folder=inputs.lab.names.processed_uri)) as current:
        with aws_errors(f"glue.start_crawler ({crawler.name})"):
            calls = plan_crawler(crawler, find_crawler(clients.glue, crawler.name), inputs.lab.tags)
        for call in calls:
            ledger.announce(_CRAWL_STEP, call)
            send(clients, call)
            ledger.settle(call, made=True)
        with aws_errors(f"glue.start_crawler ({crawler.name})"):
            start_crawler(clients.glue, crawler.name)
            wait_crawler(clients.glue, crawler.name)
            table = find_table(clients.glue, crawler.database, crawler.table)
        keys = ", ".join(name for name, _type in table.partition_keys) if table else "—"
        current.detail = text("run.crawl_done", table=f"{crawler.database}.{crawler.table}", keys=keys)
    return current.seconds, _list_created(calls)


def _build_hops(drop: Drop, run: JobRun, lines: list[LogLine]) -> tuple[Hop, ...]:
    """Put, event, start and job. Without a START line (Logs can lag on AWS) event and start are told as one hop."""
    started = next((line.at_ms / 1000 for line in lines if line.message.startswith("START RequestId:")), None)
    put_end, job_start = drop.ended.timestamp(), run.started_on.timestamp()
    job_end = run.completed_on.timestamp() if run.completed_on else job_start + run.execution_s
    hops = [_hop("hop.put", drop.began.timestamp(), put_end)]
    if started is None:
        hops.append(_hop("hop.event_and_start", put_end, job_start))
    else:
        hops += [_hop("hop.event", put_end, started), _hop("hop.start", started, job_start)]
    return (*hops, _hop("hop.job", job_start, job_end))


def _hop(key: str, began: float, ended: float) -> Hop:
    # S3 may send the event before the reply of the upload has been read: less than nothing is nothing.
    return Hop(key, datetime.fromtimestamp(began, timezone.utc).isoformat(), max(0.0, round(ended - began, 3)))
