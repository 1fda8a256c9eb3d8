"""Groups, streams, events, filters: the API without a server."""

from __future__ import annotations

import base64
import gzip
import json
import time
from collections.abc import Callable
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from labkit.cloud.call import AwsError
from tests.unit.cloud.logs.conftest import SCOPE, Logs

DAY_MS = 86_400_000
MANY = [f"línea {number}" for number in range(25)]


def test_groups_are_listed_by_name_in_pages_with_what_they_hold(logs: Logs) -> None:
    for name in ("/b/2", "/a", "/b/1"):
        logs.make(name, "s")
    logs.put("/a", "s", "ñandú")
    first = logs("DescribeLogGroups", limit=2)
    assert [one["logGroupName"] for one in first["logGroups"]] == ["/a", "/b/1"]
    assert first["logGroups"][0]["storedBytes"] == len("ñandú".encode()) + 26
    assert first["logGroups"][0]["arn"] == "arn:aws:logs:us-east-1:123456789012:log-group:/a:*"
    second = logs("DescribeLogGroups", limit=2, nextToken=first["nextToken"])
    assert [one["logGroupName"] for one in second["logGroups"]] == ["/b/2"]
    assert "nextToken" not in second
    by_prefix = logs("DescribeLogGroups", logGroupNamePrefix="/b")["logGroups"]
    by_pattern = logs("DescribeLogGroups", logGroupNamePattern="/1")["logGroups"]
    assert [one["logGroupName"] for one in (*by_prefix, *by_pattern)] == ["/b/1", "/b/2", "/b/1"]
    assert set(by_pattern[0]) == {"arn", "creationTime", "logGroupName"}
    assert [one["logGroupName"] for one in logs("ListLogGroups", logGroupNamePattern="^/b")["logGroups"]] == [
        "/b/1",
        "/b/2",
    ]


