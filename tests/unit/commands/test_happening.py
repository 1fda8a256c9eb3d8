"""Happenings as lines, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from labkit import i18n
from labkit.aws.trail import Happening
from labkit.ui.happening import Line, describe


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    i18n.use_language("en")
    yield
    i18n.use_language("es")


def call(source: str, name: str, asked: dict[str, Any] | None = None, **record: Any) -> Line:
    identity = {"type": "IAMUser", "userName": "student"}
    document = {"eventSource": f"{source}.amazonaws.com", "eventName": name, "requestParameters": asked}
    return describe(Happening(1.0, "call", "us-east-1", {"userIdentity": identity, **document, **record}))


def note(kind: str, resource: str, outcome: str, **facts: Any) -> Line:
    return describe(Happening(1.0, kind, "us-east-1", resource=resource, outcome=outcome, facts=facts))


def test_calls_name_what_they_were_about() -> None:
    assert call("s3", "PutObject", {"bucketName": "b", "key": "a ñ.csv"}) == Line(
        "s3", "student", "PutObject s3://b/a ñ.csv", "ok", bad=False
    )
    assert call("lambda", "UpdateFunctionCode20150331v2", {"functionName": "f"}).what == "UpdateFunctionCode f"
    started = call("glue", "StartJobRun", {"jobName": "j"}, responseElements={"jobRunId": "jr_" + "ab" * 32})
    assert started.what == "StartJobRun j → jr_abababab"
    assert call("glue", "CreateTable", {"databaseName": "d", "tableInput": {"name": "t"}}).what == "CreateTable d.t"
    assert call("glue", "DeleteTable", {"databaseName": "d", "name": "t"}).what == "DeleteTable d.t"
    assert call("glue", "CreateCrawler", {"databaseName": "d", "name": "c"}).what == "CreateCrawler c"
    assert call("athena", "StartQueryExecution", {"queryString": "SELECT\n 1"}).what == "StartQueryExecution SELECT 1"
    assert call("monitoring", "PutMetricAlarm", {"alarmName": "a"}).service == "cloudwatch"


def test_who_is_the_user_the_role_or_the_service() -> None:
    role = {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"userName": "bsg-lambda-role"}}}
    assert call("glue", "StartJobRun", userIdentity=role).who == "bsg-lambda-role"
    service = {"type": "AWSService", "invokedBy": "glue.amazonaws.com"}
    assert call("sts", "AssumeRole", userIdentity=service).who == "glue.amazonaws.com"
    assert call("iam", "CreateUser", userIdentity={"type": "Root"}).who == "root"


def test_a_denial_names_the_missing_action_in_the_users_language() -> None:
    words = 'User: arn is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/k" because no identity-based policy'
    line = call("s3", "GetObject", {"bucketName": "b", "key": "k"}, errorCode="AccessDenied", errorMessage=words)
    assert (line.outcome, line.bad) == ("AccessDenied: s3:GetObject on arn:aws:s3:::b/k is missing", True)
    i18n.use_language("es")
    line = call("s3", "GetObject", {"bucketName": "b", "key": "k"}, errorCode="AccessDenied", errorMessage=words)
    assert line.outcome == "AccessDenied: falta s3:GetObject sobre arn:aws:s3:::b/k"


NOTES = [
    (note, ("s3-event", "arn:aws:lambda:us-east-1:1:function:f", "delivered"), {"event": "ObjectCreated:Put", "object": "s3://b/k"},
     ("s3", "ObjectCreated:Put s3://b/k → lambda f", "delivered", False)),
    (note, ("s3-event", "arn:aws:sqs:us-east-1:1:q", "dropped"), {"event": "E", "object": "o", "reason": "no\nqueue"},
     ("s3", "E o → sqs q", "dropped: no queue", True)),
    (note, ("invocation", "f", "ok"), {"duration_ms": 12.4}, ("lambda", "function f, 12 ms", "ok", False)),
    (note, ("invocation", "f", "Unhandled"), {"duration_ms": 1, "reason": '{"errorMessage": "malo", "errorType": "ValueError"}'},
     ("lambda", "function f, 1 ms", "Unhandled: ValueError: malo", True)),
    (note, ("invocation", "f", "Unhandled"),
     {"duration_ms": 1, "reason": '{"errorMessage": "no \\"\\u00f1\\"\\nya", "errorType": "KeyError"}'},
     ("lambda", "function f, 1 ms", 'Unhandled: KeyError: no "ñ" ya', True)),
    (note, ("async-event", "f", "retry"), {"delay_s": 1.0}, ("lambda", "function f: tried again in 1.0 s", "retry", True)),
    (note, ("async-event", "f", "discarded"), {"attempts": 3},
     ("lambda", "function f: event discarded after 3 attempts", "discarded", True)),
    (note, ("loop", "f", "stopped"), {"runs": 16}, ("lambda", "function f: loop stopped after 16 rounds", "stopped", True)),
    (note, ("job-run", "j", "FAILED"), {"run": "jr_" + "a" * 64, "seconds": 3, "reason": "x"},
     ("glue", "job j jr_aaaaaaaa, 3 s", "FAILED: x", True)),
    (note, ("crawl", "c", "SUCCEEDED"), {"seconds": 0.5, "created": 1},
     ("glue", "crawl c, 0.5 s; tables new: 1, changed: 0, deleted: 0", "SUCCEEDED", False)),
    (note, ("query", "id", "SUCCEEDED"), {"sql": "SELECT 1", "seconds": 0.25, "scanned_bytes": 2 << 20},
     ("athena", "query SELECT 1 (0.25 s, 2.0 MB scanned)", "SUCCEEDED", False)),
    (note, ("something-new", "x", "ok"), {"a": 1}, ("something-new", "something-new x a=1", "ok", False)),
]  # fmt: skip


@pytest.mark.parametrize(("make", "args", "facts", "shown"), NOTES)
def test_notes(make: Any, args: tuple[str, ...], facts: dict[str, Any], shown: tuple[Any, ...]) -> None:
    line = make(*args, **facts)
    assert (line.service, line.what, line.outcome, line.bad) == shown
