"""The record of a finished asynchronous invocation, as destinations receive it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from labkit.cloud.functions.events import QueuedEvent
from labkit.cloud.functions.reply import Outcome


def build_record(
    event: QueuedEvent, arn: str, outcome: Outcome | None, condition: str, now: datetime
) -> dict[str, Any]:
    """The invocation record that AWS sends to a destination; `condition` is Success, RetriesExhausted, EventAgeExceeded …"""
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z",
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": arn,
            "condition": condition,
            "approximateInvokeCount": event.attempts,
        },
        "requestPayload": json.loads(event.payload),
    }
    if outcome is not None:
        error = {"functionError": outcome.error} if outcome.error else {}
        record["responseContext"] = {"statusCode": 200, "executedVersion": outcome.version, **error}
        record["responsePayload"] = outcome.document
    return record
