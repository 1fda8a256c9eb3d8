"""Pages of long lists: a token names the last item that was given, so a list may change between two pages."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from labkit.cloud.call import AwsError

_T = TypeVar("_T")


def page(
    items: Sequence[_T], key: Callable[[_T], Any], params: Mapping[str, Any], default: int
) -> tuple[list[_T], dict[str, str]]:
    """``MaxResults`` items after the one in ``NextToken``, and ``{"NextToken": …}`` while more follow.

    The items are in the order of their keys.
    """
    size = params.get("MaxResults") or default
    start = 0
    token = params.get("NextToken")
    if token:
        last = _read(token)
        start = next((index for index, item in enumerate(items) if key(item) > last), len(items))
    found = list(items[start : start + size])
    more = start + size < len(items)
    return found, {"NextToken": _write(key(found[-1]))} if more and found else {}


def _write(key: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(key, ensure_ascii=False).encode()).decode()


def _read(token: str) -> Any:
    try:
        return json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error):
        raise AwsError("InvalidInputException", f"Invalid pagination token: {token}") from None