REFUSALS = [
    ("CreateLogGroup", {"logGroupName": "/a"}, "ResourceAlreadyExistsException: The specified log group already exists"),
    ("CreateLogGroup", {"logGroupName": "con espacio"}, r"at 'logGroupName' failed to satisfy constraint: Member must satisfy regular"),
    ("CreateLogGroup", {"logGroupName": "aws/x"}, "InvalidParameterException: Log groups starting with AWS/ are reserved"),
    ("CreateLogGroup", {"logGroupName": ""}, "length greater than or equal to 1"),
    ("CreateLogGroup", {"logGroupName": "x" * 513}, "length less than or equal to 512"),
    ("CreateLogGroup", {"logGroupName": "/d", "logGroupClass": "DELIVERY"}, "does not carry out log groups of class DELIVERY"),
    ("DeleteLogGroup", {"logGroupName": "/no"}, "ResourceNotFoundException: The specified log group does not exist."),
    ("CreateLogStream", {"logGroupName": "/no", "logStreamName": "s"}, "ResourceNotFoundException: The specified log group does not"),
    ("CreateLogStream", {"logGroupName": "/a", "logStreamName": "s"}, "ResourceAlreadyExistsException: The specified log stream already"),
    ("CreateLogStream", {"logGroupName": "/a", "logStreamName": "a:b"}, "regular expression pattern: [^:*]*"),
    ("DeleteLogStream", {"logGroupName": "/a", "logStreamName": "x"}, "The specified log stream does not exist."),
    ("DescribeLogStreams", {"logGroupName": "/a", "orderBy": "LastEventTime", "logStreamNamePrefix": "x"}, "Cannot order by LastEventTime"),
    ("DescribeLogStreams", {"logGroupName": "/a", "orderBy": "Size"}, "Member must satisfy enum value set: [LogStreamName, LastEventTime]"),
    ("DescribeLogStreams", {"logGroupName": "/a", "limit": 51}, "value less than or equal to 50"),
    ("DescribeLogStreams", {}, "Must specify a LogGroup"),
    ("GetLogEvents", {"logGroupName": "/a", "logStreamName": "x"}, "The specified log stream does not exist."),
    ("GetLogEvents", {"logGroupName": "/a", "logStreamName": "s", "nextToken": "f/1"}, "The specified nextToken is invalid."),
    ("FilterLogEvents", {"logGroupName": "/no"}, "The specified log group does not exist."),
    ("FilterLogEvents", {"logGroupName": "/a", "logStreamNames": ["x"]}, "The specified log stream does not exist."),
    ("FilterLogEvents", {"logGroupName": "/a", "logStreamNames": ["s"], "logStreamNamePrefix": "s"}, "mutually exclusive"),
    ("FilterLogEvents", {"logGroupName": "/a", "startTime": 2, "endTime": 1}, "End time should not be less than start time."),
    ("FilterLogEvents", {"logGroupName": "/a", "limit": 10_001}, "value less than or equal to 10000"),
    ("FilterLogEvents", {"logGroupName": "/a", "nextToken": "x"}, "The specified nextToken is invalid."),
    ("FilterLogEvents", {"logGroupName": "/a", "startFromHead": False, "startTime": 5}, "on or after January 1, 2024"),
    ("PutRetentionPolicy", {"logGroupName": "/a", "retentionInDays": 2}, "enum value set: [1, 3, 5, 7"),
    ("PutLogEvents", {"logGroupName": "/a", "logStreamName": "s", "logEvents": []}, "length greater than or equal to 1"),
    ("PutLogEvents", {"logGroupName": "/a", "logStreamName": "s", "logEvents": [{"timestamp": 1, "message": ""}]},
        "logEvents.1.member.message"),
    ("PutMetricFilter", {"logGroupName": "/a", "filterName": "f", "filterPattern": "a-b", "metricTransformations": [
        {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}]}, "Invalid character(s) in term"),
    ("PutMetricFilter", {"logGroupName": "/a", "filterName": "f", "filterPattern": "", "metricTransformations": [
        {"metricName": "m", "metricNamespace": "n", "metricValue": "x"}]}, "metric value must be a number"),
    ("DeleteMetricFilter", {"logGroupName": "/a", "filterName": "f"}, "The specified metric filter does not exist."),
    ("PutSubscriptionFilter", {"logGroupName": "/a", "filterName": "f", "filterPattern": "",
        "destinationArn": "arn:aws:kinesis:us-east-1:123456789012:stream/x"}, "hands log events to Lambda functions only"),
    ("TagResource", {"resourceArn": "arn:aws:logs:us-east-1:123456789012:log-group:/no", "tags": {"a": "b"}}, "ResourceNotFoundException"),
    ("StartLiveTail", {}, "NotImplemented: labkit's local cloud does not carry out logs:StartLiveTail"),
    ("PutDestination", {}, "NotImplemented"),
]  # fmt: skip


@pytest.mark.parametrize(("action", "params", "words"), REFUSALS)
def test_refusals(logs: Logs, action: str, params: dict[str, Any], words: str) -> None:
    logs.make("/a", "s")
    with pytest.raises(AwsError) as caught:
        logs(action, **params)
    assert words in str(caught.value)


def test_streams_are_ordered_by_name_or_by_their_last_event(logs: Logs) -> None:
    logs.make("/a", "c", "b", "a")
    logs.put("/a", "b", "x")
    logs.put("/a", "a", "x", at=int(time.time() * 1000) - 60_000)

    def names(**params: Any) -> list[str]:
        return [one["logStreamName"] for one in logs("DescribeLogStreams", logGroupName="/a", **params)["logStreams"]]

    assert names() == ["a", "b", "c"]
    assert names(descending=True) == ["c", "b", "a"]
    assert names(orderBy="LastEventTime") == ["c", "a", "b"]
    assert names(orderBy="LastEventTime", descending=True) == ["b", "a", "c"]
    assert names(logStreamNamePrefix="b") == ["b"]
    first = logs("DescribeLogStreams", logGroupName="/a", orderBy="LastEventTime", descending=True, limit=1)
    assert names(orderBy="LastEventTime", descending=True, nextToken=first["nextToken"]) == ["a", "c"]
    empty = logs("DescribeLogStreams", logGroupName="/a", logStreamNamePrefix="c")["logStreams"][0]
    assert "lastEventTimestamp" not in empty


