"""Jobs of the Glue service as objects, and the calls that list, make, change and delete them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ._aws import client, split_s3

_PAGE = 100


class ExecutionProperty:
    """How many runs of a job may go at once."""

    def __init__(self, maxConcurrentRuns: int = 1) -> None:
        self.maxConcurrentRuns = maxConcurrentRuns

    def __repr__(self) -> str:
        return str(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        return {"MaxConcurrentRuns": self.maxConcurrentRuns}


class Command:
    """What a job runs: `name` is the kind, such as glueetl."""

    def __init__(self, name: str, scriptLocation: str) -> None:
        self.name, self.scriptLocation = name, scriptLocation

    def __repr__(self) -> str:
        return str(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        return {"Name": self.name, "ScriptLocation": self.scriptLocation}


class Connections:
    """The names of a job's connections."""

    def __init__(self, connections: list[str] = []) -> None:
        self.connections = list(connections)

    def __repr__(self) -> str:
        return str(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        return {"Connections": self.connections}


class Job:
    """A job definition; what is None is left out of a request."""

    def __init__(self) -> None:
        self.name: str | None = None
        self.description: str | None = None
        self.logUri: str | None = None
        self.role: str | None = None
        self.executionProperty: ExecutionProperty | None = None
        self.command: Command | None = None
        self.defaultArguments: dict[str, str] | None = None
        self.connections: Connections | None = None
        self.maxRetries: int | None = None
        self.allocatedCapacity: int | None = None

    def __repr__(self) -> str:
        return str(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """The definition in the words of the Glue API."""
        parts = {
            "Name": self.name, "Description": self.description, "LogUri": self.logUri, "Role": self.role,
            "ExecutionProperty": self.executionProperty and self.executionProperty.as_dict(),
            "Command": self.command and self.command.as_dict(), "DefaultArguments": self.defaultArguments,
            "Connections": self.connections and self.connections.as_dict(), "MaxRetries": self.maxRetries,
            "AllocatedCapacity": self.allocatedCapacity,
        }  # fmt: skip
        return {name: value for name, value in parts.items() if value is not None}

    def as_job_create_dict(self) -> dict[str, Any]:
        """The request of CreateJob."""
        return self.as_dict()

    def as_job_update_dict(self) -> dict[str, Any]:
        """The request of UpdateJob: the name, and the rest as JobUpdate."""
        definition = self.as_dict()
        return {"JobName": definition.pop("Name", None), "JobUpdate": definition}


class GlueJobUtils:
    """The Glue service's jobs, with the role and endpoint of the run."""

    def __init__(self, glue_context: Any) -> None:
        self._glue_context = glue_context
        self._glue = client("glue")

    def _glue_job_response_to_job(self, response_job: dict[str, Any]) -> Job:
        job, given = Job(), response_job
        job.name, job.description, job.logUri = given.get("Name"), given.get("Description"), given.get("LogUri")
        job.role, job.defaultArguments = given.get("Role"), given.get("DefaultArguments")
        job.maxRetries, job.allocatedCapacity = given.get("MaxRetries"), given.get("AllocatedCapacity")
        if "ExecutionProperty" in given:
            job.executionProperty = ExecutionProperty(given["ExecutionProperty"].get("MaxConcurrentRuns", 1))
        if "Command" in given:
            job.command = Command(given["Command"].get("Name"), given["Command"].get("ScriptLocation"))
        if "Connections" in given:
            job.connections = Connections(given["Connections"].get("Connections", []))
        return job

    def get_jobs(self, nextToken: str = "") -> dict[str, Any]:
        """A page of jobs: `{"jobs": [Job, …], "nextToken": token of the next page or None}`."""
        page = {"NextToken": nextToken} if nextToken else {}
        found = self._glue.get_jobs(MaxResults=_PAGE, **page)
        return {
            "jobs": [self._glue_job_response_to_job(one) for one in found["Jobs"]],
            "nextToken": found.get("NextToken"),
        }

    def get_job(self, jobName: str) -> Job:
        return self._glue_job_response_to_job(self._glue.get_job(JobName=jobName)["Job"])

    def _get_bucket_prefix_from_s3_url(self, s3_url: str) -> tuple[str, str]:
        return split_s3(s3_url)

    def _upload_file_to_s3(self, s3_url: str, file: str) -> None:
        bucket, key = split_s3(s3_url)
        client("s3").put_object(Bucket=bucket, Key=key, Body=Path(file).read_bytes())

    def _upload_script(self, job: Job, file: str) -> None:
        if not file:
            return
        if job.command is None:
            raise ValueError("job.command: a Command with the scriptLocation to which the file goes; it is None.")
        self._upload_file_to_s3(job.command.scriptLocation, file)

    def create_job(self, job: Job, file: str = "") -> str:
        """Make the job, its script uploaded first when `file` is given; the job's name."""
        self._upload_script(job, file)
        return str(self._glue.create_job(**job.as_job_create_dict())["Name"])

    def update_job(self, job: Job, file: str = "") -> str:
        """Change the job to this definition, its script uploaded first when `file` is given; the job's name."""
        self._upload_script(job, file)
        return str(self._glue.update_job(**job.as_job_update_dict())["JobName"])

    def delete_job(self, jobName: str) -> str:
        return str(self._glue.delete_job(JobName=jobName)["JobName"])
