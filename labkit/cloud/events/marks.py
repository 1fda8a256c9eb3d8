"""The two ids that S3 puts on each response and into each event that the request caused."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

StartResponse = Callable[..., Any]
_IDS = frozenset({"x-amzn-requestid", "x-amz-request-id", "x-amz-id-2"})


def request_mark(request_id: str) -> str:
    """x-amz-request-id: 16 hexadecimal digits in capitals, out of the front's own id of a request (a UUID)."""
    return request_id.replace("-", "").upper()[:16]


def host_mark(mark: str) -> str:
    """x-amz-id-2 for the request with this x-amz-request-id; S3 calls it opaque."""
    return base64.b64encode(hashlib.sha384(mark.encode()).digest()).decode("ascii")


def with_marks(start_response: StartResponse, request_id: str) -> StartResponse:
    """A `start_response` that adds the two headers in the place of moto's own id."""

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        mark = request_mark(request_id)
        kept = [(name, value) for name, value in headers if name.lower() not in _IDS]
        return start_response(status, [*kept, ("x-amz-request-id", mark), ("x-amz-id-2", host_mark(mark))], *rest)

    return start
