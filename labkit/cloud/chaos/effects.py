"""What chaos did: kept for `labkit chaos status`, and told in the log of the function that felt it."""

from __future__ import annotations

import logging
import threading
import uuid
from collections import deque
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import Scope
from labkit.cloud.events.publisher import Outgoing

if TYPE_CHECKING:
    from labkit.cloud.services import Services

KIND = "chaos-effect"
_KEPT = 500
_PLACE = Scope("", "")
_log = logging.getLogger(__name__)


_WORDS = {
    "doubled": "is delivered twice",
    "late": "is delayed by {seconds:g} s",
    "held": "is held until a later event has overtaken it ({seconds:g} s at most)",
    "overtook": "is delivered before the event that was held",
    "again": "is delivered again",
    "throttled": "an invocation was answered with TooManyRequestsException",
}


@dataclass(frozen=True)
class Effect:
    """One disturbance. `did`: doubled, late, held, overtook, again or throttled; `at` is filled in when it is kept."""

    rule: str
    did: str
    target: str
    seconds: float = 0.0
    bucket: str = ""
    key: str = ""
    event: str = ""
    sequencer: str = ""
    at: str = ""

    @property
    def line(self) -> str:
        """What stands in a log."""
        words = _WORDS[self.did].format(seconds=self.seconds)
        if not self.bucket:
            return f"[labkit chaos] {words}"
        return (
            f"[labkit chaos] {self.event} s3://{self.bucket}/{self.key} (sequencer {self.sequencer or 'none'}) {words}"
        )

    @staticmethod
    def of_event(rule: str, did: str, outgoing: Outgoing, seconds: float = 0.0) -> Effect:
        """What was done to an event."""
        record = outgoing.event["Records"][0]
        sequencer = str(record["s3"]["object"].get("sequencer", ""))
        return Effect(
            rule, did, outgoing.arn, seconds, outgoing.bucket, outgoing.key, str(record["eventName"]), sequencer
        )

    @staticmethod
    def of_invocation(rule: str, function: str, scope: Scope) -> Effect:
        """An invocation that was answered with TooManyRequestsException."""
        return Effect(rule, "throttled", f"arn:aws:lambda:{scope.region}:{scope.account}:function:{function}")


class Effects:
    """The last 500 effects, durable."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = threading.Lock()
        self._names = deque(name for _, name, _ in services.documents.list(KIND))

    def add(self, effect: Effect, function: str, scope: Scope) -> None:
        """Keep an effect, and write a line into the function's log group ("" for a queue or topic)."""
        effect = replace(effect, at=self._services.clock().isoformat(timespec="milliseconds"))
        name = uuid.uuid4().hex
        with self._lock:
            self._services.documents.put(KIND, _PLACE, name, asdict(effect))
            self._names.append(name)
            while len(self._names) > _KEPT:
                self._services.documents.delete(KIND, _PLACE, self._names.popleft())
        _log.info("%s: %s", effect.target, effect.line)
        if function:
            day = self._services.clock().strftime("%Y/%m/%d")
            self._services.logs(scope).write(f"/aws/lambda/{function}", f"{day}/[labkit chaos]", [effect.line + "\n"])

    def list(self) -> list[dict[str, Any]]:
        """All effects that are kept, oldest first."""
        return [body for _, _, body in self._services.documents.list(KIND)]
