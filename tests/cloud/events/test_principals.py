"""Whose event it is: the key that signs, the role of a session, and whom an engine works for."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from tests.cloud.events.conftest import ACCOUNT, Ear

Aws = Callable[[str], Any]
TRUST = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}


def principals(events: list[dict[str, Any]]) -> list[str]:
    return [event["userIdentity"]["principalId"] for event in events]


def student_id(aws: Aws) -> str:
    return str(aws("sts").get_caller_identity()["UserId"])


def test_a_user_and_a_role_session_are_told_by_their_unique_ids(aws: Aws, ear: Ear, cloud: Any) -> None:
    ear.configure()
    name = f"writer-{uuid.uuid4().hex[:8]}"
    document = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    role = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]
    aws("iam").attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    given = aws("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="ana")["Credentials"]
    session = boto3.client(
        "s3",
        endpoint_url=cloud.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    aws("s3").put_object(Bucket=ear.bucket, Key="a", Body=b"")
    session.put_object(Bucket=ear.bucket, Key="b", Body=b"")
    assert principals(ear.hear_all()) == [f"AWS:{student_id(aws)}", f"AWS:{role['RoleId']}:ana"]


def test_results_that_athena_writes_are_their_askers(aws: Aws, ear: Ear) -> None:
    ear.configure()
    query = aws("athena").start_query_execution(
        QueryString="SELECT 1", ResultConfiguration={"OutputLocation": f"s3://{ear.bucket}/results/"}
    )["QueryExecutionId"]
    events = ear.hear(2)
    assert {event["s3"]["object"]["key"] for event in events} == {
        f"results/{query}.csv",
        f"results/{query}.csv.metadata",
    }
    assert set(principals(events)) == {f"AWS:{student_id(aws)}"}
    assert all(len(event["responseElements"]["x-amz-request-id"]) == 16 for event in events)


SPARK = """
from pyspark.sql import SparkSession
SparkSession.builder.getOrCreate().range(3).coalesce(1).write.parquet("s3://%s/out/")
"""


@pytest.mark.slow
def test_objects_that_spark_writes_are_the_jobs_roles(aws: Aws, ear: Ear) -> None:
    name = f"spark-{uuid.uuid4().hex[:8]}"
    statement = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]
    aws("iam").attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    aws("s3").put_object(Bucket=ear.bucket, Key="job.py", Body=(SPARK % ear.bucket).encode())
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{ear.bucket}/job.py", "PythonVersion": "3"}
    aws("glue").create_job(Name=name, Role=role["Arn"], Command=command, GlueVersion="5.1")
    ear.configure(["s3:ObjectCreated:*"], prefix="out/", suffix=".parquet")
    run = aws("glue").start_job_run(JobName=name)["JobRunId"]
    deadline = time.monotonic() + 120
    while (found := aws("glue").get_job_run(JobName=name, RunId=run)["JobRun"])["JobRunState"] != "SUCCEEDED":
        assert found["JobRunState"] in ("STARTING", "RUNNING"), found
        assert time.monotonic() < deadline
        time.sleep(0.1)
    # One file, one event, of the name that it has in the end.
    (event,) = ear.hear(1)
    assert event["s3"]["object"]["key"].startswith("out/part-")
    assert event["userIdentity"]["principalId"] == f"AWS:{role['RoleId']}:GlueJobRunnerSession"
