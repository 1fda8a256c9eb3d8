"""The runs that a student measured, read again where they left their traces: Glue's and Lambda's in AWS, pandas' in the journal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit.aws.glue_jobs import get_run, list_runs
from labkit.aws.logs import list_lines
from labkit.aws.session import Clients, error_code
from labkit.checks.evaluation.model import ENGINES, GLUE, LAMBDA, Measured, Speed, fit
from labkit.checks.journal import Entry, Journal
from labkit.names import Names
from labkit.steps.bench import NUMBER, build_bench

KIND = "measurement"
_MARK = "MEASURE "
_REPORT = re.compile(r"Billed Duration: (\d+) ms\s+Memory Size: (\d+) MB")


@dataclass(frozen=True)
class Measurement:
    """One run of one engine over the samples.

    `seconds` and `units` (sold by channel) are by sample; a sample that was measured twice counts as the second time. `billed_s` is
    what AWS multiplies: whole seconds of a job run, billed seconds of an invocation; 0 for pandas. `size` is DPU or MB.
    """

    engine: str
    run_id: str
    number: int
    seconds: Mapping[str, float]
    units: Mapping[str, Mapping[str, float]]
    samples: Mapping[str, Measured]
    billed_s: float = 0.0
    size: float = 0.0
    cores: int = 1
    state: str = "SUCCEEDED"


def read_measurement(clients: Clients, names: Names, journal: Journal, engine: str) -> Measurement | None:
    """The newest run of an engine since the notebook was last reset, or None.

    A run that AWS does not know has state "GONE" and no seconds.
    """
    entry, reset = journal.last(KIND, engine=engine), journal.last("reset", step=NUMBER)
    if entry is None or (reset is not None and entry.number < reset.number):
        return None
    if engine == GLUE:
        return _read_glue(clients, build_bench(names).job, entry)
    if engine == LAMBDA:
        return _read_function(clients, build_bench(names).function, entry)
    return _build(entry, entry.data["lines"])


def read_measurements(clients: Clients, names: Names, journal: Journal) -> dict[str, Measurement]:
    """Engine → newest run, for those that have one."""
    found = {engine: read_measurement(clients, names, journal, engine) for engine in ENGINES}
    return {engine: item for engine, item in found.items() if item is not None}


def find_first_run(clients: Clients, names: Names, since: str) -> datetime | None:
    """When the first run of the lab's job began that AWS remembers since `since` (ISO 8601, "" for ever); None without one.

    AWS's word and not the journal's: that lies in the student's folder.
    """
    from botocore.exceptions import ClientError

    try:
        began = [run.started_on for run in list_runs(clients.glue, build_bench(names).job)]
    except ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
        return None
    return min((at for at in began if not since or at > datetime.fromisoformat(since)), default=None)


def fit_measurements(found: Mapping[str, Measurement]) -> dict[str, Speed]:
    """Engine → speed, for the runs that are complete."""
    needed = {"months", "csv", "files"}
    return {engine: fit(item.samples, item.cores) for engine, item in found.items() if needed <= set(item.samples)}


def _read_glue(clients: Clients, job: str, entry: Entry) -> Measurement:
    from botocore.exceptions import ClientError

    run_id = entry.data["run_id"]
    try:
        run = get_run(clients.glue, job, run_id)
    except ClientError:
        return _build(entry, [], state="GONE")
    lines = list_lines(clients.logs, "/aws-glue/jobs/output", stream=run_id)
    seconds, dpu = float(run.execution_s), run.capacity_dpu
    return _build(entry, _parse(item.message for item in lines), billed_s=seconds, size=dpu, state=run.state)


def _read_function(clients: Clients, function: str, entry: Entry) -> Measurement:
    run_id = entry.data["run_id"]
    lines = list_lines(clients.logs, f"/aws/lambda/{function}", since_ms=int(entry.data["since_ms"]))
    own = [item.message for item in lines if run_id in item.message]
    report = next((found for message in own if (found := _REPORT.search(message))), None)
    if report is None:
        return _build(entry, [], state="GONE")
    return _build(entry, _parse(own), billed_s=int(report[1]) / 1000, size=float(report[2]))


def _parse(messages: Iterable[str]) -> list[dict[str, Any]]:
    return [json.loads(message.partition(_MARK)[2]) for message in messages if _MARK in message]


def _build(entry: Entry, lines: list[dict[str, Any]], **facts: Any) -> Measurement:
    seconds = {line["sample"]: float(line["seconds"]) for line in lines}
    units = {line["sample"]: line["units"] for line in lines}
    sizes = entry.data["samples"]
    samples = {
        name: Measured(sizes[name]["format"], sizes[name]["files"], sizes[name]["rows_mb"], spent)
        for name, spent in seconds.items()
    }
    cores = int(entry.data.get("cores", 1))
    return Measurement(
        entry.data["engine"], entry.data["run_id"], entry.number, seconds, units, samples, cores=cores, **facts
    )
