"""Calls whose answer "there is none" is as good as a yes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labkit.aws.error_codes import error_code, is_expired, is_throttled

# How the services say that something is not there; "404" is what a HEAD without a body becomes.
_MISSING = frozenset({
    "404", "NotFound", "NoSuchBucket", "NoSuchKey", "NoSuchUpload", "NoSuchTagSet", "NoSuchBucketPolicy", "NoSuchEntity",
    "EntityNotFoundException", "ResourceNotFoundException", "NotFoundException",
})  # fmt: skip


def is_missing(error: Exception) -> bool:
    """True if AWS says that the thing does not exist; Athena has no code of its own for that."""
    code = error_code(error)
    return code in _MISSING or (code == "InvalidRequestException" and "is not found" in str(error))


def unless_missing(call: Callable[..., Any], default: Any = None, **params: Any) -> Any:
    """The answer of a call, or `default` where the thing that it is about does not exist."""
    from botocore.exceptions import ClientError

    try:
        return call(**params)
    except ClientError as error:
        if is_missing(error):
            return default
        raise


def read_tags(read: Callable[[], Mapping[str, str]]) -> Mapping[str, str] | None:
    """What `read` gives; empty when the thing is not there (any more), None where AWS does not tell.

    Who may not ask is not told, nor is a caller in one region about a bucket of some others; what is not ours keeps nobody from
    finding what is. Keys that have ended, and a service that asks to come back later, are errors.
    """
    from botocore.exceptions import ClientError

    try:
        return read()
    except ClientError as error:
        if is_missing(error):
            return {}
        if is_expired(error) or is_throttled(error):
            raise
        return None
