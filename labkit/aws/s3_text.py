"""S3: the text of a small object."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key` (also of s3a and s3n)."""
    bucket, _, key = uri.partition("://")[2].partition("/")
    return bucket, key


def read_text(s3: S3Client, uri: str) -> str | None:
    """The object as text, bytes that are no UTF-8 replaced; None when it cannot be read."""
    from botocore.exceptions import ClientError, ParamValidationError

    bucket, key = split_uri(uri)
    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode("utf-8", errors="replace")
    except (ClientError, ParamValidationError):
        return None
