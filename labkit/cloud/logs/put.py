"""`PutLogEvents`: its limits, and which events of a batch are too old, too new or expired."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import Call, Scope
from labkit.cloud.logs.checks import constraint, group_name, invalid, stream_name
from labkit.cloud.logs.groups import get_group, oldest_kept
from labkit.cloud.logs.storage import EVENT_OVERHEAD_BYTES

if TYPE_CHECKING:
    from labkit.cloud.logs.storage import Stream

# docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
_MAX_EVENTS = 10_000
_MAX_BATCH_BYTES = 1_048_576
_HOUR_MS = 3_600_000
_NEWEST_MS = 2 * _HOUR_MS
_OLDEST_MS = 14 * 24 * _HOUR_MS
_LONGEST_MS = 24 * _HOUR_MS

Append = Callable[[Scope, str, "Stream", Sequence[tuple[int, str]]], None]


def put_log_events(
    call: Call, get_stream: Callable[[Scope, str, str], Stream], append: Append, now_ms: int
) -> dict[str, Any]:
    """Write what may be written; tell the places of the rest."""
    params = call.params
    group, name = group_name(params.get("logGroupName")), stream_name(params.get("logStreamName"))
    events = _events(params)
    get_group(call.scope, group)
    stream = get_stream(call.scope, group, name)
    kept, rejected = sort_out([at for at, _ in events], oldest_kept(call.scope, group, now_ms), now_ms)
    wanted = events[kept]
    if wanted:
        if wanted[-1][0] - wanted[0][0] > _LONGEST_MS:
            raise invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
        append(call.scope, group, stream, wanted)
    reply: dict[str, Any] = {"nextSequenceToken": f"{now_ms:056d}"}
    return reply | ({"rejectedLogEventsInfo": rejected} if rejected else {})


def sort_out(times: Sequence[int], kept_since_ms: int | None, now_ms: int) -> tuple[slice, dict[str, int]]:
    """Which events (sorted by time) are taken, and `rejectedLogEventsInfo` of the others."""
    expired = sum(at < kept_since_ms for at in times) if kept_since_ms is not None else 0
    too_old = sum(at < now_ms - _OLDEST_MS for at in times)
    too_new = sum(at > now_ms + _NEWEST_MS for at in times)
    rejected = {}
    if too_new:
        rejected["tooNewLogEventStartIndex"] = len(times) - too_new
    if too_old:
        rejected["tooOldLogEventEndIndex"] = too_old
    if expired:
        rejected["expiredLogEventEndIndex"] = expired
    return slice(max(expired, too_old), len(times) - too_new), rejected


def _events(params: Mapping[str, Any]) -> list[tuple[int, str]]:
    asked = params.get("logEvents")
    if not isinstance(asked, list):
        raise constraint(None, "logEvents", "Member must not be null")
    if not asked:
        raise constraint("[]", "logEvents", "Member must have length greater than or equal to 1")
    if len(asked) > _MAX_EVENTS:
        raise constraint("[…]", "logEvents", f"Member must have length less than or equal to {_MAX_EVENTS}")
    events = [_event(number, one) for number, one in enumerate(asked, 1)]
    size = sum(len(text.encode("utf-8", "replace")) + EVENT_OVERHEAD_BYTES for _, text in events)
    if size > _MAX_BATCH_BYTES:
        raise invalid(f"Upload too large: {size} bytes exceeds limit of {_MAX_BATCH_BYTES}")
    if any(later[0] < earlier[0] for earlier, later in pairwise(events)):
        raise invalid("Log events in a single PutLogEvents request must be in chronological order.")
    return events


def _event(number: int, event: Any) -> tuple[int, str]:
    at, text = (event.get("timestamp"), event.get("message")) if isinstance(event, dict) else (None, None)
    place = f"logEvents.{number}.member"
    if not isinstance(at, int) or isinstance(at, bool):
        raise constraint(at, f"{place}.timestamp", "Member must not be null" if at is None else "Member must be a long")
    if at < 0:
        raise constraint(at, f"{place}.timestamp", "Member must have value greater than or equal to 0")
    if not isinstance(text, str):
        raise constraint(None, f"{place}.message", "Member must not be null")
    if not text:
        raise constraint(text, f"{place}.message", "Member must have length greater than or equal to 1")
    return at, text
