from __future__ import annotations

import json
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from labkit.cloud.call import Scope
from labkit.cloud.events import origin
from labkit.cloud.events.publisher import S3Events

ACCOUNT = "123456789012"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:fn"


class Recorder:
    def __init__(self) -> None:
        self.invoked: list[tuple[str, dict[str, Any], Scope, str | None]] = []

    def invoke_async(self, function: str, payload: str, scope: Scope, trace: str | None = None) -> str:
        self.invoked.append((function, json.loads(payload), scope, trace))
        return "id"


class Rule:
    def __init__(self, events: str, suffix: str) -> None:
        self.id, self.arn, self._events, self._suffix = "trigger", ARN, events, suffix

    def matches(self, event_name: str, key: str) -> bool:
        return event_name.startswith(self._events) and key.endswith(self._suffix)


@pytest.fixture
def function() -> Any:
    """A function in moto's memory whose policy lets S3 in."""
    from moto.awslambda.models import lambda_backends

    policy = SimpleNamespace(
        statements=[{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:*"}]
    )
    fake = SimpleNamespace(policy=policy, function_arn=ARN)
    storage = lambda_backends[ACCOUNT]["us-east-1"]._lambdas
    storage._functions["fn"] = {"latest": fake, "versions": []}
    yield fake
    del storage._functions["fn"]


def publish_to(rules: list[Rule], events: list[tuple[str, Any]], query: str = "") -> Recorder:
    recorder = Recorder()
    services = SimpleNamespace(documents=None, clock=lambda: datetime.now(timezone.utc), changed=lambda *_: None)
    publisher = S3Events(services, recorder)  # type: ignore[arg-type]
    configuration = SimpleNamespace(cloud_function=rules, queue=[], topic=[], event_bridge=None)
    bucket = SimpleNamespace(
        name="raw", region_name="us-east-1", is_versioned=False, notification_configuration=configuration
    )
    for name, key in events:
        marks = {"REMOTE_ADDR": "127.0.0.9", "HTTP_X_AMZN_TRACE_ID": "Root=1", "QUERY_STRING": query}
        origin.enter_request(marks, None, "1f-2e")
        publisher.publish(ACCOUNT, name, bucket, key)  # type: ignore[arg-type]
    return recorder


def key(name: str, multipart: Any = None) -> Any:
    return SimpleNamespace(name=name, size=5, etag='"abc"', version_id="null", multipart=multipart)


def names(recorder: Recorder) -> list[str]:
    return [event["Records"][0]["eventName"] for _, event, _, _ in recorder.invoked]


def test_a_matching_event_reaches_the_function_with_the_marks_of_its_request(function: Any) -> None:
    recorder = publish_to(
        [Rule("s3:ObjectCreated", ".csv")],
        [("s3:ObjectCreated:Put", key("a.csv")), ("s3:ObjectCreated:Put", key("a.txt"))],
    )
    ((target, event, scope, trace),) = recorder.invoked
    record = event["Records"][0]
    assert (target, scope, trace) == (ARN, Scope(ACCOUNT, "us-east-1"), "Root=1")
    assert record["s3"]["object"]["eTag"] == "abc"
    assert record["requestParameters"]["sourceIPAddress"] == "127.0.0.9"
    assert record["userIdentity"]["principalId"] == f"AWS:{ACCOUNT}"


def test_without_configuration_nothing_is_published() -> None:
    assert publish_to([], [("s3:ObjectCreated:Put", key("a.csv"))]).invoked == []


def test_a_multipart_upload_is_one_event_of_its_own_kind(function: Any) -> None:
    big = key("big.csv", multipart=object())
    steps = ["s3:ObjectCreated:Put", "s3:ObjectTagging:Put", "s3:ObjectCreated:CompleteMultipartUpload"]
    recorder = publish_to([Rule("s3:", "")], [(name, big) for name in steps], query="uploadId=x")
    assert names(recorder) == ["ObjectCreated:CompleteMultipartUpload"]


def test_tagging_is_an_event_only_when_it_was_asked_for(function: Any) -> None:
    steps = [("s3:ObjectCreated:Put", key("a")), ("s3:ObjectTagging:Put", key("a"))]
    assert names(publish_to([Rule("s3:", "")], steps)) == ["ObjectCreated:Put"]
    assert names(publish_to([Rule("s3:", "")], steps[1:], query="tagging")) == ["ObjectTagging:Put"]


def test_a_function_that_no_longer_lets_s3_in_gets_nothing_and_the_log_says_so(function: Any, caplog: Any) -> None:
    function.policy.statements.clear()
    recorder = publish_to([Rule("s3:", "")], [("s3:ObjectCreated:Put", key("a"))])
    assert recorder.invoked == []
    assert "does not allow s3.amazonaws.com" in caplog.text
