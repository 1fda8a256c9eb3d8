"""Pages of lists and places in streams: tokens that name the last item that was given."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from labkit.cloud.call import AwsError
from labkit.cloud.logs.checks import invalid

_T = TypeVar("_T")


def page(
    items: Sequence[_T], key: Callable[[_T], Any], token: Any, limit: int, *, descending: bool = False
) -> tuple[list[_T], dict[str, str]]:
    """`limit` items after the one that the token names, and `{"nextToken": …}` while more follow; items are sorted by key."""
    start = 0
    if token is not None:
        last = read_token(token)
        keys = (_plain(key(item)) for item in items)
        try:
            start = next(
                (n for n, found in enumerate(keys) if (found < last if descending else found > last)), len(items)
            )
        except TypeError:
            raise bad_token() from None
    found = list(items[start : start + limit])
    more = start + limit < len(items)
    return found, {"nextToken": write_token(key(found[-1]))} if more and found else {}


def write_token(key: Any) -> str:
    """A token that holds a place."""
    return base64.urlsafe_b64encode(json.dumps(key, ensure_ascii=False).encode()).decode()


def read_token(token: Any) -> Any:
    """The place of a token; AwsError for one that is none."""
    try:
        return json.loads(base64.urlsafe_b64decode(str(token).encode()))
    except (ValueError, binascii.Error):
        raise bad_token() from None


def read_number(token: Any) -> int:
    """The place of a token that counts."""
    found = read_token(token)
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        raise bad_token()
    return found


def bad_token() -> AwsError:
    """The refusal of a token."""
    return invalid("The specified nextToken is invalid.")


def _plain(key: Any) -> Any:
    """As JSON gives it back."""
    return list(key) if isinstance(key, tuple) else key
