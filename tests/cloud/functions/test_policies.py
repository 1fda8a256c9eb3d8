from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cloud.functions.test_settings import CODE, refused

S3 = {"StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}


def test_statements_stand_as_aws_writes_them(aws: Any, deploy: Any) -> None:
    client, name = aws("lambda"), deploy(CODE)
    more = {"SourceArn": "arn:aws:s3:::raw", "SourceAccount": "123456789012"}
    told = json.loads(client.add_permission(FunctionName=name, **S3, **more)["Statement"])
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    assert told == {
        "Sid": "s3",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": arn,
        "Condition": {
            "StringEquals": {"AWS:SourceAccount": "123456789012"},
            "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::raw"},
        },
    }
    policy = json.loads(client.get_policy(FunctionName=name)["Policy"])
    assert (policy["Version"], policy["Id"], policy["Statement"]) == ("2012-10-17", "default", [told])


def test_each_qualifier_has_a_policy_of_its_own(aws: Any, deploy: Any) -> None:
    client, name = aws("lambda"), deploy(CODE, Publish=True)
    client.create_alias(FunctionName=name, Name="prod", FunctionVersion="1")
    client.add_permission(FunctionName=name, Qualifier="prod", **{**S3, "Principal": "210987654321"})
    assert refused(client.get_policy, FunctionName=name) == (
        "ResourceNotFoundException",
        "The resource you requested does not exist.",
    )
    (statement,) = json.loads(client.get_policy(FunctionName=name, Qualifier="prod")["Policy"])["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::210987654321:root"}
    assert statement["Resource"].endswith(":prod")
    client.remove_permission(FunctionName=name, Qualifier="prod", StatementId="s3")
    assert refused(client.get_policy, FunctionName=name, Qualifier="prod")[0] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("params", "code", "words"),
    [
        (
            S3,
            "ResourceConflictException",
            "The statement id (s3) provided already exists. Please provide a new statement id",
        ),
        (
            {**S3, "StatementId": "b", "Principal": "me"},
            "InvalidParameterValueException",
            "The provided principal was invalid.",
        ),
        (
            {**S3, "StatementId": "b", "Action": "s3:GetObject"},
            "ValidationException",
            "at 'action' failed to satisfy constraint",
        ),
        (
            {**S3, "StatementId": "a b"},
            "ValidationException",
            "Value 'a b' at 'statementId' failed to satisfy constraint",
        ),
        ({**S3, "StatementId": "b", "RevisionId": "x"}, "PreconditionFailedException", "Call the GetPolicy API"),
        (
            {**S3, "StatementId": "b", "Qualifier": "$LATEST"},
            "InvalidParameterValueException",
            "adding policies for $LATEST",
        ),
        ({**S3, "StatementId": "b", "Qualifier": "9"}, "ResourceNotFoundException", ":9"),
    ],
)
def test_statements_that_are_refused(aws: Any, deploy: Any, params: dict[str, Any], code: str, words: str) -> None:
    client, name = aws("lambda"), deploy(CODE)
    client.add_permission(FunctionName=name, **S3)
    found, message = refused(client.add_permission, FunctionName=name, **params)
    assert found == code
    assert words in message


def test_tags_belong_to_the_function_only(aws: Any, deploy: Any) -> None:
    client, name = aws("lambda"), deploy(CODE, Tags={"team": "data", "stage": "dev"})
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    client.tag_resource(Resource=arn, Tags={"team": "lab"})
    client.untag_resource(Resource=arn, TagKeys=["stage"])
    assert client.list_tags(Resource=arn)["Tags"] == {"team": "lab"}
    assert (
        "Tags on aliases and versions are not supported"
        in refused(client.tag_resource, Resource=f"{arn}:1", Tags={"a": "b"})[1]
    )
    assert refused(client.list_tags, Resource=f"{arn}x")[0] == "ResourceNotFoundException"


def test_the_end_of_events_is_configured_by_parts(aws: Any, deploy: Any) -> None:
    client, name = aws("lambda"), deploy(CODE)
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    assert refused(client.get_function_event_invoke_config, FunctionName=name) == (
        "ResourceNotFoundException",
        f"The function {arn}:$LATEST doesn't have an EventInvokeConfig",
    )
    assert "at least one of error handling" in refused(client.put_function_event_invoke_config, FunctionName=name)[1]
    made = client.put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=1, MaximumEventAgeInSeconds=60
    )
    assert (made["FunctionArn"], made["DestinationConfig"]) == (f"{arn}:$LATEST", {"OnSuccess": {}, "OnFailure": {}})
    aws("sqs").create_queue(QueueName=name)
    queue = {"OnFailure": {"Destination": f"arn:aws:sqs:us-east-1:123456789012:{name}"}}
    client.update_function_event_invoke_config(FunctionName=name, DestinationConfig=queue)
    found = client.get_function_event_invoke_config(FunctionName=name)
    assert (
        found["MaximumRetryAttempts"],
        found["MaximumEventAgeInSeconds"],
        found["DestinationConfig"]["OnFailure"],
    ) == (
        1,
        60,
        queue["OnFailure"],
    )
    client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    assert "MaximumEventAgeInSeconds" not in client.get_function_event_invoke_config(FunctionName=name)
    assert len(client.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"]) == 1
    client.delete_function_event_invoke_config(FunctionName=name)
    assert client.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"] == []


@pytest.mark.parametrize(
    ("destination", "words"),
    [
        ("arn:aws:ec2:us-east-1:123456789012:x", "DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:ec2"),
        ("arn:aws:lambda:us-east-1:123456789012:function:nobody", "The destination ARN arn:aws:lambda"),
        ("arn:aws:s3:::bucket", "is invalid."),
    ],
)
def test_destinations_that_are_none(aws: Any, deploy: Any, destination: str, words: str) -> None:
    client, name = aws("lambda"), deploy(CODE)
    config = {"OnSuccess": {"Destination": destination}}
    code, message = refused(client.put_function_event_invoke_config, FunctionName=name, DestinationConfig=config)
    assert code == "InvalidParameterValueException"
    assert words in message
