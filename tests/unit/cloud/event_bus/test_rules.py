"""Rules, targets, buses and their tags through the API's calls: AWS's errors, pages, and what stays after a restart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.event_bus import absent
from labkit.cloud.event_bus.validation import actions
from tests.unit.cloud.event_bus.conftest import Events

QUEUE = "arn:aws:sqs:us-east-1:123456789012:q"
HERE = "arn:aws:events:us-east-1:123456789012"


def said(error: AwsError) -> tuple[str, str]:
    return error.code, error.message


def test_every_call_of_aws_has_an_answer_of_ours(events: Events) -> None:
    assert {action for _, action in events.engine.routes} == set(actions())


def test_a_rule_is_described_as_on_aws(events: Events) -> None:
    arn = events.rule("r", {"source": ["app"]})
    assert arn == f"{HERE}:rule/r"
    assert events("DescribeRule", Name="r") == {
        "Name": "r", "Arn": arn, "EventPattern": '{"source": ["app"]}', "State": "ENABLED", "EventBusName": "default",
        "CreatedBy": "123456789012",
    }  # fmt: skip
    assert "CreatedBy" not in events("ListRules")["Rules"][0]


def test_a_rule_that_is_put_again_keeps_targets_and_tags_and_nothing_else(events: Events) -> None:
    events("PutRule", Name="r", EventPattern='{"a": [1]}', Description="d", Tags=[{"Key": "k", "Value": "v"}])
    events("PutTargets", Rule="r", Targets=[{"Id": "1", "Arn": QUEUE}])
    events("PutRule", Name="r", EventPattern='{"a": [2]}', State="DISABLED", Tags=[{"Key": "k", "Value": "other"}])
    described = events("DescribeRule", Name="r")
    assert described["State"] == "DISABLED"
    assert "Description" not in described
    assert events("ListTargetsByRule", Rule="r")["Targets"] == [{"Id": "1", "Arn": QUEUE}]
    assert events("ListTagsForResource", ResourceARN=f"{HERE}:rule/r")["Tags"] == [{"Key": "k", "Value": "v"}]


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        ({"Name": "r"}, "ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified."),
        ({"Name": "r", "ScheduleExpression": "rate(1 minutes)"}, "ValidationException", "Parameter ScheduleExpression is not valid."),
        ({"Name": "r", "EventPattern": '{"a": [1]}', "EventBusName": "no"}, "ResourceNotFoundException", "Event bus no does not exist."),
        (
            {"Name": "r", "EventPattern": '{"a": 1}'}, "InvalidEventPatternException",
            'Event pattern is not valid. Reason: "a" must be an object or an array\n at [Source: (String)"{"a": 1}"; line: 1, column: 8]',
        ),
        (
            {"Name": "con espacio", "EventPattern": '{"a": [1]}'}, "ValidationException",
            ("1 validation error detected: Value 'con espacio' at 'name' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+"),
        ),
        (
            {"EventPattern": '{"a": [1]}', "State": "ON"}, "ValidationException",
            ("2 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be null; "
            "Value 'ON' at 'state' failed to satisfy constraint: "
            "Member must satisfy enum value set: [ENABLED, DISABLED, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS]"),
        ),
        ({"Name": 5}, "SerializationException", "int can not be converted to String"),
    ],
)  # fmt: skip
def test_a_rule_is_refused(events: Events, params: dict[str, Any], code: str, message: str) -> None:
    assert said(events.error("PutRule", **params)) == (code, message)


def test_a_schedule_wants_the_default_bus(events: Events) -> None:
    events("CreateEventBus", Name="b")
    error = events.error("PutRule", Name="r", EventBusName="b", ScheduleExpression="rate(1 hour)")
    assert said(error) == ("ValidationException", "ScheduleExpression is supported only on the default event bus.")


def test_what_is_not_there(events: Events) -> None:
    missing = ("ResourceNotFoundException", "Rule no does not exist on EventBus default.")
    for action in ("DescribeRule", "EnableRule", "DisableRule"):
        assert said(events.error(action, Name="no")) == missing
    for action, more in (("ListTargetsByRule", {}), ("RemoveTargets", {"Ids": ["1"]})):
        assert said(events.error(action, Rule="no", **more)) == missing
    assert said(events.error("PutTargets", Rule="no", Targets=[{"Id": "1", "Arn": QUEUE}])) == missing
    assert events("DeleteRule", Name="no") == {}


def test_a_rule_with_targets_is_not_deleted(events: Events) -> None:
    events.rule("r", None, {"Arn": QUEUE})
    error = events.error("DeleteRule", Name="r")
    assert said(error) == ("ValidationException", "Rule can't be deleted since it has targets.")
    events("RemoveTargets", Rule="r", Ids=["0"])
    events("DeleteRule", Name="r")
    assert events("ListRules") == {"Rules": []}


def test_limits(events: Events) -> None:
    events.rule("r", None, *[{"Arn": QUEUE}] * 5)
    limit = ("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
    assert said(events.error("PutTargets", Rule="r", Targets=[{"Id": "six", "Arn": QUEUE}])) == limit
    for number in range(299):
        events.rule(f"r{number}", None)
    assert said(events.error("PutRule", Name="one-more", EventPattern='{"a": [1]}')) == limit
    events("PutRule", Name="r7", EventPattern='{"a": [1]}')


@pytest.mark.parametrize(
    ("target", "code", "start"),
    [
        ({"Arn": "no-arn"}, "ValidationException", "Parameter no-arn is not valid. Reason: Provided Arn is not in correct format."),
        ({"Arn": "arn:aws:states:us-east-1:123456789012:stateMachine:m"}, "NotImplemented",
         ("labkit's local cloud delivers events to Lambda functions, SQS queues, SNS topics, CloudWatch log groups and event buses, "
         "not to Step Functions state machines (target 1, arn:aws:states:us-east-1:123456789012:stateMachine:m).")),
        ({"Arn": "arn:aws:glue:us-east-1:123456789012:workflow/w"}, "NotImplemented", "labkit's local cloud delivers events to"),
        ({"Arn": f"{HERE}:api-destination/a/b"}, "NotImplemented", "labkit's local cloud calls no API destinations (target 1)"),
        ({"Arn": QUEUE + ".fifo"}, "ValidationException", "Parameter(s) SqsParameters must be specified for target: 1."),
        ({"Arn": QUEUE, "Input": "{"}, "ValidationException", "Input for target 1 is not a valid JSON text."),
        ({"Arn": QUEUE, "Input": "1", "InputPath": "$"}, "ValidationException",
         "Only one of Input, InputPath, or InputTransformer must be provided for target 1."),
        ({"Arn": QUEUE, "InputTransformer": {"InputPathsMap": {"a": "$.id"}, "InputTemplate": '"<a> <b>"'}}, "ValidationException",
         "InputTemplate for target 1 contains invalid placeholder b."),
        ({"Arn": QUEUE, "InputTransformer": {"InputTemplate": "no quotes"}}, "ValidationException", "Invalid InputTemplate for target 1"),
        ({"Arn": QUEUE, "DeadLetterConfig": {"Arn": QUEUE + ".fifo"}}, "ValidationException", f"Parameter {QUEUE}.fifo is not valid."),
        ({"Arn": QUEUE, "RetryPolicy": {"MaximumRetryAttempts": 186}}, "ValidationException", ("1 validation error detected: Value '186' "
         "at 'targets.1.member.retryPolicy.maximumRetryAttempts' failed to satisfy constraint: Member must have value less")),
        ({"Arn": "arn:aws:sqs:eu-west-1:123456789012:q"}, "ValidationException", "Parameter arn:aws:sqs:eu-west-1:123456789012:q is not"),
        ({"Arn": "arn:aws:lambda:us-east-1:123456789012:layer:l"}, "ValidationException", "Parameter arn:aws:lambda:us-east-1"),
    ],
)  # fmt: skip
def test_a_target_is_refused(events: Events, target: dict[str, Any], code: str, start: str) -> None:
    events.rule("r", None)
    error = events.error("PutTargets", Rule="r", Targets=[{"Id": "1", **target}])
    assert error.code == code
    assert error.message.startswith(start)
    assert events("ListTargetsByRule", Rule="r") == {"Targets": []}


def test_pages(events: Events) -> None:
    for number in range(5):
        events.rule(f"r{number}", None, {"Arn": QUEUE})
    first = events("ListRules", Limit=3)
    assert [rule["Name"] for rule in first["Rules"]] == ["r0", "r1", "r2"]
    second = events("ListRules", Limit=3, NextToken=first["NextToken"])
    assert [rule["Name"] for rule in second["Rules"]] == ["r3", "r4"]
    assert "NextToken" not in second
    assert [rule["Name"] for rule in events("ListRules", NamePrefix="r4")["Rules"]] == ["r4"]
    assert events("ListRuleNamesByTarget", TargetArn=QUEUE, Limit=1) == {"RuleNames": ["r0"], "NextToken": "1"}
    assert events.error("ListRules", NextToken="x").code == "ValidationException"


def test_buses(events: Events) -> None:
    assert events("CreateEventBus", Name="b", Description="d") == {
        "EventBusArn": f"{HERE}:event-bus/b",
        "Description": "d",
    }
    assert said(events.error("CreateEventBus", Name="b")) == (
        "ResourceAlreadyExistsException",
        "Event bus b already exists.",
    )
    assert [bus["Name"] for bus in events("ListEventBuses")["EventBuses"]] == ["b", "default"]
    assert events.rule("r", None, bus="b") == f"{HERE}:rule/b/r"
    assert events("DescribeRule", Name="r", EventBusName=f"{HERE}:event-bus/b")["EventBusName"] == "b"
    assert said(events.error("DescribeRule", Name="x", EventBusName="b"))[1] == "Rule x does not exist on EventBus b."
    assert events.error("DeleteEventBus", Name="b").code == "ValidationException"
    events("DeleteRule", Name="r", EventBusName="b")
    events("DeleteEventBus", Name="b")
    assert said(events.error("DescribeEventBus", Name="b"))[1] == "Event bus b does not exist."
    assert events("DeleteEventBus", Name="b") == {}
    assert said(events.error("DeleteEventBus", Name="default"))[1] == "Cannot delete event bus default."
    assert events.error("CreateEventBus", Name="a/b").code == "ValidationException"


def test_what_a_bus_cannot_have_here_is_refused_by_name(events: Events) -> None:
    for name, value in (
        ("KmsKeyIdentifier", "k"),
        ("EventSourceName", "aws.partner/a/b"),
        ("LogConfig", {"Level": "INFO"}),
    ):
        error = events.error("CreateEventBus", Name="b", **{name: value})
        assert error.code == "NotImplemented"


def test_policies_of_buses(events: Events) -> None:
    events("PutPermission", Action="events:PutEvents", Principal="111122223333", StatementId="one")
    events("PutPermission", Action="events:PutEvents", Principal="*", StatementId="two")
    statements = json.loads(events("DescribeEventBus")["Policy"])["Statement"]
    assert statements[0] == {
        "Sid": "one", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "events:PutEvents", "Resource": f"{HERE}:event-bus/default",
    }  # fmt: skip
    assert statements[1]["Principal"] == "*"
    events("RemovePermission", StatementId="one")
    error = events.error("RemovePermission", StatementId="one")
    assert said(error) == ("ResourceNotFoundException", "Statement with the provided id does not exist.")
    events("RemovePermission", RemoveAllPermissions=True)
    assert "Policy" not in events("DescribeEventBus")
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "events:*", "Resource": "*"}],
    }
    events("PutPermission", Policy=json.dumps(policy))
    assert json.loads(events("DescribeEventBus")["Policy"]) == policy
    assert events.error("PutPermission", Policy="{").message == "This policy contains invalid Json"


def test_tags(events: Events) -> None:
    arn = events.rule("r", None)
    events("TagResource", ResourceARN=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "ñ", "Value": "2"}])
    events("UntagResource", ResourceARN=arn, TagKeys=["a"])
    assert events("ListTagsForResource", ResourceARN=arn) == {"Tags": [{"Key": "ñ", "Value": "2"}]}
    assert events.error("ListTagsForResource", ResourceARN=f"{HERE}:rule/no").code == "ResourceNotFoundException"


def test_rules_stay_after_a_restart(path: Path) -> None:
    before = Events(path, start=False)
    before("CreateEventBus", Name="b", Tags=[{"Key": "k", "Value": "v"}])
    before.rule("r", {"detail": {"año": [{"numeric": [">", 1]}]}}, {"Arn": QUEUE}, bus="b")
    after = Events(path, start=False)
    assert after("DescribeRule", Name="r", EventBusName="b") == before("DescribeRule", Name="r", EventBusName="b")
    assert after("ListTargetsByRule", Rule="r", EventBusName="b")["Targets"] == [{"Id": "0", "Arn": QUEUE}]
    assert after("ListEventBuses") == before("ListEventBuses")


def test_what_nothing_here_does_is_refused_or_empty(events: Events) -> None:
    assert events("ListConnections") == {"Connections": []}
    assert events.error("DescribeConnection", Name="c").message == "Connection c does not exist."
    assert set(absent.CALLS) < set(actions())
    given = {"Name": "c", "AuthorizationType": "BASIC", "AuthParameters": {}}
    error = events.error("CreateConnection", **given)
    assert said(error)[0] == "NotImplemented"
    assert "CreateConnection is refused" in error.message


def test_patterns_are_tried(events: Events) -> None:
    event = {
        "id": "1", "account": "1", "source": "app", "time": "2026-01-01T00:00:00Z", "region": "r", "resources": [],
        "detail-type": "t", "detail": {"n": 5},
    }  # fmt: skip
    pattern = json.dumps({"detail": {"n": [{"numeric": ["<", 6]}]}})
    assert events("TestEventPattern", EventPattern=pattern, Event=json.dumps(event)) == {"Result": True}
    assert events("TestEventPattern", EventPattern='{"source": ["x"]}', Event=json.dumps(event)) == {"Result": False}
    for text in ("text", "[]", "{}"):
        error = events.error("TestEventPattern", EventPattern=pattern, Event=text)
        assert said(error) == ("ValidationException", "Parameter Event is not valid.")
