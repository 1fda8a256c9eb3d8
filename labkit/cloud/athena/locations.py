"""s3:// locations and the files that Athena sees under them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from labkit.cloud.athena.denials import path_denied
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.call import AwsError
from labkit.cloud.identity.store import refused_object

# From this many partitions on, one listing of what they have in common costs less than one each.
_TOGETHER = 8


def split_location(location: str) -> tuple[str, str]:
    """Bucket and prefix of ``s3://bucket/prefix``; the prefix ends with ``/`` or is empty."""
    found = re.fullmatch(r"s3[an]?://([^/]+)/?(.*)", location, re.DOTALL)
    if not found:
        raise QueryFailure(
            "HIVE_METASTORE_ERROR", f"Got exception: java.io.IOException Location is not an s3:// address: '{location}'"
        )
    prefix = found.group(2)
    return found.group(1), prefix if not prefix or prefix.endswith("/") else prefix + "/"


def no_such_bucket(bucket: str) -> str:
    """S3's words for a bucket that does not exist."""
    code = f"Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket; Bucket: {bucket}"
    return f"com.amazonaws.services.s3.model.AmazonS3Exception: The specified bucket does not exist ({code})"


def list_files(store: Any, locations: Sequence[str]) -> list[list[Any]]:
    """For each location its objects, without empty ones, folders, and names that start with ``_`` or ``.``."""
    places = [split_location(location) for location in locations]
    for bucket in dict.fromkeys(bucket for bucket, _ in places):
        _permit_listing(store, bucket, [prefix for owner, prefix in places if owner == bucket])
    if len(places) < _TOGETHER or len({bucket for bucket, _ in places}) > 1:
        return [_visible(_listed(store, bucket, prefix), prefix) for bucket, prefix in places]
    shared = _common(sorted({prefix for _, prefix in places}))
    found: dict[str, list[Any]] = {prefix: [] for _, prefix in places}
    for one in _listed(store, places[0][0], shared):
        folder = one.key
        while "/" in folder:
            folder = folder[: folder.rstrip("/").rfind("/") + 1]
            if folder in found:
                found[folder].append(one)
                break
    return [_visible(found[prefix], prefix) for _, prefix in places]


def _common(prefixes: list[str]) -> str:
    first, last = prefixes[0], prefixes[-1]
    size = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[: first[:size].rfind("/") + 1]


def list_objects(store: Any, bucket: str, prefix: str) -> list[Any]:
    """The store's listing; a missing bucket is a query failure in S3's words, as is one that may not be listed."""
    _permit_listing(store, bucket, [prefix])
    return _listed(store, bucket, prefix)


def _listed(store: Any, bucket: str, prefix: str) -> list[Any]:
    try:
        return list(store.list_permitted(bucket, prefix))
    except AwsError as failure:
        text = f"{failure} (Service: Amazon S3; Status Code: {failure.status}; Error Code: {failure.code}; Bucket: {bucket})"
        raise QueryFailure("HIVE_FILESYSTEM_ERROR", text) from None


def _permit_listing(store: Any, bucket: str, prefixes: Sequence[str]) -> None:
    """QueryFailure names the first folder that may not be listed."""
    if not store.has_bucket(bucket):
        return  # that there is no such bucket is told when it is listed
    try:
        store.permit_listing(bucket, prefixes)
    except AwsError as error:
        raise path_denied(f"s3://{bucket}/{_first(store, bucket, prefixes)}", error) from None


def _first(store: Any, bucket: str, prefixes: Sequence[str]) -> str:
    for prefix in prefixes:
        try:
            store.permit_listing(bucket, [prefix])
        except AwsError:
            return prefix
    return prefixes[0]


def permit_reading(store: Any, objects: Sequence[Any]) -> None:
    """QueryFailure names the object that may not be read."""
    try:
        store.permit_reading(objects)
    except AwsError as error:
        named = refused_object(error) or f"{objects[0].bucket}/{objects[0].key}"
        raise path_denied(f"s3://{named}", error) from None


def _visible(objects: list[Any], prefix: str) -> list[Any]:
    return [
        one for one in objects if one.size_bytes and not one.key.endswith("/") and not _hidden(one.key[len(prefix) :])
    ]


def _hidden(path: str) -> bool:
    return any(part.startswith(("_", ".")) for part in path.split("/"))
