"""Schedules of rules: what is one, when it fires, and the event that it makes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.event_bus.records import Rule
from labkit.cloud.event_bus.schedules import Clock, check_schedule, is_due
from tests.unit.cloud.event_bus.conftest import Events

SCOPE = Scope("123456789012", "us-east-1")
BEGIN = datetime(2026, 5, 1, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "expression",
    [
        "rate(10 seconds)", "rate(10 years)", "rate(1 minutes)", "rate(1 hours)", "rate(1 days)", "rate(10 minute)",
        "rate(10 hour)", "rate(10 day)", "rate()", "rate(10)", "rate(10 minutess)", "rate(foo minutes)", "rate(0 minutes)",
        "rate(-10 minutes)", "rate(10 MINUTES)", "rate( 10 minutes )", " rate(10 minutes)", "cron(0 1 * * * *)",
        "cron(7 20 * * NOT *)", "cron(INVALID)", "cron(0 dummy ? * MON-FRI *)", "cron(71 8 1 * ? *)", "cron(0 10 * * ?)",
        " cron(0 10 * * ? *)", "at(2026-01-01T00:00:00)", "every day", "cron(0 10 ? * ? *)",
    ],
)  # fmt: skip
def test_what_is_no_schedule(expression: str) -> None:
    with pytest.raises(AwsError) as failure:
        check_schedule(expression)
    assert (failure.value.code, failure.value.message) == (
        "ValidationException",
        "Parameter ScheduleExpression is not valid.",
    )


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 minute)", "rate(5 minutes)", "rate(1 hour)", "rate(7 days)", "cron(0 2 ? * SAT *)", "cron(0 12 * * ? *)",
        "cron(5,35 14 * * ? *)", "cron(15 10 ? * 6L 2002-2005)", "cron(0 2 ? * SAT#3 *)", "cron(* * ? * SAT#3 *)",
        "cron(0/5 5 ? JAN 1-5 2022)", "cron(0 18 ? * MON-FRI *)", "cron(0 8 1 * ? *)", "cron(0/15 * * * ? *)",
        "cron(0/30 20-23 ? * MON-FRI *)", "cron(* * * * ? *)", "cron(0 9 L * ? *)", "cron(0 9 3W * ? *)",
    ],
)  # fmt: skip
def test_what_is_one(expression: str) -> None:
    check_schedule(expression)


def rule(schedule: str, since: datetime = BEGIN) -> Rule:
    return Rule(SCOPE, "default", "r", schedule=schedule, since=since.timestamp())


def test_a_rate_counts_from_its_beginning() -> None:
    five = rule("rate(5 minutes)")
    assert is_due(five, BEGIN, BEGIN + timedelta(minutes=4, seconds=59)) is None
    due = is_due(five, BEGIN + timedelta(minutes=4), BEGIN + timedelta(minutes=5, seconds=1))
    assert due == BEGIN + timedelta(minutes=5)
    assert is_due(five, BEGIN + timedelta(minutes=5), BEGIN + timedelta(minutes=6)) is None


def test_a_cron_is_due_once_a_minute() -> None:
    noon = rule("cron(0 13 * * ? *)")
    one = datetime(2026, 5, 1, 13, 0, tzinfo=timezone.utc)
    assert is_due(noon, one - timedelta(seconds=1), one) == one
    assert is_due(noon, one, one + timedelta(seconds=30)) is None
    assert is_due(noon, one - timedelta(seconds=70), one + timedelta(seconds=10)) == one


def test_the_clock_fires_what_became_due_and_makes_nothing_up() -> None:
    now, fired = [BEGIN], []
    rules = [rule("rate(1 minute)"), rule("cron(1 12 * * ? *)")]
    clock = Clock(lambda: now[0], lambda: rules, lambda one, moment: fired.append((one.schedule, moment)))
    for _ in range(60):
        now[0] += timedelta(seconds=1)
        clock.tick()
    minute = BEGIN + timedelta(minutes=1)
    assert fired == [("rate(1 minute)", minute), ("cron(1 12 * * ? *)", minute)]
    now[0] += timedelta(hours=8)  # the laptop slept
    clock.tick()
    assert [schedule for schedule, _ in fired[2:]] == ["rate(1 minute)"]
    now[0] -= timedelta(hours=8)
    clock.tick()
    assert len(fired) == 3


def test_a_scheduled_event_goes_to_the_targets_of_its_rule_only(events: Events) -> None:
    queue, other = events.queue("q"), events.queue("other")
    arn: str = events("PutRule", Name="tick", ScheduleExpression="rate(1 minute)")["RuleArn"]
    events(
        "PutTargets", Rule="tick", Targets=[{"Id": "1", "Arn": queue}, {"Id": "2", "Arn": queue, "Input": '{"go":1}'}]
    )
    events.rule("all", {"source": [{"prefix": ""}]}, {"Arn": other})
    (found,) = events.engine.registry.scheduled()
    events.engine.fire(found, BEGIN + timedelta(minutes=1))
    bodies = events.bodies(queue, 2)
    events.settle()
    assert {"go": 1} in bodies
    (event,) = [body for body in bodies if body != {"go": 1}]
    assert {**event, "id": "i"} == {
        "version": "0", "id": "i", "detail-type": "Scheduled Event", "source": "aws.events", "account": "123456789012",
        "time": "2026-05-01T12:01:00Z", "region": "us-east-1", "resources": [arn], "detail": {},
    }  # fmt: skip
    from moto.sqs.models import sqs_backends

    assert not sqs_backends[SCOPE.account][SCOPE.region].queues["other"]._messages
    assert events.metrics.of("TriggeredRules", RuleName="tick") == 1


def test_a_schedule_keeps_its_beat_when_its_rule_is_put_again_or_the_cloud_restarts(path: Path) -> None:
    events = Events(path, start=False)
    events("PutRule", Name="tick", ScheduleExpression="rate(1 hour)")
    first = events.engine.registry.scheduled()[0].since
    events.pass_time(minutes=10)
    events("PutRule", Name="tick", ScheduleExpression="rate(1 hour)", Description="d")
    assert Events(path, start=False).engine.registry.scheduled()[0].since == first
    events("PutRule", Name="tick", ScheduleExpression="rate(2 hours)")
    assert events.engine.registry.scheduled()[0].since == first + 600
    events("DisableRule", Name="tick")
    assert events.engine.registry.scheduled() == []