def test_a_stream_is_read_forward_and_backward_and_ends_with_the_same_token(logs: Logs) -> None:
    logs.make("/a", "s")
    logs.put("/a", "s", *MANY)

    def get(**params: Any) -> tuple[list[str], str, str]:
        reply = logs("GetLogEvents", logGroupName="/a", logStreamName="s", **params)
        return [one["message"] for one in reply["events"]], reply["nextForwardToken"], reply["nextBackwardToken"]

    first, forward, _ = get(startFromHead=True, limit=10)
    second, forward, _ = get(startFromHead=True, limit=10, nextToken=forward)
    third, forward, _ = get(startFromHead=True, limit=10, nextToken=forward)
    assert first + second + third == MANY
    assert get(startFromHead=True, nextToken=forward)[:2] == ([], forward)
    logs.put("/a", "s", "tarde")
    assert get(startFromHead=True, nextToken=forward)[0] == ["tarde"]
    newest, _, backward = get(limit=3)
    assert newest == [*MANY[-2:], "tarde"]
    older, _, backward = get(limit=22, nextToken=backward)
    oldest, _, backward = get(limit=22, nextToken=backward)
    assert oldest + older + newest == [*MANY, "tarde"]
    assert get(nextToken=backward)[::2] == ([], backward)


def test_times_of_get_leave_the_end_out_and_those_of_filter_do_not(logs: Logs) -> None:
    logs.make("/a", "s")
    times = logs.put("/a", "s", "0", "1", "2", "3")
    span = {"startTime": times[1], "endTime": times[2]}
    got = logs("GetLogEvents", logGroupName="/a", logStreamName="s", startFromHead=True, **span)["events"]
    assert [one["message"] for one in got] == ["1"]
    assert logs.found("/a", **span) == ["1", "2"]


def test_a_group_is_searched_in_order_of_time_over_its_streams(logs: Logs) -> None:
    logs.make("/a", "x1", "x2", "y")
    now = int(time.time() * 1000) - 1_000
    for number, stream in enumerate(("x1", "y", "x2", "x1")):
        logs.put("/a", stream, f"{stream} {number} {'ERROR' if number % 2 else 'INFO'}", at=now + number)
    assert logs.found("/a") == ["x1 0 INFO", "y 1 ERROR", "x2 2 INFO", "x1 3 ERROR"]
    assert logs.found("/a", "ERROR") == ["y 1 ERROR", "x1 3 ERROR"]
    assert logs.found("/a", logStreamNames=["x1", "x2"]) == ["x1 0 INFO", "x2 2 INFO", "x1 3 ERROR"]
    assert logs.found("/a", logStreamNamePrefix="x", startFromHead=False) == ["x1 3 ERROR", "x2 2 INFO", "x1 0 INFO"]
    assert logs.found("/a", logStreamNamePrefix="z") == []
    reply = logs("FilterLogEvents", logGroupIdentifier="arn:aws:logs:us-east-1:123456789012:log-group:/a:*")
    assert len(reply["events"]) == 4
    assert reply["searchedLogStreams"] == []
    assert len({one["eventId"] for one in reply["events"]}) == 4


def test_pages_of_a_search_meet_both_ways(logs: Logs) -> None:
    logs.make("/a", "s", "t")
    logs.put("/a", "s", *MANY)
    logs.put("/a", "t", *MANY)
    for head in (True, False):
        found: list[str] = []
        params: dict[str, Any] = {"startFromHead": head}
        while True:
            reply = logs("FilterLogEvents", logGroupName="/a", limit=7, **params)
            found += [one["eventId"] for one in reply["events"]]
            if "nextToken" not in reply:
                break
            params = {"nextToken": reply["nextToken"]}
        assert len(set(found)) == len(found) == 50
        assert found == sorted(found, reverse=not head)


