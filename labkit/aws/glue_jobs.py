"""Glue jobs and their runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labkit.aws.session import error_code

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient

ENDED = frozenset({"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"})


@dataclass(frozen=True)
class JobRun:
    """One run of a job; `execution_s` counts whole seconds, `capacity_dpu` is what they are multiplied by in a bill."""

    id: str
    job: str
    state: str
    started_on: datetime
    completed_on: datetime | None
    execution_s: int
    error: str
    arguments: dict[str, str]
    capacity_dpu: float = 0.0
    detail: str = ""

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def seconds(self) -> float:
        """From the call that started it to its end (0.0 until then)."""
        return (self.completed_on - self.started_on).total_seconds() if self.completed_on else 0.0


def find_job(glue: GlueClient, name: str) -> dict[str, Any] | None:
    """The job's definition as GetJob gives it, or None."""
    from botocore.exceptions import ClientError

    try:
        return dict(glue.get_job(JobName=name)["Job"])
    except ClientError as error:
        if error_code(error) == "EntityNotFoundException":
            return None
        raise


def list_runs(glue: GlueClient, job: str) -> list[JobRun]:
    """Every run of a job that AWS remembers, newest first."""
    runs: list[JobRun] = []
    for page in glue.get_paginator("get_job_runs").paginate(JobName=job):
        runs += [_build_run(item) for item in page["JobRuns"]]
    return sorted(runs, key=lambda run: run.started_on, reverse=True)


def list_newest_runs(glue: GlueClient, job: str, most: int = 200) -> tuple[list[JobRun], bool]:
    """The newest runs, newest first, and whether there are more; one call, at most 200."""
    page = glue.get_job_runs(JobName=job, MaxResults=most)
    runs = [_build_run(item) for item in page["JobRuns"]]
    return sorted(runs, key=lambda run: run.started_on, reverse=True), bool(page.get("NextToken"))


def get_run(glue: GlueClient, job: str, run_id: str) -> JobRun:
    """One run as it is now. EntityNotFoundException if there is none."""
    return _build_run(glue.get_job_run(JobName=job, RunId=run_id)["JobRun"])


def _build_run(document: Any) -> JobRun:
    return JobRun(
        id=document["Id"],
        job=document["JobName"],
        state=document["JobRunState"],
        started_on=document["StartedOn"],
        completed_on=document.get("CompletedOn"),
        execution_s=int(document.get("ExecutionTime", 0) or 0),
        error=document.get("ErrorMessage", "") or "",
        arguments=dict(document.get("Arguments", {}) or {}),
        capacity_dpu=float(document.get("MaxCapacity") or document.get("AllocatedCapacity") or 0),
        detail=str(document.get("StateDetail", "") or ""),
    )
