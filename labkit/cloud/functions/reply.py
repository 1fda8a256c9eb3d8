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
    trace: str | None = None


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

    @property
    def resource(self) -> str:
        """The function as the caller named it: `name` or `name:qualifier`."""
        return f"{self.name}:{self.qualifier}" if self.qualifier else self.name


@dataclass(frozen=True)
class Outcome:
    """What the function answered; `error` is "Unhandled" when it failed; `log_tail` the last 4 KB of its log; `trace` its trace header.

    The payload is JSON unless the handler returned bytes, which go out as they are.
    """

    payload: bytes
    error: str | None
    version: str
    log_tail: bytes
    duration_ms: float = 0.0
    trace: str | None = None

    @property
    def text(self) -> str:
        """The payload as text."""
        return self.payload.decode("utf-8", "replace")

    @property
    def document(self) -> Any:
        """The payload's JSON value; its text when it is none."""
        try:
            return json.loads(self.payload)
        except ValueError:
            return self.text


def error_payload(kind: str, message: str) -> bytes:
    """The payload of a function that the platform stopped, which has no stack trace."""
    return json.dumps({"errorType": kind, "errorMessage": message}, separators=(",", ":")).encode()
