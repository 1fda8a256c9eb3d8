"""Starting a run of a Glue job, or following one, with its progress in the notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from labkit.aws.glue_jobs import JobRun, find_job, get_run, list_runs
from labkit.aws.glue_runs import start_run
from labkit.aws.s3_text import read_text
from labkit.aws.session import Clients, aws_errors, error_code
from labkit.errors import PipelineError
from labkit.i18n import build_lesson
from labkit.prices import Prices, compute_job_cost
from labkit.ui.glue_error import build_excerpt, find_line
from labkit.ui.glue_follow import ON_AWS, Interrupts, Pace, follow
from labkit.ui.glue_progress import Progress
from labkit.ui.job_result import JobNote, JobResult
from labkit.ui.live_display import open_display

if TYPE_CHECKING:
    from labkit.ui.glue_view import View
    from labkit.ui.live_display import LiveDisplay


@dataclass
class _Screen:
    """Hears of the run while it goes on (labkit.ui.glue_view.View) and shows it in one display."""

    display: LiveDisplay
    prices: Prices
    run: JobRun
    lines: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    progress: Progress = field(default_factory=Progress)

    def __enter__(self) -> View:
        return self

    def __exit__(self, *exc: object) -> None:
        """Nothing to close."""

    def note(self, line: str) -> None:
        self.complaints.append(line)

    def output(self, lines: Sequence[str]) -> None:
        self.lines += lines

    def errors(self, lines: Sequence[str]) -> None:
        self.complaints += lines

    def update(self, state: str, progress: Progress) -> None:
        self.run = replace(self.run, state=state)
        self.progress = progress
        self.display.show(self.result())

    def result(self) -> JobResult:
        billed_s = max(float(self.run.execution_s), self.prices.items["job_minimum_s"])
        usd = compute_job_cost(self.prices, self.run.execution_s, self.run.capacity_dpu)
        output, errors = tuple(self.lines), tuple(self.complaints)
        elapsed_s = max(0.0, (datetime.now(timezone.utc) - self.run.started_on).total_seconds())
        return JobResult(self.run, billed_s, usd, output, errors, self.progress, elapsed_s=elapsed_s)


def run_job(
    clients: Clients,
    prices: Prices,
    job: str,
    run_id: str | None,
    arguments: Mapping[str, str],
    *,
    wait: bool,
    display: LiveDisplay | None = None,
) -> JobResult:
    """Start a run (or take the one that is named) and follow it to its end; an interrupt leaves it going.

    Errors: PipelineError when there is no such job or it is running already, AwsCallError for whatever else AWS refuses.
    """
    chosen = run_id or _start(clients, job, arguments)
    with aws_errors(f"glue.get_job_run ({job})"):
        run = get_run(clients.glue, job, chosen)
    screen = _Screen(display or open_display(), prices, run)
    if wait:
        _follow(clients, screen, ON_AWS if clients.target.charges else Pace())
    result = _locate(clients, screen.result())
    if wait:
        screen.display.show(JobNote(result), final=True)
    return result


def _follow(clients: Clients, screen: _Screen, pace: Pace) -> None:
    run = screen.run
    try:
        screen.run = follow(clients, run.job, run.id, run.arguments, screen, Interrupts(), pace).run
    except KeyboardInterrupt:
        # The run belongs to AWS, not to this cell.
        screen.run = get_run(clients.glue, run.job, run.id)


def _start(clients: Clients, job: str, arguments: Mapping[str, str]) -> str:
    from botocore.exceptions import ClientError

    with aws_errors(f"glue.start_job_run ({job})"):
        try:
            return start_run(clients.glue, job, arguments)
        except ClientError as error:
            if error_code(error) == "EntityNotFoundException":
                raise build_lesson(PipelineError, "error.job_missing", job=job) from error
            if error_code(error) == "ConcurrentRunsExceededException":
                raise build_lesson(PipelineError, "error.job_busy", job=job, run=_find_busy(clients, job)) from error
            raise


def _find_busy(clients: Clients, job: str) -> str:
    return next((run.id for run in list_runs(clients.glue, job) if not run.ended), "?")


def _locate(clients: Clients, result: JobResult) -> JobResult:
    """Add the lines of the script around the one that failed."""
    place = find_line(result.run.error)
    if place is None:
        return result
    uri = _find_script(find_job(clients.glue, result.job) or {})
    source = read_text(clients.s3, uri)
    excerpt = build_excerpt(source, place) if source else ""
    return replace(result, excerpt=excerpt, script=uri.rsplit("/", 1)[-1])


def _find_script(job: Mapping[str, Any]) -> str:
    return str(job.get("Command", {}).get("ScriptLocation", ""))
