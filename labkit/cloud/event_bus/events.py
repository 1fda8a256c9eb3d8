"""The event document, and PutEvents' entries that become one."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from labkit.cloud.call import AwsError, Scope

# Since 2026-01 a request may hold 1 MB (it was 256 KB), an entry as much; docs.aws.amazon.com/eventbridge, "PutEvents event entry size".
MAX_REQUEST_BYTES = 1_048_576
_TIME_BYTES = 14
_MOST_ENTRIES = 10
TOO_LARGE = "Total size of the entries in the request is over the limit."
_FOREIGN = "Not authorized for the source."


@dataclass(frozen=True)
class Event:
    """One event as it goes through a bus. `document` is what targets get; `received` epoch seconds; `trace` a header or None.

    `forwarded` is true once it came from another bus: it goes to no third one.
    """

    document: Mapping[str, Any]
    received: float
    trace: str | None = None
    forwarded: bool = False
    replay: str | None = None
    only_rules: tuple[str, ...] = ()


def build_document(
    scope: Scope, source: str, detail_type: str, detail: Mapping[str, Any], resources: Sequence[str], when: datetime
) -> dict[str, Any]:
    """An event, its keys in AWS's order, its time cut to seconds."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": scope.account,
        "time": iso_seconds(when),
        "region": scope.region,
        "resources": list(resources),
        "detail": dict(detail),
    }


def iso_seconds(when: datetime) -> str:
    """A time as EventBridge writes it: UTC, whole seconds."""
    return when.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_sizes(entries: Sequence[Mapping[str, Any]]) -> None:
    """ValidationException when the entries of a request are more than it may hold."""
    if sum(entry_bytes(entry) for entry in entries) > MAX_REQUEST_BYTES:
        raise AwsError("ValidationException", TOO_LARGE)


def entry_bytes(entry: Mapping[str, Any]) -> int:
    """The size of an entry as AWS counts it: UTF-8 of its texts, 14 for a time."""
    texts = [entry.get("Source") or "", entry.get("DetailType") or "", entry.get("Detail") or ""]
    texts += list(entry.get("Resources") or [])
    size = sum(len(str(text).encode("utf-8", "surrogatepass")) for text in texts)
    return size + (_TIME_BYTES if entry.get("Time") is not None else 0)


def read_entry(scope: Scope, entry: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The event document of an entry; AwsError whose code and message are the entry's error."""
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            raise AwsError("InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument.")
    if str(entry["Source"]).startswith("aws."):
        raise AwsError("NotAuthorizedForSourceException", _FOREIGN)
    detail = _detail(entry["Detail"])
    when = _time(entry.get("Time"), now)
    return build_document(scope, entry["Source"], entry["DetailType"], detail, entry.get("Resources") or [], when)


def _detail(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise AwsError("MalformedDetail", "Detail is malformed.") from None
    if not isinstance(found, dict):
        raise AwsError("MalformedDetail", "Detail is malformed.")
    return found


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _time(value: Any, now: datetime) -> datetime:
    if value is None:
        return now
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value.replace("Z", "+00:00"))
            return found if found.tzinfo else found.replace(tzinfo=timezone.utc)
        return datetime.fromtimestamp(float(value), timezone.utc)
    except (ValueError, OverflowError, OSError, TypeError):
        raise AwsError("InvalidArgument", "Parameter Time is not valid.") from None
