"""CloudWatch's newest protocol, Smithy RPC v2 with CBOR, which other SDKs speak and moto does not (boto3 and the AWS CLI send JSON)."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.identity.requests.bodies import cbor_params, unpacked
from labkit.cloud.request import AwsRequest, read_body

_PATH = re.compile(r"/service/GraniteServiceVersion20100801/operation/(?P<operation>\w+)/?")


class CborRest:
    """A REST handler for the front: the calls of our own, in CBOR; any other call of CloudWatch is refused by name."""

    def __init__(self, calls: Mapping[str, Handler], account: str) -> None:
        self._calls = calls
        self._account = account

    def __call__(
        self, request: AwsRequest, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes] | None:
        """The reply to a call in CBOR; None for any other request."""
        found = _PATH.fullmatch(request.path) if request.service == "cloudwatch" else None
        if found is None:
            return None
        operation = found["operation"]
        params = cbor_params(unpacked(read_body(environ), environ))
        try:
            scope = Scope(self._account, request.region)
            answer = self._handler(operation)(Call("cloudwatch", operation, params, scope, request.access_key))
        except AwsError as error:
            return _error(start_response, error)
        return _reply(start_response, "200 OK", encode(answer))

    def _handler(self, operation: str) -> Handler:
        handler = self._calls.get(operation)
        if handler is None:
            message = f"labkit's local cloud does not answer cloudwatch:{operation} in CBOR; boto3 and the AWS CLI ask in JSON."
            raise AwsError("NotImplemented", message, 501)
        return handler


def _reply(
    start_response: Callable[..., Any], status: str, body: bytes, more: Iterable[tuple[str, str]] = ()
) -> Iterable[bytes]:
    headers = [
        ("Content-Type", "application/cbor"),
        ("smithy-protocol", "rpc-v2-cbor"),
        ("Content-Length", str(len(body))),
    ]
    start_response(status, [*headers, *more])
    return [body]


def _error(start_response: Callable[..., Any], error: AwsError) -> Iterable[bytes]:
    """The error as its shape is called; the code of the older protocols stands in a header."""
    shapes = {shape.metadata.get("error", {}).get("code", shape.name): shape.name for shape in _model().error_shapes}
    fault = "Sender" if error.status < 500 else "Receiver"
    more = [("x-amzn-query-error", f"{error.code};{fault}")]
    told = {"__type": f"com.amazonaws.cloudwatch#{shapes.get(error.code, error.code)}", "message": error.message}
    return _reply(start_response, f"{error.status} Error", encode(told), more)


def encode(value: Any) -> bytes:
    """A value as CBOR (RFC 8949): maps, lists, text, numbers, booleans, and times as epoch seconds; absent members are left out."""
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, str):
        data = value.encode("utf-8", "replace")
        return _head(3, len(data)) + data
    if isinstance(value, datetime):
        return _head(6, 1) + encode(value.timestamp())
    if isinstance(value, Mapping):
        members = [(name, member) for name, member in value.items() if member is not None]
        return _head(5, len(members)) + b"".join(encode(name) + encode(member) for name, member in members)
    items = list(value)
    return _head(4, len(items)) + b"".join(encode(item) for item in items)


def _head(kind: int, number: int) -> bytes:
    """The first bytes of an item: its kind (0 to 7), and its value or length."""
    if number < 24:
        return bytes([kind << 5 | number])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * size):
            return bytes([kind << 5 | code]) + number.to_bytes(size, "big")
    raise OverflowError(number)


@lru_cache(maxsize=1)
def _model() -> Any:
    import botocore.session

    return botocore.session.get_session().get_service_model("cloudwatch")
