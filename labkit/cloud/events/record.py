"""The event document that S3 sends (docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from labkit.cloud.events.marks import host_mark

EVENT_VERSION = "2.6"
# These say what happened to a key, not what an object holds: AWS leaves the size out, and for a plain delete the eTag too.
_REMOVALS = ("ObjectRemoved:", "LifecycleExpiration:")
# Changes beside the content have neither size nor sequencer.
_ASIDES = ("ObjectTagging:", "ObjectAcl:")


@dataclass(frozen=True)
class ObjectChange:
    """One thing that happened to one object. `event_name` with its ``s3:``; `etag` without quotes; `version_id` None unless versioned.

    `restored_until` and `storage_class` are told of a restored archive only.
    """

    event_name: str
    bucket: str
    owner: str
    region: str
    key: str
    size_bytes: int
    etag: str
    version_id: str | None
    sequencer: str
    when: datetime
    principal: str
    source_ip: str
    request_id: str
    restored_until: datetime | None = None
    storage_class: str = ""


def encode_key(key: str) -> str:
    """A key as events carry it: form-encoded with ``/`` kept, so ``unquote_plus`` gives it back."""
    return quote_plus(key, safe="/")


def build_event(change: ObjectChange, configuration_id: str) -> dict[str, Any]:
    """The whole document, with its one record."""
    record: dict[str, Any] = {
        "eventVersion": EVENT_VERSION,
        "eventSource": "aws:s3",
        "awsRegion": change.region,
        "eventTime": milliseconds(change.when),
        "eventName": change.event_name.removeprefix("s3:"),
        "userIdentity": {"principalId": change.principal},
        "requestParameters": {"sourceIPAddress": change.source_ip},
        "responseElements": {"x-amz-request-id": change.request_id, "x-amz-id-2": host_mark(change.request_id)},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {
                "name": change.bucket,
                "ownerIdentity": {"principalId": change.owner},
                "arn": f"arn:aws:s3:::{change.bucket}",
            },
            "object": _object(change),
        },
    }
    if change.restored_until is not None:
        restored = {
            "lifecycleRestorationExpiryTime": milliseconds(change.restored_until),
            "lifecycleRestoreStorageClass": change.storage_class,
        }
        record["glacierEventData"] = {"restoreEventData": restored}
    return {"Records": [record]}


class Sequencer:
    """Hexadecimal numbers of one width that only grow, also over a restart: later events of a key compare greater as text."""

    def __init__(self, nanoseconds: Callable[[], int] = time.time_ns) -> None:
        self._nanoseconds = nanoseconds
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> str:
        with self._lock:
            self._last = max(self._last + 1, self._nanoseconds())
            return f"{self._last:018X}"


def _object(change: ObjectChange) -> dict[str, Any]:
    name = change.event_name.removeprefix("s3:")
    found: dict[str, Any] = {"key": encode_key(change.key)}
    if not name.startswith((*_REMOVALS, *_ASIDES)):
        found["size"] = change.size_bytes
    if not name.startswith(_REMOVALS) or name.endswith("DeleteMarkerCreated"):
        found["eTag"] = change.etag
    if change.version_id is not None:
        found["versionId"] = change.version_id
    if not name.startswith(_ASIDES):
        found["sequencer"] = change.sequencer
    return found


def milliseconds(when: datetime) -> str:
    """A time as events carry it: ``2026-11-23T10:20:30.456Z``."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"
