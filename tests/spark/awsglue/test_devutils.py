"""awsglue.devutils: jobs as objects over the Glue API (glue-api.md 2; AWS Glue API CreateJob, UpdateJob, GetJobs)."""

# ruff: noqa: N803 - the hand-made client has the parameter names of the Glue API

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest


class HandMadeJobs:
    """The job calls of the Glue API over a dict, and the one call of S3 that the module makes."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.objects: dict[tuple[str, str], bytes] = {}

    def create_job(self, Name: str, **definition: Any) -> dict[str, Any]:
        self.jobs[Name] = {"Name": Name, **definition}
        return {"Name": Name}

    def update_job(self, JobName: str, JobUpdate: dict[str, Any]) -> dict[str, Any]:
        self.jobs[JobName] = {"Name": JobName, **JobUpdate}
        return {"JobName": JobName}

    def delete_job(self, JobName: str) -> dict[str, Any]:
        del self.jobs[JobName]
        return {"JobName": JobName}

    def get_job(self, JobName: str) -> dict[str, Any]:
        return {"Job": self.jobs[JobName]}

    def get_jobs(self, MaxResults: int, NextToken: str = "") -> dict[str, Any]:
        listed = list(self.jobs.values())
        return {"Jobs": listed[1:]} if NextToken else {"Jobs": listed[:1], "NextToken": "more"}

    def put_object(self, Bucket: str, Key: str, Body: bytes) -> None:
        self.objects[Bucket, Key] = Body


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, runtime_on_path: None) -> HandMadeJobs:
    hand_made = HandMadeJobs()
    monkeypatch.setattr(importlib.import_module("awsglue.devutils"), "client", lambda name: hand_made)
    return hand_made


def definition(name: str) -> Any:
    from awsglue.devutils import Command, Connections, ExecutionProperty, Job

    job = Job()
    job.name, job.role, job.command = name, "role", Command("glueetl", "s3://bucket/scripts/job.py")
    job.executionProperty, job.connections = ExecutionProperty(3), Connections(["c"])
    return job


def test_a_job_is_made_read_changed_and_deleted(service: HandMadeJobs, tmp_path: Path) -> None:
    from awsglue.devutils import GlueJobUtils

    script = tmp_path / "job.py"
    script.write_text("print(1)\n", encoding="utf-8")
    jobs = GlueJobUtils(None)
    assert jobs.create_job(definition("one"), str(script)) == "one"
    assert service.objects == {("bucket", "scripts/job.py"): b"print(1)\n"}
    read = jobs.get_job("one")
    assert (read.name, read.role, read.executionProperty.maxConcurrentRuns, read.connections.connections) == (
        "one",
        "role",
        3,
        ["c"],
    )
    read.role = "other"
    assert jobs.update_job(read) == "one"
    assert service.jobs["one"]["Role"] == "other"
    assert jobs.delete_job("one") == "one"
    assert service.jobs == {}


def test_jobs_are_listed_by_page(service: HandMadeJobs) -> None:
    from awsglue.devutils import GlueJobUtils

    jobs = GlueJobUtils(None)
    for name in ("one", "two"):
        jobs.create_job(definition(name))
    first = jobs.get_jobs()
    assert ([job.name for job in first["jobs"]], first["nextToken"]) == (["one"], "more")
    assert [job.name for job in jobs.get_jobs(first["nextToken"])["jobs"]] == ["two"]


def test_definitions_speak_the_words_of_the_api(runtime_on_path: None) -> None:
    job = definition("one")
    assert job.as_job_create_dict() == {
        "Name": "one", "Role": "role", "ExecutionProperty": {"MaxConcurrentRuns": 3},
        "Command": {"Name": "glueetl", "ScriptLocation": "s3://bucket/scripts/job.py"}, "Connections": {"Connections": ["c"]},
    }  # fmt: skip
    update = job.as_job_update_dict()
    assert update["JobName"] == "one"
    assert "Name" not in update["JobUpdate"]
    assert repr(job.command) == "{'Name': 'glueetl', 'ScriptLocation': 's3://bucket/scripts/job.py'}"


def test_a_script_needs_a_place_to_go(service: HandMadeJobs, tmp_path: Path) -> None:
    from awsglue.devutils import GlueJobUtils, Job

    with pytest.raises(ValueError, match=r"job.command: a Command with the scriptLocation"):
        GlueJobUtils(None).create_job(Job(), str(tmp_path / "x.py"))
