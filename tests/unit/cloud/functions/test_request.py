from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from labkit.cloud.call import AwsError, Call, Scope
from labkit.cloud.functions.request import parse_request

SCOPE = Scope("123456789012", "us-east-1")


def parse(**params: Any) -> Any:
    return parse_request(Call("lambda", "Invoke", {"FunctionName": "fn", **params}, SCOPE), lambda *_: None)  # type: ignore[arg-type,return-value]


def test_defaults() -> None:
    request = parse()
    assert (request.kind, request.wants_log, request.invocation.payload) == ("RequestResponse", False, "{}")
    assert len(request.invocation.request_id) == 36


def test_the_client_context_is_decoded() -> None:
    text = base64.b64encode(json.dumps({"custom": {"a": 1}}).encode()).decode()
    assert parse(ClientContext=text).invocation.client_context == {"custom": {"a": 1}}


@pytest.mark.parametrize("context", ["%%%", base64.b64encode(b"[1]").decode(), base64.b64encode(b"{").decode()])
def test_a_bad_client_context_is_refused(context: str) -> None:
    with pytest.raises(AwsError, match="InvalidRequestContentException"):
        parse(ClientContext=context)


@pytest.mark.parametrize(("kind", "limit_bytes"), [("RequestResponse", 6_291_456), ("Event", 1_048_576)])
def test_payloads_up_to_the_limit_are_taken(kind: str, limit_bytes: int) -> None:
    fits = b'"' + b"x" * (limit_bytes - 2) + b'"'
    assert len(parse(Payload=fits, InvocationType=kind).invocation.payload) == limit_bytes
    with pytest.raises(AwsError) as caught:
        parse(Payload=fits + b" ", InvocationType=kind)
    assert (caught.value.code, caught.value.status) == ("RequestTooLargeException", 413)
    assert caught.value.message == (
        f"{limit_bytes + 1} byte payload is too large for the {kind} invocation type (limit {limit_bytes} bytes)"
    )
