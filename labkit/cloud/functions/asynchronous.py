"""The durable queue behind Event invocations: an accepted event is delivered, retried, and then sent where failures go."""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import replace

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.documents import Documents
from labkit.cloud.functions.configuration import AsyncPolicy
from labkit.cloud.functions.events import QueuedEvent, next_delay_s, read_event, throttle_delay_s
from labkit.cloud.functions.reply import Outcome

KIND = "async-invocation"
# Events of one function that run at the same time: enough to overlap waiting, few enough for two cores.
CONCURRENT_EVENTS = 4
_TICK_S = 30.0
# Refusals that no retry mends, and the word that a destination is told.
_FINAL = {
    "ResourceNotFoundException": "ResourceNotFound",
    "RecursiveInvocationException": "RecursiveInvocation",
    "ZeroReservedConcurrency": "ZeroReservedConcurrency",
}
_log = logging.getLogger(__name__)

Deliver = Callable[[QueuedEvent], Outcome]
Finish = Callable[[QueuedEvent, "Outcome | None", str, str], None]


class AsyncQueue:
    """Delivers queued events on threads of its own. `deliver` runs one attempt; `finish` hears the end of each event."""

    def __init__(
        self,
        documents: Documents,
        deliver: Deliver,
        policy_of: Callable[[QueuedEvent], AsyncPolicy],
        finish: Finish,
        scale: float,
        tick: Callable[[], None],
    ) -> None:
        self._documents = documents
        self._deliver = deliver
        self._policy_of = policy_of
        self._finish = finish
        self._scale = scale
        self._tick = tick
        # Told of each delivery that will be tried again, with the pause in seconds and the cause.
        self.retrying: Callable[[QueuedEvent, float, str], None] = lambda _event, _delay_s, _cause: None
        self._state = threading.Condition()
        self._delayed: list[tuple[float, int, QueuedEvent]] = []
        self._ready: dict[str, deque[QueuedEvent]] = {}
        self._running: Counter[str] = Counter()
        self._order = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._schedule, daemon=True, name="async-invocations")

    def start(self) -> None:
        """Deliver what was accepted before the last stop, then what comes."""
        for _, _, document in self._documents.list(KIND):
            self._enqueue(read_event(document), 0.0)
        self._thread.start()

    def stop(self) -> None:
        """Start no more deliveries; events that were not finished stay stored."""
        with self._state:
            self._stopping = True
            self._state.notify_all()
        if self._thread.is_alive():
            self._thread.join(5)

    def put(self, event: QueuedEvent) -> None:
        """Store an event, then deliver it soon. Returns once it is stored."""
        self._save(event)
        self._enqueue(event, 0.0)

    def _enqueue(self, event: QueuedEvent, delay_s: float) -> None:
        with self._state:
            if delay_s > 0:
                self._order += 1
                heapq.heappush(self._delayed, (time.monotonic() + delay_s, self._order, event))
            else:
                self._ready.setdefault(_function_key(event), deque()).append(event)
            self._state.notify_all()

    def _schedule(self) -> None:
        next_tick = time.monotonic() + _TICK_S
        with self._state:
            while not self._stopping:
                now = time.monotonic()
                while self._delayed and self._delayed[0][0] <= now:
                    event = heapq.heappop(self._delayed)[2]
                    self._ready.setdefault(_function_key(event), deque()).append(event)
                self._launch_ready()
                if now >= next_tick:
                    next_tick = now + _TICK_S
                    self._tick()
                wake = min(self._delayed[0][0], next_tick) if self._delayed else next_tick
                self._state.wait(max(wake - time.monotonic(), 0.001))

    def _launch_ready(self) -> None:
        for function, waiting in list(self._ready.items()):
            while waiting and self._running[function] < CONCURRENT_EVENTS:
                self._running[function] += 1
                threading.Thread(
                    target=self._attempt, args=(waiting.popleft(),), daemon=True, name="async-event"
                ).start()
            if not waiting:
                del self._ready[function]

    def _attempt(self, event: QueuedEvent) -> None:
        try:
            self._run_attempt(event)
        except Exception:  # noqa: BLE001 - the event must survive whatever breaks
            _log.exception(
                "The delivery of event %s to %s broke; the event stays stored.", event.request_id, event.function
            )
        finally:
            with self._state:
                self._running[_function_key(event)] -= 1
                self._state.notify_all()

    def _run_attempt(self, event: QueuedEvent) -> None:
        try:
            outcome = self._deliver(event)
        except AwsError as error:
            self._after_refusal(event, error)
            return
        if self._stopping and outcome.error:
            return  # stop() killed the worker: the event keeps its attempt and is delivered after the next start
        event = replace(event, attempts=event.attempts + 1)
        if outcome.error is None:
            self._end(event, outcome, "Success", "")
            return
        self._retry(event, outcome, next_delay_s(event, self._policy_of(event)), outcome.text[:500])

    def _after_refusal(self, event: QueuedEvent, error: AwsError) -> None:
        if self._stopping:
            return
        if error.code == "TooManyRequestsException":
            delay_s = throttle_delay_s(event, self._policy_of(event))
            self._retry(replace(event, throttles=event.throttles + 1), None, delay_s, str(error))
        elif error.code in _FINAL:
            self._end(event, None, _FINAL[error.code], str(error))
        else:
            event = replace(event, attempts=event.attempts + 1)
            self._retry(event, None, next_delay_s(event, self._policy_of(event)), str(error))

    def _retry(self, event: QueuedEvent, outcome: Outcome | None, delay_s: float | None, cause: str) -> None:
        if delay_s is None:
            used_up = event.attempts > self._policy_of(event).retries
            self._end(event, outcome, "RetriesExhausted" if used_up else "EventAgeExceeded", cause)
            return
        event = replace(event, waited_s=event.waited_s + delay_s)
        self.retrying(event, delay_s * self._scale, cause)
        self._save(event)
        self._enqueue(event, delay_s * self._scale)

    def _end(self, event: QueuedEvent, outcome: Outcome | None, condition: str, cause: str) -> None:
        self._finish(event, outcome, condition, cause)
        self._documents.delete(KIND, Scope(event.account, event.region), event.request_id)

    def _save(self, event: QueuedEvent) -> None:
        self._documents.put(KIND, Scope(event.account, event.region), event.request_id, event.document())


def _function_key(event: QueuedEvent) -> str:
    return f"{event.account}:{event.region}:{event.function}"
