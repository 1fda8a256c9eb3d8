from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import boto3
import pytest

from labkit.cloud import daemon
from tests.cloud.functions.conftest import ADMINISTRATOR, TRUST, zip_bytes

ACCOUNT = "123456789012"


def clients(endpoint_url: str) -> Any:
    session = boto3.Session(region_name="us-east-1")
    return lambda service: session.client(service, endpoint_url=endpoint_url)


def set_up(aws: Any, out: Path) -> None:
    code = f"""
import time
def lambda_handler(event, context):
    with open({str(out)!r}, "a") as file:
        file.write("start" + chr(10))
    time.sleep(3)
    with open({str(out)!r}, "a") as file:
        file.write("done" + chr(10))
"""
    role = aws("iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    aws("iam").attach_role_policy(RoleName="r", PolicyArn=ADMINISTRATOR)
    arn = aws("lambda").create_function(
        FunctionName="fn",
        Runtime="python3.11",
        Role=role,
        Handler="m.lambda_handler",
        Timeout=20,
        Code={"ZipFile": zip_bytes({"m.py": code})},
    )["FunctionArn"]
    aws("s3").create_bucket(Bucket="raw")
    aws("lambda").add_permission(
        FunctionName="fn",
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceAccount=ACCOUNT,
    )
    rule = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
    configuration = {"LambdaFunctionConfigurations": [rule]}
    aws("s3").put_bucket_notification_configuration(Bucket="raw", NotificationConfiguration=configuration)


def wait_for_lines(out: Path, count: int) -> list[str]:
    end = time.monotonic() + 20
    while True:
        found = out.read_text().split() if out.exists() else []
        if len(found) >= count:
            return found
        assert time.monotonic() < end, found
        time.sleep(0.02)


@pytest.mark.slow
def test_an_event_that_a_killed_server_did_not_finish_is_delivered_after_the_next_start(tmp_path: Path) -> None:
    out, state = tmp_path / "out", tmp_path / "state"
    info = daemon.up(state, port=None)
    try:
        aws = clients(info.endpoint_url)
        set_up(aws, out)
        time.sleep(2)  # what is not S3 is saved within a second or so
        aws("s3").put_object(Bucket="raw", Key="a.csv", Body=b"x")
        assert wait_for_lines(out, 1) == ["start"]
        os.kill(info.pid, signal.SIGKILL)
        time.sleep(3.5)
        assert out.read_text().split() == ["start"], "the worker outlived its cloud"
        daemon.up(state, port=None)
        assert wait_for_lines(out, 3) == ["start", "start", "done"]
    finally:
        daemon.down(state)
