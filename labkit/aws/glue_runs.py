"""Starting and stopping one run of a Glue job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient


def start_run(glue: GlueClient, job: str, arguments: Mapping[str, str]) -> str:
    """Start a run and return its id."""
    return glue.start_job_run(JobName=job, Arguments=dict(arguments))["JobRunId"]


def stop_run(glue: GlueClient, job: str, run_id: str) -> bool:
    """Ask for the end of a run; False when there was nothing left to stop."""
    return bool(glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id])["SuccessfulSubmissions"])
