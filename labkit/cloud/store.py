"""S3 as the engines see it: listed, read and written in this process, on the objects that moto keeps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from moto.s3.models import s3_backends

from labkit.cloud.call import AwsError
from labkit.cloud.objects import AdoptedFile, DiskBucket, DiskKey, shelf


@dataclass(frozen=True)
class StoredObject:
    """The current version of an object; `path` is a local file that holds exactly its bytes."""

    bucket: str
    key: str
    size_bytes: int
    etag: str
    last_modified: datetime
    path: Path
    storage_class: str


class Store:
    """Buckets of all accounts (bucket names are global, as in AWS)."""

    def has_bucket(self, bucket: str) -> bool:
        """Whether the bucket exists."""
        return bucket in s3_backends.bucket_accounts

    def buckets(self) -> list[str]:
        """Names of all buckets, sorted."""
        return sorted(s3_backends.bucket_accounts)

    def list(self, bucket: str, prefix: str = "") -> list[StoredObject]:
        """Objects whose key starts with `prefix`, sorted by key; AwsError NoSuchBucket."""
        keys = self.bucket(bucket).keys
        found = (keys.get(name) for name in keys.names(prefix))
        return [_stored(bucket, key) for key in found if isinstance(key, DiskKey)]

    def find(self, bucket: str, key: str) -> StoredObject | None:
        """The object or None; AwsError NoSuchBucket."""
        found = self.bucket(bucket).keys.get(key)
        return _stored(bucket, found) if isinstance(found, DiskKey) else None

    def put(self, bucket: str, key: str, body: bytes | Path, content_type: str | None = None) -> StoredObject:
        """Write an object as PutObject does, events included; a Path is moved, not copied."""
        self.bucket(bucket)
        value: Any = AdoptedFile(body) if isinstance(body, Path) else body
        written = _backend(bucket).put_object(bucket, key, value)
        if content_type is not None:
            written.set_metadata({"Content-Type": content_type})
        shelf().flush()
        return _stored(bucket, written)

    def copy(self, bucket: str, source: str, target: str) -> None:
        """Copy an object within a bucket as CopyObject does, events included."""
        backend = _backend(bucket)
        key = self.bucket(bucket).keys.get(source)
        if not isinstance(key, DiskKey):
            raise AwsError("NoSuchKey", f"The specified key does not exist: {source}", 404)
        backend.copy_object(key, bucket, target)
        shelf().flush()

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """Delete objects as DeleteObject does (a versioned bucket gets delete markers); missing ones are no error."""
        self.bucket(bucket)
        for key in keys:
            _backend(bucket).delete_object(bucket, key)
        shelf().flush()

    def bucket(self, name: str) -> DiskBucket:
        """moto's bucket; AwsError NoSuchBucket."""
        found = _backend(name).buckets.get(name) if self.has_bucket(name) else None
        if not isinstance(found, DiskBucket):
            raise AwsError("NoSuchBucket", f"The specified bucket does not exist: {name}", 404)
        return found


def _backend(bucket: str) -> Any:
    if bucket not in s3_backends.bucket_accounts:
        raise AwsError("NoSuchBucket", f"The specified bucket does not exist: {bucket}", 404)
    partition, account = s3_backends.bucket_accounts[bucket]
    return s3_backends[account][partition]


def _stored(bucket: str, key: DiskKey) -> StoredObject:
    modified = key.last_modified.replace(tzinfo=timezone.utc)
    return StoredObject(
        bucket, key.name, key.contentsize, key.etag.strip('"'), modified, key.path, key.storage_class or "STANDARD"
    )
