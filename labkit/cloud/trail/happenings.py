"""The internal page behind `labkit events`: API calls and the engines' notes, in the order in which they were stored."""

from __future__ import annotations

import json
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.trail.recorder import Recorder
from labkit.cloud.trail.storage import NOTE, Stored, TrailStorage

_MAX_ROWS = 1_000
# Who may not, and whom nobody knows.
_REFUSALS = ("Denied", "Unauthorized", "Token", "Signature", "UnrecognizedClient", "InvalidAccessKeyId")
_DENIED = "(" + " OR ".join(f"error LIKE '%{word}%'" for word in _REFUSALS) + ")"


class HappeningsPage:
    """`POST /_labkit/happenings {"after": 0, "since": 1764385200.0, "newest": 100}` → `{"happenings": […], "next": 17}`.

    `after` is the `next` of the last answer; `newest` asks for the last rows instead of the first, `before` for those before the row
    of that `position`. All rows of all regions.
    """

    def __init__(self, storage: TrailStorage, recorder: Recorder) -> None:
        self._storage = storage
        self._recorder = recorder

    def __call__(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Rows in order of storing; AwsError for a request that is no such question."""
        try:
            after, since = int(asked.get("after") or 0), float(asked.get("since") or 0)
            before = int(asked.get("before") or 2**62)
            newest = max(0, min(int(asked.get("newest") or 0), _MAX_ROWS))
        except (TypeError, ValueError, OverflowError, AttributeError):
            raise AwsError("ValidationException", "after, before, since and newest are numbers") from None
        self._recorder.flush()
        if after > self._storage.last_position():
            after = 0  # the asker knew another cloud: this one has been reset
        where, values = "position > ? AND position < ? AND at >= ?" + _only(asked), (after, before, since)
        if newest:
            rows = self._storage.select(where + " ORDER BY position DESC", values, newest)[::-1]
        else:
            rows = self._storage.select(where + " ORDER BY position", values, _MAX_ROWS)
        last = rows[-1].position if len(rows) == _MAX_ROWS and not newest else self._storage.last_position()
        return {"happenings": [_row(row) for row in rows], "next": max(last, after)}


def _only(asked: dict[str, Any]) -> str:
    """Leave reads out (those that were denied stay), and calls on data."""
    sql = "" if asked.get("reads") else f" AND (is_read = 0 OR {_DENIED})"
    return sql if asked.get("data") else sql + " AND kind != 'data'"


def _row(row: Stored) -> dict[str, Any]:
    if row.kind == NOTE:
        facts = json.loads(row.record)
        return {
            "position": row.position, "at": row.at, "kind": row.source, "region": row.region, "resource": row.name,
            "outcome": row.error, "facts": facts,
        }  # fmt: skip
    return {
        "position": row.position,
        "at": row.at,
        "kind": "call",
        "region": row.region,
        "record": json.loads(row.record),
    }
