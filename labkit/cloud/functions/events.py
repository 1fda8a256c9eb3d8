"""An asynchronous invocation as it waits in the queue, and the rules of its retries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from labkit.cloud.functions.configuration import AsyncPolicy

# AWS waits 1 minute before the first retry and 2 before the second; one minute of AWS is one second here unless asked otherwise.
LOCAL_SCALE = 1 / 60
SCALE_VARIABLE = "LABKIT_ASYNC_RETRY_SCALE"
_RETRY_DELAYS_S = (60.0, 120.0)
_MAX_THROTTLE_DELAY_S = 300.0


@dataclass(frozen=True)
class QueuedEvent:
    """One event. `attempts` made so far; `waited_s` the seconds it would have waited on AWS; `trace` a header or None."""

    request_id: str
    function: str
    qualifier: str | None
    payload: str
    account: str
    region: str
    accepted_at: str
    attempts: int = 0
    throttles: int = 0
    waited_s: float = 0.0
    trace: str | None = None

    @property
    def resource(self) -> str:
        """The function as the caller named it: `name` or `name:qualifier`."""
        return f"{self.function}:{self.qualifier}" if self.qualifier else self.function

    def document(self) -> dict[str, Any]:
        """JSON values only, for the durable queue."""
        return asdict(self)


def read_event(document: Mapping[str, Any]) -> QueuedEvent:
    """The event of a stored document."""
    return QueuedEvent(**{field.name: document[field.name] for field in fields(QueuedEvent)})


def retry_scale(environ: Mapping[str, str]) -> float:
    """Seconds to wait here for one second of AWS: 1/60, or the number in LABKIT_ASYNC_RETRY_SCALE (1 gives AWS's true delays)."""
    try:
        return max(float(environ[SCALE_VARIABLE]), 0.0)
    except (KeyError, ValueError):
        return LOCAL_SCALE


def next_delay_s(event: QueuedEvent, policy: AsyncPolicy) -> float | None:
    """Seconds on AWS until the next attempt after a failed one; None when the event has no attempt or no time left."""
    if event.attempts > policy.retries:
        return None
    delay_s = _RETRY_DELAYS_S[min(event.attempts, len(_RETRY_DELAYS_S)) - 1]
    return delay_s if event.waited_s + delay_s <= policy.max_age_s else None


def throttle_delay_s(event: QueuedEvent, policy: AsyncPolicy) -> float | None:
    """Seconds on AWS until a throttled event is tried again (1, 2, 4 … 300); None when it is too old by then."""
    delay_s = min(2.0 ** min(event.throttles, 9), _MAX_THROTTLE_DELAY_S)
    return delay_s if event.waited_s + delay_s <= policy.max_age_s else None
