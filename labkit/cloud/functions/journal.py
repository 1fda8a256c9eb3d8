"""Where the lines of an invocation go: to CloudWatch Logs at once, and their last 4 KB to the caller."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

TAIL_BYTES = 4096


class Journal:
    """Writes lines of one worker's stream; `write` takes log events that end in a newline, as AWS's do."""

    def __init__(self, write: Callable[[Sequence[str]], None]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._tail = b""

    def lines(self, lines: Sequence[str]) -> None:
        """Append lines (or multi-line records), each one event."""
        events = [f"{line}\n" for line in lines]
        with self._lock:
            self._tail = (self._tail + "".join(events).encode("utf-8", "replace"))[-TAIL_BYTES:]
        self._write(events)

    @property
    def tail(self) -> bytes:
        """The last 4 KB that were written."""
        with self._lock:
            return self._tail
