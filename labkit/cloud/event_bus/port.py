"""Where the cloud's engines put their events: one call, cheap and durable, that waits for nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from labkit.cloud.call import Scope
from labkit.cloud.events.origin import current_origin

Receive = Callable[[Scope, "Mapping[str, Any]", "str | None"], None]


class Emit(Protocol):
    """Puts an event of an AWS service (`aws.glue`) on the default bus of an account and region; never an error."""

    def __call__(
        self,
        scope: Scope,
        source: str,
        detail_type: str,
        detail: Mapping[str, Any],
        resources: Sequence[str] = (),
        when: datetime | None = None,
    ) -> None: ...


class EventPort:
    """Stands in `Services`, built before the engines are; until the event bus is connected, events have no reader."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._receive: Receive | None = None

    def connect(self, receive: Receive) -> None:
        """Give events to ``receive(scope, document, trace)`` from now on."""
        self._receive = receive

    def emit(
        self,
        scope: Scope,
        source: str,
        detail_type: str,
        detail: Mapping[str, Any],
        resources: Sequence[str] = (),
        when: datetime | None = None,
    ) -> None:
        """See `Emit`."""
        from labkit.cloud.event_bus.events import build_document

        document = build_document(scope, source, detail_type, detail, resources, when or self._clock())
        self.put(scope, document, current_origin().trace)

    def put(self, scope: Scope, document: Mapping[str, Any], trace: str | None = None) -> None:
        """Put a whole event that exists already; ``trace`` is the header of the request that caused it."""
        if self._receive is not None:
            self._receive(scope, document, trace)


def emit_nowhere(
    scope: Scope,
    source: str,
    detail_type: str,
    detail: Mapping[str, Any],
    resources: Sequence[str] = (),
    when: datetime | None = None,
) -> None:
    """An `Emit` without readers, for engines that are built alone."""
