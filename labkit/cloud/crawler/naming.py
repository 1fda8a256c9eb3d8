"""Table and partition names as the crawler makes them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from urllib.parse import unquote

_NOT_ALLOWED = re.compile(r"[^a-z0-9_]")
MAX_TABLE_NAME = 128


def table_name(folder: str, prefix: str = "") -> str:
    """Return the name for a folder, file or bucket: lower case, every other character than ``[a-z0-9_]`` becomes ``_``."""
    return _NOT_ALLOWED.sub("_", (prefix + folder).lower())[:MAX_TABLE_NAME]


def unique_name(name: str, location: str, taken: Collection[str]) -> str:
    """Return the name, with AWS's hash of the location appended when it is taken.

    The hash is the MD5 of ``bucket/folder/``: it reproduces the public dump of ``landing_6b3cb3b3e420d6357a73bb3830f52087``
    at ``s3://stedi-supraja/accelerometer/landing/``.
    """
    if name not in taken:
        return name
    hashed = location.removeprefix("s3://").encode()
    suffix = "_" + hashlib.md5(hashed, usedforsecurity=False).hexdigest()
    return name[: MAX_TABLE_NAME - len(suffix)] + suffix


def hive_partition(folder: str) -> tuple[str, str] | None:
    """Return key and value of a ``key=value`` folder, URL-decoded, or None; the key is lower-cased."""
    key, equals, value = folder.partition("=")
    if not equals or not key:
        return None
    return unquote(key).lower(), unquote(value)
