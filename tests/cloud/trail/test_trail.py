"""Who called what, asked of a running cloud with plain boto3, and `labkit events` over it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labkit.cli import main

Aws = Callable[[str], Any]
CALLS: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("s3", "list_buckets", {}, "s3.amazonaws.com", "ListBuckets"),
    ("iam", "list_roles", {}, "iam.amazonaws.com", "ListRoles"),
    ("sts", "get_caller_identity", {}, "sts.amazonaws.com", "GetCallerIdentity"),
    ("lambda", "list_functions", {}, "lambda.amazonaws.com", "ListFunctions20150331"),
    ("glue", "get_databases", {}, "glue.amazonaws.com", "GetDatabases"),
    ("cloudwatch", "describe_alarms", {}, "monitoring.amazonaws.com", "DescribeAlarms"),
    ("sqs", "list_queues", {}, "sqs.amazonaws.com", "ListQueues"),
    ("sns", "list_topics", {}, "sns.amazonaws.com", "ListTopics"),
    ("ec2", "describe_vpcs", {}, "ec2.amazonaws.com", "DescribeVpcs"),
]


def find(aws: Aws, key: str, value: str) -> list[dict[str, Any]]:
    attributes = [{"AttributeKey": key, "AttributeValue": value}]
    found = aws("cloudtrail").lookup_events(LookupAttributes=attributes)["Events"]
    return [json.loads(event["CloudTrailEvent"]) for event in found]


@pytest.mark.parametrize(("service", "call", "params", "source", "name"), CALLS)
def test_each_protocol_is_told_with_the_request_id_of_its_answer(
    aws: Aws, service: str, call: str, params: dict[str, Any], source: str, name: str
) -> None:
    try:
        answer = getattr(aws(service), call)(**params)
    except ClientError as error:
        answer = error.response
    told = {record["requestID"]: record for record in find(aws, "EventName", name)}
    record = told[answer["ResponseMetadata"]["RequestId"]]
    assert (record["eventSource"], record["readOnly"]) == (source, True)
    assert record["userIdentity"]["arn"] == "arn:aws:iam::123456789012:user/student"
    assert record["userAgent"].startswith("Boto3/")


def test_objects_are_no_management_events_and_their_bucket_is(aws: Aws) -> None:
    bucket = f"trail-{uuid.uuid4().hex[:8]}"
    aws("s3").create_bucket(Bucket=bucket)
    aws("s3").put_object(Bucket=bucket, Key="k", Body=b"x")
    aws("s3").get_object(Bucket=bucket, Key="k")
    assert [record["eventName"] for record in find(aws, "ResourceName", bucket)] == ["CreateBucket"]


def test_a_failed_call_is_told_with_its_error(aws: Aws) -> None:
    name = f"no-{uuid.uuid4().hex[:8]}"
    with pytest.raises(ClientError):
        aws("glue").get_job(JobName=name)
    (record,) = find(aws, "ResourceName", name)
    assert (record["eventName"], record["errorCode"]) == ("GetJob", "EntityNotFoundException")


def test_events_are_shown_to_a_person_and_as_json(
    aws: Aws, cloud: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABKIT_LANG", "en")
    bucket, state = f"events-{uuid.uuid4().hex[:8]}", ["--state", str(cloud.state_dir)]
    aws("s3").create_bucket(Bucket=bucket)
    aws("s3").put_object(Bucket=bucket, Key="a ñ.csv", Body=b"x")
    aws("s3").get_object(Bucket=bucket, Key="a ñ.csv")
    with pytest.raises(ClientError):
        aws("s3").get_object(Bucket=bucket, Key="no")

    def shown(*options: str) -> list[str]:
        assert main(["events", *state, "--service", "s3", *options]) == 0
        lines = [line for line in capsys.readouterr().out.splitlines() if bucket in line]
        return [line.split("Z  ", 1)[1] for line in lines]

    made = [f"s3         student              CreateBucket s3://{bucket}  ok"]
    made += [f"s3         student              PutObject s3://{bucket}/a ñ.csv  ok"]
    assert shown() == made
    assert [line.split()[2] for line in shown("--all")] == ["CreateBucket", "PutObject", "GetObject", "GetObject"]
    assert [line.split()[2] for line in shown("--data")] == ["PutObject"]
    (failed,) = shown("--errors")
    assert failed.endswith(f"GetObject s3://{bucket}/no  NoSuchKey: The specified key does not exist.")
    assert main(["events", *state, "--json", "--limit", "1000"]) == 0
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (put,) = [one for one in documents if one["what"] == f"PutObject s3://{bucket}/a ñ.csv"]
    assert (put["service"], put["who"], put["outcome"], put["failed"]) == ("s3", "student", "ok", False)
    assert put["record"]["requestParameters"]["key"] == "a ñ.csv"


def test_wrong_usage_teaches(cloud: Any, capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    state = ["--state", str(cloud.state_dir)]
    assert main(["events", *state, "--service", "nada"]) == 2
    assert "nada" in capsys.readouterr().err
    assert main(["events", *state, "--since", "ayer"]) == 2
    assert main(["logs", *state, "--service", "athena"]) == 2
    assert "labkit events --service athena" in capsys.readouterr().err
    assert main(["logs", *state, "--job", "no-hay"]) == 2
    assert "no-hay" in capsys.readouterr().err
    assert main(["events", "--state", str(tmp_path)]) == 1
    assert "labkit up" in capsys.readouterr().err
