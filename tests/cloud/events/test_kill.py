"""A server that is killed between the put and the delivery loses no event."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from labkit.cloud import daemon
from tests.cloud.functions.conftest import ADMINISTRATOR, TRUST, zip_bytes

BUCKET = "killed-raw"


def clients(endpoint_url: str) -> Any:
    session = boto3.Session(region_name="us-east-1")
    quick = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10)
    return lambda service: session.client(service, endpoint_url=endpoint_url, config=quick)


def set_up(aws: Any, out: Path) -> None:
    """A function that writes the key of each event to a file of this machine, a little slower than files come."""
    code = f"""
import time
def lambda_handler(event, context):
    time.sleep(0.02)
    with open({str(out)!r}, "a") as file:
        file.write(event["Records"][0]["s3"]["object"]["key"] + chr(10))
"""
    role = aws("iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    aws("iam").attach_role_policy(RoleName="r", PolicyArn=ADMINISTRATOR)
    settings = {"Runtime": "python3.11", "Role": role, "Handler": "m.lambda_handler", "Timeout": 20}
    archive = {"ZipFile": zip_bytes({"m.py": code})}
    arn = aws("lambda").create_function(FunctionName="fn", Code=archive, **settings)["FunctionArn"]
    aws("s3").create_bucket(Bucket=BUCKET)
    aws("lambda").add_permission(
        FunctionName="fn",
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{BUCKET}",
    )
    configuration = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    aws("s3").put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration=configuration)


def put_until_it_dies(aws: Any, answered: list[str], number: int) -> None:
    s3 = aws("s3")
    with contextlib.suppress(Exception):
        for count in range(10_000):
            key = f"{number}-{count}"
            s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
            answered.append(key)


@pytest.mark.slow
def test_every_put_that_was_answered_is_delivered_after_a_kill(tmp_path: Path) -> None:
    out, state = tmp_path / "out", tmp_path / "state"
    info = daemon.up(state, port=None)
    try:
        set_up(clients(info.endpoint_url), out)
        daemon.down(state)  # saves what was set up
        info = daemon.up(state, port=None)
        answered: list[str] = []
        aws = clients(info.endpoint_url)
        threads = [threading.Thread(target=put_until_it_dies, args=(aws, answered, n)) for n in range(8)]
        for thread in threads:
            thread.start()
        while len(answered) < 300:
            time.sleep(0.005)
        os.kill(info.pid, signal.SIGKILL)
        for thread in threads:
            thread.join()
        seen_before = len(out.read_text().split()) if out.exists() else 0
        assert seen_before < len(answered), "the kill came too late to prove anything"
        info = daemon.up(state, port=None)
        deadline = time.monotonic() + 60
        while missing := set(answered) - set(out.read_text().split()):
            assert time.monotonic() < deadline, f"{len(missing)} of {len(answered)} events were lost"
            time.sleep(0.1)
        listed = clients(info.endpoint_url)("s3").get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        assert {found["Key"] for page in listed for found in page["Contents"]} >= set(answered)
        # Those that were running when the server died come a second time; no others do.
        twice = [key for key, count in Counter(out.read_text().split()).items() if count > 1]
        assert len(twice) <= 10
    finally:
        daemon.down(state)
