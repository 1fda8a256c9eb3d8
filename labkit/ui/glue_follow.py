"""Following a run that was started until it ends: its state, its log as it comes, its progress; Ctrl-C stops it."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from labkit.aws.glue_jobs import JobRun, get_run
from labkit.aws.glue_runs import stop_run
from labkit.aws.log_stream import StreamTail
from labkit.aws.session import Clients, aws_errors
from labkit.i18n import text
from labkit.ui.glue_log import UsefulLines
from labkit.ui.glue_progress import Progress, parse_progress
from labkit.ui.glue_view import View

LOG_PREFIX = "/aws-glue/jobs"
PROGRESS_GROUP = "/aws-glue/jobs/logs-v2"
_VERDICT = re.compile(r"(Error Category: [^;]*; )?Failed Line Number: \d+")


@dataclass(frozen=True)
class Pace:
    """How often to look: quick at first, then more seldom, so that looking takes nothing from the run.

    `settle_s` is how long logs may lag behind the end of a run.
    """

    first_s: float = 0.1
    later_s: float = 0.5
    settle_s: float = 0.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def next_pause(self, elapsed_s: float) -> float:
        """Seconds to wait after `elapsed_s` of following."""
        return min(self.later_s, max(self.first_s, elapsed_s / 20))


ON_AWS = Pace(first_s=2.0, later_s=2.0, settle_s=4.0)


@dataclass(frozen=True)
class Followed:
    """A run that has ended, what it read and wrote, and whether it was stopped from here."""

    run: JobRun
    progress: Progress
    stopped: bool


class Interrupts:
    """Counts Ctrl-C: the first is for the run, the second for this command."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, *_signal: Any) -> None:
        self.count += 1
        if self.count > 1:
            raise KeyboardInterrupt


@contextmanager
def caught_interrupts() -> Iterator[Interrupts]:
    """Take Ctrl-C for the length of the block (only the main thread is sent any)."""
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    before = signal.signal(signal.SIGINT, interrupts)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)


@dataclass
class _Tails:
    output: StreamTail
    errors: StreamTail
    bar: StreamTail
    progress: Progress = field(default_factory=Progress)
    useful: UsefulLines = field(default_factory=UsefulLines)

    def show(self, view: View, message: str) -> None:
        """Hand on what is new; the message of a failed run stands in its error log too, and is told at the end."""
        view.output(self.output.read())
        told = [entry for entry in self.errors.read() if entry != message and not _VERDICT.match(entry)]
        view.errors(self.useful.take(line for entry in told for line in entry.split("\n")))
        for line in self.bar.read()[-1:]:
            self.progress = parse_progress(line)


def follow(
    clients: Clients,
    job: str,
    run_id: str,
    arguments: Mapping[str, str],
    view: View,
    interrupts: Interrupts,
    pace: Pace,
) -> Followed:
    """Return the run once it has ended. AwsCallError if AWS cannot be asked any more; KeyboardInterrupt at the second Ctrl-C."""
    tails = _open_tails(clients, run_id, arguments)
    began = pace.clock()
    asked = False
    with aws_errors(f"glue.get_job_run ({job})"):
        while True:
            run = get_run(clients.glue, job, run_id)
            if run.ended and pace.settle_s:
                pace.sleep(pace.settle_s)
            tails.show(view, run.error)
            view.update(run.state, tails.progress)
            if run.ended:
                return Followed(run, tails.progress, asked)
            if interrupts.count and not asked:
                asked = True
                stop_run(clients.glue, job, run_id)
                view.note(text("glue.stopping", run=run_id))
            pace.sleep(pace.next_pause(pace.clock() - began))


def _open_tails(clients: Clients, run_id: str, arguments: Mapping[str, str]) -> _Tails:
    """Where Glue writes, which two of its arguments move elsewhere."""
    prefix = (arguments.get("--custom-logGroup-prefix") or LOG_PREFIX).rstrip("/")
    named = arguments.get("--custom-logStream-prefix")
    stream = f"{named}-driver" if named else run_id
    logs = clients.logs
    return _Tails(
        StreamTail(logs, f"{prefix}/output", stream),
        StreamTail(logs, f"{prefix}/error", stream),
        StreamTail(logs, PROGRESS_GROUP, f"{run_id}-progress-bar"),
    )
