"""Events on their way: stored before the request that caused them is answered, and sent by a thread when they are due."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from labkit.cloud.call import AwsError, Scope

if TYPE_CHECKING:
    from labkit.cloud.documents import Documents

KIND = "s3-message"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """One event for one target. `service`: lambda, sqs or sns; `due` in seconds since the epoch; `trace` a trace header."""

    arn: str
    service: str
    body: str
    trace: str | None = None
    due: float = 0.0


Send = Callable[[Message], None]


class Outbox:
    """Keeps messages durably until `send` has taken them; one that is refused for good (AwsError) is dropped with a warning."""

    def __init__(self, documents: Documents, send: Send, now: Callable[[], float] = time.time) -> None:
        self._documents = documents
        self._send = send
        self._now = now
        self._state = threading.Condition()
        self._waiting: list[tuple[float, int, Scope, str]] = []
        self._order = itertools.count()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, daemon=True, name="s3-events")

    def start(self) -> None:
        """Send what an earlier run stored and did not send, then what comes."""
        for scope, name, document in self._documents.list(KIND):
            self._push(float(document.get("due", 0.0)), scope, name)
        self._thread.start()

    def stop(self) -> None:
        """Send what is due, then stop; the rest stays stored."""
        with self._state:
            self._stopping = True
            self._state.notify_all()
        if self._thread.is_alive():
            self._thread.join(5)

    def put(self, message: Message) -> str:
        """Store a message; its name, by which it can be sent sooner."""
        scope, name = _scope(message.arn), uuid.uuid4().hex
        self._documents.put(KIND, scope, name, asdict(message))
        self._push(message.due, scope, name)
        return name

    def hasten(self, arn: str, name: str, due: float) -> bool:
        """Have a waiting message sent at another time; False when it has gone."""
        scope = _scope(arn)
        document = self._documents.find(KIND, scope, name)
        if document is None:
            return False
        self._documents.put(KIND, scope, name, asdict(replace(Message(**document), due=due)))
        self._push(due, scope, name)
        return True

    def _push(self, due: float, scope: Scope, name: str) -> None:
        with self._state:
            heapq.heappush(self._waiting, (due, next(self._order), scope, name))
            self._state.notify_all()

    def _run(self) -> None:
        while (place := self._next()) is not None:
            self._deliver(*place)

    def _next(self) -> tuple[Scope, str] | None:
        """Wait for the next message that is due; None when it is time to stop."""
        with self._state:
            while True:
                if self._waiting and self._waiting[0][0] <= self._now():
                    _, _, scope, name = heapq.heappop(self._waiting)
                    return scope, name
                if self._stopping:
                    return None
                # A clock that is set back must not hold a message for ever: look again every half minute.
                left = self._waiting[0][0] - self._now() if self._waiting else None
                self._state.wait(None if left is None else min(max(left, 0.001), 30.0))

    def _deliver(self, scope: Scope, name: str) -> None:
        document = self._documents.find(KIND, scope, name)
        if document is None or float(document.get("due", 0.0)) > self._now():
            return  # sent already, or put off: another entry of the queue stands for it
        message = Message(**{"service": document["arn"].split(":")[2], **document})
        try:
            self._send(message)
        except AwsError as error:
            _log.warning("An S3 event was not delivered to %s: %s", message.arn, error.message)
        except Exception:  # noqa: BLE001 - one message must not end the thread that sends all others
            _log.exception("An S3 event was not delivered to %s", message.arn)
        self._documents.delete(KIND, scope, name)


def _scope(arn: str) -> Scope:
    parts = arn.split(":")
    return Scope(parts[4], parts[3])
