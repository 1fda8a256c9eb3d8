"""A jobs engine in this process, on a real store; its jobs are Python shell jobs, which need no Java."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from labkit.cloud.call import Call, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SCOPE = Scope("123456789012", "us-east-1")


class Jobs:
    """An engine with a bucket for scripts and a role; a minute of a timeout lasts half a second."""

    def __init__(self, engine: Any, services: Any) -> None:
        self.engine = engine
        self.services = services

    def call(self, action: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.engine.routes["glue", action](Call("glue", action, params, SCOPE))
        return answer

    def create(self, name: str, script: str, **params: Any) -> None:
        self.services.store.put("scripts", f"{name}.py", script.encode())
        command = {"Name": "pythonshell", "ScriptLocation": f"s3://scripts/{name}.py"}
        self.call("CreateJob", **{"Name": name, "Role": "runner", "Command": command, "GlueVersion": "5.1", **params})

    def start(self, name: str, **params: Any) -> str:
        return str(self.call("StartJobRun", JobName=name, **params)["JobRunId"])

    def run(self, name: str, run_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GetJobRun", JobName=name, RunId=run_id)["JobRun"]
        return found

    def wait(self, name: str, run_id: str, *states: str) -> dict[str, Any]:
        """The run once it is in one of the states (any final one by default)."""
        wanted = states or ("SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED")
        for _ in range(3000):
            run = self.run(name, run_id)
            if run["JobRunState"] in wanted:
                return run
            time.sleep(0.01)
        raise AssertionError(f"{run['JobRunState']} after 30 s: {run}")

    def log(self, stream: str, run_id: str) -> list[str]:
        return list(self.services.logs(SCOPE).lines(f"/aws-glue/jobs/{stream}", run_id))


@pytest.fixture
def build_jobs(tmp_path: Path) -> Iterator[Callable[[], Jobs]]:
    """Builds engines on one state folder, as a cloud that is started again would."""
    from labkit.cloud import hooks

    hooks.set_environment()
    from moto.iam.models import iam_backends
    from moto.s3.models import s3_backends

    from labkit.cloud.database import Database
    from labkit.cloud.documents import Documents
    from labkit.cloud.jobs.engine import JobsEngine
    from labkit.cloud.objects import Shelf
    from labkit.cloud.services import build_services
    from labkit.cloud.snapshot import Snapshots

    database = Database(tmp_path / "cloud.db")
    hooks.install(Shelf(tmp_path / "objects", database))
    hooks.route_events(lambda *event: None)
    backend = s3_backends[SCOPE.account]["aws"]
    backend.create_bucket("scripts", "us-east-1")
    roles = iam_backends[SCOPE.account]["aws"]
    trust = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    roles.create_role("runner", json.dumps({"Statement": [trust]}), "/", None, "", {}, "3600")
    roles.attach_role_policy("arn:aws:iam::aws:policy/AdministratorAccess", "runner")
    services = build_services(
        Documents(database), Snapshots(tmp_path / "aws"), tmp_path, tmp_path / "scratch", "http://127.0.0.1:9"
    )
    engines: list[Any] = []

    def build() -> Jobs:
        engines.append(JobsEngine(services, minute_s=0.5))
        return Jobs(engines[-1], services)

    yield build
    for engine in engines:
        engine.stop()
    roles.roles.clear()
    backend.buckets.clear()
    s3_backends.bucket_accounts.clear()


@pytest.fixture
def jobs(build_jobs: Callable[[], Jobs]) -> Jobs:
    return build_jobs()