def test_a_page_holds_a_megabyte_at_most(logs: Logs) -> None:
    logs.make("/a", "s")
    for number in range(3):
        logs.put("/a", "s", str(number) * 600_000)
    assert len(logs.found("/a")) == 1
    got = logs("GetLogEvents", logGroupName="/a", logStreamName="s")
    assert [one["message"][0] for one in got["events"]] == ["2"]
    older = logs("GetLogEvents", logGroupName="/a", logStreamName="s", nextToken=got["nextBackwardToken"])
    assert [one["message"][0] for one in older["events"]] == ["1"]


def test_events_that_are_too_old_too_new_or_expired_are_told_and_the_rest_is_written(logs: Logs) -> None:
    logs.make("/a", "s")
    now = int(time.time() * 1000)
    times = [now - 15 * DAY_MS, now - 1000, now, now + 3 * 3_600_000]
    events = [{"timestamp": at, "message": str(number)} for number, at in enumerate(times)]
    reply = logs("PutLogEvents", logGroupName="/a", logStreamName="s", logEvents=events)
    assert reply["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 3}
    assert logs.found("/a") == ["1", "2"]
    logs("PutRetentionPolicy", logGroupName="/a", retentionInDays=1)
    events = [{"timestamp": now - 2 * DAY_MS, "message": "x"}, {"timestamp": now, "message": "y"}]
    reply = logs("PutLogEvents", logGroupName="/a", logStreamName="s", logEvents=events)
    assert reply["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    assert logs.found("/a") == ["1", "2", "y"]


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([{"timestamp": 2, "message": "b"}, {"timestamp": 1, "message": "a"}], "must be in chronological order"),
        ([{"timestamp": 0, "message": "x"}] * 10_001, "length less than or equal to 10000"),
        ([{"timestamp": 0, "message": "x" * 1_048_576}], "Upload too large: 1048602 bytes exceeds limit of 1048576"),
        ([{"timestamp": 0, "message": "x" * 80}] * 9_999, "Upload too large"),
        (
            [{"timestamp": 0, "message": "a"}, {"timestamp": DAY_MS + 1, "message": "b"}],
            "cannot span more than 24 hours",
        ),
        ([{"message": "a"}], "logEvents.1.member.timestamp"),
        (
            [{"timestamp": "0", "message": "a"}],
            "SerializationException: PutLogEvents.logEvents.timestamp: str can not be",
        ),
    ],
)
def test_batches_that_are_refused(logs: Logs, events: list[dict[str, Any]], words: str) -> None:
    logs.make("/a", "s")
    base = int(time.time() * 1000) - DAY_MS - 60_000
    shifted = [
        {**event, "timestamp": event["timestamp"] + base} if isinstance(event.get("timestamp"), int) else event
        for event in events
    ]
    with pytest.raises(AwsError) as caught:
        logs("PutLogEvents", logGroupName="/a", logStreamName="s", logEvents=shifted)
    assert words in str(caught.value)
    assert logs.found("/a") == []


def test_retention_takes_old_events_away(logs: Logs) -> None:
    logs.make("/a", "s")
    now = int(time.time() * 1000)
    logs.put("/a", "s", "vieja", at=now - 4 * DAY_MS)
    logs.put("/a", "s", "nueva")
    logs("PutRetentionPolicy", logGroupName="/a", retentionInDays=3)
    assert logs.found("/a") == ["nueva"]
    group = logs("DescribeLogGroups")["logGroups"][0]
    assert (group["retentionInDays"], group["storedBytes"]) == (3, 5 + 26)
    logs("DeleteRetentionPolicy", logGroupName="/a")
    assert "retentionInDays" not in logs("DescribeLogGroups")["logGroups"][0]


ODD: list[Any] = [
    None,
    0,
    -1,
    1.5,
    True,
    "",
    "x",
    "ñ" * 600,
    [],
    [None],
    [[1]],
    {},
    {"a": {}},
    1 << 70,
    "Mw==",
    "WzEsMl0=",
    "bnVsbA==",
]


