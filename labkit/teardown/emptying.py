"""Emptying a bucket: every version, every delete marker, and the parts of uploads that were never finished."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from labkit.teardown.absent import unless_missing

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

# DeleteObjects takes 1,000 keys at most, which is what a page of ListObjectVersions holds
# (https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html).
_AT_ONCE = 4
# Enough to say what holds them; a bucket may hold millions under one rule.
_LOOKED_AT = 20


@dataclass(frozen=True)
class Held:
    """A version that S3 refuses to delete: under a legal hold, or under retention (`mode`) until a time; neither when S3 does not say."""

    key: str
    version: str
    code: str
    legal_hold: bool = False
    mode: str = ""
    until: datetime | None = None


def empty_bucket(s3: S3Client, bucket: str) -> list[Held]:
    """Delete all that can be deleted and return what S3 refused, the first of it with the reason."""
    _abort_uploads(s3, bucket)
    refused: list[dict[str, Any]] = []
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
    batches = (batch for batch in map(_read_page, pages) if batch)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while window := list(islice(batches, _AT_ONCE)):
            for errors in pool.map(lambda batch: _delete(s3, bucket, batch), window):
                refused += errors
    return list(_explain(s3, bucket, refused))


def _read_page(page: Any) -> list[dict[str, str]]:
    listed = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
    # A bucket that was never versioned calls its only version "null".
    return [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in listed]


def _delete(s3: S3Client, bucket: str, batch: list[dict[str, str]]) -> list[dict[str, Any]]:
    told: Any = s3.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})  # type: ignore[typeddict-item]
    # moto leaves the version out of an error; AWS gives it.
    versions = {item["Key"]: item for item in reversed(batch)}
    return [
        {**versions.get(error["Key"], {}), **error}
        for error in told.get("Errors", [])
        if error.get("Code") not in ("NoSuchKey", "NoSuchVersion")
    ]


def _abort_uploads(s3: S3Client, bucket: str) -> None:
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in page.get("Uploads", []):
            unless_missing(s3.abort_multipart_upload, Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])


def _explain(s3: S3Client, bucket: str, refused: list[dict[str, Any]]) -> Iterator[Held]:
    from botocore.exceptions import ClientError

    for place, error in enumerate(refused):
        key, version, code = error["Key"], error.get("VersionId", "null"), error.get("Code", "")
        facts: dict[str, Any] = {}
        if place < _LOOKED_AT and code == "AccessDenied":
            try:
                facts = dict(s3.head_object(Bucket=bucket, Key=key, VersionId=version))
            except ClientError:
                facts = {}
        yield Held(
            key,
            version,
            code,
            facts.get("ObjectLockLegalHoldStatus") == "ON",
            str(facts.get("ObjectLockMode", "")),
            facts.get("ObjectLockRetainUntilDate"),
        )
