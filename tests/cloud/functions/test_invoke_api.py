from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

ECHO = "def lambda_handler(event, context):\n    return {'got': event}\n"


def payload(reply: Any) -> Any:
    return json.loads(reply["Payload"].read())


def test_invoke_runs_the_uploaded_zip(aws: Any, deploy: Any, logs_of: Any) -> None:
    name = deploy(ECHO)
    reply = aws("lambda").invoke(FunctionName=name, Payload=json.dumps({"año": 1}), LogType="Tail")
    assert (reply["StatusCode"], reply["ExecutedVersion"], payload(reply)) == (200, "$LATEST", {"got": {"año": 1}})
    assert "FunctionError" not in reply
    request_id = reply["ResponseMetadata"]["RequestId"]
    assert f"REPORT RequestId: {request_id}" in base64.b64decode(reply["LogResult"]).decode()
    assert f"START RequestId: {request_id} Version: $LATEST" in logs_of(name)


def test_boto3_in_a_function_reaches_the_local_cloud_under_its_role(aws: Any, deploy: Any, lambda_role: str) -> None:
    name = deploy(
        "import boto3\ndef lambda_handler(e, c):\n    return boto3.client('sts').get_caller_identity()['Arn']\n",
        Timeout=20,
    )
    role_name = lambda_role.rsplit("/", 1)[1]
    assert (
        payload(aws("lambda").invoke(FunctionName=name)) == f"arn:aws:sts::123456789012:assumed-role/{role_name}/{name}"
    )


def test_an_error_of_the_function_is_a_function_error(aws: Any, deploy: Any) -> None:
    reply = aws("lambda").invoke(
        FunctionName=deploy("def lambda_handler(e, c):\n    return e['missing']\n"), Payload=b"{}"
    )
    assert (reply["StatusCode"], reply["FunctionError"]) == (200, "Unhandled")
    assert payload(reply)["errorType"] == "KeyError"


def test_new_code_versions_and_aliases_run_what_they_name(aws: Any, deploy: Any) -> None:
    from tests.cloud.functions.conftest import zip_bytes

    client = aws("lambda")
    name = deploy("def lambda_handler(e, c):\n    return ['one', c.function_version]\n")
    assert client.publish_version(FunctionName=name)["Version"] == "1"
    code = "def lambda_handler(e, c):\n    return ['two', c.function_version, c.invoked_function_arn.split(':')[-1]]\n"
    client.update_function_code(FunctionName=name, ZipFile=zip_bytes({"lambda_function.py": code}))
    client.create_alias(FunctionName=name, Name="prod", FunctionVersion="1")
    client.create_alias(FunctionName=name, Name="dev", FunctionVersion="$LATEST")
    assert payload(client.invoke(FunctionName=name)) == ["two", "$LATEST", name]
    assert payload(client.invoke(FunctionName=name, Qualifier="1")) == ["one", "1"]
    assert payload(client.invoke(FunctionName=name, Qualifier="prod")) == ["one", "1"]
    assert payload(client.invoke(FunctionName=name, Qualifier="dev")) == ["two", "$LATEST", "dev"]


def test_an_event_invocation_is_accepted_and_runs(aws: Any, deploy: Any, logs_of: Any) -> None:
    name = deploy("def lambda_handler(e, c):\n    print('ran with', e['n'])\n")
    reply = aws("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b'{"n": 7}')
    assert reply["StatusCode"] == 202
    end = time.monotonic() + 10
    while "ran with 7" not in logs_of(name):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_failed_event_ends_in_the_destination_and_in_the_dead_letter_queue(aws: Any, deploy: Any) -> None:
    sqs = aws("sqs")
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("on-failure", "dead-letters")}
    arns = {name: f"arn:aws:sqs:us-east-1:123456789012:{name}" for name in urls}
    name = deploy(
        "def lambda_handler(e, c):\n    raise RuntimeError('no')\n",
        DeadLetterConfig={"TargetArn": arns["dead-letters"]},
    )
    destination = {"OnFailure": {"Destination": arns["on-failure"]}}
    aws("lambda").put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=0, DestinationConfig=destination
    )
    sent = aws("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b'{"n": 1}')
    record = json.loads(_receive(sqs, urls["on-failure"])["Body"])
    assert record["requestContext"]["requestId"] == sent["ResponseMetadata"]["RequestId"]
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestPayload"] == {"n": 1}
    assert record["responsePayload"]["errorMessage"] == "no"
    letter = _receive(sqs, urls["dead-letters"])
    assert json.loads(letter["Body"]) == {"n": 1}
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "no"


def _receive(sqs: Any, url: str) -> Any:
    end = time.monotonic() + 15
    while time.monotonic() < end:
        found = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages", [])
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError("no message came")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"Runtime": "nodejs20.x"}, "Python functions only"),
        ({"Code": {"ZipFile": b"not a zip"}}, "Could not unzip uploaded file"),
    ],
)
def test_create_function_refuses_what_cannot_run(deploy: Any, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ClientError, match=words) as caught:
        deploy(ECHO, **settings)
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValueException"


def test_a_function_that_does_not_exist(aws: Any) -> None:
    with pytest.raises(ClientError) as caught:
        aws("lambda").invoke(FunctionName="nobody")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert "arn:aws:lambda:us-east-1:123456789012:function:nobody" in str(caught.value)


def test_reserved_concurrency_of_zero_throttles(aws: Any, deploy: Any) -> None:
    name = deploy(ECHO)
    aws("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as caught:
        aws("lambda").invoke(FunctionName=name)
    assert caught.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
