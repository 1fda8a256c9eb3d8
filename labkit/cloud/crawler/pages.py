"""MaxResults and NextToken of Glue's list calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from labkit.cloud.crawler.configuration import invalid

_T = TypeVar("_T")


def page(items: Sequence[_T], params: Mapping[str, Any], default_size: int = 100) -> tuple[list[_T], dict[str, str]]:
    """Return one page and the NextToken entry of the reply (empty on the last page)."""
    size = params.get("MaxResults") or default_size
    token = params.get("NextToken") or "0"
    if not token.isdigit():
        raise invalid(f"NextToken {token!r} is not one that this call returned.")
    start = int(token)
    more = {"NextToken": str(start + size)} if start + size < len(items) else {}
    return list(items[start : start + size]), more
