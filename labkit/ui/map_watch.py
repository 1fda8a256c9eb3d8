"""A thread that looks whether anything changed in the pipeline, and reads only what may have changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from labkit.aws.pipeline_state import PipelineState, read_pipeline
from labkit.aws.trail import Happening, read_happenings
from labkit.errors import CloudError

if TYPE_CHECKING:
    from labkit.aws.session import Clients
    from labkit.names import Names

_LOOK_S = 0.15
# AWS has no such page: there everything is read again now and then.
_ON_AWS_S = 5.0
_STOPPED_S = 2.0
IDLE_S = 900.0
# What a happening may have changed: by kind of the engines' notes, and by the service of a call.
_PARTS = {
    "s3-event": ("raw", "processed", "function"),
    "invocation": ("function", "job"),
    "async-event": ("function",),
    "job-run": ("job", "processed", "raw"),
    "crawl": ("raw_crawler", "processed_crawler", "tables"),
    "query": ("queries", "tables", "processed"),
    "s3": ("raw", "processed", "rules"),
    "lambda": ("function",),
    "glue": ("job", "raw_crawler", "processed_crawler", "tables"),
    "athena": ("queries",),
    "iam": ("glue_role", "lambda_role"),
}


def find_parts(happenings: Iterable[Happening]) -> frozenset[str]:
    """Which parts of the pipeline these happenings may have changed."""
    keys = (
        str(one.record.get("eventSource", "")).partition(".")[0] if one.kind == "call" else one.kind
        for one in happenings
    )
    return frozenset(part for key in keys for part in _PARTS.get(key, ()))


class MapWatch:
    """Tells `on_state` of each state that is new. It ends when it is stopped, or by itself, telling `on_end`, after long without any."""

    def __init__(
        self,
        clients: Clients,
        names: Names,
        on_state: Callable[[PipelineState], None],
        idle_s: float = IDLE_S,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._clients = clients
        self._names = names
        self._on_state = on_state
        self._idle_s = idle_s
        self._on_end = on_end
        self._stop = threading.Event()
        self._place = 0
        self._state: PipelineState | None = None
        self._thread = threading.Thread(target=self._run, name="labkit-map", daemon=True)

    @property
    def alive(self) -> bool:
        """Is it still looking?"""
        return self._thread.is_alive() and not self._stop.is_set()

    def start(self, state: PipelineState | None = None) -> None:
        """Begin to look for changes since `state` was read (None: read first)."""
        self._state = state
        self._thread.start()

    def stop(self) -> None:
        """End soon; nothing is told any more."""
        self._stop.set()

    def join(self) -> None:
        """Return once it has ended."""
        self._thread.join()

    def _run(self) -> None:
        changed_at = time.monotonic()
        self._place = self._find_end()
        self._tell(None)
        while not self._stop.wait(self._pause_s()):
            before = self._state
            parts = self._look()
            if parts is None or parts:
                self._tell(parts)
            if _is_other(before, self._state):
                changed_at = time.monotonic()
            elif time.monotonic() - changed_at > self._idle_s:
                self._stop.set()
                self._on_end()

    def _pause_s(self) -> float:
        if self._state is not None and self._state.unreachable:
            return _STOPPED_S
        return _LOOK_S if self._clients.target.endpoint_url else _ON_AWS_S

    def _find_end(self) -> int:
        endpoint = self._clients.target.endpoint_url
        try:
            return read_happenings(endpoint, newest=1, data=True).next if endpoint else 0
        except CloudError:
            return 0

    def _look(self) -> frozenset[str] | None:
        """The parts that may have changed: nothing, or None for everything."""
        endpoint = self._clients.target.endpoint_url
        if endpoint is None:
            return None
        was_stopped = bool(self._state and self._state.unreachable)
        try:
            page = read_happenings(endpoint, after=self._place, data=True)
        except CloudError as error:
            if not was_stopped:
                base = self._state or PipelineState(datetime.now(timezone.utc))
                self._set(replace(base, at=datetime.now(timezone.utc), unreachable=error.cause or str(error)))
            return frozenset()
        restarted = page.next < self._place
        self._place = page.next
        return None if was_stopped or restarted else find_parts(page.happenings)

    def _tell(self, parts: frozenset[str] | None) -> None:
        self._set(read_pipeline(self._clients, self._names, self._state, parts))

    def _set(self, state: PipelineState) -> None:
        self._state = state
        if not self._stop.is_set():
            self._on_state(state)


def _is_other(one: PipelineState | None, other: PipelineState | None) -> bool:
    return one is None or other is None or replace(one, at=other.at) != other
