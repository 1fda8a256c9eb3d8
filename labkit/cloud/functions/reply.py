"""What an invocation is and what comes back from it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from labkit.cloud.call import Scope

# Quotas of Lambda (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html): bytes of a payload.
MAX_SYNC_BYTES = 6_291_456
MAX_ASYNC_BYTES = 1_048_576
MAX_RESPONSE_BYTES = 6_291_556


@dataclass(frozen=True)
class InvokeReply:
    """The answer to Invoke: `status` is the HTTP status, the others are headers.

    Header names: `function_error` X-Amz-Function-Error, `executed_version` X-Amz-Executed-Version, `log_result` X-Amz-Log-Result
    (base64 of the last 4 KB of the log). None means that the header is not sent.
    """

    status: int
    payload: bytes = b""
    function_error: str | None = None
    executed_version: str | None = None
    log_result: str | None = None
    request_id: str = ""


@dataclass(frozen=True)
class Invocation:
    """One event on its way to a function. `qualifier` as the caller gave it; `trace` is an X-Ray header or None."""

    request_id: str
    name: str
    qualifier: str | None
    payload: str
    scope: Scope
    client_context: dict[str, Any] | None = None
    trace: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What the function answered: JSON text; `error` is "Unhandled" when it failed; `log_tail` the last 4 KB of its log."""

    payload: str
    error: str | None
    version: str
    log_tail: bytes


def error_payload(kind: str, message: str) -> str:
    """The payload of a function that the platform stopped, which has no stack trace."""
    return json.dumps({"errorType": kind, "errorMessage": message}, separators=(",", ":"))
