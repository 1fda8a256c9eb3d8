"""Where the lines of an invocation go: to CloudWatch Logs at once, and their last 4 KB to the caller."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

TAIL_BYTES = 4096
# AWS takes any amount; here it would fill the disk of a laptop (a loop that prints writes 50 MB a second).
MAX_BYTES = 50_000_000


class Journal:
    """Writes lines of one worker's stream; `write` takes log events that end in a newline, as AWS's do."""

    def __init__(self, write: Callable[[Sequence[str]], None]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._tail = b""
        self._written = 0

    def lines(self, lines: Sequence[str]) -> None:
        """Append lines (or multi-line records), each one event."""
        events = [f"{line}\n" for line in lines]
        with self._lock:
            before, self._written = self._written, self._written + sum(len(event) for event in events)
            if before <= MAX_BYTES < self._written:
                events = [f"[labkit] More than {MAX_BYTES // 1_000_000} MB of output: the rest of it is left out.\n"]
            elif before > MAX_BYTES:
                events = events if _is_platform(events) else []
            self._tail = (self._tail + "".join(events).encode("utf-8", "replace"))[-TAIL_BYTES:]
        self._write(events)

    @property
    def tail(self) -> bytes:
        """The last 4 KB that were written."""
        with self._lock:
            return self._tail


def _is_platform(events: Sequence[str]) -> bool:
    """The platform's lines at the end are written whatever came before."""
    return any(event.startswith(("END RequestId: ", "REPORT RequestId: ", '{"time":')) for event in events)
