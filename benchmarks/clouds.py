"""Clouds to measure: started in a folder of their own, asked until they are warm."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from labkit.cloud import daemon
from labkit.cloud.info import CloudInfo


@contextlib.contextmanager
def running_cloud(**environment: str) -> Iterator[CloudInfo]:
    """A fresh cloud on a free port; `environment` is set while it starts."""
    with tempfile.TemporaryDirectory(prefix="labkit-bench-") as folder, set_environment(environment):
        state = Path(folder) / "state"
        try:
            yield daemon.up(state, ephemeral=True)
        finally:
            daemon.down(state)


@contextlib.contextmanager
def set_environment(values: dict[str, str]) -> Iterator[None]:
    """Environment variables for the length of a block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def client(cloud: CloudInfo, service: str) -> Any:
    """A boto3 client of a cloud."""
    import boto3

    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    return boto3.client(service, endpoint_url=cloud.endpoint_url, **keys)


def wait_warm(cloud: CloudInfo, timeout_s: float = 120.0) -> None:
    """Return once a driver waits, warmed up."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{cloud.endpoint_url}/_labkit/engines", timeout=5) as reply:
            if json.load(reply)["driver_is_warm"]:
                return
        time.sleep(0.02)
    raise TimeoutError("no driver became warm")


def wait_run(glue: Any, job: str, run_id: str) -> dict[str, Any]:
    """The ended run; RuntimeError when it did not succeed."""
    while True:
        run: dict[str, Any] = glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]
        if run["JobRunState"] == "SUCCEEDED":
            return run
        if run["JobRunState"] in ("FAILED", "TIMEOUT", "STOPPED"):
            raise RuntimeError(str(run))
        time.sleep(0.02)


def make_role(cloud: CloudInfo) -> str:
    """A role that Glue can take."""
    statement = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam = client(cloud, "iam")
    arn = iam.create_role(RoleName="bench", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    iam.attach_role_policy(RoleName="bench", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return str(arn)
