"""What targets get: Input, InputPath and InputTransformer (outcomes as documented, or as others recorded them on AWS)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.event_bus.events import Event
from labkit.cloud.event_bus.inputs import build_payload, check_input

RULE = "arn:aws:events:us-east-1:123456789012:rule/bus/mine"
DOCUMENT = {
    "version": "0", "id": "i", "detail-type": "t", "source": "s", "account": "a", "time": "2026-01-01T00:00:00Z",
    "region": "r", "resources": ["x"],
    "detail": {"n": 5, "año": "ñ", "o": {"a": "b", "c": [1]}, "l": [{"k": 1}, {"k": 2}], "q": 'say "hi"', "null": None},
}  # fmt: skip
EVENT = Event(DOCUMENT, 1_767_225_601.5)


def payload(**target: Any) -> str:
    check_input({"Id": "1", **target})
    return build_payload(EVENT, target, RULE)


def transformed(template: str, **paths: str) -> str:
    return payload(InputTransformer={"InputPathsMap": paths, "InputTemplate": template})


def test_the_event_is_compact() -> None:
    assert payload() == json.dumps(DOCUMENT, separators=(",", ":"), ensure_ascii=False)


def test_a_constant_is_given_as_it_stands() -> None:
    assert payload(Input='{ "a" : 1 }') == '{ "a" : 1 }'


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.detail.n", "5"),
        ("$.detail.año", '"ñ"'),
        ("$.detail.o", '{"a":"b","c":[1]}'),
        ("$.detail.l[1].k", "2"),
        ("$.detail.l[*].k", "[1,2]"),
        ("$.detail-type", '"t"'),
        ("$.resources[0]", '"x"'),
        ("$.detail.no", "null"),
        ("$.detail.l[9]", "null"),
    ],
)
def test_a_part(path: str, found: str) -> None:
    assert payload(InputPath=path) == found


@pytest.mark.parametrize(
    ("template", "paths", "found"),
    [
        ('"Event of <t> at <w>"', {"t": "$.detail-type", "w": "$.time"}, '"Event of t at 2026-01-01T00:00:00Z"'),
        ('"info <no>"', {"no": "$.detail.no"}, '"info "'),
        ('{"t": <t>,  "no": <no>}', {"t": "$.detail-type", "no": "$.detail.no"}, '{"t":"t","no":""}'),
        ('{"n": <n>, "list": [9, <n>, true]}', {"n": "$.detail.n"}, '{"n":5,"list":[9,5,true]}'),
        ('{"text": "n is <n>"}', {"n": "$.detail.n"}, '{"text":"n is 5"}'),
        ('{"text": "it \\"<t>\\""}', {"t": "$.detail-type"}, '{"text":"it \\"t\\""}'),
        ('{"o": <o>}', {"o": "$.detail.o"}, '{"o":{"a":"b","c":[1]}}'),
        ('"payload <o>"', {"o": "$.detail.o"}, '"payload {a:b,c:[1]}"'),
        ('{"q": "<q>"}', {"q": "$.detail.q"}, '{"q":"say \\"hi\\""}'),
        ('{"x": <x>}', {"x": "$.detail.null"}, '{"x":null}'),
        ("<o>", {"o": "$.detail.o"}, '{"a":"b","c":[1]}'),
        ('"one <n>"\n"two"', {"n": "$.detail.n"}, '"one 5"\n"two"'),
        ('"<aws.events.rule-name> of <aws.events.rule-arn>"', {}, f'"mine of {RULE}"'),
        ('"<aws.events.event.ingestion-time>"', {}, '"2026-01-01T00:00:01Z"'),
        ('{"a < b": "<n> > 3"}', {"n": "$.detail.n"}, '{"a < b":"5 > 3"}'),
    ],
)  # fmt: skip
def test_a_template(template: str, paths: dict[str, str], found: str) -> None:
    assert transformed(template, **paths) == found


def test_the_whole_event_in_a_template() -> None:
    found = json.loads(transformed('{"head": <aws.events.event>, "all": <aws.events.event.json>}'))
    assert found["all"] == DOCUMENT
    assert found["head"] == {
        "id": "i", "account": "a", "detailType": "t", "time": "2026-01-01T00:00:00Z", "source": "s", "region": "r",
        "resources": ["x"], "version": "0",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"InputPath": "detail"}, "Invalid JSON path detail in InputPath for target 1."),
        (
            {"InputTransformer": {"InputTemplate": '"<x>"'}},
            "InputTemplate for target 1 contains invalid placeholder x.",
        ),
        ({"InputTransformer": {"InputTemplate": '{"a": }'}}, 'Invalid InputTemplate for target 1 : {"a": }'),
        (
            {"InputTransformer": {"InputPathsMap": {"aws.x": "$.id"}, "InputTemplate": '"a"'}},
            "InputPathsMap for target 1 contains the reserved key aws.x.",
        ),
    ],
)
def test_what_is_refused(target: dict[str, Any], message: str) -> None:
    with pytest.raises(AwsError, match="ValidationException") as failure:
        check_input({"Id": "1", **target})
    assert failure.value.message == message
