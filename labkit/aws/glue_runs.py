"""Starting, watching and stopping one run of a Glue job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from labkit.aws.glue_jobs import ENDED

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient


@dataclass(frozen=True)
class Run:
    """A run as GetJobRun tells it; `execution_s` counts whole seconds, `capacity_dpu` is what they are multiplied by in a bill."""

    id: str
    job: str
    state: str
    started_on: datetime
    completed_on: datetime | None
    execution_s: int
    capacity_dpu: float
    error: str
    detail: str

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def seconds(self) -> float:
        """From the call that started it to its end (0.0 until then)."""
        return (self.completed_on - self.started_on).total_seconds() if self.completed_on else 0.0


def start_run(glue: GlueClient, job: str, arguments: Mapping[str, str]) -> str:
    """Start a run and return its id."""
    return glue.start_job_run(JobName=job, Arguments=dict(arguments))["JobRunId"]


def stop_run(glue: GlueClient, job: str, run_id: str) -> bool:
    """Ask for the end of a run; False when there was nothing left to stop."""
    return bool(glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id])["SuccessfulSubmissions"])


def read_run(glue: GlueClient, job: str, run_id: str) -> Run:
    """The run as it is now. EntityNotFoundException if there is none."""
    document = glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]
    return Run(
        id=document["Id"],
        job=document["JobName"],
        state=document["JobRunState"],
        started_on=document["StartedOn"],
        completed_on=document.get("CompletedOn"),
        execution_s=int(document.get("ExecutionTime", 0) or 0),
        capacity_dpu=float(document.get("MaxCapacity") or document.get("AllocatedCapacity") or 0),
        error=document.get("ErrorMessage", "") or "",
        detail=str(document.get("StateDetail", "") or ""),
    )
