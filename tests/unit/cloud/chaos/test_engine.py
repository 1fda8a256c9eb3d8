from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.chaos.engine import HOLD_S, Chaos
from labkit.cloud.database import Database
from labkit.cloud.documents import Documents
from labkit.cloud.events.publisher import Outgoing

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:fn"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:q"
PLACE = Scope("123456789012", "us-east-1")


class FakeEvents:
    """The publisher as chaos sees it: an outbox that can hasten, and `hand_over`."""

    def __init__(self) -> None:
        self.outbox = self
        self.unrest: Any = None
        self.waiting: set[str] = set()
        self.handed: list[Outgoing] = []

    def hasten(self, _arn: str, name: str, _due: float) -> bool:
        found = name in self.waiting
        self.waiting.discard(name)
        return found

    def hand_over(self, outgoing: Outgoing, *, disturb: bool = True) -> bool:
        assert not disturb
        self.handed.append(outgoing)
        return True

    def publish(self, key: str, arn: str = FUNCTION, bucket: str = "raw") -> list[float]:
        """What the real publisher does with an event: the delays that chaos wants."""
        record = {
            "eventName": "ObjectCreated:Put",
            "responseElements": {"x-amz-request-id": f"R{key}"},
            "s3": {"object": {"key": key, "sequencer": f"00{key}"}},
        }
        outgoing = Outgoing(arn.split(":")[2], arn, bucket, key, {"Records": [record]}, "123456789012")
        delays = list(self.unrest.plan(outgoing))
        names = [(arn, f"{key}-{number}") for number, delay_s in enumerate(delays) if delay_s]
        self.waiting |= {name for _, name in names}
        self.unrest.sent(outgoing, names)
        return delays


class FakeLogs:
    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def write(self, group: str, _stream: str, messages: list[str]) -> None:
        self.lines += [(group, message) for message in messages]


@pytest.fixture
def logs() -> FakeLogs:
    return FakeLogs()


@pytest.fixture
def start(tmp_path: Path, logs: FakeLogs) -> Callable[[], tuple[Chaos, FakeEvents]]:
    """`start()` is a chaos on the same state folder each time, as after a restart."""
    documents = Documents(Database(tmp_path / "cloud.db"))

    def build() -> tuple[Chaos, FakeEvents]:
        events: Any = FakeEvents()
        services: Any = SimpleNamespace(
            documents=documents,
            clock=lambda: datetime.now(timezone.utc),
            state_dir=tmp_path,
            logs=lambda _: logs,
        )
        return Chaos(services, events), events

    return build


def did(chaos: Chaos) -> list[tuple[str, str]]:
    return [(effect["did"], effect["key"]) for effect in chaos.status({})["effects"]]


def test_without_rules_every_event_is_delivered_once_and_at_once(start: Any) -> None:
    chaos, events = start()
    assert events.publish("a") == [0.0]
    assert chaos.status({}) == {"rules": [], "effects": []}


def test_a_rule_is_used_up_by_what_it_covers_only(start: Any) -> None:
    chaos, events = start()
    chaos.ask({"kind": "duplicate", "bucket": "raw", "prefix": "in/", "function": "fn", "times": 2})
    assert events.publish("out/a") == [0.0]
    assert events.publish("in/a", bucket="other") == [0.0]
    assert events.publish("in/a", arn=QUEUE) == [0.0]
    assert [events.publish(key) for key in ("in/a", "in/b", "in/c")] == [[0.0, 0.0], [0.0, 0.0], [0.0]]
    assert did(chaos) == [("doubled", "in/a"), ("doubled", "in/b")]


def test_rules_and_effects_survive_a_restart(start: Any) -> None:
    chaos, events = start()
    rule = chaos.ask({"kind": "delay", "seconds": 3, "times": 3})["rule"]
    assert events.publish("a") == [3.0]
    chaos, events = start()
    assert chaos.status({})["rules"] == [{**rule, "times": 2}]
    assert events.publish("b") == [3.0]
    assert did(chaos) == [("late", "a"), ("late", "b")]


def test_kinds_add_up_and_always_does_not_end(start: Any) -> None:
    chaos, events = start()
    chaos.ask({"kind": "duplicate", "times": "always"})
    chaos.ask({"kind": "delay", "seconds": 1, "times": "always"})
    assert [events.publish(str(number)) for number in range(3)] == [[1.0, 1.0]] * 3
    assert chaos.end({}) == {"removed": 2}
    assert events.publish("x") == [0.0]


