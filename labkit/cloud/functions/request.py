"""Reads an Invoke request and refuses what AWS refuses."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labkit.cloud.call import AwsError, Call, Scope
from labkit.cloud.functions.configuration import FunctionSpec, scope_of, split_name
from labkit.cloud.functions.reply import MAX_ASYNC_BYTES, MAX_SYNC_BYTES, Invocation

_KINDS = ("RequestResponse", "Event", "DryRun")


@dataclass(frozen=True)
class InvokeRequest:
    """A checked request: `kind` is the invocation type, `wants_log` LogType Tail."""

    invocation: Invocation
    kind: str
    wants_log: bool


def parse_request(call: Call, find: Callable[[Scope, str, str | None], FunctionSpec]) -> InvokeRequest:
    """Check `call.params`: FunctionName, Qualifier, InvocationType, LogType, Payload (bytes), ClientContext (base64), TraceId.

    All but FunctionName may be missing or None. AwsError: the function does not exist, the payload is not JSON or too large.
    """
    params = call.params
    kind = params.get("InvocationType") or "RequestResponse"
    if kind not in _KINDS:
        raise AwsError(
            "InvalidParameterValueException", f"Value '{kind}' at 'invocationType' must be one of {', '.join(_KINDS)}"
        )
    name, qualifier = split_name(params["FunctionName"], params.get("Qualifier"))
    place = scope_of(params["FunctionName"], call.scope)
    find(place, name, qualifier)
    payload = _check_payload(params.get("Payload") or b"", MAX_ASYNC_BYTES if kind == "Event" else MAX_SYNC_BYTES)
    invocation = Invocation(
        request_id=call.request_id or str(uuid.uuid4()),
        name=name,
        qualifier=qualifier,
        payload=payload,
        scope=place,
        client_context=_client_context(params.get("ClientContext")),
        trace=params.get("TraceId"),
    )
    return InvokeRequest(invocation, kind, params.get("LogType") == "Tail")


def _check_payload(body: bytes, limit_bytes: int) -> str:
    if len(body) > limit_bytes:
        message = f"Request must be smaller than {limit_bytes} bytes for the InvokeFunction operation"
        raise AwsError("RequestTooLargeException", message, 413)
    # An invocation without a payload gives the handler an empty event.
    text = body.decode("utf-8", "replace") if body else "{}"
    try:
        json.loads(text)
    except ValueError as error:
        cause = f"Could not parse request body into json: Could not parse payload into json: {error}"
        raise AwsError("InvalidRequestContentException", cause) from None
    return text


def _client_context(value: str | None) -> dict[str, Any] | None:
    if not value:
        return None
    try:
        document = json.loads(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        raise AwsError(
            "InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object."
        ) from None
    if not isinstance(document, dict):
        raise AwsError("InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object.")
    return document
