"""How a test runs a script as a Glue job of the session's cloud."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

Aws = Callable[[str], Any]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


class Runner:
    """Runs a script as a Glue job and waits for its end."""

    def __init__(self, aws: Aws, bucket: str, role: str) -> None:
        self.aws = aws
        self.bucket = bucket
        self._role = role

    def run(self, script: str, arguments: dict[str, str] | None = None, **params: Any) -> dict[str, Any]:
        name = f"job-{uuid.uuid4().hex[:8]}"
        self.aws("s3").put_object(Bucket=self.bucket, Key=f"scripts/{name}.py", Body=script.encode())
        command = {"Name": "glueetl", "ScriptLocation": f"s3://{self.bucket}/scripts/{name}.py"}
        glue = self.aws("glue")
        glue.create_job(Name=name, Role=self._role, Command=command, **{"GlueVersion": "5.1", **params})
        run_id = glue.start_job_run(JobName=name, Arguments=arguments or {})["JobRunId"]
        for _ in range(12000):
            run: dict[str, Any] = glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]
            if run["JobRunState"] in ("SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED"):
                return run
            time.sleep(0.01)
        raise AssertionError(run)

    def log(self, run: dict[str, Any], stream: str = "output") -> list[str]:
        group = f"/aws-glue/jobs/{stream}"
        events = self.aws("logs").get_log_events(logGroupName=group, logStreamName=run["Id"], startFromHead=True)
        return [event["message"] for event in events["events"]]

    def keys(self, prefix: str) -> list[str]:
        found = self.aws("s3").list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return [item["Key"] for item in found]


@pytest.fixture(scope="module")
def runner(aws: Aws) -> Runner:
    bucket = f"spark-runs-{uuid.uuid4().hex[:8]}"
    aws("s3").create_bucket(Bucket=bucket)
    role = aws("iam").create_role(RoleName=bucket, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    aws("iam").attach_role_policy(RoleName=bucket, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return Runner(aws, bucket, role)