def test_reorder_holds_one_event_for_the_next_and_counts_the_pair_once(start: Any) -> None:
    chaos, events = start()
    chaos.ask({"kind": "reorder", "times": 2})
    assert [events.publish(key) for key in "abcde"] == [[HOLD_S], [0.0], [HOLD_S], [0.0], [0.0]]
    assert events.waiting == set()
    assert did(chaos) == [("held", "a"), ("overtook", "b"), ("held", "c"), ("overtook", "d")]


def test_an_event_that_was_held_too_long_does_not_count_as_overtaken(start: Any) -> None:
    chaos, events = start()
    chaos.ask({"kind": "reorder"})
    events.publish("a")
    events.waiting.clear()  # a minute later: it was delivered by itself
    assert events.publish("b") == [HOLD_S]
    assert events.publish("c") == [0.0]


def test_all_copies_of_a_held_event_are_let_go(start: Any) -> None:
    chaos, events = start()
    chaos.ask({"kind": "duplicate"})
    rule = chaos.ask({"kind": "reorder"})["rule"]["id"]
    events.publish("a")
    assert events.waiting == {"a-0", "a-1"}
    chaos.end({"id": rule})
    assert events.waiting == set()


def test_throttling_refuses_as_lambda_does_and_tells_in_the_functions_log(start: Any, logs: FakeLogs) -> None:
    chaos, _ = start()
    chaos.ask({"kind": "throttle", "function": "fn"})
    chaos.throttle("other", PLACE)
    with pytest.raises(AwsError) as caught:
        chaos.throttle("fn", PLACE)
    assert (caught.value.code, caught.value.status) == ("TooManyRequestsException", 429)
    chaos.throttle("fn", PLACE)
    assert logs.lines == [
        ("/aws/lambda/fn", "[labkit chaos] an invocation was answered with TooManyRequestsException\n")
    ]


def test_what_was_done_to_an_event_is_in_the_log_of_its_function(start: Any, logs: FakeLogs) -> None:
    chaos, events = start()
    chaos.ask({"kind": "duplicate"})
    events.publish("a b")
    line = "[labkit chaos] ObjectCreated:Put s3://raw/a b (sequencer 00a b) is delivered twice\n"
    assert logs.lines == [("/aws/lambda/fn", line)]


def test_a_replay_sends_the_newest_event_to_all_that_got_it(start: Any) -> None:
    chaos, events = start()
    events.publish("a")
    events.publish("a", arn=QUEUE)
    events.publish("b")
    chaos, events = start()  # memory survives a restart
    answer = chaos.ask({"kind": "replay", "bucket": "raw", "key": "a"})
    assert sorted(one["arn"] for one in answer["delivered"]) == [FUNCTION, QUEUE]
    assert len(events.handed) == 2
    chaos.ask({"kind": "replay", "bucket": "raw", "key": "a", "function": "fn"})
    assert [outgoing.arn for outgoing in events.handed[2:]] == [FUNCTION]
    for key, bucket in (("a", "other"), ("z", "raw")):
        with pytest.raises(AwsError, match="NotFound"):
            chaos.ask({"kind": "replay", "bucket": bucket, "key": key})


@pytest.mark.parametrize("body", [[], "x", None, 5])
def test_a_wish_that_is_no_object_is_refused(start: Any, body: Any) -> None:
    chaos, _ = start()
    for page in (chaos.ask, chaos.end):
        with pytest.raises(AwsError, match="must be a JSON object"):
            page(body)


def test_an_unknown_rule_cannot_be_taken_away(start: Any) -> None:
    chaos, _ = start()
    with pytest.raises(AwsError, match="No chaos rule 1234"):
        chaos.end({"id": "1234"})


def test_wishes_have_limits(start: Any) -> None:
    chaos, _ = start()
    with pytest.raises(AwsError, match="longer than any key"):
        chaos.ask({"kind": "duplicate", "prefix": "x" * 1025})
    for _ in range(100):
        chaos.ask({"kind": "duplicate"})
    with pytest.raises(AwsError, match="100 rules already"):
        chaos.ask({"kind": "duplicate"})
    assert chaos.end({}) == {"removed": 100}
