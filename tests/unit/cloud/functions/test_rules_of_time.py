from __future__ import annotations

import dataclasses

import pytest

from labkit.cloud.call import Scope
from labkit.cloud.functions.configuration import AsyncPolicy, scope_of, split_name
from labkit.cloud.functions.events import QueuedEvent, next_delay_s, read_event, retry_scale, throttle_delay_s
from labkit.cloud.functions.lineage import extend_trace, runs_in_chain

EVENT = QueuedEvent("id", "fn", None, "{}", "123456789012", "us-east-1", "2026-11-23T00:00:00+00:00")


@pytest.mark.parametrize(("attempts", "delay_s"), [(1, 60), (2, 120), (3, None)])
def test_retries_wait_as_on_aws(attempts: int, delay_s: float | None) -> None:
    assert next_delay_s(dataclasses.replace(EVENT, attempts=attempts), AsyncPolicy()) == delay_s


def test_no_retry_outlives_the_maximum_age() -> None:
    policy = AsyncPolicy(max_age_s=100)
    assert next_delay_s(dataclasses.replace(EVENT, attempts=1), policy) == 60
    assert next_delay_s(dataclasses.replace(EVENT, attempts=2, waited_s=60), policy) is None


def test_throttled_events_wait_longer_and_longer_up_to_five_minutes() -> None:
    delays = [throttle_delay_s(dataclasses.replace(EVENT, throttles=n), AsyncPolicy()) for n in (0, 1, 2, 8, 9, 50)]
    assert delays == [1, 2, 4, 256, 300, 300]
    assert throttle_delay_s(dataclasses.replace(EVENT, waited_s=21600), AsyncPolicy()) is None


def test_an_event_survives_its_document() -> None:
    event = dataclasses.replace(EVENT, attempts=2, trace="Root=1", qualifier="prod")
    assert read_event(event.document()) == event


@pytest.mark.parametrize(("value", "scale"), [(None, 1 / 60), ("1", 1.0), ("0", 0.0), ("-3", 0.0), ("soon", 1 / 60)])
def test_the_scale_of_waiting_can_be_set(value: str | None, scale: float) -> None:
    assert retry_scale({} if value is None else {"LABKIT_ASYNC_RETRY_SCALE": value}) == scale


@pytest.mark.parametrize(
    ("name", "qualifier", "expected"),
    [
        ("fn", None, ("fn", None)),
        ("fn", "prod", ("fn", "prod")),
        ("fn:3", None, ("fn", "3")),
        ("arn:aws:lambda:us-east-1:123456789012:function:fn", None, ("fn", None)),
        ("arn:aws:lambda:us-east-1:123456789012:function:fn:prod", None, ("fn", "prod")),
        ("123456789012:function:fn", None, ("fn", None)),
    ],
)
def test_names_arns_and_qualifiers(name: str, qualifier: str | None, expected: tuple[str, str | None]) -> None:
    assert split_name(name, qualifier) == expected


def test_an_arn_names_its_own_region() -> None:
    here = Scope("123456789012", "us-east-1")
    assert scope_of("arn:aws:lambda:eu-west-1:210987654321:function:fn", here) == Scope("210987654321", "eu-west-1")
    assert scope_of("fn", here) == here


def test_a_trace_counts_the_runs_of_each_function_of_a_chain() -> None:
    trace = None
    for _ in range(3):
        trace = extend_trace(extend_trace(trace, "arn:a"), "arn:b")
    assert (runs_in_chain(trace, "arn:a"), runs_in_chain(trace, "arn:b"), runs_in_chain(trace, "arn:c")) == (3, 3, 0)


def test_a_chain_keeps_its_root_and_a_new_one_gets_its_own() -> None:
    first = extend_trace(None, "arn:a")
    root = first.split(";")[0]
    assert extend_trace(first, "arn:a").startswith(root)
    assert not extend_trace(None, "arn:a").startswith(root)


def test_a_header_of_someone_else_is_no_harm() -> None:
    assert runs_in_chain(extend_trace("Self=1;Lineage=x|y:z|:3;Root=1-2-3", "arn:a"), "arn:a") == 1


def test_the_header_is_read_as_botocore_encodes_it() -> None:
    one, other = "arn:aws:lambda:r:1:function:a", "arn:aws:lambda:r:1:function:b"
    trace = extend_trace(extend_trace(None, one), other).replace("|", "%7C")
    assert (runs_in_chain(trace, one), runs_in_chain(trace, other)) == (1, 1)
    assert runs_in_chain(extend_trace(trace, one), one) == 2
