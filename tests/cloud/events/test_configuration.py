"""PutBucketNotificationConfiguration and its answers, and what it refuses in S3's words."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud.events.conftest import ACCOUNT, Ear

Aws = Callable[[str], Any]


def put(aws: Aws, ear: Ear, configuration: dict[str, Any], **more: Any) -> None:
    aws("s3").put_bucket_notification_configuration(Bucket=ear.bucket, NotificationConfiguration=configuration, **more)


def get(aws: Aws, ear: Ear) -> dict[str, Any]:
    found = aws("s3").get_bucket_notification_configuration(Bucket=ear.bucket)
    return {name: value for name, value in found.items() if name != "ResponseMetadata"}


def refusal(aws: Aws, ear: Ear, configuration: dict[str, Any], **more: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        put(aws, ear, configuration, **more)
    assert get(aws, ear) == {}
    return {key: value for key, value in caught.value.response["Error"].items() if key != "Code"}


def rule(ear: Ear, events: list[str], rules: list[tuple[str, str]] | None = None, **more: Any) -> dict[str, Any]:
    found = {"QueueArn": ear.queue_arn, "Events": events, **more}
    if rules:
        found["Filter"] = {"Key": {"FilterRules": [{"Name": name, "Value": value} for name, value in rules]}}
    return found


def test_what_was_put_is_given_back_and_replaced_whole(aws: Aws, ear: Ear) -> None:
    first = rule(ear, ["s3:ObjectCreated:*"], [("prefix", "año/ & <b>"), ("SUFFIX", ".csv")])
    second = rule(ear, ["s3:ObjectRemoved:Delete", "s3:ObjectRestore:*"], Id="quitar")
    put(aws, ear, {"QueueConfigurations": [first, second], "EventBridgeConfiguration": {}})
    found = get(aws, ear)
    generated = found["QueueConfigurations"][0].pop("Id")
    assert len(generated) >= 32
    first["Filter"]["Key"]["FilterRules"] = [
        {"Name": "Prefix", "Value": "año/ & <b>"},
        {"Name": "Suffix", "Value": ".csv"},
    ]
    assert found == {"QueueConfigurations": [first, second], "EventBridgeConfiguration": {}}
    put(aws, ear, {"QueueConfigurations": [second]})
    assert get(aws, ear) == {"QueueConfigurations": [second]}
    put(aws, ear, {})
    assert get(aws, ear) == {}


def test_the_test_event_has_s3s_shape(aws: Aws, ear: Ear) -> None:
    answer = aws("s3").put_bucket_notification_configuration(
        Bucket=ear.bucket,
        NotificationConfiguration={
            "QueueConfigurations": [rule(ear, ["s3:ObjectCreated:*"]), rule(ear, ["s3:ObjectRemoved:*"])]
        },
    )["ResponseMetadata"]
    (event,) = ear.hear(1)
    assert event.pop("Time").endswith("Z")
    assert event == {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Bucket": ear.bucket,
        "RequestId": answer["RequestId"],
        "HostId": answer["HostId"],
    }


def test_topics_get_s3s_subject(aws: Aws, ear: Ear) -> None:
    arn = aws("sns").create_topic(Name=ear.bucket)["TopicArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    # SNS needs the queue's permission too.
    opened = {**statement, "Principal": "*", "Action": "sqs:SendMessage", "Resource": ear.queue_arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [opened]})
    aws("sqs").set_queue_attributes(QueueUrl=ear.queue_url, Attributes={"Policy": policy})
    aws("sns").subscribe(TopicArn=arn, Protocol="sqs", Endpoint=ear.queue_arn)
    put(aws, ear, {"TopicConfigurations": [{"TopicArn": arn, "Events": ["s3:ObjectCreated:*"]}]})
    aws("s3").put_object(Bucket=ear.bucket, Key="a", Body=b"")
    test, event = ear.hear(2)
    assert (test["Subject"], json.loads(test["Message"])["Event"]) == ("Amazon S3 Notification", "s3:TestEvent")
    assert event["Subject"] == "Amazon S3 Notification"
    assert json.loads(event["Message"])["Records"][0]["eventName"] == "ObjectCreated:Put"


AMBIGUOUS = (
    "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are "
    "overlapping for the same event type."
)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([{}, {}], "Configurations overlap. Configurations on the same bucket cannot share a common event type."),
        ([{"rules": [("prefix", "a")]}, {"rules": [("prefix", "ab")]}], AMBIGUOUS),
    ],
)
def test_overlapping_rules_are_refused(aws: Aws, ear: Ear, rules: list[dict[str, Any]], message: str) -> None:
    configuration = {"QueueConfigurations": [rule(ear, ["s3:ObjectCreated:*"], **given) for given in rules]}
    assert refusal(aws, ear, configuration) == {
        "Message": message,
        "ArgumentName": "Event",
        "ArgumentValue": "s3:ObjectCreated:*, s3:ObjectCreated:*",
    }


def test_all_targets_that_cannot_be_reached_are_named(aws: Aws, ear: Ear) -> None:
    function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:nobody"
    configuration = {
        "TopicConfigurations": [
            {"TopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:none", "Events": ["s3:ObjectTagging:*"]}
        ],
        "QueueConfigurations": [{"QueueArn": ear.queue_arn + "-none", "Events": ["s3:ObjectCreated:*"]}],
        "LambdaFunctionConfigurations": [{"LambdaFunctionArn": function, "Events": ["s3:ObjectRemoved:*"]}],
    }
    found = refusal(aws, ear, configuration)
    assert found.pop("Message") == "Unable to validate the following destination configurations"
    named = {found[f"ArgumentName{number}"]: found[f"ArgumentValue{number}"] for number in (1, 2, 3)}
    assert named == {
        f"arn:aws:sns:us-east-1:{ACCOUNT}:none": "The destination topic does not exist",
        ear.queue_arn + "-none": "The destination queue does not exist",
        f"{function}, null": f"Not authorized to invoke function [{function}]",
    }
    put(aws, ear, configuration, SkipDestinationValidation=True)
    assert len(get(aws, ear)) == 3


def test_a_queue_that_does_not_let_s3_in_is_refused(aws: Aws, ear: Ear) -> None:
    aws("sqs").set_queue_attributes(QueueUrl=ear.queue_url, Attributes={"Policy": ""})
    found = refusal(aws, ear, {"QueueConfigurations": [rule(ear, ["s3:ObjectCreated:*"])]})
    assert found["ArgumentName1"] == ear.queue_arn
    assert found["ArgumentValue1"] == (
        "Permissions on the destination queue do not allow S3 to publish notifications from this bucket"
    )


@pytest.mark.parametrize("skip", [False, True])
def test_an_arn_that_is_none_is_refused_even_unchecked(aws: Aws, ear: Ear, skip: bool) -> None:
    configuration = {"QueueConfigurations": [{"QueueArn": "invalid-queue", "Events": ["s3:ObjectCreated:*"]}]}
    assert refusal(aws, ear, configuration, SkipDestinationValidation=skip) == {
        "Message": "The ARN could not be parsed",
        "ArgumentName": "Queue",
        "ArgumentValue": "invalid-queue",
    }


def test_a_target_of_another_region_is_refused(aws: Aws, ear: Ear) -> None:
    elsewhere = {"QueueArn": ear.queue_arn.replace("us-east-1", "eu-west-1"), "Events": ["s3:ObjectCreated:*"]}
    found = refusal(aws, ear, {"QueueConfigurations": [elsewhere]})
    assert "service region is not valid for the bucket location" in found["Message"]


def test_the_expected_owner_must_be_the_owner(aws: Aws, ear: Ear) -> None:
    put(aws, ear, {"EventBridgeConfiguration": {}}, ExpectedBucketOwner=ACCOUNT)
    for call in ("get_bucket_notification_configuration", "put_bucket_notification_configuration"):
        more = {"NotificationConfiguration": {}} if call.startswith("put") else {}
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(aws("s3"), call)(Bucket=ear.bucket, ExpectedBucketOwner="111111111111", **more)
    assert get(aws, ear) == {"EventBridgeConfiguration": {}}


def test_events_that_never_happen_here_may_be_asked_for(aws: Aws, ear: Ear) -> None:
    events = ["s3:LifecycleExpiration:*", "s3:Replication:*", "s3:IntelligentTiering", "s3:ReducedRedundancyLostObject"]
    put(aws, ear, {"QueueConfigurations": [rule(ear, events, Id="a")]})
    assert get(aws, ear)["QueueConfigurations"][0]["Events"] == events


def test_a_bucket_that_does_not_exist_is_told(aws: Aws) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        aws("s3").put_bucket_notification_configuration(Bucket="no-such-bucket-here", NotificationConfiguration={})
    with pytest.raises(ClientError, match="NoSuchBucket"):
        aws("s3").get_bucket_notification_configuration(Bucket="no-such-bucket-here")


def test_a_target_that_shuts_s3_out_later_hears_nothing_more(aws: Aws, ear: Ear, cloud: Any) -> None:
    ear.configure()
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": ear.queue_arn}
    open_policy = aws("sqs").get_queue_attributes(QueueUrl=ear.queue_url, AttributeNames=["Policy"])["Attributes"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("sqs").set_queue_attributes(QueueUrl=ear.queue_url, Attributes={"Policy": policy})
    aws("s3").put_object(Bucket=ear.bucket, Key="unheard", Body=b"")
    aws("sqs").set_queue_attributes(QueueUrl=ear.queue_url, Attributes=open_policy)
    assert ear.hear_all() == []
    log = (cloud.state_dir / "cloud.log").read_text(encoding="utf-8")
    assert f"An event of bucket {ear.bucket} was not delivered to {ear.queue_arn}: Permissions on" in log
