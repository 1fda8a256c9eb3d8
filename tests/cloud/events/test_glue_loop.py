"""A loop through a Glue job, which AWS would let run: the local cloud's own brake stops it, and says so."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.cloud.functions.conftest import ADMINISTRATOR, TRUST, zip_bytes

Aws = Callable[[str], Any]
SCRIPT = """
import time
import boto3
boto3.client("s3").put_object(Bucket="%s", Key=f"again-{time.time_ns()}", Body=b"x")
"""
HANDLER = """
import os
import boto3
def lambda_handler(event, context):
    print("RUN")
    boto3.client("glue").start_job_run(JobName=os.environ["JOB"])
"""


def lines(aws: Aws, function: str) -> list[str]:
    logs = aws("logs")
    try:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
        return [event["message"].strip() for page in pages for event in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []


@pytest.mark.slow
def test_a_job_that_triggers_its_own_function_is_stopped_after_16_runs(aws: Aws) -> None:
    name = f"loop-{uuid.uuid4().hex[:8]}"
    s3, iam, functions = aws("s3"), aws("iam"), aws("lambda")
    trust = json.loads(TRUST)
    trust["Statement"][0]["Principal"]["Service"] = ["lambda.amazonaws.com", "glue.amazonaws.com"]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=ADMINISTRATOR)
    for bucket in (name, f"{name}-scripts"):
        s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=f"{name}-scripts", Key="job.py", Body=(SCRIPT % name).encode())
    command = {"Name": "pythonshell", "ScriptLocation": f"s3://{name}-scripts/job.py", "PythonVersion": "3.9"}
    aws("glue").create_job(Name=name, Role=role, Command=command, ExecutionProperty={"MaxConcurrentRuns": 3})
    arn = functions.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=role,
        Handler="m.lambda_handler",
        Timeout=20,
        Environment={"Variables": {"JOB": name}},
        Code={"ZipFile": zip_bytes({"m.py": HANDLER})},
    )["FunctionArn"]
    functions.add_permission(
        FunctionName=name, StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
    )
    rule = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"LambdaFunctionConfigurations": [rule]}
    )
    s3.put_object(Bucket=name, Key="first", Body=b"x")
    deadline = time.monotonic() + 120
    while not (told := [line for line in lines(aws, name) if "Stopped a loop" in line]):
        assert time.monotonic() < deadline, lines(aws, name)[-10:]
        time.sleep(0.2)
    assert "AWS does not detect loops through Glue" in told[0]
    assert lines(aws, name).count("RUN") == 16
    assert s3.list_objects_v2(Bucket=name)["KeyCount"] == 17
