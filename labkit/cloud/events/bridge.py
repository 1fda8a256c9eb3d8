"""The event that S3 sends to EventBridge (docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labkit.cloud.events.record import ObjectChange

_DETAIL_TYPES = {
    "ObjectCreated": "Object Created",
    "ObjectRemoved": "Object Deleted",
    "ObjectRestore:Post": "Object Restore Initiated",
    "ObjectRestore:Completed": "Object Restore Completed",
    "ObjectTagging:Put": "Object Tags Added",
    "ObjectTagging:Delete": "Object Tags Deleted",
    "ObjectAcl:Put": "Object ACL Updated",
}
_REASONS = {
    "ObjectCreated:Put": "PutObject",
    "ObjectCreated:Post": "POST Object",
    "ObjectCreated:Copy": "CopyObject",
    "ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
    "ObjectRemoved:Delete": "DeleteObject",
    "ObjectRemoved:DeleteMarkerCreated": "DeleteObject",
}
_DELETIONS = {
    "ObjectRemoved:Delete": "Permanently Deleted",
    "ObjectRemoved:DeleteMarkerCreated": "Delete Marker Created",
}


@dataclass(frozen=True)
class BridgeEvent:
    """What S3 puts on the default event bus: `detail` holds the key as it is, not encoded."""

    detail_type: str
    detail: dict[str, Any]
    resource: str


def build_bridge_event(change: ObjectChange, requester: str) -> BridgeEvent | None:
    """The event for a change; None for what S3 does not send to EventBridge."""
    name = change.event_name.removeprefix("s3:")
    detail_type = _DETAIL_TYPES.get(name) or _DETAIL_TYPES.get(name.partition(":")[0])
    if detail_type is None:
        return None
    detail: dict[str, Any] = {
        "version": "0",
        "bucket": {"name": change.bucket},
        "object": _object(change, name),
        "request-id": change.request_id,
        "requester": requester,
        "source-ip-address": change.source_ip,
    }
    if name in _REASONS:
        detail["reason"] = _REASONS[name]
    if name in _DELETIONS:
        detail["deletion-type"] = _DELETIONS[name]
    return BridgeEvent(detail_type, detail, f"arn:aws:s3:::{change.bucket}")


def _object(change: ObjectChange, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {"key": change.key}
    if name.startswith(("ObjectCreated:", "ObjectRestore:")):
        found["size"] = change.size_bytes
    if name != "ObjectRemoved:Delete":
        found["etag"] = change.etag
    if change.version_id is not None:
        found["version-id"] = change.version_id
    if name.startswith(("ObjectCreated:", "ObjectRemoved:")):
        found["sequencer"] = change.sequencer
    return found
