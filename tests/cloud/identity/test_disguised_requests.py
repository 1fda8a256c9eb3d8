"""Requests that say one thing where the permissions look and another where the service looks."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests
from botocore.auth import S3SigV4Auth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.cloud.identity.conftest import ACCOUNT, allow

JSON = {"Content-Type": "application/x-amz-json-1.1"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
Send = Callable[..., requests.Response]


@pytest.fixture
def send(actor: Any) -> Send:
    """A signed request of the actor, as it stands: `send("POST", "/?x=1", "ssm", b"{}", {"X-Amz-Target": …})`."""

    def signed(method: str, uri: str, service: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Any:
        given = actor.credentials
        credentials = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        request = AWSRequest(method, actor.endpoint_url + uri, data=body, headers=headers or {})
        kind = S3SigV4Auth if service == "s3" else SigV4Auth
        kind(credentials, service, "us-east-1").add_auth(request)
        return requests.request(method, actor.endpoint_url + uri, data=body, headers=dict(request.headers), timeout=30)

    return signed


@pytest.fixture
def parameters(aws: Any, actor: Any) -> None:
    for name in ("/disguised/ok", "/disguised/secret"):
        aws("ssm").put_parameter(Name=name, Value=name, Type="String", Overwrite=True)
    actor.may(allow("ssm:GetParameter", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/disguised/ok"))


@pytest.mark.parametrize(
    ("uri", "more"),
    [
        ("/?Name=/disguised/secret", ""),
        ("/", "&Name=/disguised/secret&"),
    ],
)
@pytest.mark.usefixtures("parameters")
def test_a_json_call_answers_about_what_its_body_names(send: Send, uri: str, more: str) -> None:
    body = b'{"Name": "/disguised/ok", "x": "%s"}' % more.encode()
    answer = send("POST", uri, "ssm", body, {**JSON, "X-Amz-Target": "AmazonSSM.GetParameter"})
    assert answer.json()["Parameter"]["Name"] == "/disguised/ok"


@pytest.mark.usefixtures("parameters")
def test_a_second_operation_needs_its_own_permission(send: Send, aws: Any) -> None:
    target = {**JSON, "X-Amz-Target": "AmazonSSM.GetParameter"}
    hidden = b'{"Name": "/disguised/ok", "x": "&Action=DeleteParameter&"}'
    for uri, body in (("/?Action=DeleteParameter", b'{"Name": "/disguised/ok"}'), ("/", hidden)):
        answer = send("POST", uri, "ssm", body, target)
        assert answer.json()["__type"] == "AccessDeniedException"
        assert "ssm:DeleteParameter" in answer.json()["message"]
    assert aws("ssm").get_parameter(Name="/disguised/ok")["Parameter"]["Value"] == "/disguised/ok"


def test_a_form_with_another_operation_in_its_url_is_refused(send: Send, aws: Any, actor: Any) -> None:
    aws("iam").create_user(UserName="disguised")
    actor.may(allow("iam:GetUser", "*"))
    body = b"Action=DeleteUser&Version=2010-05-08&UserName=disguised"
    answer = send("POST", "/?Action=GetUser&UserName=disguised", "iam", body, FORM)
    assert (answer.status_code, "iam:DeleteUser" in answer.text) == (403, True)
    assert aws("iam").get_user(UserName="disguised")["User"]["UserName"] == "disguised"


def test_two_subresources_of_one_request_need_both(send: Send, aws: Any, actor: Any) -> None:
    aws("s3").create_bucket(Bucket="disguised")
    aws("s3").put_object(Bucket="disguised", Key="k", Body=b"x")
    actor.may(allow("s3:GetObjectAcl", "*"))
    assert send("GET", "/disguised/k?acl", "s3").status_code == 200
    answer = send("GET", "/disguised/k?acl&tagging", "s3")
    assert (answer.status_code, "s3:GetObjectTagging" in answer.text) == (403, True)


def test_removing_a_configuration_does_not_remove_the_bucket(aws: Any) -> None:
    aws("s3").create_bucket(Bucket="disguised-empty")
    with pytest.raises(ClientError, match="does not carry out s3:DeleteBucketAnalyticsConfiguration"):
        aws("s3").delete_bucket_analytics_configuration(Bucket="disguised-empty", Id="1")
    assert aws("s3").head_bucket(Bucket="disguised-empty")


def test_a_url_signed_for_another_service_is_no_s3_request(aws: Any, actor: Any) -> None:
    bucket, keys = f"disguised-{uuid.uuid4().hex[:8]}", actor.credentials
    aws("s3").create_bucket(Bucket=bucket)
    aws("s3").put_object(Bucket=bucket, Key="a", Body=b"secret")
    actor.may()

    def ask(method: str, uri: str, service: str) -> str:
        request = AWSRequest(method, actor.endpoint_url + uri)
        credentials = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        SigV4QueryAuth(credentials, service, "us-east-1", expires=60).add_auth(request)
        return requests.request(method, str(request.prepare().url), timeout=30).text

    whoami = "Action=GetCallerIdentity&Version=2011-06-15"
    assert actor.arn in ask("GET", f"/?{whoami}", "sts")
    for uri in (f"/{bucket}/a?{whoami}", f"/{bucket}?{whoami}", f"/{bucket}/a?Action=GetSessionToken"):
        for method in ("GET", "DELETE"):
            answer = ask(method, uri, "sts")
            assert "secret" not in answer
            assert "ListBucketResult" not in answer
    assert aws("s3").get_object(Bucket=bucket, Key="a")["Body"].read() == b"secret"
    assert "iam:ListUsers" in ask("GET", "/?Action=ListUsers&Version=2010-05-08", "iam")
