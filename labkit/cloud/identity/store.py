"""S3 as one principal may use it: each reading and writing is asked for first."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from labkit.cloud.identity.authorizer import Guard
from labkit.cloud.store import Store, StoredObject


def object_arn(bucket: str, key: str) -> str:
    """The ARN of an object."""
    return f"arn:aws:s3:::{bucket}/{key}"


def bucket_arn(bucket: str) -> str:
    """The ARN of a bucket."""
    return f"arn:aws:s3:::{bucket}"


class GuardedStore(Store):
    """A store that raises AwsError AccessDenied for what its principal may not do."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def list(self, bucket: str, prefix: str = "") -> list[StoredObject]:
        """As Store.list, with s3:ListBucket on the prefix."""
        found = super().list(bucket, prefix)
        self._guard.require("s3:ListBucket", bucket_arn(bucket), {"s3:prefix": (prefix,)})
        return found

    def find(self, bucket: str, key: str) -> StoredObject | None:
        """As Store.find: s3:GetObject on an object, and s3:ListBucket to learn that there is none."""
        found = super().find(bucket, key)
        self._guard.require("s3:GetObject", object_arn(bucket, key))
        if found is None:
            self._guard.require("s3:ListBucket", bucket_arn(bucket))
        return found

    def read(self, stored: StoredObject) -> StoredObject:
        """An object that was listed, about to be read: s3:GetObject."""
        self._guard.require("s3:GetObject", object_arn(stored.bucket, stored.key))
        return stored

    def put(self, bucket: str, key: str, body: bytes | Path, content_type: str | None = None) -> StoredObject:
        """As Store.put, with s3:PutObject."""
        self.bucket(bucket)
        self._guard.require("s3:PutObject", object_arn(bucket, key))
        return super().put(bucket, key, body, content_type)

    def copy(self, bucket: str, source: str, target: str) -> None:
        """As Store.copy, with s3:GetObject and s3:PutObject."""
        self._guard.require("s3:GetObject", object_arn(bucket, source))
        self._guard.require("s3:PutObject", object_arn(bucket, target))
        super().copy(bucket, source, target)

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """As Store.delete, with s3:DeleteObject on each key."""
        listed = list(keys)
        for key in listed:
            self._guard.require("s3:DeleteObject", object_arn(bucket, key))
        super().delete(bucket, listed)
