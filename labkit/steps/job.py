"""Step 4: the Glue job and its script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.aws.call import AwsCall
from labkit.aws.glue_jobs import find_job
from labkit.aws.session import Clients
from labkit.steps.lab import Lab, Upload
from labkit.steps.roles import build_role_arn
from labkit.steps.uploads import plan_upload


@dataclass(frozen=True)
class Job:
    """A Glue job: its name and its definition in AWS spelling (what CreateJob takes beside the name)."""

    name: str
    definition: Mapping[str, Any]


@dataclass(frozen=True)
class WantedJob:
    """The job, and the script it runs."""

    script: Upload
    job: Job


def build_wanted(lab: Lab) -> WantedJob:
    """The job of the lab, as small as Glue allows."""
    names = lab.names
    script = Upload(lab.script, names.assets_bucket, names.script_key)
    arguments = {
        "--job-bookmark-option": "job-bookmark-enable",
        "--enable-glue-datacatalog": "true",
        "--TempDir": f"s3://{names.assets_bucket}/temporary/",
        **lab.job_arguments,
    }
    definition = {
        "Role": build_role_arn(lab, names.glue_role),
        "Command": {"Name": "glueetl", "ScriptLocation": script.uri, "PythonVersion": "3"},
        "DefaultArguments": arguments,
        # Without a version CreateJob takes the newest one: Spark 4, where a bad cast is an error and not NULL.
        "GlueVersion": "5.1",
        "WorkerType": "G.1X",
        # Two G.1X workers are the smallest Spark job, 2 DPU; ten minutes and no retry bound what a mistake can cost.
        "NumberOfWorkers": 2,
        "MaxRetries": 0,
        "Timeout": 10,
        # Bookmarks need runs one after another.
        "ExecutionProperty": {"MaxConcurrentRuns": 1},
    }
    return WantedJob(script, Job(names.job, definition))


def plan(clients: Clients, lab: Lab) -> list[AwsCall]:
    """The script if it is missing or has changed, and the job likewise."""
    wanted = build_wanted(lab)
    return plan_upload(clients, wanted.script) + plan_job(clients, wanted.job, lab.tags)


def plan_job(clients: Clients, job: Job, tags: Mapping[str, str] | None = None) -> list[AwsCall]:
    """The call that makes the job, or corrects it, or nothing."""
    found = find_job(clients.glue, job.name)
    if found is None:
        params = {"Name": job.name, **job.definition, **({"Tags": dict(tags)} if tags else {})}
        return [AwsCall("glue", "create_job", params, "create", "glue-job", job.name, reason="plan.reason.missing")]
    if all(_agrees(wanted, found.get(name)) for name, wanted in job.definition.items()):
        return []
    params = {"JobName": job.name, "JobUpdate": dict(job.definition)}
    return [AwsCall("glue", "update_job", params, "update", "glue-job", job.name, reason="plan.reason.differs")]


def _agrees(wanted: Any, found: Any) -> bool:
    """Arguments must match exactly (one too many changes the run); of other documents AWS may add fields of its own."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        if any(name.startswith("--") for name in {*wanted, *found}):
            return dict(wanted) == dict(found)
        return all(found.get(name) == value for name, value in wanted.items())
    return bool(wanted == found)
