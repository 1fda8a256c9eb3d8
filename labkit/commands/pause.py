"""The wait between two looks of `--follow`, which notices that nobody reads any more."""

from __future__ import annotations

import select
import sys
import time


def pause(seconds: float) -> None:
    """Wait; BrokenPipeError when the reader of the output has gone: `labkit logs --follow | head` ends as `tail -f` does."""
    time.sleep(seconds)
    if sys.stdout.isatty():
        return
    try:
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)
        gone = any(happened & select.POLLERR for _, happened in poll.poll(0))
    except (OSError, ValueError, AttributeError):
        return  # no descriptor to ask: the next write tells
    if gone:
        raise BrokenPipeError
