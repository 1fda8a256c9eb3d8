"""The durable queue of deliveries: what was accepted is attempted, retried, and ends at its target or its dead-letter queue."""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from labkit.cloud.call import Scope
from labkit.cloud.documents import Documents
from labkit.cloud.event_bus.delivery import Delivery, Next, read_delivery

KIND = "event-delivery"
_THREADS = 4
_SWEEP_S = 0.5
_log = logging.getLogger(__name__)

Attempt = Callable[[Delivery], "Next | None"]


class DeliveryQueue:
    """Makes deliveries on threads of its own. ``attempt`` makes one and tells what follows; None when it is done.

    moto's services are written to disk a moment after they changed. Until ``written_until()`` says so, a delivery that was made stays
    on disk: a killed server loses nothing, and may deliver what it delivered last once more.
    """

    def __init__(
        self, documents: Documents, attempt: Attempt, scale: float, written_until: Callable[[], float] = time.monotonic
    ) -> None:
        self._written_until = written_until
        self._documents = documents
        self._attempt = attempt
        self._scale = scale
        self._state = threading.Condition()
        self._ready: deque[Delivery] = deque()
        self._delayed: list[tuple[float, int, Delivery]] = []
        self._done: deque[tuple[float, Delivery]] = deque()
        self._order = 0
        self._stopping = False
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True, name=f"events-{n}") for n in range(_THREADS)]
        self._sweeper = threading.Thread(target=self._sweep, daemon=True, name="events-done")

    def start(self) -> None:
        """Make what was accepted before the last stop, then what comes."""
        with self._state:
            waiting = {delivery.id for delivery in self._ready}
        for _, _, kept in self._documents.list(KIND):
            delivery = read_delivery(kept)
            if delivery.id not in waiting:
                self._put_ready(delivery)
        for thread in [*self._threads, self._sweeper]:
            thread.start()

    def stop(self) -> None:
        """Start no more attempts; what is not made stays stored."""
        with self._state:
            self._stopping = True
            self._state.notify_all()
        self._stopped.set()
        for thread in [*self._threads, self._sweeper]:
            if thread.is_alive():
                thread.join(5)
        self._forget(list(self._done))

    def put(self, scope: Scope, deliveries: Sequence[Delivery]) -> None:
        """Store deliveries, all of them or none, then make them soon. Returns once they are stored."""
        if deliveries:
            self._documents.change(scope, [(KIND, one.id, one.document()) for one in deliveries], [])
            for one in deliveries:
                self._put_ready(one)

    def _put_ready(self, delivery: Delivery) -> None:
        with self._state:
            self._ready.append(delivery)
            self._state.notify()

    def _work(self) -> None:
        while (delivery := self._take()) is not None:
            try:
                following = self._attempt(delivery)
            except Exception:  # noqa: BLE001 - the event must survive whatever breaks
                _log.exception("The delivery %s broke; it stays stored until the next start.", delivery.id)
                continue
            if following is None:
                with self._state:
                    self._done.append((time.monotonic(), delivery))
            else:
                self._delay(following)

    def _take(self) -> Delivery | None:
        with self._state:
            while not self._stopping:
                now = time.monotonic()
                while self._delayed and self._delayed[0][0] <= now:
                    self._ready.append(heapq.heappop(self._delayed)[2])
                if self._ready:
                    return self._ready.popleft()
                self._state.wait(self._delayed[0][0] - now if self._delayed else None)
            return None

    def _delay(self, following: Next) -> None:
        delivery, delay_s = following.delivery, following.delay_s or 0.0
        self._documents.put(KIND, delivery.scope, delivery.id, delivery.document())
        with self._state:
            self._order += 1
            heapq.heappush(self._delayed, (time.monotonic() + delay_s * self._scale, self._order, delivery))
            self._state.notify_all()

    def _sweep(self) -> None:
        # Not a waiter on `_state`: a new delivery wakes one waiter, which must be one that makes deliveries.
        while not self._stopped.wait(_SWEEP_S):
            until, gone = self._written_until(), []
            with self._state:
                while self._done and self._done[0][0] < until:
                    gone.append(self._done.popleft())
            self._forget(gone)

    def _forget(self, gone: Sequence[tuple[float, Delivery]]) -> None:
        by_scope: dict[Scope, list[tuple[str, str]]] = {}
        for _, delivery in gone:
            by_scope.setdefault(delivery.scope, []).append((KIND, delivery.id))
        for scope, deletes in by_scope.items():
            self._documents.change(scope, [], deletes)
