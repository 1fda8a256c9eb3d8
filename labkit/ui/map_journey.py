"""The last event that travelled through the pipeline: object → invocation → run → what it wrote, each with its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from labkit.aws.invocations import Invocation
from labkit.aws.pipeline_state import PipelineState
from labkit.i18n import text
from labkit.ui.figures import format_seconds, from_ms
from labkit.ui.job_result import STATES
from labkit.ui.nodes import Chip

if TYPE_CHECKING:
    from labkit.aws.glue_jobs import JobRun
    from labkit.aws.s3 import S3Object


@dataclass(frozen=True)
class Stop:
    """One place that the event reached: the part of the map, when, what it is called there, and how it stands."""

    part: str
    at: datetime
    what: str
    chip: Chip
    detail: str = ""


def trace_journey(state: PipelineState) -> tuple[Stop, ...]:
    """Follow the newest object that a rule takes (any object, while there are no rules) as far as it came."""
    item = _find_object(state)
    if item is None:
        return ()
    stops = [Stop("raw", item.last_modified, item.uri, Chip(text("map.arrived"), "good"))]
    invocation = _find_invocation(state, item)
    if invocation is None:
        return tuple(stops)
    stops.append(_stop_at_function(invocation))
    run = _find_run(state, invocation, item)
    if run is None:
        return tuple(stops)
    word, tone = STATES.get(run.state, ("state.unknown", "note"))
    took = format_seconds(run.seconds) if run.ended else ""
    stops.append(Stop("job", run.started_on, run.id, Chip(text(word), tone), took))
    written = _find_written(state, run)
    if written:
        newest = max(one.last_modified for one in written)
        stops.append(
            Stop(
                "processed",
                newest,
                written[0].bucket,
                Chip(text("map.written"), "good"),
                text("map.new_objects", count=len(written)),
            )
        )
    return tuple(stops)


def _find_object(state: PipelineState) -> S3Object | None:
    if state.raw is None:
        return None
    taken = (one for one in state.raw.newest if not state.rules or any(rule.takes_key(one.key) for rule in state.rules))
    return next(taken, None)


def _find_invocation(state: PipelineState, item: S3Object) -> Invocation | None:
    """The last one that names the object; else the first that began in the second of its arrival or later."""
    newest = state.function.newest if state.function is not None else ()
    # S3 tells whole seconds.
    since = [one for one in newest if one.started_ms >= int(item.last_modified.timestamp()) * 1000]
    spelled = (item.key, quote_plus(item.key, safe="/"))
    named = [one for one in since if one.mentions(*spelled)]
    if named:
        return named[-1]
    # An invocation that names another object is not about this one.
    return next((one for one in since if not one.mentions("s3://")), None)


def _stop_at_function(one: Invocation) -> Stop:
    if one.error:
        return Stop("function", from_ms(one.started_ms), one.request, Chip(text("drop.failed"), "bad"), one.error)
    if one.ended_ms is None:
        return Stop("function", from_ms(one.started_ms), one.request, Chip(text("state.running"), "run"))
    took = format_seconds(one.duration_ms / 1000)
    return Stop("function", from_ms(one.started_ms), one.request, Chip(text("map.answered"), "good"), took)


def _find_run(state: PipelineState, invocation: Invocation, item: S3Object) -> JobRun | None:
    runs = state.job.runs if state.job is not None else ()
    named = next((run for run in runs if run.id in invocation.runs), None)
    if named is not None:
        return named
    ended_ms = invocation.ended_ms or invocation.started_ms
    for run in runs:
        began_ms = run.started_on.timestamp() * 1000
        within = invocation.started_ms - 1 <= began_ms <= ended_ms + 1
        if within or any(item.uri in told for told in run.arguments.values()):
            return run
    return None


def _find_written(state: PipelineState, run: JobRun) -> list[S3Object]:
    """Objects that came into the processed bucket while the run went on."""
    if state.processed is None:
        return []
    began = int(run.started_on.timestamp())
    ended = run.completed_on.timestamp() + 1 if run.completed_on else float("inf")
    return [one for one in state.processed.newest if began <= one.last_modified.timestamp() <= ended]
