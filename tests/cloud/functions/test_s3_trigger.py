from __future__ import annotations

import io
import json
import time
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

import pytest
from botocore.exceptions import ClientError

RECORD = "import json\ndef lambda_handler(event, context):\n    print('EVENT', json.dumps(event))\n"
ACCOUNT = "123456789012"


@pytest.fixture
def bucket(aws: Any) -> str:
    name = f"raw-{uuid.uuid4().hex[:8]}"
    aws("s3").create_bucket(Bucket=name)
    return name


def arn_of(name: str) -> str:
    return f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"


def allow(aws: Any, name: str, bucket: str, **conditions: str) -> None:
    condition = conditions or {"SourceArn": f"arn:aws:s3:::{bucket}", "SourceAccount": ACCOUNT}
    aws("lambda").add_permission(
        FunctionName=name, StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com", **condition
    )


def trigger(aws: Any, bucket: str, name: str, events: list[str], **filters: str) -> None:
    rule: dict[str, Any] = {"LambdaFunctionArn": arn_of(name), "Events": events}
    if filters:
        rule["Filter"] = {"Key": {"FilterRules": [{"Name": k, "Value": v} for k, v in filters.items()]}}
    configuration = {"LambdaFunctionConfigurations": [rule]}
    aws("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)


def events_in(text: str) -> list[Any]:
    return [json.loads(line[6:])["Records"][0] for line in text.splitlines() if line.startswith("EVENT ")]


def wait_events(logs_of: Callable[[str], str], name: str, count: int) -> list[Any]:
    end = time.monotonic() + 15
    while len(found := events_in(logs_of(name))) < count:
        assert time.monotonic() < end, f"{len(found)} of {count} events came"
        time.sleep(0.05)
    time.sleep(0.2)  # one too many would come now
    return events_in(logs_of(name))


def test_objects_of_the_prefix_and_suffix_reach_the_function(aws: Any, bucket: str, deploy: Any, logs_of: Any) -> None:
    name = deploy(RECORD)
    allow(aws, name, bucket)
    trigger(aws, bucket, name, ["s3:ObjectCreated:*"], Prefix="raw_sales/", Suffix=".csv")
    keys = ["raw_sales/año=2024/a b+c%.csv", "raw_sales/x.txt", "other/x.csv"]
    for key in keys:
        aws("s3").put_object(Bucket=bucket, Key=key, Body=b"12345")
    (record,) = wait_events(logs_of, name, 1)
    found = record["s3"]["object"]
    assert (record["eventName"], record["s3"]["bucket"]["name"]) == ("ObjectCreated:Put", bucket)
    assert unquote_plus(found["key"]) == keys[0]
    assert found["key"] == "raw_sales/a%C3%B1o%3D2024/a+b%2Bc%25.csv"
    assert (found["size"], found["eTag"]) == (5, "827ccb0eea8a706c4c34a16891f84e7b")
    assert "versionId" not in found


def test_each_way_of_making_and_removing_an_object_is_one_event(
    aws: Any, bucket: str, deploy: Any, logs_of: Any
) -> None:
    name = deploy(RECORD)
    allow(aws, name, bucket)
    trigger(aws, bucket, name, ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*"])
    s3 = aws("s3")
    s3.put_object(Bucket=bucket, Key="a.csv", Body=b"1", Tagging="k=v")
    s3.copy_object(Bucket=bucket, Key="b.csv", CopySource={"Bucket": bucket, "Key": "a.csv"})
    s3.upload_fileobj(io.BytesIO(b"x" * 9_000_000), bucket, "big.csv")
    s3.delete_object(Bucket=bucket, Key="b.csv")
    s3.put_object_tagging(Bucket=bucket, Key="a.csv", Tagging={"TagSet": [{"Key": "k", "Value": "w"}]})
    records = wait_events(logs_of, name, 5)
    found = sorted((r["eventName"], r["s3"]["object"]["key"]) for r in records)
    assert found == [
        ("ObjectCreated:CompleteMultipartUpload", "big.csv"),
        ("ObjectCreated:Copy", "b.csv"),
        ("ObjectCreated:Put", "a.csv"),
        ("ObjectRemoved:Delete", "b.csv"),
        ("ObjectTagging:Put", "a.csv"),
    ]
    of_b = {r["eventName"]: r["s3"]["object"]["sequencer"] for r in records if r["s3"]["object"]["key"] == "b.csv"}
    assert of_b["ObjectCreated:Copy"] < of_b["ObjectRemoved:Delete"]


@pytest.mark.parametrize(
    "conditions",
    [None, {"SourceArn": "arn:aws:s3:::another-bucket"}, {"SourceAccount": "999999999999"}],
)
def test_a_function_that_does_not_let_s3_in_is_refused(aws: Any, bucket: str, deploy: Any, conditions: Any) -> None:
    name = deploy(RECORD)
    if conditions:
        allow(aws, name, bucket, **conditions)
    with pytest.raises(ClientError, match="Unable to validate the following destination configurations") as caught:
        trigger(aws, bucket, name, ["s3:ObjectCreated:*"])
    assert caught.value.response["Error"]["Code"] == "InvalidArgument"


def test_a_function_that_does_not_exist_is_refused(aws: Any, bucket: str) -> None:
    with pytest.raises(ClientError, match="Unable to validate the following destination configurations"):
        trigger(aws, bucket, "nobody", ["s3:ObjectCreated:*"])


def test_overlapping_rules_are_refused(aws: Any, bucket: str, deploy: Any) -> None:
    name = deploy(RECORD)
    allow(aws, name, bucket)
    rule = {"LambdaFunctionArn": arn_of(name), "Events": ["s3:ObjectCreated:*"]}
    with pytest.raises(ClientError, match="Configurations overlap"):
        aws("s3").put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [rule, rule]}
        )


def test_a_queue_receives_events_too(aws: Any, bucket: str) -> None:
    sqs = aws("sqs")
    queue = f"events-{uuid.uuid4().hex[:8]}"
    url = sqs.create_queue(QueueName=queue)["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{queue}"
    configuration = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    with pytest.raises(ClientError, match="Unable to validate"):
        aws("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    aws("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    aws("s3").put_object(Bucket=bucket, Key="a.csv", Body=b"1")
    bodies: list[Any] = []
    end = time.monotonic() + 10
    while len(bodies) < 2 and time.monotonic() < end:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        bodies += [json.loads(message["Body"]) for message in found]
    assert {body.get("Event") or body["Records"][0]["eventName"] for body in bodies} == {
        "s3:TestEvent",
        "ObjectCreated:Put",
    }


def test_a_function_that_writes_into_its_own_trigger_is_stopped(
    aws: Any, bucket: str, deploy: Any, logs_of: Any
) -> None:
    code = """
import boto3, os
def lambda_handler(event, context):
    boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key="again.csv", Body=b"x")
    print("RUN")
"""
    name = deploy(code, Timeout=20, Environment={"Variables": {"BUCKET": bucket}})
    allow(aws, name, bucket)
    trigger(aws, bucket, name, ["s3:ObjectCreated:*"])
    aws("s3").put_object(Bucket=bucket, Key="first.csv", Body=b"x")
    end = time.monotonic() + 60
    while "recursive loop" not in logs_of(name):
        assert time.monotonic() < end, logs_of(name)[-2000:]
        time.sleep(0.2)
    time.sleep(1)
    assert logs_of(name).count("RUN\n") == 16
