"""Reading the parameters of Athena's calls."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from labkit.cloud.call import AwsError


def invalid(message: str, code: str = "INVALID_INPUT") -> AwsError:
    """InvalidRequestException, Athena's answer to anything wrong in a request."""
    return AwsError("InvalidRequestException", message, fields={"AthenaErrorCode": code})


def page(items: Sequence[Any], params: Mapping[str, Any], key: str, most: int = 50) -> dict[str, Any]:
    """One page under ``key``, with NextToken when there is more."""
    size = int(params.get("MaxResults") or most)
    start = _start(params.get("NextToken"))
    found: dict[str, Any] = {key: list(items[start : start + size])}
    if start + size < len(items):
        found["NextToken"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
    return found


def _start(token: str | None) -> int:
    if not token:
        return 0
    try:
        start = int(base64.urlsafe_b64decode(token.encode()))
    except ValueError:
        start = -1
    if start < 0:
        raise invalid("Invalid NextToken")
    return start
