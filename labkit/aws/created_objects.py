"""Which objects of all buckets were created (or written again) between two moments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labkit.aws.s3 import S3Object
from labkit.aws.session import error_code

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@dataclass(frozen=True)
class Folder:
    """Objects under one prefix: `uri` ends in a slash, `partitions` counts the `key=value` folders under it that got objects."""

    uri: str
    objects: int
    size_bytes: int
    partitions: int


# bucket and key → what tells one content at that place from another, and its size.
Listing = dict[tuple[str, str], tuple[str, datetime, int]]


def list_everything(s3: S3Client, most: int) -> Listing | None:
    """Every object of every bucket; None when there are more than `most` (a page of 1,000 takes about 0.1 s)."""
    found: Listing = {}
    for bucket in sorted(item["Name"] for item in s3.list_buckets()["Buckets"]):
        for items in _list_pages(s3, bucket):
            for item in items:
                found[bucket, item["Key"]] = (item["ETag"], item["LastModified"], item["Size"])
            if len(found) > most:
                return None
    return found


def _list_pages(s3: S3Client, bucket: str) -> Iterator[Any]:
    """The objects of a bucket, page by page; none of one whose policy keeps the caller out: a run can still be followed."""
    from botocore.exceptions import ClientError

    try:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            yield page.get("Contents", [])
    except ClientError as error:
        if error_code(error) != "AccessDenied":
            raise


def find_created(before: Listing, after: Listing) -> list[S3Object]:
    """Objects that are new, or have been written again, between two listings; in order of bucket and key."""
    return [
        S3Object(bucket, key, size_bytes, modified)
        for (bucket, key), (etag, modified, size_bytes) in sorted(after.items())
        if before.get((bucket, key), ("", None, 0))[:2] != (etag, modified)
    ]


def group_by_folder(objects: list[S3Object]) -> tuple[Folder, ...]:
    """One entry a folder, with Hive partitions (`año=2024/mes=1/`) under the folder that holds them; sorted by name."""
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    partitions: dict[str, set[str]] = {}
    for item in objects:
        parts = item.key.split("/")[:-1]
        fixed = next((place for place, part in enumerate(parts) if "=" in part), len(parts))
        uri = f"s3://{'/'.join([item.bucket, *parts[:fixed]])}/"
        counts[uri] += 1
        sizes[uri] += item.size_bytes
        partitions.setdefault(uri, set()).update({"/".join(parts[fixed:])} - {""})
    return tuple(Folder(uri, counts[uri], sizes[uri], len(partitions[uri])) for uri in sorted(counts))
