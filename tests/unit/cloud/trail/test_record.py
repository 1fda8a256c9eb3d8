"""Records as CloudTrail writes them."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest

from labkit.cloud.identity.principal import Principal
from labkit.cloud.trail.elements import HIDDEN
from labkit.cloud.trail.heard import Heard
from labkit.cloud.trail.kinds import event_name, event_source, is_data, is_read
from labkit.cloud.trail.record import build_event
from tests.unit.cloud.trail.heard_calls import ACCOUNT, STUDENT, heard


def record_of(call: Heard, principal: Principal | None = STUDENT) -> dict[str, Any]:
    return build_event(call, ACCOUNT, lambda key: principal).record


def test_the_whole_record_of_a_call() -> None:
    call = heard(
        "glue",
        action="StartJobRun",
        body={"JobName": "j", "Arguments": {"--Clave-Y": "v"}},
        reply={"JobRunId": "jr_1"},
    )
    found = record_of(call)
    assert len(found.pop("eventID")) == 36
    assert found == {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAX",
            "arn": f"arn:aws:iam::{ACCOUNT}:user/student",
            "accountId": ACCOUNT,
            "accessKeyId": "test",
            "userName": "student",
        },
        "eventTime": "2025-11-29T03:00:00Z",
        "eventSource": "glue.amazonaws.com",
        "eventName": "StartJobRun",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "127.0.0.1",
        "userAgent": "Boto3/1",
        "requestParameters": {"jobName": "j", "arguments": {"--Clave-Y": "v"}},
        "responseElements": {"jobRunId": "jr_1"},
        "requestID": "id-1",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }


def test_a_denied_call_keeps_code_and_words() -> None:
    words = "User: arn is not authorized to perform: glue:GetJob"
    reply = {"__type": "AccessDeniedException", "message": words}
    call = heard("glue", action="GetJob", body={"JobName": "j"}, reply=reply, status=400)
    found = record_of(call)
    assert (found["errorCode"], found["errorMessage"]) == ("AccessDeniedException", words)
    assert (found["readOnly"], found["responseElements"]) == (True, None)
    xml = b"<Error><Code>NoSuchBucket</Code><Message>a &lt; b</Message></Error>"
    found = record_of(heard("s3", "DELETE", "/b", reply=xml, status=404))
    assert (found["errorCode"], found["errorMessage"]) == ("NoSuchBucket", "a < b")
    assert record_of(heard("s3", "HEAD", "/b/k", status=404))["errorCode"] == "NoSuchKey"


def test_an_object_is_a_data_event_with_its_resources() -> None:
    found = record_of(heard("s3", "PUT", "/datos/a ñ.csv", body=b"secret content"))
    assert (found["managementEvent"], found["eventCategory"]) == (False, "Data")
    assert found["resources"] == [
        {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::datos/a ñ.csv"},
        {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::datos"},
    ]
    assert "secret content" not in json.dumps(found)


def test_what_is_set_on_a_bucket_is_shown_as_the_call_says_it() -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*"}]}
    found = record_of(heard("s3", "PUT", "/b", query="policy", body=policy))["requestParameters"]
    assert found == {"bucketName": "b", "Host": "127.0.0.1:4566", "policy": "", "bucketPolicy": policy}
    xml = (
        b'<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><CloudFunctionConfiguration>'
        b"<Event>s3:ObjectCreated:*</Event><Event>s3:ObjectRemoved:*</Event></CloudFunctionConfiguration>"
        b"<EventBridgeConfiguration/></NotificationConfiguration>"
    )
    found = record_of(heard("s3", "PUT", "/b", query="notification", body=xml))["requestParameters"]
    assert found["NotificationConfiguration"] == {
        "xmlns": "http://s3.amazonaws.com/doc/2006-03-01/",
        "CloudFunctionConfiguration": {"Event": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]},
        "EventBridgeConfiguration": "",
    }
    for body in (b"<a", b"{", b"[1]"):
        found = record_of(heard("s3", "PUT", "/b", query="policy", body=body))["requestParameters"]
        assert "bucketPolicy" not in found


def test_a_role_session_tells_its_issuer() -> None:
    issued = datetime(2025, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    role = Principal(
        "role-session", ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s", "AROAX:s", "r", f"arn:aws:iam::{ACCOUNT}:role/r", "s",
        issued_at=issued, access_key="ASIAX",
    )  # fmt: skip
    event = build_event(heard("glue", action="GetJobs", body={}), ACCOUNT, lambda key: role)
    identity = event.record["userIdentity"]
    assert (identity["type"], identity["principalId"], event.user_name) == ("AssumedRole", "AROAX:s", "s")
    assert identity["sessionContext"] == {
        "sessionIssuer": {
            "type": "Role",
            "principalId": "AROAX",
            "arn": f"arn:aws:iam::{ACCOUNT}:role/r",
            "accountId": ACCOUNT,
            "userName": "r",
        },
        "attributes": {"mfaAuthenticated": "false", "creationDate": "2025-01-02T03:04:05Z"},
    }
    anonymous = Principal("anonymous", "", "anonymous", "anonymous", "anonymous")
    assert record_of(heard("s3", "GET", "/b"), anonymous)["userIdentity"] == {
        "type": "AWSAccount",
        "principalId": "",
        "accountId": "ANONYMOUS_PRINCIPAL",
    }


@pytest.mark.parametrize(
    ("service", "action", "body", "shown"),
    [
        ("secretsmanager", "CreateSecret", {"Name": "x", "SecretString": "s3cr3t"}, {"name": "x", "secretString": HIDDEN}),
        ("ssm", "PutParameter", {"Name": "p", "Value": "s3cr3t"}, {"name": "p", "value": HIDDEN}),
        ("logs", "PutLogEvents", {"logGroupName": "g", "logEvents": [{"message": "s3cr3t"}]}, {"logGroupName": "g"}),
        ("sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "s3cr3t"}, {"queueUrl": "q"}),
        ("kms", "Encrypt", {"KeyId": "k", "Plaintext": "s3cr3t"}, {"keyId": "k", "plaintext": HIDDEN}),
    ],
)  # fmt: skip
def test_secrets_and_data_are_never_kept(
    service: str, action: str, body: dict[str, Any], shown: dict[str, Any]
) -> None:
    found = record_of(heard(service, action=action, body=body, reply={"SecretString": "s3cr3t"}))
    assert found["requestParameters"] == shown
    assert "s3cr3t" not in json.dumps(found)


def test_of_a_functions_environment_and_package_nothing_is_kept() -> None:
    body = {"FunctionName": "f", "Code": {"ZipFile": "UEs="}, "Environment": {"Variables": {"CLAVE": "s3cr3t"}}}
    found = record_of(heard("lambda", "POST", "/2015-03-31/functions", body=body, reply=body, status=201))
    assert found["eventName"] == "CreateFunction20150331"
    assert found["requestParameters"] == {"functionName": "f", "code": {}, "environment": {}}
    assert found["responseElements"] == {"functionName": "f", "environment": {}}


def test_a_new_keys_secret_is_not_kept() -> None:
    reply = (
        b'<CreateAccessKeyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><CreateAccessKeyResult><AccessKey><UserName>ana'
        b"</UserName><AccessKeyId>AKIAX</AccessKeyId><Status>Active</Status><SecretAccessKey>s3cr3t</SecretAccessKey></AccessKey>"
        b"</CreateAccessKeyResult></CreateAccessKeyResponse>"
    )
    form = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
    call = heard("iam", action="CreateAccessKey", body=b"Action=CreateAccessKey&UserName=ana", reply=reply, **form)
    event = build_event(call, ACCOUNT, lambda key: STUDENT)
    assert event.record["responseElements"] == {
        "accessKey": {"userName": "ana", "accessKeyId": "AKIAX", "status": "Active"}
    }
    assert event.resources == (("AWS::IAM::User", "ana"), ("AWS::IAM::AccessKey", "AKIAX"))


def test_long_texts_are_cut() -> None:
    found = record_of(heard("athena", action="StartQueryExecution", body={"QueryString": "x" * 100_000}))
    assert len(found["requestParameters"]["queryString"]) == 4097


@pytest.mark.parametrize(
    ("service", "operation", "name", "source", "read", "data"),
    [
        ("lambda", "UpdateFunctionCode", "UpdateFunctionCode20150331v2", "lambda.amazonaws.com", False, False),
        ("lambda", "GetFunction", "GetFunction20150331v2", "lambda.amazonaws.com", True, False),
        ("lambda", "Invoke", "Invoke", "lambda.amazonaws.com", False, True),
        ("lambda", "PublishLayerVersion", "PublishLayerVersion20181031", "lambda.amazonaws.com", False, False),
        (
            "lambda",
            "PutFunctionEventInvokeConfig",
            "PutFunctionEventInvokeConfig",
            "lambda.amazonaws.com",
            False,
            False,
        ),
        ("cloudwatch", "PutMetricAlarm", "PutMetricAlarm", "monitoring.amazonaws.com", False, False),
        ("cloudwatch", "PutMetricData", "PutMetricData", "monitoring.amazonaws.com", False, True),
        ("dynamodb", "PutItem", "PutItem", "dynamodb.amazonaws.com", False, True),
        ("dynamodb", "CreateTable", "CreateTable", "dynamodb.amazonaws.com", False, False),
        ("sqs", "ReceiveMessage", "ReceiveMessage", "sqs.amazonaws.com", True, True),
        ("sns", "Publish", "Publish", "sns.amazonaws.com", False, True),
        ("sts", "AssumeRole", "AssumeRole", "sts.amazonaws.com", True, False),
        ("athena", "StartQueryExecution", "StartQueryExecution", "athena.amazonaws.com", False, False),
        ("s3", "PutBucketPolicy", "PutBucketPolicy", "s3.amazonaws.com", False, False),
        ("resourcegroupstaggingapi", "GetResources", "GetResources", "tagging.amazonaws.com", True, False),
    ],
)
def test_names_sources_and_kinds(service: str, operation: str, name: str, source: str, read: bool, data: bool) -> None:
    assert (event_name(service, operation), event_source(service)) == (name, source)
    assert (is_read(service, operation), is_data(service, operation)) == (read, data)
