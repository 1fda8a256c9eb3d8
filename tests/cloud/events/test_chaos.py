"""The drill: events twice, late, in the wrong order, again; a function that is throttled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.cloud.events.conftest import Ear

Aws = Callable[[str], Any]


@pytest.fixture
def chaos(cloud: Any) -> Iterator[Callable[..., requests.Response]]:
    """`chaos("POST", kind=…)` asks the page; what a test asked for is taken away after it."""
    page = f"{cloud.endpoint_url}/_labkit/chaos"
    made: list[str] = []

    def ask(method: str, **body: Any) -> requests.Response:
        answer = requests.request(method, page, json=body, timeout=10)
        if answer.ok and method == "POST" and "rule" in answer.json():
            made.append(answer.json()["rule"]["id"])
        return answer

    yield ask
    for rule in made:
        requests.delete(page, json={"id": rule}, timeout=10)


def keys(events: list[dict[str, Any]]) -> list[str]:
    return [event["s3"]["object"]["key"] for event in events]


def put(aws: Aws, ear: Ear, *names: str) -> None:
    for name in names:
        aws("s3").put_object(Bucket=ear.bucket, Key=name, Body=b"")


def effects(chaos: Any, ear: Ear) -> list[tuple[str, str]]:
    return [(one["did"], one["key"]) for one in chaos("GET").json()["effects"] if one["bucket"] == ear.bucket]


def test_the_same_event_comes_twice_and_no_more_often_than_was_asked(aws: Aws, ear: Ear, chaos: Any) -> None:
    ear.configure()
    assert chaos("POST", kind="duplicate", bucket=ear.bucket, prefix="in/", times=2).status_code == 200
    put(aws, ear, "out/1", "in/1", "in/2", "in/3")
    events = ear.hear_all()
    assert keys(events) == ["out/1", "in/1", "in/1", "in/2", "in/2", "in/3"]
    assert events[1] == events[2]
    assert effects(chaos, ear) == [("doubled", "in/1"), ("doubled", "in/2")]
    assert not [rule for rule in chaos("GET").json()["rules"] if rule["bucket"] == ear.bucket]


def test_a_late_event_is_overtaken(aws: Aws, ear: Ear, chaos: Any) -> None:
    ear.configure()
    chaos("POST", kind="delay", bucket=ear.bucket, seconds=0.6)
    put(aws, ear, "late", "quick")
    assert keys(ear.hear(2)) == ["quick", "late"]
    assert effects(chaos, ear) == [("late", "late")]


def test_two_events_change_places(aws: Aws, ear: Ear, chaos: Any) -> None:
    ear.configure()
    chaos("POST", kind="reorder", bucket=ear.bucket)
    put(aws, ear, "a")
    aws("s3").delete_object(Bucket=ear.bucket, Key="a")
    events = ear.hear(2)
    assert [event["eventName"] for event in events] == ["ObjectRemoved:Delete", "ObjectCreated:Put"]
    # The sequencer tells which was first.
    assert events[0]["s3"]["object"]["sequencer"] > events[1]["s3"]["object"]["sequencer"]
    assert effects(chaos, ear) == [("held", "a"), ("overtook", "a")]


def test_a_held_event_comes_when_the_rule_goes(aws: Aws, ear: Ear, chaos: Any) -> None:
    ear.configure()
    rule = chaos("POST", kind="reorder", bucket=ear.bucket).json()["rule"]["id"]
    put(aws, ear, "a")
    assert chaos("DELETE", id=rule).json() == {"removed": 1}
    assert keys(ear.hear(1)) == ["a"]


def test_the_last_event_of_a_key_can_be_sent_again(aws: Aws, ear: Ear, chaos: Any) -> None:
    ear.configure()
    put(aws, ear, "año 1.csv", "other")
    sent = ear.hear_all()[0]
    answer = chaos("POST", kind="replay", bucket=ear.bucket, key="año 1.csv")
    assert answer.json() == {"delivered": [{"arn": ear.queue_arn, "event": "ObjectCreated:Put"}]}
    assert ear.hear(1) == [sent]
    assert chaos("POST", kind="replay", bucket=ear.bucket, key="never").status_code == 404


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"kind": "lose"}, "kind must be one of"),
        ({}, "kind must be one of"),
        ({"kind": "duplicate", "buckets": "a"}, "unknown field buckets"),
        ({"kind": "duplicate", "times": 0}, "times must be"),
        ({"kind": "duplicate", "times": "often"}, "times must be"),
        ({"kind": "delay", "seconds": 0}, "seconds must be"),
        ({"kind": "delay", "seconds": "1"}, "seconds must be"),
        ({"kind": "duplicate", "seconds": 1}, "seconds belongs to delay"),
        ({"kind": "duplicate", "bucket": 5}, "bucket must be a text"),
        ({"kind": "throttle", "bucket": "a"}, "name a function"),
        ({"kind": "replay", "bucket": "a"}, "needs bucket and key"),
    ],
)
def test_wrong_wishes_are_refused(chaos: Any, body: dict[str, Any], words: str) -> None:
    answer = chaos("POST", **body)
    assert (answer.status_code, answer.json()["__type"]) == (400, "ValidationException")
    assert words in answer.json()["message"]
