"""Glue jobs. Their runs' lines lie in groups that all jobs of the account share: only the streams of these runs go."""

from __future__ import annotations

from collections.abc import Mapping

from labkit.aws.glue_jobs import find_job
from labkit.aws.session import Clients
from labkit.teardown.absent import unless_missing
from labkit.teardown.pace import Pace
from labkit.teardown.shared_logs import delete_run_streams
from labkit.teardown.shelves.glue_tags import build_arn, read_glue_tags
from labkit.teardown.stopping import list_runs_of, stop_job
from labkit.teardown.thing import Shelf, Thing

KIND = "glue-job"


def _list(clients: Clients) -> list[Thing]:
    return [
        Thing(KIND, job["Name"], job.get("CreatedOn"), build_arn(clients, "job", job["Name"]))
        for page in clients.glue.get_paginator("get_jobs").paginate()
        for job in page["Jobs"]
    ]


def _read_tags(clients: Clients, thing: Thing) -> Mapping[str, str] | None:
    return read_glue_tags(clients, thing.arn)


def _delete(clients: Clients, thing: Thing) -> None:
    """The job last: who the runs were is known only as long as it is there."""
    # The function may have started one more run between the first stop and its own end.
    stop_job(clients, thing.name, Pace())
    delete_run_streams(clients, [run.id for run in list_runs_of(clients.glue, thing.name)])
    unless_missing(clients.glue.delete_job, JobName=thing.name)


def _exists(clients: Clients, name: str) -> bool:
    return find_job(clients.glue, name) is not None


SHELF = Shelf(KIND, _list, _read_tags, _delete, _exists, "aws glue delete-job --job-name {name} {where}")
