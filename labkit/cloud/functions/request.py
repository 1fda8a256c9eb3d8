"""Reads an Invoke request and refuses what AWS refuses."""

from __future__ import annotations

import base64
import binascii
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labkit.cloud.call import AwsError, Call, Scope
from labkit.cloud.functions.api.names import read_name
from labkit.cloud.functions.configuration import FunctionSpec, scope_of
from labkit.cloud.functions.reply import MAX_ASYNC_BYTES, MAX_SYNC_BYTES, Invocation

_KINDS = ("RequestResponse", "Event", "DryRun")
# Nearly every name is a plain one; what is not is held against AWS's model, which takes its time.
_PLAIN = re.compile(r"[a-zA-Z0-9-_]{1,64}")


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
    _check(params, kind)
    # A caller inside the cloud (SNS, a destination) names a function of another region by its ARN; Invoke itself may not.
    scope = call.scope if call.access_key else scope_of(params["FunctionName"], call.scope)
    named = read_name(params["FunctionName"], scope, params.get("Qualifier"))
    find(named.scope, named.name, named.qualifier)
    payload = _check_payload(params.get("Payload") or b"", kind)
    invocation = Invocation(
        request_id=call.request_id or str(uuid.uuid4()),
        name=named.name,
        qualifier=named.qualifier,
        payload=payload,
        scope=named.scope,
        client_context=_client_context(params.get("ClientContext")) if kind != "Event" else None,
        trace=params.get("TraceId"),
    )
    return InvokeRequest(invocation, kind, params.get("LogType") == "Tail" and kind == "RequestResponse")


def _check(params: Any, kind: str) -> None:
    for member, feature in (("DurableExecutionName", "durable functions"), ("TenantId", "tenant isolation")):
        if params.get(member):
            message = f"labkit's local cloud does not carry out {feature} ({member}), so it refuses it."
            raise AwsError("NotImplemented", message, 501)
    plain = _PLAIN.fullmatch(params["FunctionName"]) and params.get("Qualifier") is None
    if plain and kind in _KINDS and params.get("LogType") in (None, "None", "Tail"):
        return
    from labkit.cloud.functions.api.constraints import check_parameters
    from labkit.cloud.functions.api.model import operations

    shape = next(one for one in operations() if one.name == "Invoke").shape
    names = ("FunctionName", "Qualifier", "InvocationType", "LogType")
    check_parameters(shape, {name: params[name] for name in names if params.get(name) is not None})


def _check_payload(body: bytes, kind: str) -> str:
    limit_bytes = MAX_ASYNC_BYTES if kind == "Event" else MAX_SYNC_BYTES
    if len(body) > limit_bytes:
        type_ = "Event" if kind == "Event" else "RequestResponse"
        message = f"{len(body)} byte payload is too large for the {type_} invocation type (limit {limit_bytes} bytes)"
        raise AwsError("RequestTooLargeException", message, 413, {"Type": "User"})
    # An invocation without a payload gives the handler an empty event.
    text = _decode(body) if body else "{}"
    try:
        json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        cause = f"Could not parse request body into json: Could not parse payload into json: {error}"
        raise AwsError("InvalidRequestContentException", cause, 400, {"Type": "User"}) from None
    return text


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        cause = (
            f"Could not parse request body into json: Could not parse payload into json: Invalid UTF-8 ({error.reason})"
        )
        raise AwsError("InvalidRequestContentException", cause, 400, {"Type": "User"}) from None


def _no_constant(name: str) -> None:
    """NaN and Infinity are no JSON; Python would read them."""
    message = f"Unrecognized token '{name}'"
    raise ValueError(message)


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
