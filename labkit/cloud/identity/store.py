"""S3 as one principal may use it: each reading and writing is asked for first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError
from labkit.cloud.events.origin import acting_for
from labkit.cloud.identity.access import Access
from labkit.cloud.identity.authorizer import Guard
from labkit.cloud.identity.many import Many
from labkit.cloud.identity.requests.context import LazyContext, tags_as
from labkit.cloud.store import Store, StoredObject

if TYPE_CHECKING:
    from labkit.cloud.objects import DiskBucket

# Context keys that differ from object to object, and from listing to listing.
_OF_OBJECTS = ("s3:existingobjecttag/",)
_OF_LISTINGS = ("s3:prefix",)


def object_arn(bucket: str, key: str) -> str:
    """The ARN of an object."""
    return f"arn:aws:s3:::{bucket}/{key}"


def bucket_arn(bucket: str) -> str:
    """The ARN of a bucket."""
    return f"arn:aws:s3:::{bucket}"


def refused_object(error: AwsError) -> str | None:
    """Bucket and key of the object that a refusal names; None when it names none (S3 does not, to other accounts)."""
    found = re.search(
        r'on resource: "arn:aws:s3:::([^/"]+/.+)" (?:because no|with an explicit deny) ', error.message, re.DOTALL
    )
    return found[1] if found else None


def object_access(action: str, bucket: str, key: str) -> Access:
    """An action on an object; its tags are looked up when a policy asks for them."""
    from labkit.cloud.hooks import ACCOUNT
    from labkit.cloud.identity.requests import kept_tags

    def tags() -> dict[str, tuple[str, ...]]:
        return tags_as(kept_tags.tags_of_object(bucket, key, None, ACCOUNT), "s3:existingobjecttag/")

    return Access(action, object_arn(bucket, key), LazyContext({}, tags))


def on_objects(action: str, bucket: str, keys: Sequence[str]) -> Many:
    """An action on objects of a bucket."""
    start = bucket_arn(bucket) + "/"
    return Many(keys, lambda key: start + key, lambda key: object_access(action, bucket, key), _OF_OBJECTS)


def listings(bucket: str, prefixes: Sequence[str]) -> Many:
    """The listings of prefixes of a bucket."""
    arn = bucket_arn(bucket)
    return Many(
        prefixes,
        lambda prefix: arn,
        lambda prefix: Access("s3:ListBucket", arn, {"s3:prefix": (prefix,)}),
        _OF_LISTINGS,
    )


class GuardedStore(Store):
    """A store that raises AwsError AccessDenied for what its principal may not do."""

    def __init__(self, guard: Guard, store: Store | None = None) -> None:
        self._guard = guard
        self._store = store or Store()

    def has_bucket(self, bucket: str) -> bool:
        """As Store.has_bucket; whether a bucket exists is no secret."""
        return self._store.has_bucket(bucket)

    def buckets(self) -> list[str]:
        """As Store.buckets, with s3:ListAllMyBuckets."""
        self._guard.require("s3:ListAllMyBuckets", "*")
        return self._store.buckets()

    def list(self, bucket: str, prefix: str = "") -> list[StoredObject]:
        """As Store.list, with s3:ListBucket on the prefix."""
        self._existing(bucket)
        self.permit_listing(bucket, [prefix])
        return self._store.list(bucket, prefix)

    def list_permitted(self, bucket: str, prefix: str = "") -> Sequence[StoredObject]:
        """As Store.list, for a prefix that covers those that `permit_listing` was asked for."""
        return self._store.list(bucket, prefix)

    def permit_listing(self, bucket: str, prefixes: Sequence[str]) -> None:
        """s3:ListBucket with each of the prefixes."""
        self._guard.require_each(listings(bucket, list(dict.fromkeys(prefixes))))

    def permit_reading(self, objects: Iterable[Any]) -> None:
        """s3:GetObject on each of the objects, which were listed."""
        for bucket, found in groupby(objects, key=lambda one: str(one.bucket)):
            self._guard.require_each(on_objects("s3:GetObject", bucket, [one.key for one in found]))

    def permit_writing(self, bucket: str, key: str) -> None:
        """s3:PutObject on an object that will be written."""
        self._guard.require("s3:PutObject", object_arn(bucket, key))

    def has_object(self, bucket: str, key: str) -> bool:
        """Whether there is an object, told to one whose listing was permitted."""
        return self._store.find(bucket, key) is not None

    def find(self, bucket: str, key: str) -> StoredObject | None:
        """As Store.find: s3:GetObject on an object, and s3:ListBucket to learn that there is none."""
        found = self._store.find(bucket, key)
        self._guard.require_each(on_objects("s3:GetObject", bucket, [key]))
        if found is None:
            self._guard.require_each(listings(bucket, [key]))
        return found

    def put(self, bucket: str, key: str, body: bytes | Path, content_type: str | None = None) -> StoredObject:
        """As Store.put, with s3:PutObject."""
        self._existing(bucket)
        self.permit_writing(bucket, key)
        with acting_for(self._guard.principal.user_id):
            return self._store.put(bucket, key, body, content_type)

    def copy(self, bucket: str, source: str, target: str) -> None:
        """As Store.copy, with s3:GetObject and s3:PutObject."""
        self._guard.require_each(on_objects("s3:GetObject", bucket, [source]))
        self.permit_writing(bucket, target)
        with acting_for(self._guard.principal.user_id):
            self._store.copy(bucket, source, target)

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """As Store.delete, with s3:DeleteObject on each key."""
        listed = list(keys)
        self._guard.require_each(on_objects("s3:DeleteObject", bucket, listed))
        with acting_for(self._guard.principal.user_id):
            self._store.delete(bucket, listed)

    def bucket(self, name: str) -> DiskBucket:
        """As Store.bucket."""
        return self._store.bucket(name)

    def _existing(self, bucket: str) -> None:
        """NoSuchBucket comes before AccessDenied, as on S3."""
        if not self._store.has_bucket(bucket):
            self._store.list(bucket, "")
