"""Where the records of asynchronous invocations go."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest

from tests.cloud.functions.conftest import TRUST
from tests.cloud.functions.test_settings import refused
from tests.cloud.functions.test_sources import PRINT, wait_for

CODE = "def lambda_handler(e, c):\n    if e.get('fail'):\n        raise ValueError('no')\n    return {'ok': True}\n"


def send_to(aws: Any, name: str, **destinations: str) -> None:
    config = {side: {"Destination": arn} for side, arn in destinations.items()}
    aws("lambda").put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0, DestinationConfig=config)


def start(aws: Any, name: str, event: dict[str, Any]) -> str:
    reply = aws("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))
    return str(reply["ResponseMetadata"]["RequestId"])


def printed(text: str) -> list[Any]:
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("EVENT ")]


def test_another_function_and_a_topic(aws: Any, deploy: Any, logs_of: Any) -> None:
    target, name = deploy(PRINT), deploy(CODE)
    queue = aws("sqs").create_queue(QueueName=f"q-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    topic = aws("sns").create_topic(Name=f"t-{uuid.uuid4().hex[:8]}")["TopicArn"]
    arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    send_to(aws, name, OnSuccess=f"arn:aws:lambda:us-east-1:123456789012:function:{target}", OnFailure=topic)
    done = start(aws, name, {"n": 1})
    (record,) = wait_for(lambda: printed(logs_of(target)))
    assert (record["requestContext"]["requestId"], record["requestContext"]["condition"]) == (done, "Success")
    assert (record["requestPayload"], record["responsePayload"]) == ({"n": 1}, {"ok": True})
    start(aws, name, {"fail": 1})
    (message,) = wait_for(lambda: aws("sqs").receive_message(QueueUrl=queue).get("Messages"))
    told = json.loads(json.loads(message["Body"])["Message"])
    assert (told["requestContext"]["condition"], told["responsePayload"]["errorMessage"]) == ("RetriesExhausted", "no")


def test_an_event_bus_and_a_bucket(aws: Any, deploy: Any, logs_of: Any) -> None:
    events, name, target = aws("events"), deploy(CODE), deploy(PRINT)
    bus, bucket = f"bus-{uuid.uuid4().hex[:8]}", f"failures-{uuid.uuid4().hex[:8]}"
    bus_arn = events.create_event_bus(Name=bus)["EventBusArn"]
    rule = events.put_rule(Name="lambda", EventBusName=bus, EventPattern='{"source": ["lambda"]}')["RuleArn"]
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{target}"
    aws("lambda").add_permission(
        FunctionName=target,
        StatementId="bus",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule,
    )
    events.put_targets(Rule="lambda", EventBusName=bus, Targets=[{"Id": "1", "Arn": arn}])
    aws("s3").create_bucket(Bucket=bucket)
    send_to(aws, name, OnSuccess=bus_arn, OnFailure=f"arn:aws:s3:::{bucket}")
    start(aws, name, {"n": 1})
    (event,) = wait_for(lambda: printed(logs_of(target)))
    assert (event["source"], event["detail-type"]) == ("lambda", "Lambda Function Invocation Result - Success")
    assert event["resources"] == [bus_arn, f"arn:aws:lambda:us-east-1:123456789012:function:{name}:$LATEST"]
    assert event["detail"]["responsePayload"] == {"ok": True}
    start(aws, name, {"fail": 1})
    (found,) = wait_for(lambda: aws("s3").list_objects_v2(Bucket=bucket).get("Contents"))
    assert re.fullmatch(rf"aws/lambda/async/{name}/\d{{4}}/\d\d/\d\d/[-0-9T.]+-[0-9a-f-]{{36}}", found["Key"])
    record = json.loads(aws("s3").get_object(Bucket=bucket, Key=found["Key"])["Body"].read())
    assert record["requestContext"]["condition"] == "RetriesExhausted"


def test_a_function_without_concurrency_gives_its_events_up_at_once(aws: Any, deploy: Any) -> None:
    name = deploy(CODE)
    queue = aws("sqs").create_queue(QueueName=f"q-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    send_to(aws, name, OnFailure=arn)
    aws("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    start(aws, name, {"n": 1})
    (message,) = wait_for(lambda: aws("sqs").receive_message(QueueUrl=queue).get("Messages"))
    context = json.loads(message["Body"])["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("ZeroReservedConcurrency", 0)


def test_a_role_that_may_not_write_to_the_destination_is_refused(aws: Any, deploy: Any) -> None:
    role = aws("iam").create_role(RoleName=f"poor-{uuid.uuid4().hex[:8]}", AssumeRolePolicyDocument=TRUST)["Role"][
        "Arn"
    ]
    arn = "arn:aws:sqs:us-east-1:123456789012:letters"
    words = "The provided execution role does not have permissions to call SendMessage on SQS"
    assert refused(deploy, CODE, Role=role, DeadLetterConfig={"TargetArn": arn})[1] == words
    name, config = deploy(CODE, Role=role), {"OnFailure": {"Destination": arn}}
    put = aws("lambda").put_function_event_invoke_config
    assert f"permissions to call SendMessage on {arn}" in refused(put, FunctionName=name, DestinationConfig=config)[1]


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sqs:us-east-1:123456789012:no-such-queue",
        "arn:aws:sns:us-east-1:123456789012:no-such-topic",
        "arn:aws:s3:::no-such-bucket-as-this",
        "arn:aws:lambda:us-east-1:123456789012:function:no-such-function",
    ],
)
def test_a_destination_that_is_not_there_is_refused(aws: Any, deploy: Any, arn: str) -> None:
    put, config = aws("lambda").put_function_event_invoke_config, {"OnFailure": {"Destination": arn}}
    code, message = refused(put, FunctionName=deploy(CODE), DestinationConfig=config)
    assert (code, message) == ("InvalidParameterValueException", f"The destination ARN {arn} is invalid.")
