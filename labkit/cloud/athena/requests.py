"""Reading the parameters of Athena's calls."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from labkit.cloud.call import AwsError


def invalid(message: str, code: str = "INVALID_INPUT") -> AwsError:
    """InvalidRequestException, Athena's answer to anything wrong in a request."""
    return AwsError("InvalidRequestException", message, fields={"AthenaErrorCode": code})


def required(params: Mapping[str, Any], name: str) -> Any:
    """A parameter that must be there."""
    value = params.get(name)
    if value in (None, ""):
        raise invalid(
            f"1 validation error detected: Value at '{name[0].lower() + name[1:]}' failed to satisfy constraint: Member must not be null"
        )
    return value


def page(items: Sequence[Any], params: Mapping[str, Any], key: str, most: int = 50) -> dict[str, Any]:
    """One page under ``key``, with NextToken when there is more."""
    size = int(params.get("MaxResults") or most)
    if not 0 <= size <= 10_000:
        raise invalid("MaxResults is out of range")
    start = _start(params.get("NextToken"))
    found: dict[str, Any] = {key: list(items[start : start + size])}
    if start + size < len(items):
        found["NextToken"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
    return found


def _start(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token.encode()))
    except ValueError:
        raise invalid("Invalid NextToken") from None
