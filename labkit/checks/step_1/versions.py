"""Task 1.3: a file was overwritten; its former version is current again, and nothing of the history is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.step_1.places import VERSIONED_FILE, VERSIONS, find_sources_bucket

# Each run of the notebook's cells leaves three versions, and only one of the file's own size is read: this is hundreds of runs.
_MOST = 1000


@dataclass(frozen=True)
class History:
    """The versions of one key from the newest to the oldest, each right or not, and whether a delete marker hides them."""

    right: tuple[bool, ...]
    hidden: bool

    @property
    def is_restored(self) -> bool:
        return bool(self.right) and self.right[0] and not self.hidden

    @property
    def keeps_the_accident(self) -> bool:
        """A wrong version that came after a right one is still there."""
        return any(not right and any(self.right[number + 1 :]) for number, right in enumerate(self.right))


def check_versions(context: Context) -> list[Finding]:
    """Versioning is on, the right bytes are current, and the version that overwrote them still exists."""
    bucket, key = find_sources_bucket(context), f"{VERSIONS}{VERSIONED_FILE}"
    s3: Any = context.clients.s3
    status = s3.get_bucket_versioning(Bucket=bucket).get("Status", "")
    history = _read_history(s3, bucket, key, (context.truth.folder / VERSIONED_FILE).read_bytes())
    if not status and not any(history.right):
        raise NotAttempted("task_1.versions_nothing", bucket=bucket, key=key)
    return [_look_at_status(bucket, status), _look_at_current(key, history), _look_at_past(key, history)]


def _read_history(s3: Any, bucket: str, key: str, wanted: bytes) -> History:
    reply = s3.list_object_versions(Bucket=bucket, Prefix=key)
    versions = [item for item in reply.get("Versions", []) if item["Key"] == key][:_MOST]
    right = tuple(_is_right(s3, bucket, item, wanted) for item in versions)
    hidden = any(item["Key"] == key and item["IsLatest"] for item in reply.get("DeleteMarkers", []))
    return History(right, hidden)


def _is_right(s3: Any, bucket: str, version: Any, wanted: bytes) -> bool:
    if version["Size"] != len(wanted):
        return False
    body = s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])["Body"].read()
    return bool(body == wanted)


def _look_at_status(bucket: str, status: str) -> Finding:
    facts = {"bucket": bucket, "status": status or "-"}
    why = "task_1.misconception.versions_suspended" if status else "task_1.misconception.versions_off"
    return Finding(status == "Enabled", "task_1.versions_status", facts, why)


def _look_at_current(key: str, history: History) -> Finding:
    facts = {"key": key, "versions": len(history.right)}
    if history.is_restored:
        return Finding(True, "task_1.versions_restored", facts)
    if history.hidden:
        return Finding(False, "task_1.versions_hidden", facts, "task_1.misconception.versions_hidden")
    if not any(history.right):
        return Finding(False, "task_1.versions_lost", facts, "task_1.misconception.versions_lost")
    return Finding(False, "task_1.versions_wrong", facts, "task_1.misconception.versions_wrong")


def _look_at_past(key: str, history: History) -> Finding:
    facts = {"key": key, "versions": len(history.right)}
    if history.keeps_the_accident:
        return Finding(True, "task_1.versions_kept", facts)
    if len(history.right) == 1:
        return Finding(False, "task_1.versions_single", facts, "task_1.misconception.versions_erased")
    return Finding(False, "task_1.versions_no_accident", facts, "task_1.misconception.versions_late")
