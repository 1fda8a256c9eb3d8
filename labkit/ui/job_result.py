"""A run of a Glue job as an object: how it stands, what it cost, its log, and where its script failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from labkit.aws.glue_jobs import JobRun
from labkit.i18n import text
from labkit.ui.figures import describe_usd, format_seconds
from labkit.ui.glue_error import find_line, strip_verdict
from labkit.ui.glue_progress import Progress, describe_totals
from labkit.ui.nodes import Bar, Block, Card, Chip, Code, Details, Line, Listing, Node, Quiet, line
from labkit.ui.shown import Shown

_LOG_SHOWN = 40
_FAILURE_SHOWN = 15
STATES = {
    "SUCCEEDED": ("state.succeeded", "good"),
    "FAILED": ("state.failed", "bad"),
    "ERROR": ("state.failed", "bad"),
    "TIMEOUT": ("state.timeout", "bad"),
    "EXPIRED": ("state.failed", "bad"),
    "STOPPED": ("state.stopped", "warn"),
    "STOPPING": ("state.stopping", "warn"),
    "WAITING": ("state.waiting", "run"),
    "STARTING": ("state.starting", "run"),
    "RUNNING": ("state.running", "run"),
}


@dataclass(frozen=True, repr=False)
class JobResult(Shown):
    """What `lab.run_job` gives back: a run as it was when it was last looked at. A failed run is a result too, it raises nothing."""

    run: JobRun
    billed_s: float
    usd: float
    output: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    progress: Progress = field(default_factory=Progress)
    excerpt: str = ""
    script: str = ""
    elapsed_s: float = 0.0

    @property
    def id(self) -> str:
        """The run's id (`jr_…`)."""
        return self.run.id

    @property
    def job(self) -> str:
        return self.run.job

    @property
    def state(self) -> str:
        """Glue's word: SUCCEEDED, FAILED, RUNNING …"""
        return self.run.state

    @property
    def error(self) -> str:
        """Glue's message without its category and line number; "" when there is none."""
        return strip_verdict(self.run.error)

    @property
    def line(self) -> int | None:
        """The line of the script that failed, counted from 1."""
        return find_line(self.run.error)

    @property
    def seconds(self) -> float:
        """From the start to the end, or to now while it goes on."""
        return self.run.seconds or self.elapsed_s

    @property
    def dpu_seconds(self) -> float:
        """What AWS would bill: at least a minute, times the DPUs."""
        return self.billed_s * self.run.capacity_dpu

    @property
    def log(self) -> str:
        """What the script printed, then what its error log has that is worth reading."""
        return "\n".join((*self.output, *self.errors))

    def view(self) -> Node:
        word, tone = STATES.get(self.state, ("state.unknown", "note"))
        inside = [line(text("run.id"), Code(self.id)), *self._stages(), self._figures(), *self._failure(), *self._log()]
        return Card(text("run.title", job=self.job), tuple(inside), Chip(f"{text(word)} ({self.state})", tone))

    def _stages(self) -> Sequence[Node]:
        return [
            line(
                Bar(
                    stage.done / max(1, stage.total),
                    text("glue.tasks", done=stage.done, total=stage.total, active=stage.active),
                ),
                Quiet(text("glue.stage", number=stage.id, name=stage.name)),
            )
            for stage in self.progress.stages
            if not self.run.ended
        ]

    def _figures(self) -> Node:
        entries = [line(text("run.took", seconds=format_seconds(self.seconds)))]
        if self.progress.totals is not None:
            entries.append(line(describe_totals(self.progress.totals)))
        if self.run.ended:
            dpu, usd = f"{self.run.capacity_dpu:g}", describe_usd(self.usd)
            entries.append(
                line(text("run.bill", dpu_s=f"{self.dpu_seconds:g}", dpu=dpu, seconds=f"{self.billed_s:g}", usd=usd))
            )
        else:
            entries.append(line(text("run.follow"), Code(f'lab.run_job("{self.job}", run="{self.id}")')))
            entries.append(line(text("run.stop"), Code(_write_stop(self.job, self.id))))
        return Listing(tuple(entries))

    def _failure(self) -> Sequence[Node]:
        if not self.error:
            return []
        found: list[Node] = [line(self.error)]
        if self.excerpt:
            found.append(line(text("run.at_line", line=self.line, script=self.script)))
            found.append(Block(self.excerpt, text("run.script")))
        said = self.errors or self.output
        if said and self.run.ended:
            found += [line(text("run.last_lines")), Block("\n".join(said[-_FAILURE_SHOWN:]), text("run.last_lines"))]
        return found

    def _log(self) -> Sequence[Node]:
        if not self.output:
            return [line(Quiet(text("run.no_output")))] if self.run.ended else []
        shown = self.output[-_LOG_SHOWN:]
        title = text("run.output", count=len(self.output), shown=len(shown))
        return [Details(title, (Block("\n".join(shown), title),), open=len(shown) <= _FAILURE_SHOWN)]


@dataclass(frozen=True, repr=False)
class JobNote(Shown):
    """One line about a run, left where its progress was shown."""

    result: JobResult

    def view(self) -> Node:
        word, tone = STATES.get(self.result.state, ("state.unknown", "note"))
        return Line(
            (Chip(text(word), tone), self.result.job, Quiet(format_seconds(self.result.seconds)), Code(self.result.id))
        )


def _write_stop(job: str, run: str) -> str:
    return f'lab.client("glue").batch_stop_job_run(JobName="{job}", JobRunIds=["{run}"])'
