"""`cloudtrail:LookupEvents`: the last 90 days of management events, newest first."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from labkit.cloud.call import AwsError, Call
from labkit.cloud.trail.recorder import Recorder
from labkit.cloud.trail.storage import Stored, TrailStorage

_MAX_RESULTS = 50
_MAX_VALUE = 2000
_EQUALS = {
    "EventId": "event_id = ?",
    "EventName": "name = ?",
    "Username": "user_name = ?",
    "EventSource": "source = ?",
    "AccessKeyId": "access_key = ?",
}
_KEYS = ("EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource", "AccessKeyId")
_ORDER = " ORDER BY at DESC, position DESC"


class LookupEvents:
    """Answers the call; what was told before it is stored first, so that it is found."""

    def __init__(self, storage: TrailStorage, recorder: Recorder) -> None:
        self._storage = storage
        self._recorder = recorder

    def __call__(self, call: Call) -> dict[str, Any]:
        """Events and a NextToken; AwsError with CloudTrail's codes for what it cannot look up."""
        params = call.params
        limit = _limit(params)
        condition, values = _condition(params)
        asked = _fingerprint(params)
        after = _read_token(params.get("NextToken"), asked)
        if _category(params) == "insight":
            return {"Events": []}
        where = f"region = ? AND kind = 'management'{condition}"
        values = [call.scope.region, *values]
        if after is not None:
            where += " AND (at < ? OR (at = ? AND position < ?))"
            values += [after[0], after[0], after[1]]
        self._recorder.flush()
        rows = self._storage.select(where + _ORDER, values, limit + 1)
        reply: dict[str, Any] = {"Events": [_event(row) for row in rows[:limit]]}
        if len(rows) > limit:
            reply["NextToken"] = _write_token(rows[limit - 1], asked)
        return reply


def _event(row: Stored) -> dict[str, Any]:
    event: dict[str, Any] = {
        "EventId": row.event_id,
        "EventName": row.name,
        "ReadOnly": "true" if row.is_read else "false",
        "EventTime": int(row.at),
        "EventSource": row.source,
        "Resources": [{"ResourceType": kind, "ResourceName": name} for kind, name in row.resources],
        "CloudTrailEvent": row.record,
    }
    if row.access_key:
        event["AccessKeyId"] = row.access_key
    if row.user_name:
        event["Username"] = row.user_name
    return event


def _limit(params: Mapping[str, Any]) -> int:
    limit = params.get("MaxResults")
    if limit is None:
        return _MAX_RESULTS
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= _MAX_RESULTS:
        raise AwsError(
            "InvalidMaxResultsException", f"A number of results between 1 and {_MAX_RESULTS} must be specified."
        )
    return limit


def _category(params: Mapping[str, Any]) -> str:
    category = params.get("EventCategory")
    if category not in (None, "insight"):
        raise AwsError("InvalidEventCategoryException", f"The event category {category} is not valid: specify insight.")
    return category or ""


def _condition(params: Mapping[str, Any]) -> tuple[str, list[Any]]:
    sql, values = "", list[Any]()
    begin, end = _time(params.get("StartTime")), _time(params.get("EndTime"))
    if begin is not None and end is not None and begin > end:
        raise AwsError("InvalidTimeRangeException", "The start time must be before the end time.")
    for text, value in ((" AND at >= ?", begin), (" AND at < ?", None if end is None else end + 1)):
        if value is not None:
            sql, values = sql + text, [*values, value]
    attributes = params.get("LookupAttributes") or []
    if not isinstance(attributes, list) or len(attributes) > 1:
        raise AwsError("InvalidLookupAttributesException", "Only one lookup attribute can be specified.")
    for attribute in attributes:
        text, value = _attribute(attribute)
        sql, values = f"{sql} AND {text}", [*values, value]
    return sql, values


def _attribute(attribute: Any) -> tuple[str, Any]:
    key, value = (
        (attribute.get("AttributeKey"), attribute.get("AttributeValue")) if isinstance(attribute, dict) else ("", "")
    )
    if key not in _KEYS:
        raise AwsError(
            "InvalidLookupAttributesException", f"{key} is not a lookup attribute: specify one of {', '.join(_KEYS)}."
        )
    if not isinstance(value, str) or not 1 <= len(value) <= _MAX_VALUE:
        raise AwsError(
            "InvalidLookupAttributesException", f"The value of {key} must have between 1 and {_MAX_VALUE} characters."
        )
    if key in _EQUALS:
        return _EQUALS[key], value
    if key == "ReadOnly":
        if value.lower() not in ("true", "false"):
            raise AwsError("InvalidLookupAttributesException", "The value of ReadOnly must be true or false.")
        return "is_read = ?", int(value.lower() == "true")
    if key == "ResourceName":
        return "instr(resources, ?) > 0", f"\t{value}\n"
    return "instr(char(10) || resources, ?) > 0", f"\n{value}\t"


def _time(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        at = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        raise AwsError("InvalidTimeRangeException", f"{value} is not a time.") from None
    return at.replace(tzinfo=at.tzinfo or timezone.utc).timestamp()


def _fingerprint(params: Mapping[str, Any]) -> str:
    """A token goes with the request that brought it: the same attributes and times."""
    asked = [params.get(name) for name in ("LookupAttributes", "StartTime", "EndTime", "EventCategory")]
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()[:12]


def _write_token(row: Stored, asked: str) -> str:
    return base64.urlsafe_b64encode(f"{row.at!r}/{row.position}/{asked}".encode()).decode()


def _read_token(token: Any, asked: str) -> tuple[float, int] | None:
    if token is None:
        return None
    try:
        at, position, told = base64.urlsafe_b64decode(str(token).encode()).decode().split("/")
        place = float(at), int(position)
    except (ValueError, binascii.Error):
        told, place = "", (0.0, 0)
    if told != asked:
        message = "Invalid or expired token: it belongs to another request, or to none."
        raise AwsError("InvalidNextTokenException", message)
    return place
