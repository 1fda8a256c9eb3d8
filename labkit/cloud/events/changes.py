"""What happens to objects that moto does not tell, or tells too often: deletions by version, and access lists."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

Tell = Callable[[str, str, Any, Any], None]
_DELETED = "s3:ObjectRemoved:Delete"
_MARKED = "s3:ObjectRemoved:DeleteMarkerCreated"
ACL_CHANGED = "s3:ObjectAcl:Put"


def watch_changes(tell: Tell) -> None:
    """Wrap moto's deletion and its PutObjectAcl: `tell(account, event_name, bucket, key or delete marker)` hears of each."""
    from moto.s3.models import S3Backend

    S3Backend.delete_object = _telling_delete(_plain(S3Backend.delete_object), tell)
    S3Backend.put_object_acl = _telling_acl(_plain(S3Backend.put_object_acl), tell)


def _plain(method: Any) -> Any:
    """moto's own method, also when this process has wrapped it before (tests build clouds again and again)."""
    return getattr(method, "__wrapped__", method)


def _telling_delete(delete: Any, tell: Tell) -> Any:
    def delete_object(
        backend: Any, bucket_name: str, key_name: str, version_id: str | None = None, bypass: bool = False
    ) -> Any:
        bucket = backend.get_bucket(bucket_name)
        before = list(bucket.keys.getlist(key_name, []))
        if bucket.is_versioned and version_id is None and not before:
            return True, _mark(backend, bucket, key_name, tell)
        found = delete(backend, bucket_name, key_name, version_id=version_id, bypass=bypass)
        if not found[0]:
            return found
        if bucket.is_versioned and version_id is None:
            tell(backend.account_id, _MARKED, bucket, bucket.keys.getlist(key_name)[-1])
        elif version_id is not None:
            for key in before:
                if str(key.version_id) == str(version_id):
                    tell(backend.account_id, _DELETED, bucket, key)
        elif before:
            tell(backend.account_id, _DELETED, bucket, before[-1])
        return found

    delete_object.__wrapped__ = delete  # type: ignore[attr-defined]
    return delete_object


def _mark(backend: Any, bucket: Any, key_name: str, tell: Tell) -> dict[str, str]:
    """Put a delete marker where no object ever was, as S3 does in a versioned bucket; what the answer's headers say of it."""
    from moto.s3.models import FakeDeleteMarker

    marker = FakeDeleteMarker(key=SimpleNamespace(name=key_name))
    bucket.keys[key_name] = marker
    tell(backend.account_id, _MARKED, bucket, marker)
    return {"version-id": marker.version_id, "delete-marker": "true"}


def _telling_acl(put: Any, tell: Tell) -> Any:
    def put_object_acl(
        backend: Any, bucket_name: str, key_name: str, acl: Any, disable_notification: bool = False
    ) -> None:
        key = backend.get_object(bucket_name, key_name)
        before = None if key is None else _grants(key.acl)
        put(backend, bucket_name, key_name, acl, disable_notification=True)
        # S3 is silent about a request that leaves the list as it was.
        if not disable_notification and key is not None and _grants(acl) != before:
            tell(backend.account_id, ACL_CHANGED, backend.get_bucket(bucket_name), key)

    put_object_acl.__wrapped__ = put  # type: ignore[attr-defined]
    return put_object_acl


def _grants(acl: Any) -> set[tuple[str, ...]]:
    """An access list as something to compare; a new object has none, which stands for its owner's full control."""
    if acl is None:
        from moto.s3.models import get_canned_acl

        acl = get_canned_acl("private")
    return {
        (str(grantee.id), str(grantee.uri), *sorted(grant.permissions))
        for grant in acl.grants
        for grantee in grant.grantees
    }
