from __future__ import annotations

import json
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

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


class Documents:
    """Documents in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, Scope, str], dict[str, Any]] = {}

    def put(self, kind: str, scope: Scope, name: str, document: dict[str, Any]) -> None:
        self.kept[(kind, scope, name)] = document

    def find(self, kind: str, scope: Scope, name: str) -> dict[str, Any] | None:
        return self.kept.get((kind, scope, name))


class Notes:
    def __init__(self) -> None:
        self.kept: list[tuple[Any, ...]] = []

    def note(self, kind: str, scope: Scope, resource: str, outcome: str = "ok", **facts: Any) -> None:
        self.kept.append((kind, resource, outcome, facts))


def build_services() -> Any:
    emitted: list[tuple[Any, ...]] = []
    return SimpleNamespace(
        emitted=emitted,
        logs=None,
        emit=lambda *event: emitted.append(event),
        documents=Documents(),
        happenings=Notes(),
        clock=lambda: datetime.now(timezone.utc),
        changed=lambda *_: None,
    )


def publish_to(
    rules: list[Rule],
    events: list[tuple[str, Any]],
    query: str = "",
    refusal: str | None = None,
    services: Any = None,
    **configured: Any,
) -> Recorder:
    recorder = Recorder()
    publisher = S3Events(services or build_services(), recorder, lambda *_: refusal)
    configuration = SimpleNamespace(
        **{"cloud_function": rules, "queue": [], "topic": [], "event_bridge": None, **configured}
    )
    bucket: Any = SimpleNamespace(
        name="raw", region_name="us-east-1", is_versioned=False, notification_configuration=configuration
    )
    for name, key in events:
        marks = {"REMOTE_ADDR": "127.0.0.9", "HTTP_X_AMZN_TRACE_ID": "Root=1", "QUERY_STRING": query}
        origin.enter_request(marks, None, "1f-2e")
        publisher.publish(ACCOUNT, name, bucket, key)
    return recorder


def key(name: str, multipart: Any = None) -> Any:
    return SimpleNamespace(name=name, size=5, etag='"abc"', version_id="null", multipart=multipart)


def names(recorder: Recorder) -> list[str]:
    return [event["Records"][0]["eventName"] for _, event, _, _ in recorder.invoked]


def test_a_matching_event_reaches_the_function_with_the_marks_of_its_request() -> None:
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


def test_a_multipart_upload_is_one_event_of_its_own_kind() -> None:
    big = key("big.csv", multipart=object())
    steps = ["s3:ObjectCreated:Put", "s3:ObjectTagging:Put", "s3:ObjectCreated:CompleteMultipartUpload"]
    recorder = publish_to([Rule("s3:", "")], [(name, big) for name in steps], query="uploadId=x")
    assert names(recorder) == ["ObjectCreated:CompleteMultipartUpload"]


def test_tagging_is_an_event_only_when_it_was_asked_for() -> None:
    steps = [("s3:ObjectCreated:Put", key("a")), ("s3:ObjectTagging:Put", key("a"))]
    assert names(publish_to([Rule("s3:", "")], steps)) == ["ObjectCreated:Put"]
    assert names(publish_to([Rule("s3:", "")], steps[1:], query="tagging")) == ["ObjectTagging:Put"]


def test_what_its_target_does_not_take_any_more_is_dropped_and_a_person_can_find_out(caplog: Any) -> None:
    services, reason = build_services(), f"Not authorized to invoke function [{ARN}]"
    recorder = publish_to([Rule("s3:", "")], [("s3:ObjectCreated:Put", key("a"))], refusal=reason, services=services)
    assert recorder.invoked == []
    assert reason in caplog.text
    facts = {"event": "ObjectCreated:Put", "object": "s3://raw/a", "reason": reason}
    assert services.happenings.kept == [("s3-event", ARN, "dropped", facts)]


def test_messages_for_queues_and_event_buses_are_stored_before_the_request_is_answered() -> None:
    services = build_services()
    queue = Rule("s3:", "")
    queue.arn = "arn:aws:sqs:us-east-1:123456789012:q"
    event = ("s3:ObjectCreated:Put", key("año/a b.csv"))
    publish_to([], [event], services=services, queue=[queue], event_bridge={})
    by_service = {body["service"]: json.loads(body["body"]) for body in services.documents.kept.values()}
    assert by_service["sqs"]["Records"][0]["s3"]["object"]["key"] == "a%C3%B1o/a+b.csv"
    ((place, source, detail_type, detail, resources, _),) = services.emitted
    assert (place, source, detail_type) == (Scope(ACCOUNT, "us-east-1"), "aws.s3", "Object Created")
    assert resources == ("arn:aws:s3:::raw",)
    assert detail["object"]["key"] == "año/a b.csv"
    assert detail["request-id"] == by_service["sqs"]["Records"][0]["responseElements"]["x-amz-request-id"]