def test_odd_values_end_in_words_of_the_service(logs: Logs) -> None:
    import botocore.session

    logs.make("/a", "s")
    logs.put("/a", "s", *MANY)
    model = botocore.session.get_session().get_service_model("logs")
    refused: dict[int, Any] = {}
    sound = {
        "logGroupName": "/a",
        "logStreamName": "s",
        "startTime": 1,
        "endTime": 2,
        "queryString": "fields x",
        "filterPattern": "",
    }
    for _, action in logs.engine.routes:
        if action in ("DeleteLogGroup", "DeleteLogStream"):
            continue
        members = model.operation_model(action).input_shape.members
        for name in members:
            for value in ODD:
                params = {key: item for key, item in sound.items() if key in members} | {name: value}
                try:
                    logs(action, **params)
                except AwsError as error:
                    refused[error.status] = (action, params)
    assert set(refused) == {400, 501}, refused


def test_a_group_that_is_made_again_is_empty(logs: Logs) -> None:
    logs.make("/a", "s")
    logs.put("/a", "s", "x")
    transformation = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
    logs("PutMetricFilter", logGroupName="/a", filterName="f", filterPattern="", metricTransformations=[transformation])
    logs("DeleteLogGroup", logGroupName="/a")
    logs.make("/a", "s")
    assert logs.found("/a") == []
    assert logs("DescribeMetricFilters")["metricFilters"] == []
    assert logs("DescribeLogGroups")["logGroups"][0]["storedBytes"] == 0
    logs("DeleteLogStream", logGroupName="/a", logStreamName="s")
    assert logs("DescribeLogStreams", logGroupName="/a")["logStreams"] == []


def test_events_and_filters_outlive_the_process(new_logs: Callable[[], Logs]) -> None:
    first = new_logs()
    first.make("/a", "s")
    first.put("/a", "s", "uno ñ")
    transformation = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
    first(
        "PutMetricFilter",
        logGroupName="/a",
        filterName="f",
        filterPattern="ERROR",
        metricTransformations=[transformation],
    )
    second = new_logs()
    assert second.found("/a") == ["uno ñ"]
    second.put("/a", "s", "ERROR")
    assert [told[:2] for told in second.metrics] == [("n", "m")]


def test_metric_filters_count_what_matches(logs: Logs) -> None:
    logs.make("/a", "s")
    made = {
        "metricName": "Ms", "metricNamespace": "Lab", "metricValue": "$.ms", "unit": "Milliseconds", "dimensions": {"Level": "$.level"},
    }  # fmt: skip
    logs(
        "PutMetricFilter", logGroupName="/a", filterName="f", filterPattern="{ $.ms > 0 }", metricTransformations=[made]
    )
    logs.put(
        "/a",
        "s",
        '{"ms": 7, "level": "WARN"}',
        "no JSON",
        '{"ms": "x", "level": "WARN"}',
        '{"ms": 2.5, "level": "INFO"}',
    )
    assert logs.metrics == [
        ("Lab", "Ms", {"Level": "WARN"}, 7.0, "Milliseconds"),
        ("Lab", "Ms", {"Level": "INFO"}, 2.5, "Milliseconds"),
    ]
    assert logs("DescribeLogGroups")["logGroups"][0]["metricFilterCount"] == 1
    found = logs("DescribeMetricFilters", logGroupName="/a", filterNamePrefix="f")["metricFilters"]
    assert found[0]["metricTransformations"] == [made]
    logs("DeleteMetricFilter", logGroupName="/a", filterName="f")
    logs.put("/a", "s", '{"ms": 7, "level": "WARN"}')
    assert len(logs.metrics) == 2


def test_a_default_value_is_counted_when_nothing_matches(logs: Logs) -> None:
    logs.make("/a", "s")
    made = {"metricName": "E", "metricNamespace": "Lab", "metricValue": "1", "defaultValue": 0.0}
    logs(
        "PutMetricFilter",
        logGroupName="/a",
        filterName="f",
        filterPattern="[..., level = ERROR]",
        metricTransformations=[made],
    )
    logs.put("/a", "s", "todo bien")
    logs.put("/a", "s", "algo ERROR", "otro ERROR")
    assert [told[3] for told in logs.metrics] == [0.0, 1.0, 1.0]


