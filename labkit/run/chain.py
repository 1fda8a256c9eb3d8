"""Following the chain that a dropped file sets off: S3 event → function → job run. Nothing here starts any of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from labkit.aws.glue_jobs import JobRun, get_run, list_runs
from labkit.aws.logs import LogLine, list_lines
from labkit.aws.session import Clients
from labkit.errors import PipelineError
from labkit.i18n import build_lesson
from labkit.names import Names

# S3 documents "typically seconds, sometimes a minute or longer" for an event.
EVENT_PATIENCE_S = 180.0
# A wait on a pipe that says nothing for longer looks like one that hangs.
REMINDER_S = 10.0
_TAIL = 12


@dataclass(frozen=True)
class Waiting:
    """How to wait: between polls, for how long in all, and with which clock."""

    poll_s: float = 0.1
    event_patience_s: float = EVENT_PATIENCE_S
    job_patience_s: float = 900.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


def list_run_ids(clients: Clients, names: Names) -> frozenset[str]:
    """Runs that the job has already: taken before the drop, so that a new one can be told apart."""
    return frozenset(run.id for run in list_runs(clients.glue, names.job))


def wait_idle(clients: Clients, names: Names, waiting: Waiting, on_busy: Callable[[JobRun], None]) -> None:
    """Return once no run of the job is under way: a file dropped before that would be taken by a run that it did not start.

    `on_busy` hears of each run that is waited for.
    """
    told: set[str] = set()
    deadline = waiting.clock() + waiting.job_patience_s
    while busy := [run for run in list_runs(clients.glue, names.job) if not run.ended]:
        for run in busy:
            if run.id not in told:
                told.add(run.id)
                on_busy(run)
        if waiting.clock() > deadline:
            raise build_lesson(
                PipelineError, "error.job_slow", job=names.job, run=busy[0].id, seconds=int(waiting.job_patience_s)
            )
        waiting.sleep(waiting.poll_s)


def wait_started_run(
    clients: Clients, names: Names, known: frozenset[str], uri: str, dropped_ms: int, waiting: Waiting
) -> JobRun:
    """Return the first run that is not in `known` and that the event of `uri` started.

    Errors: PipelineError with the function's own log lines if none appears in time.
    """
    deadline = waiting.clock() + waiting.event_patience_s
    while True:
        fresh = [run for run in list_runs(clients.glue, names.job) if run.id not in known and _is_about(run, uri)]
        if fresh:
            return min(fresh, key=lambda run: run.started_on)
        if waiting.clock() > deadline:
            raise _build_silence(clients, names, dropped_ms, waiting.event_patience_s)
        waiting.sleep(waiting.poll_s)


def _is_about(run: JobRun, uri: str) -> bool:
    """The lab's function tells the run which files arrived; the seed's tells nothing, and then any new run may be it."""
    told = run.arguments.get("--input_paths")
    return told is None or uri in told


def wait_run(clients: Clients, run: JobRun, waiting: Waiting, on_state: Callable[[JobRun], None]) -> JobRun:
    """Return the run once it has SUCCEEDED; `on_state` hears of each state that is new, and of one that lasts every REMINDER_S.

    Errors: PipelineError with the run's message and the end of its error log otherwise.
    """
    deadline = waiting.clock() + waiting.job_patience_s
    seen, told = "", waiting.clock()
    while True:
        run = get_run(clients.glue, run.job, run.id)
        if run.state != seen or waiting.clock() - told >= REMINDER_S:
            seen, told = run.state, waiting.clock()
            on_state(run)
        if run.state == "SUCCEEDED":
            return run
        if run.ended:
            raise _build_failure(clients, run)
        if waiting.clock() > deadline:
            raise build_lesson(
                PipelineError, "error.job_slow", job=run.job, run=run.id, seconds=int(waiting.job_patience_s)
            )
        waiting.sleep(waiting.poll_s)


def list_function_lines(clients: Clients, names: Names, since_ms: int) -> list[LogLine]:
    """What the function has written to Logs since then, oldest line first."""
    return list_lines(clients.logs, f"/aws/lambda/{names.function}", since_ms)


def _build_silence(clients: Clients, names: Names, dropped_ms: int, patience_s: float) -> PipelineError:
    lines = [line.message for line in list_function_lines(clients, names, dropped_ms)]
    said = "\n".join(lines[-_TAIL:]) or f"/aws/lambda/{names.function}: —"
    return build_lesson(
        PipelineError, "error.no_run", job=names.job, function=names.function, seconds=int(patience_s), log=said
    )


def _build_failure(clients: Clients, run: JobRun) -> PipelineError:
    lines = [line.message for line in list_lines(clients.logs, "/aws-glue/jobs/error", stream=run.id)]
    said = "\n".join(lines[-_TAIL:])
    return build_lesson(
        PipelineError,
        "error.job_failed",
        job=run.job,
        run=run.id,
        state=run.state,
        reason=run.error or run.state,
        log=said,
    )
