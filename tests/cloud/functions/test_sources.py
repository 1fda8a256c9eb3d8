"""Queues and topics that functions run for."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.cloud.functions.conftest import TRUST
from tests.cloud.functions.test_settings import CODE, refused

PRINT = "import json\ndef lambda_handler(e, c):\n    print('EVENT', json.dumps(e))\n"


def wait_for(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)
    return found


@pytest.fixture
def queue(aws: Any) -> Callable[..., tuple[str, str]]:
    def create(**attributes: str) -> tuple[str, str]:
        name = f"q-{uuid.uuid4().hex[:8]}" + (".fifo" if attributes.get("FifoQueue") else "")
        url = aws("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url, f"arn:aws:sqs:us-east-1:123456789012:{name}"

    return create


def events_of(text: str) -> list[Any]:
    return [
        record for line in text.splitlines() if line.startswith("EVENT ") for record in json.loads(line[6:])["Records"]
    ]


def message_count(aws: Any, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def test_messages_of_a_queue_reach_the_function_and_are_deleted(
    aws: Any, deploy: Any, queue: Any, logs_of: Any
) -> None:
    client, (url, arn), name = aws("lambda"), queue(), deploy(PRINT)
    made = client.create_event_source_mapping(FunctionName=name, EventSourceArn=arn, BatchSize=5)
    assert (made["State"], made["BatchSize"], made["FunctionArn"].rpartition(":")[2]) == ("Creating", 5, name)
    attribute = {"kind": {"DataType": "String", "StringValue": "csv"}}
    aws("sqs").send_message(QueueUrl=url, MessageBody="año", MessageAttributes=attribute)
    (record,) = wait_for(lambda: events_of(logs_of(name)))
    assert (record["body"], record["eventSource"], record["eventSourceARN"]) == ("año", "aws:sqs", arn)
    assert record["messageAttributes"]["kind"] == {
        "stringValue": "csv",
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": "String",
    }
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    wait_for(lambda: message_count(aws, url) == 0)
    found = client.get_event_source_mapping(UUID=made["UUID"])
    assert (found["State"], found["LastProcessingResult"]) == ("Enabled", "OK")
    assert (
        refused(client.create_event_source_mapping, FunctionName=name, EventSourceArn=arn)[0]
        == "ResourceConflictException"
    )
    client.delete_event_source_mapping(UUID=made["UUID"])
    assert refused(client.get_event_source_mapping, UUID=made["UUID"])[0] == "ResourceNotFoundException"


def test_failed_items_come_again_and_end_in_the_dead_letter_queue(
    aws: Any, deploy: Any, queue: Any, logs_of: Any
) -> None:
    dead_url, dead_arn = queue()
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})
    url, arn = queue(VisibilityTimeout="1", RedrivePolicy=redrive)
    code = """
def lambda_handler(e, c):
    print("BODIES", [record["body"] for record in e["Records"]])
    return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in e["Records"] if r["body"] == "bad"]}