def test_a_filter_can_be_tried(logs: Logs) -> None:
    reply = logs("TestMetricFilter", filterPattern="[a, b = 2*]", logEventMessages=["x 25", "x 3"])
    assert reply["matches"] == [{"eventNumber": 1, "eventMessage": "x 25", "extractedValues": {"$a": "x", "$b": "25"}}]


def test_a_subscription_gets_its_lines_in_batches(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    from labkit.cloud.logs import subscriptions

    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
    allowed = [False]
    monkeypatch.setattr(subscriptions, "_allowed", lambda *_: allowed[0])
    spec = SimpleNamespace(name="f", log_group="/aws/lambda/f")
    monkeypatch.setattr(logs.engine._subscriptions, "_find_function", lambda scope, name: spec)
    logs.make("/a", "s")
    asked = {"logGroupName": "/a", "filterName": "x", "filterPattern": "ERROR", "destinationArn": arn}
    with pytest.raises(AwsError, match="Make sure you have given CloudWatch Logs permission"):
        logs("PutSubscriptionFilter", **asked)
    allowed[0] = True
    logs("PutSubscriptionFilter", **asked)
    logs.make("/aws/lambda/f")
    with pytest.raises(AwsError, match="each line would bring the next"):
        logs("PutSubscriptionFilter", **{**asked, "logGroupName": "/aws/lambda/f"})
    logs.engine.start()
    logs.put("/a", "s", "ERROR ñ 1", "INFO", "ERROR 2")
    logs.engine.stop()
    ((target, payload),) = logs.invoked
    data = json.loads(gzip.decompress(base64.b64decode(json.loads(payload)["awslogs"]["data"])))
    assert target == arn
    assert (data["messageType"], data["owner"], data["logGroup"], data["logStream"]) == (
        "DATA_MESSAGE",
        "123456789012",
        "/a",
        "s",
    )
    assert [one["message"] for one in data["logEvents"]] == ["ERROR ñ 1", "ERROR 2"]
    assert data["subscriptionFilters"] == ["x"]


def test_tags(logs: Logs) -> None:
    logs("CreateLogGroup", logGroupName="/a", tags={"curso": "datos"})
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:/a"
    logs("TagResource", resourceArn=arn, tags={"año": "2024"})
    assert logs("ListTagsForResource", resourceArn=arn)["tags"] == {"curso": "datos", "año": "2024"}
    logs("UntagLogGroup", logGroupName="/a", tags=["curso"])
    assert logs("ListTagsLogGroup", logGroupName="/a")["tags"] == {"año": "2024"}
    with pytest.raises(AwsError, match="TooManyTagsException"):
        logs("TagLogGroup", logGroupName="/a", tags={str(n): "x" for n in range(50)})


def test_what_an_older_version_left_in_motos_objects_is_taken_over(logs: Logs) -> None:
    from moto.logs.models import LogStream, logs_backends

    group = logs_backends[SCOPE.account][SCOPE.region].create_log_group("/old", {})
    group.streams["s"] = stream = LogStream(group, "s")
    at = int(datetime(2026, 1, 1, tzinfo=timezone.utc).timestamp() * 1000)
    stream.put_log_events([{"timestamp": at + 1, "message": "b"}, {"timestamp": at, "message": "a"}])
    logs.engine.start()
    logs.engine.stop()
    assert logs.found("/old") == ["a", "b"]
    assert group.streams == {}
    assert logs.changes == [("logs", SCOPE.account, SCOPE.region)]


def test_an_engines_logbook_writes_where_the_api_reads(logs: Logs) -> None:
    from labkit.cloud.logbook import Logbook

    made: list[bool] = []
    book = Logbook(SCOPE, logs.storage, lambda: made.append(True))
    book.write("/e", "s", ["uno\n", "", "dos \ud800"])
    book.write("/e", "s", ["x" * 2_000_000])
    assert made == [True]
    assert book.lines("/e", "s")[:2] == ["uno\n", "dos ?"]
    assert book.lines("/e", "s")[2].endswith("… [cut, 2000000 bytes]")
    assert book.lines("/e", "no") == []
