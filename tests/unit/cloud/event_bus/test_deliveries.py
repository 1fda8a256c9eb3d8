"""From PutEvents to the targets: permission, dead letters, retries, loops, restarts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.event_bus.events import Event
from tests.unit.cloud.event_bus.conftest import SCOPE, Events, until

HERE = "arn:aws:events:us-east-1:123456789012"


def attributes(message: Any) -> dict[str, str]:
    return {name: value["StringValue"] for name, value in message.message_attributes.items()}


def test_an_event_as_a_queue_gets_it(events: Events) -> None:
    queue = events.queue("q", source=f"{HERE}:rule/r")
    events.rule("r", {"source": ["app"]}, {"Arn": queue})
    put = events.put({"año": "ñandú"}, Resources=["arn:a"])
    (message,) = events.messages(queue)
    assert message.body == (
        f'{{"version":"0","id":"{put["EventId"]}","detail-type":"thing","source":"app","account":"123456789012",'
        '"time":"2026-05-01T12:00:00Z","region":"us-east-1","resources":["arn:a"],"detail":{"año":"ñandú"}}'
    )


@pytest.mark.parametrize(
    ("entry", "code", "message"),
    [
        ({"DetailType": "t", "Detail": "{}"}, "InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument."),
        (
            {"Source": "s", "Detail": "{}"}, "InvalidArgument",
            "Parameter DetailType is not valid. Reason: DetailType is a required argument.",
        ),
        ({"Source": "s", "DetailType": "t"}, "InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument."),
        ({"Source": "s", "DetailType": "t", "Detail": "[1]"}, "MalformedDetail", "Detail is malformed."),
        ({"Source": "s", "DetailType": "t", "Detail": '"x"'}, "MalformedDetail", "Detail is malformed."),
        ({"Source": "s", "DetailType": "t", "Detail": "{"}, "MalformedDetail", "Detail is malformed."),
        ({"Source": "s", "DetailType": "t", "Detail": '{"a": NaN}'}, "MalformedDetail", "Detail is malformed."),
        ({"Source": "aws.s3", "DetailType": "t", "Detail": "{}"}, "NotAuthorizedForSourceException", "Not authorized for the source."),
    ],
)  # fmt: skip
def test_an_entry_is_refused_and_the_others_are_not(events: Events, entry: Any, code: str, message: str) -> None:
    good = {"Source": "app", "DetailType": "t", "Detail": "{}"}
    answer = events("PutEvents", Entries=[entry, good])
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0] == {"ErrorCode": code, "ErrorMessage": message}
    assert len(answer["Entries"][1]["EventId"]) == 36


def test_limits_of_a_request(events: Events) -> None:
    entry = {"Source": "app", "DetailType": "t", "Detail": "{}"}
    error = events.error("PutEvents", Entries=[entry] * 11)
    assert error.message.endswith(
        "at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10"
    )
    big = json.dumps({"a": "x" * 600_000})
    error = events.error("PutEvents", Entries=[{**entry, "Detail": big}] * 2)
    assert (error.code, error.message) == (
        "ValidationException", "Total size of the entries in the request is over the limit.",
    )  # fmt: skip
    assert events("PutEvents", Entries=[{**entry, "Detail": big}])["FailedEntryCount"] == 0


def test_a_bus_that_is_not_there_takes_an_event_and_drops_it(events: Events) -> None:
    queue = events.queue("q")
    events.rule("r", None, {"Arn": queue})
    assert "EventId" in events.put(EventBusName="no")
    events.put({"n": 1})
    assert [body["detail"] for body in events.bodies(queue)] == [{"n": 1}]


def test_a_time_of_an_entry_is_kept(events: Events) -> None:
    queue = events.queue("q")
    events.rule("r", None, {"Arn": queue})
    events.put(Time=1_700_000_000)
    assert events.bodies(queue)[0]["time"] == "2023-11-14T22:13:20Z"


def test_what_a_rule_does_not_mean_goes_nowhere(events: Events) -> None:
    queue = events.queue("q")
    events.rule("r", {"detail": {"n": [{"numeric": [">", 1]}]}}, {"Arn": queue})
    events.rule("off", None, {"Arn": queue})
    events("DisableRule", Name="off")
    events.put({"n": 1})
    events.put({"n": 2})
    events.settle()
    assert [body["detail"]["n"] for body in events.bodies(queue)] == [2]


def test_a_queue_that_does_not_let_eventbridge_in(events: Events) -> None:
    closed, dead = events.queue("closed", allowed=False), events.queue("dead")
    rule = events.rule("r", None, {"Arn": closed, "DeadLetterConfig": {"Arn": dead}})
    events.put({"n": 1})
    (message,) = events.messages(dead)
    assert json.loads(message.body)["detail"] == {"n": 1}
    assert attributes(message) == {
        "RULE_ARN": rule, "TARGET_ARN": closed, "ERROR_CODE": "NO_PERMISSIONS", "RETRY_ATTEMPTS": "0",
        "ERROR_MESSAGE": f"The resource-based policy does not allow EventBridge to perform sqs:SendMessage on {closed} for {rule}.",
    }  # fmt: skip
    assert events.metrics.of("FailedInvocations", RuleName="r") == 1
    assert events.metrics.of("InvocationsSentToDlq", RuleName="r") == 1


def test_a_policy_for_another_rule_does_not_help(events: Events) -> None:
    queue, dead = events.queue("q", source=f"{HERE}:rule/other"), events.queue("dead")
    events.rule("r", None, {"Arn": queue, "DeadLetterConfig": {"Arn": dead}})
    events.put()
    assert attributes(events.messages(dead)[0])["ERROR_CODE"] == "NO_PERMISSIONS"


def test_a_target_that_is_gone(events: Events) -> None:
    dead = events.queue("dead")
    gone = {"Arn": "arn:aws:sqs:us-east-1:123456789012:gone", "DeadLetterConfig": {"Arn": dead}}
    events.rule("r", None, gone, {**gone, "Arn": "arn:aws:sns:us-east-1:123456789012:gone"},
                {**gone, "Arn": "arn:aws:lambda:us-east-1:123456789012:function:gone"},
                {**gone, "Arn": f"{HERE}:event-bus/gone"})  # fmt: skip
    events.put()
    codes = [attributes(message)["ERROR_CODE"] for message in events.messages(dead, 4)]
    assert codes == ["NO_RESOURCE"] * 4


def test_a_dead_letter_queue_that_is_gone_is_told_in_the_metrics(events: Events) -> None:
    gone = "arn:aws:sqs:us-east-1:123456789012:gone"
    events.rule("r", None, {"Arn": gone, "DeadLetterConfig": {"Arn": gone}})
    events.put()
    events.settle()
    assert events.metrics.of("InvocationsFailedToBeSentToDlq", RuleName="r") == 1


def test_a_fifo_queue_gets_its_group_and_must_deduplicate_by_content(events: Events) -> None:
    dead = events.queue("dead")
    good = events.queue("a.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    bad = events.queue("b.fifo", FifoQueue="true")
    more = {"SqsParameters": {"MessageGroupId": "g"}, "DeadLetterConfig": {"Arn": dead}}
    events.rule("r", None, {"Arn": good, **more}, {"Arn": bad, **more})
    events.put()
    assert events.messages(good)[0].group_id == "g"
    assert attributes(events.messages(dead)[0])["ERROR_CODE"] == "INVALID_PARAMETER"


def test_what_fails_in_passing_is_tried_again_and_then_buried(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    dead, queue = events.queue("dead"), events.queue("q")
    tries = []

    def broken(*_asked: Any, **_more: Any) -> None:
        tries.append(1)
        raise RuntimeError("no luck")

    monkeypatch.setattr(events.engine._senders, "send", broken)
    policy = {"RetryPolicy": {"MaximumRetryAttempts": 3}, "DeadLetterConfig": {"Arn": dead}}
    events.rule("r", None, {"Arn": queue, **policy})
    events.put()
    found = attributes(events.messages(dead)[0])
    assert (found["ERROR_CODE"], found["EXHAUSTED_RETRY_CONDITION"]) == ("INTERNAL_ERROR", "MaximumRetryAttempts")
    assert found["ERROR_MESSAGE"] == "RuntimeError: no luck"
    assert len(tries) == 4


def test_an_event_becomes_too_old(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = events.queue("dead")

    def throttled(*_asked: Any) -> None:
        raise AwsError("THROTTLING", "slow down", 503)

    monkeypatch.setattr(events.engine._senders, "send", throttled)
    policy = {"RetryPolicy": {"MaximumEventAgeInSeconds": 60}, "DeadLetterConfig": {"Arn": dead}}
    events.rule("r", None, {"Arn": dead, **policy})
    events.put()
    found = attributes(events.messages(dead)[0])
    assert (found["ERROR_CODE"], found["EXHAUSTED_RETRY_CONDITION"]) == ("THROTTLING", "MaximumEventAgeInSeconds")
    assert 5 <= int(found["RETRY_ATTEMPTS"]) <= 8


def test_a_bus_hands_on_once_and_no_further(events: Events) -> None:
    queue = events.queue("q")
    events("CreateEventBus", Name="second")
    events("CreateEventBus", Name="third")
    everything = {"source": [{"prefix": ""}]}
    events.rule("one", None, {"Arn": f"{HERE}:event-bus/second"})
    events.rule(
        "two",
        everything,
        {"Arn": queue},
        {"Arn": f"{HERE}:event-bus/third"},
        {"Arn": f"{HERE}:event-bus/default"},
        bus="second",
    )
    events.rule("three", everything, {"Arn": queue}, bus="third")
    put = events.put({"n": 1})
    events.settle()
    (body,) = events.bodies(queue)
    assert (body["id"], body["detail"]) == (put["EventId"], {"n": 1})
    assert events.metrics.of("DeadLetterInvocations", EventBusName="second", RuleName="two") == 2


def test_a_bus_may_shut_others_out(events: Events) -> None:
    queue, dead = events.queue("q"), events.queue("dead")
    events("CreateEventBus", Name="b")
    deny = {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "events:PutEvents", "Resource": "*"}]}
    events("PutPermission", EventBusName="b", Policy=json.dumps(deny))
    events.rule("in", None, {"Arn": queue}, bus="b")
    events.rule("out", None, {"Arn": f"{HERE}:event-bus/b", "DeadLetterConfig": {"Arn": dead}})
    events.put()
    assert attributes(events.messages(dead)[0])["ERROR_CODE"] == "NO_PERMISSIONS"


def test_what_was_accepted_is_delivered_after_a_restart(path: Path) -> None:
    before = Events(path, start=False)
    queue = before.queue("q")
    before.rule("r", None, {"Arn": queue})
    ids = {before.put({"n": number})["EventId"] for number in range(50)}
    after = Events(path)
    try:
        assert {body["id"] for body in after.bodies(queue, 50)} == ids
        after.settle()
    finally:
        after.engine.stop()
        from moto.sqs.models import sqs_backends

        sqs_backends[SCOPE.account][SCOPE.region].queues.clear()
    assert Events(path, start=False).documents.list("event-delivery") == []


def test_a_delivery_stays_on_disk_until_its_target_is(path: Path) -> None:
    events = Events(path, start=False)
    events.engine._queue._written_until = lambda: 0.0
    events.engine.start()
    queue = events.queue("q")
    events.rule("r", None, {"Arn": queue})
    events.put()
    events.messages(queue)
    assert len(events.documents.list("event-delivery")) == 1
    events.engine._queue._written_until = lambda: float("inf")
    events.settle()
    events.engine.stop()


def test_a_function_gets_the_trace_of_the_chain(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    from labkit.cloud.event_bus import senders

    monkeypatch.setattr(senders, "find_function", lambda *_asked: None)
    monkeypatch.setattr(senders, "may_deliver", lambda *_asked: True)
    function = "arn:aws:lambda:us-east-1:123456789012:function:f"
    events.rule("r", None, {"Arn": function, "InputPath": "$.detail"})
    events.put({"n": 1}, TraceHeader="Root=1-0-0;Lineage=abc:3")
    until(lambda: bool(events.invoked))
    assert events.invoked == [(function, {"n": 1}, "Root=1-0-0;Lineage=abc:3")]


def test_a_burst_of_events(events: Events) -> None:
    queue = events.queue("q")
    events.rule("r", None, {"Arn": queue})
    for start in range(0, 1000, 10):
        entries = [{"Source": "app", "DetailType": "t", "Detail": json.dumps({"n": start + n})} for n in range(10)]
        assert events("PutEvents", Entries=entries)["FailedEntryCount"] == 0
    assert sorted(body["detail"]["n"] for body in events.bodies(queue, 1000)) == list(range(1000))
    assert events.metrics.of("Invocations", RuleName="r") == 1000
    assert events.metrics.of("TriggeredRules", RuleName="r") == 1000


def test_archives_keep_and_replays_give_back(events: Events) -> None:
    queue = events.queue("q")
    rule = events.rule("r", None, {"Arn": queue})
    events.rule("other", None, {"Arn": queue})
    bus = f"{HERE}:event-bus/default"
    pattern = json.dumps({"detail": {"keep": [True]}})
    made = events("CreateArchive", ArchiveName="a", EventSourceArn=bus, EventPattern=pattern, RetentionDays=1)
    assert (made["ArchiveArn"], made["State"]) == (f"{HERE}:archive/a", "ENABLED")
    events("DeleteRule", Name="other") if not events("RemoveTargets", Rule="other", Ids=["0"])[
        "FailedEntryCount"
    ] else None
    kept = events.put({"keep": True})
    events.put({"keep": False})
    assert events("DescribeArchive", ArchiveName="a")["EventCount"] == 1
    now = events.now.timestamp()
    window = {"EventStartTime": now - 10, "EventEndTime": now + 10, "EventSourceArn": made["ArchiveArn"]}
    started = events("StartReplay", ReplayName="again", Destination={"Arn": bus, "FilterArns": [rule]}, **window)
    assert started["State"] == "STARTING"
    until(lambda: events("DescribeReplay", ReplayName="again")["State"] == "COMPLETED")
    replayed = [body for body in events.bodies(queue, 3) if "replay-name" in body]  # two as they came, one again
    assert [(body["id"], body["replay-name"]) for body in replayed] == [(kept["EventId"], "again")]
    assert list(replayed[0]) == [
        "version", "id", "detail-type", "source", "account", "time", "region", "replay-name", "resources", "detail",
    ]  # fmt: skip
    assert events("DescribeArchive", ArchiveName="a")["EventCount"] == 1
    assert events.error("CancelReplay", ReplayName="again").code == "IllegalStatusException"


def test_archives_and_replays_are_refused_in_the_words_of_aws(events: Events) -> None:
    events("CreateEventBus", Name="b")
    events("CreateArchive", ArchiveName="a", EventSourceArn=f"{HERE}:event-bus/default")

    def start(**more: Any) -> str:
        given = {
            "ReplayName": "r", "EventSourceArn": f"{HERE}:archive/a", "EventStartTime": 1, "EventEndTime": 2,
            "Destination": {"Arn": f"{HERE}:event-bus/default"}, **more,
        }  # fmt: skip
        return events.error("StartReplay", **given).message

    assert (
        start(EventEndTime=1)
        == "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime."
    )
    assert (
        start(EventSourceArn=f"{HERE}:archive/no")
        == "Parameter EventSourceArn is not valid. Reason: Archive no does not exist."
    )
    assert start(Destination={"Arn": f"{HERE}:event-bus/no"}) == "Event bus no does not exist."
    wrong = start(Destination={"Arn": f"{HERE}:event-bus/b"})
    assert wrong == "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted."
    again = events.error("CreateArchive", ArchiveName="a", EventSourceArn=f"{HERE}:event-bus/default")
    assert (again.code, again.message) == ("ResourceAlreadyExistsException", "Archive a already exists.")
    assert events.error("DescribeArchive", ArchiveName="no").message == "Archive no does not exist."
    assert events.error("ListArchives", EventSourceArn=f"{HERE}:event-bus/no").message == "Event bus no does not exist."
    events("DeleteArchive", ArchiveName="a")
    assert events("ListArchives") == {"Archives": []}


def test_an_archive_forgets_what_is_too_old(path: Path) -> None:
    events = Events(path, start=False)
    events("CreateArchive", ArchiveName="a", EventSourceArn=f"{HERE}:event-bus/default", RetentionDays=1)
    events.put()
    events.pass_time(days=2)
    events.put()
    events.engine._archives.prune(events.now.timestamp())
    assert events("DescribeArchive", ArchiveName="a")["EventCount"] == 1
    assert Events(path, start=False)("DescribeArchive", ArchiveName="a")["EventCount"] == 1


def test_an_event_that_breaks_something_is_no_error_for_its_service(
    events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_asked: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(events.engine, "publish", broken)
    events.engine.receive(SCOPE, {"detail-type": "t"})
    assert Event({}, 0.0).trace is None