"""
    name = deploy(code, Timeout=1)
    aws("lambda").create_event_source_mapping(
        FunctionName=name, EventSourceArn=arn, FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    for body in ("good", "bad"):
        aws("sqs").send_message(QueueUrl=url, MessageBody=body)
    (letter,) = wait_for(lambda: aws("sqs").receive_message(QueueUrl=dead_url).get("Messages"))
    assert letter["Body"] == "bad"
    assert logs_of(name).count("'bad'") == 2
    assert logs_of(name).count("'good'") == 1


def test_filters_keep_messages_from_the_function_and_out_of_the_queue(
    aws: Any, deploy: Any, queue: Any, logs_of: Any
) -> None:
    (url, arn), name = queue(), deploy(PRINT)
    criteria = {"Filters": [{"Pattern": json.dumps({"body": {"key": [{"prefix": "raw/"}]}})}]}
    client = aws("lambda")
    client.create_event_source_mapping(FunctionName=name, EventSourceArn=arn, FilterCriteria=criteria)
    for key in ("out/b", "raw/a"):
        aws("sqs").send_message(QueueUrl=url, MessageBody=json.dumps({"key": key}))
    wait_for(lambda: message_count(aws, url) == 0 and events_of(logs_of(name)))
    assert [json.loads(one["body"])["key"] for one in events_of(logs_of(name))] == ["raw/a"]
    bad = {"Filters": [{"Pattern": "{"}]}
    words = "Invalid filter pattern definition."
    mapping = client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"][0]["UUID"]
    assert refused(client.update_event_source_mapping, UUID=mapping, FilterCriteria=bad)[1] == words


def test_mappings_that_are_refused(aws: Any, deploy: Any, queue: Any) -> None:
    client, (_, arn), name = aws("lambda"), queue(), deploy(CODE, Timeout=60)
    create = client.create_event_source_mapping
    assert refused(create, FunctionName=name, EventSourceArn=arn)[1] == (
        "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds"
    )
    assert "The specified queue does not exist." in refused(create, FunctionName=name, EventSourceArn=f"{arn}x")[1]
    assert refused(create, FunctionName="nobody", EventSourceArn=arn)[1] == "Function does not exist"
    stream = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
    code, message = refused(create, FunctionName=name, EventSourceArn=stream, StartingPosition="LATEST")
    assert (code, "event source mappings for kinesis" in message) == ("NotImplemented", True)
    client.update_function_configuration(FunctionName=name, Timeout=3)
    words = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
    assert refused(create, FunctionName=name, EventSourceArn=arn, BatchSize=100)[1] == words
    role = aws("iam").create_role(RoleName=f"poor-{uuid.uuid4().hex[:8]}", AssumeRolePolicyDocument=TRUST)["Role"][
        "Arn"
    ]
    words = "The provided execution role does not have permissions to call ReceiveMessage on SQS"
    assert refused(create, FunctionName=deploy(CODE, Role=role), EventSourceArn=arn)[1] == words


def test_a_topic_sends_its_own_event_to_a_function_that_lets_it_in(aws: Any, deploy: Any, logs_of: Any) -> None:
    sns, name = aws("sns"), deploy(PRINT)
    topic = sns.create_topic(Name=f"t-{uuid.uuid4().hex[:8]}")["TopicArn"]
    endpoint = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    subscription = sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=endpoint, ReturnSubscriptionArn=True)
    sns.publish(TopicArn=topic, Message="too early")
    aws("lambda").add_permission(
        FunctionName=name,
        StatementId="sns",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
        SourceArn=topic,
    )
    attributes = {"kind": {"DataType": "String", "StringValue": "csv"}}
    sent = sns.publish(TopicArn=topic, Message="hola", Subject="aviso", MessageAttributes=attributes)
    (record,) = wait_for(lambda: events_of(logs_of(name)))
    assert (record["EventSource"], record["EventSubscriptionArn"]) == ("aws:sns", subscription["SubscriptionArn"])
    told = record["Sns"]
    assert (told["Message"], told["Subject"], told["MessageId"], told["TopicArn"]) == (
        "hola",
        "aviso",
        sent["MessageId"],
        topic,
    )
    assert told["MessageAttributes"] == {"kind": {"Type": "String", "Value": "csv"}}


def test_a_loop_through_a_queue_is_stopped(aws: Any, deploy: Any, queue: Any, logs_of: Any) -> None:
    url, arn = queue(VisibilityTimeout="30")
    code = """
import boto3, os
def lambda_handler(e, c):
    print("TURN")
    boto3.client("sqs").send_message(QueueUrl=os.environ["URL"], MessageBody="again")
"""
    name = deploy(code, Timeout=20, Environment={"Variables": {"URL": url}})
    made = aws("lambda").create_event_source_mapping(FunctionName=name, EventSourceArn=arn, BatchSize=1)
    aws("sqs").send_message(QueueUrl=url, MessageBody="first")
    result = "PROBLEM: Function call failed (RecursiveInvocationException)"
    wait_for(lambda: aws("lambda").get_event_source_mapping(UUID=made["UUID"])["LastProcessingResult"] == result)
    assert logs_of(name).count("TURN") == 16
    aws("lambda").delete_event_source_mapping(UUID=made["UUID"])


def test_no_message_is_lost_or_taken_twice_by_many_threads(aws: Any, queue: Any) -> None:
    sqs, (url, _), found = aws("sqs"), queue(VisibilityTimeout="60"), []

    def send(number: int) -> None:
        sqs.send_message(QueueUrl=url, MessageBody=str(number))

    def receive() -> None:
        while len(found) < 120:
            for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=5).get("Messages", []):
                found.append(int(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    with ThreadPoolExecutor(8) as threads:
        receivers = [threads.submit(receive) for _ in range(3)]
        list(threads.map(send, range(120)))
        for one in receivers:
            one.result(timeout=20)
    assert sorted(found) == list(range(120))
