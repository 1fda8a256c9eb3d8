"""Teardown after a full lab: `labkit run` and `labkit apply` made everything there is, and nothing of it is left."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from benchmarks.measure import Number, median, timed
from benchmarks.pipeline import LABKIT, ROOT
from labkit.cloud import daemon

_ROUNDS = 3


def after_a_full_lab() -> list[Number]:
    """Seconds of the whole command; RuntimeError when anything is left, in the report or in the lists of the services."""
    samples = []
    with tempfile.TemporaryDirectory(prefix="labkit-bench-") as folder:
        state = Path(folder) / "state"
        try:
            cloud = daemon.up(state, ephemeral=True)
            for _ in range(_ROUNDS):
                _labkit("run", "--state", str(state), "--out", folder)
                _labkit("apply", "--state", str(state))
                samples.append(timed(lambda: _tear_down(state)))
                _look(cloud.endpoint_url)
        finally:
            daemon.down(state)
    return [median("teardown: everything after a full lab", samples, "s", 5.0)]


def _labkit(*words: str) -> str:
    done = subprocess.run([str(LABKIT), *words], check=True, capture_output=True, text=True, cwd=ROOT)
    return done.stdout


def _tear_down(state: Path) -> None:
    report = json.loads(_labkit("teardown", "--state", str(state), "--yes", "--json"))
    if not report["proven"] or not report["outcomes"]:
        raise RuntimeError(f"not proven: {report}")


def _look(endpoint_url: str) -> None:
    """What each service lists, by plain boto3: the cloud held nothing but the lab."""
    import boto3

    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    clients = {
        name: boto3.client(name, endpoint_url=endpoint_url, **keys)  # type: ignore[call-overload]
        for name in ("s3", "iam", "glue", "lambda", "athena", "logs")
    }
    left = {
        "buckets": clients["s3"].list_buckets()["Buckets"],
        "roles": clients["iam"].list_roles()["Roles"],
        "databases": clients["glue"].get_databases()["DatabaseList"],
        "jobs": clients["glue"].get_jobs()["Jobs"],
        "crawlers": clients["glue"].get_crawlers()["Crawlers"],
        "functions": clients["lambda"].list_functions()["Functions"],
        "workgroups": clients["athena"].list_work_groups()["WorkGroups"][1:],
        "log groups": clients["logs"].describe_log_groups()["logGroups"],
    }
    if any(left.values()):
        raise RuntimeError(f"left behind: {left}")
