"""S3: which buckets and objects there are, and sending a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labkit.aws.session import error_code
from labkit.errors import AwsCallError
from labkit.i18n import build_lesson

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_MISSING = {"404", "NoSuchBucket", "NoSuchKey", "NotFound"}


@dataclass(frozen=True)
class S3Object:
    """One object as S3 describes it."""

    bucket: str
    key: str
    size_bytes: int
    last_modified: datetime

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def bucket_exists(s3: S3Client, bucket: str) -> bool:
    """True if the bucket is there and ours. AwsCallError if its name belongs to another account."""
    from botocore.exceptions import ClientError

    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error_code(error) in _MISSING:
            return False
        if error_code(error) == "403":
            raise build_lesson(AwsCallError, "error.bucket_taken", bucket=bucket) from error
        raise
    return True


def read_bucket_tags(s3: S3Client, bucket: str) -> dict[str, str]:
    """The tags of a bucket that exists; empty when it has none. ClientError for one that does not exist."""
    from botocore.exceptions import ClientError

    try:
        return {item["Key"]: item["Value"] for item in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}
    except ClientError as error:
        if error_code(error) == "NoSuchTagSet":
            return {}
        raise


def find_metadata(s3: S3Client, bucket: str, key: str) -> dict[str, str] | None:
    """The user metadata of an object, or None if there is no such object (or bucket)."""
    from botocore.exceptions import ClientError

    try:
        return dict(s3.head_object(Bucket=bucket, Key=key)["Metadata"])
    except ClientError as error:
        if error_code(error) in _MISSING:
            return None
        raise


def list_objects(s3: S3Client, bucket: str, prefix: str) -> list[S3Object]:
    """The objects under a prefix, in key order; empty when there is no such bucket."""
    from botocore.exceptions import ClientError

    found: list[S3Object] = []
    try:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            found += [
                S3Object(bucket, item["Key"], item["Size"], item["LastModified"]) for item in page.get("Contents", [])
            ]
    except ClientError as error:
        if error_code(error) in _MISSING:
            return []
        raise
    return found


def list_function_triggers(s3: S3Client, bucket: str) -> dict[str, Any]:
    """The bucket's notification configuration without the reply's envelope; empty when there is none, or no bucket."""
    from botocore.exceptions import ClientError

    try:
        reply = s3.get_bucket_notification_configuration(Bucket=bucket)
    except ClientError as error:
        if error_code(error) in _MISSING:
            return {}
        raise
    return {name: value for name, value in reply.items() if name != "ResponseMetadata"}


def upload_file(
    s3: S3Client, path: Path, bucket: str, key: str, metadata: dict[str, str], on_bytes: Callable[[int], None]
) -> None:
    """Send a file of any size (in parts when it is large); `on_bytes` is told, from other threads, how many more bytes left."""
    s3.upload_file(str(path), bucket, key, ExtraArgs={"Metadata": metadata}, Callback=on_bytes)
