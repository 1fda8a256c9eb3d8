"""A file dropped into the raw bucket, and the chain it sets off: S3 event → function → job run. Nothing here starts any of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote_plus

from labkit.aws.glue_jobs import JobRun, list_runs
from labkit.aws.invocations import Invocation, group_invocations
from labkit.aws.logs import list_lines
from labkit.aws.notifications import Rule, list_rules
from labkit.aws.s3 import upload_file
from labkit.aws.session import Clients, aws_errors
from labkit.errors import DataError
from labkit.i18n import build_lesson
from labkit.names import Names
from labkit.prices import Prices
from labkit.steps.lab import DIGEST_KEY, compute_digest
from labkit.ui.drop_result import DropResult
from labkit.ui.job_run import run_job
from labkit.ui.live_display import LiveDisplay, open_display

_LOOK_BACK_MS = 2_000
_LONGEST_KEY = 1024


@dataclass(frozen=True)
class Patience:
    """How long to wait for the event, and for a run once the function has ended; local S3 tells at once, AWS within seconds."""

    event_s: float
    run_s: float
    poll_s: float
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


LOCAL = Patience(event_s=15.0, run_s=1.0, poll_s=0.05)
ON_AWS = Patience(event_s=120.0, run_s=10.0, poll_s=2.0)


def drop_file(
    clients: Clients,
    names: Names,
    prices: Prices,
    path: Path,
    key: str | None,
    *,
    wait: bool = True,
    display: LiveDisplay | None = None,
) -> DropResult:
    """Upload a file to the raw folder and follow what comes of it, to the end of the run that it starts.

    `display` shows how far it is (else one of the cell that runs). Errors: DataError for what is no file, AwsCallError when S3 refuses
    it. An interrupt ends the watching, not the chain.
    """
    place = build_key(names, path, key)
    known = _read_known(clients)
    with aws_errors(f"s3.put_object (s3://{names.raw_bucket}/{place})"):
        digest = compute_digest(path)
        began_ms = int(time.time() * 1000)
        upload_file(clients.s3, path, names.raw_bucket, place, {DIGEST_KEY: digest}, lambda _bytes: None)
        result = DropResult(
            names.raw_bucket, place, path.stat().st_size, began_ms, list_rules(clients.s3, names.raw_bucket)
        )
    return follow_drop(clients, prices, result, known, display or open_display(), wait=wait)


def build_key(names: Names, path: Path, key: str | None) -> str:
    """Where the file goes: into the folder that starts the pipeline, unless a key is given (one that ends in / is a folder)."""
    if path.is_dir():
        raise build_lesson(DataError, "error.drop_folder", path=str(path))
    if not path.is_file():
        near = ", ".join(sorted(item.name for item in path.parent.glob("*.csv"))[:5]) if path.parent.is_dir() else ""
        raise build_lesson(DataError, "error.drop_missing", path=str(path), near=near or "—")
    place = names.raw_prefix + path.name if key is None else key + path.name if key.endswith("/") or not key else key
    if len(place.encode()) > _LONGEST_KEY:
        raise build_lesson(DataError, "error.drop_key", bytes=len(place.encode()))
    return place


def follow_drop(
    clients: Clients, prices: Prices, result: DropResult, known: frozenset[str], display: LiveDisplay, *, wait: bool
) -> DropResult:
    """Follow the chain of an object that was just written; `known` are the runs that were there before."""
    rule = result.rule
    if rule is None or not wait:
        return result
    patience = ON_AWS if clients.target.charges else LOCAL
    display.show(result)
    try:
        with aws_errors(f"lambda {rule.function}"):
            result = _wait_invocation(clients, rule, result, patience, display)
            result = _wait_run(clients, result, known, patience, display)
        if result.run is not None:
            told = run_job(clients, prices, result.run.job, result.run.id, {}, wait=True, display=display)
            result = replace(result, outcome=told)
    except KeyboardInterrupt:
        result = replace(result, interrupted=True)
    display.show(result.note(), final=True)
    return result


def _wait_invocation(
    clients: Clients, rule: Rule, result: DropResult, patience: Patience, display: LiveDisplay
) -> DropResult:
    """Add the invocation once it has ended, or as far as it got in time."""
    deadline = patience.clock() + patience.event_s
    while True:
        found = _find_invocation(clients, rule, result)
        result = replace(result, invocation=found)
        display.show(result)
        if (found is not None and found.ended_ms is not None) or patience.clock() > deadline:
            return result
        patience.sleep(patience.poll_s)


def _find_invocation(clients: Clients, rule: Rule, result: DropResult) -> Invocation | None:
    """The one whose lines name the object; of those that name nothing, the first since the upload."""
    lines = list_lines(clients.logs, f"/aws/lambda/{rule.function}", result.began_ms - _LOOK_BACK_MS)
    since = [one for one in group_invocations(lines) if one.started_ms >= result.began_ms]
    spelled = (result.key, quote_plus(result.key, safe="/"))
    return next((one for one in since if one.mentions(*spelled)), next(iter(since), None))


def _wait_run(
    clients: Clients, result: DropResult, known: frozenset[str], patience: Patience, display: LiveDisplay
) -> DropResult:
    invocation = result.invocation
    if invocation is None or invocation.error:
        return result
    deadline = patience.clock() + patience.run_s
    while True:
        run = _find_run(clients, result, known)
        if run is not None or patience.clock() > deadline:
            result = replace(result, run=run)
            display.show(result)
            return result
        patience.sleep(patience.poll_s)


def _find_run(clients: Clients, result: DropResult, known: frozenset[str]) -> JobRun | None:
    """The run that the function's lines name, else a new one that was told of the object or began while the function ran."""
    invocation = result.invocation
    if invocation is None:
        return None
    runs = [run for job in _list_job_names(clients) for run in list_runs(clients.glue, job)]
    named = next((run for run in runs if run.id in invocation.runs), None)
    if named is not None:
        return named
    fresh = [run for run in runs if run.id not in known]
    ended_ms = invocation.ended_ms or int(time.time() * 1000)
    for run in sorted(fresh, key=lambda one: one.started_on):
        began_ms = run.started_on.timestamp() * 1000
        if (
            any(result.uri in told for told in run.arguments.values())
            or invocation.started_ms - 1 <= began_ms <= ended_ms + 1
        ):
            return run
    return None


def _read_known(clients: Clients) -> frozenset[str]:
    with aws_errors("glue.get_job_runs"):
        return frozenset(run.id for job in _list_job_names(clients) for run in list_runs(clients.glue, job))


def _list_job_names(clients: Clients) -> list[str]:
    return [name for page in clients.glue.get_paginator("list_jobs").paginate() for name in page["JobNames"]]
