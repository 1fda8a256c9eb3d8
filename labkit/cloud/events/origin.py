"""Who caused what happens to objects in this thread: the request that is being answered."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs

from labkit.cloud.events.marks import request_mark


@dataclass(frozen=True)
class Origin:
    """One request: the caller's key, its address, the request's id as S3 tells it, its trace header (None when it has none).

    `is_tagging` is true for PutObjectTagging and DeleteObjectTagging. `principal` is the unique id of whom an engine works for; ""
    where the key tells.
    """

    access_key: str | None = None
    source_ip: str = "127.0.0.1"
    request_id: str = ""
    trace: str | None = None
    is_tagging: bool = False
    principal: str = ""


_thread = threading.local()


def enter_request(environ: dict[str, Any], access_key: str | None, request_id: str) -> None:
    """Call at the start of every request (gateway requests too), so that its events carry its marks and no older one's."""
    _thread.origin = Origin(
        access_key,
        environ.get("REMOTE_ADDR") or "127.0.0.1",
        request_mark(request_id),
        environ.get("HTTP_X_AMZN_TRACE_ID"),
        "tagging" in parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True),
    )


def current_origin() -> Origin:
    """The origin of this thread's request; an empty one outside of requests."""
    found: Origin = getattr(_thread, "origin", Origin())
    return found


@contextmanager
def acting_for(principal: str) -> Iterator[None]:
    """What is done to objects in this block is done for this principal (its unique id), be it within a request or by an engine's thread."""
    before = current_origin()
    _thread.origin = replace(before, principal=principal, request_id=before.request_id or secrets.token_hex(8).upper())
    try:
        yield
    finally:
        _thread.origin = before


def find_principal(account: str, access_key: str | None) -> str:
    """The caller's unique id as events carry it, ``AWS:AROA…:session``, ``AWS:AIDA…`` or the account for the administrator."""
    from moto.iam.models import iam_backends
    from moto.sts.models import sts_backends

    if access_key is not None:
        session = sts_backends[account]["aws"].get_assumed_role_from_access_key(access_key)
        if session is not None:
            return f"AWS:{session.user_id}"
        user = iam_backends[account]["aws"].get_user_from_access_key_id(access_key)
        if user is not None:
            return f"AWS:{user.id}"
    return f"AWS:{account}"
