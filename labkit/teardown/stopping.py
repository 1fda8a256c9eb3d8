"""Stopping what still runs: job runs, crawls and queries, and waiting until they really have stopped.

A Glue job that is deleted while it runs goes on running, and costing, without a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.aws.crawler import find_crawler
from labkit.aws.glue_jobs import JobRun, list_runs
from labkit.aws.session import Clients, error_code
from labkit.errors import LabError
from labkit.i18n import build_lesson
from labkit.teardown.absent import is_missing, unless_missing
from labkit.teardown.pace import Pace

if TYPE_CHECKING:
    from mypy_boto3_athena.client import AthenaClient
    from mypy_boto3_glue.client import GlueClient

_STOPS_AT_ONCE = 25  # what BatchStopJobRun takes
_QUERIES_AT_ONCE = (
    50  # what ListQueryExecutions and BatchGetQueryExecution give; newest first, so what runs is among them
)


def list_runs_of(glue: GlueClient, job: str) -> list[JobRun]:
    """Every run of a job; none when there is no such job."""
    return list(unless_missing(lambda: list_runs(glue, job), []))


def stop_job(clients: Clients, job: str, pace: Pace) -> list[str]:
    """Ask for the end of every run that has not ended, wait for it, and return their ids. LabError when one does not stop."""
    glue = clients.glue
    running = [run.id for run in list_runs_of(glue, job) if not run.ended]
    for start in range(0, len(running), _STOPS_AT_ONCE):
        # A run that ended meanwhile comes back under Errors, which is as good.
        glue.batch_stop_job_run(JobName=job, JobRunIds=running[start : start + _STOPS_AT_ONCE])
    if running and not pace.wait(lambda: all(run.ended for run in list_runs_of(glue, job))):
        seconds = int(pace.patience_s)
        raise build_lesson(LabError, "error.teardown.run_slow", job=job, run=running[0], seconds=seconds)
    return running


def stop_crawler(clients: Clients, name: str, pace: Pace) -> bool:
    """Stop a crawl and wait until the crawler is READY; True when there was one to stop. LabError when it does not stop."""
    from botocore.exceptions import ClientError

    glue = clients.glue
    found = find_crawler(glue, name)
    if found is None or found.state == "READY":
        return False
    try:
        glue.stop_crawler(Name=name)
    except ClientError as error:
        if error_code(error) not in ("CrawlerNotRunningException", "CrawlerStoppingException") and not is_missing(
            error
        ):
            raise

    def is_ready() -> bool:
        now = find_crawler(glue, name)
        return now is None or now.state == "READY"

    if not pace.wait(is_ready):
        raise build_lesson(LabError, "error.teardown.crawl_slow", crawler=name, seconds=int(pace.patience_s))
    return True


def stop_queries(clients: Clients, workgroup: str, pace: Pace) -> list[str]:
    """Stop the statements of a workgroup that wait or run, and return their ids."""
    athena = clients.athena
    running = _list_running(athena, workgroup)
    for query in running:
        athena.stop_query_execution(QueryExecutionId=query)
    if running and not pace.wait(lambda: not _list_running(athena, workgroup)):
        raise build_lesson(LabError, "error.teardown.query_slow", workgroup=workgroup, seconds=int(pace.patience_s))
    return running


def _list_running(athena: AthenaClient, workgroup: str) -> list[str]:
    listed = unless_missing(
        athena.list_query_executions, {"QueryExecutionIds": []}, WorkGroup=workgroup, MaxResults=_QUERIES_AT_ONCE
    )["QueryExecutionIds"]
    if not listed:
        return []
    told = athena.batch_get_query_execution(QueryExecutionIds=listed)["QueryExecutions"]
    return [item["QueryExecutionId"] for item in told if item["Status"]["State"] in ("QUEUED", "RUNNING")]
