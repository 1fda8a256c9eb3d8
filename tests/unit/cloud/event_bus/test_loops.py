"""Chains of events that look like loops."""

from __future__ import annotations

from urllib.parse import quote

from labkit.cloud.event_bus.loops import MOST_IN_A_LOOP, Loops
from tests.unit.cloud.event_bus.conftest import Events


def trace(root: str, runs: int) -> str:
    return f"Root={root};Parent=1;Sampled=0;Lineage=aaaa:1|bbbb:{runs}"


def test_a_chain_that_is_no_loop_has_no_budget() -> None:
    loops = Loops()
    assert all(loops.allows(trace("1", 3)) for _ in range(1000))
    assert all(loops.allows(None) for _ in range(1000))
    assert all(loops.allows("no header") for _ in range(1000))


def test_a_loop_has_one_whatever_the_encoding_of_its_header() -> None:
    loops = Loops()
    headers = (trace("1", 4), quote(trace("1", 5), safe="-=;:+&[]{}\"'"))  # the second as botocore writes it
    assert all(loops.allows(headers[number % 2]) for number in range(MOST_IN_A_LOOP))
    assert not loops.allows(headers[1])
    assert loops.allows(trace("2", 4))


def test_events_of_a_loop_are_dropped_and_counted(events: Events) -> None:
    queue = events.queue("q")
    events.rule("r", None, {"Arn": queue})
    for number in range(MOST_IN_A_LOOP + 3):
        events.put({"n": number}, TraceHeader=trace("1", 9))
    events.settle()
    assert len(events.messages(queue)) == MOST_IN_A_LOOP
    assert events.metrics.of("DeadLetterInvocations", RuleName="r") == 3


def test_no_delivery_waits_for_the_next_one(events: Events) -> None:
    queue = events.queue("q")
    events.rule("r", None, {"Arn": queue})
    for number in range(100):
        events.put({"n": number})
        events.messages(queue, number + 1)
