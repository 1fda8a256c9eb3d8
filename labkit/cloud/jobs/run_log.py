"""The lines of one run in CloudWatch Logs, written as the run's role may.

On AWS a run whose role may not write logs goes on, and nobody sees a line of it: so here, and StateDetail says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import Scope
from labkit.cloud.identity.logbook import log_refusal
from labkit.cloud.jobs.log_streams import LogStreams
from labkit.cloud.jobs.progress import GROUP, progress_writer, stream_of

if TYPE_CHECKING:
    from labkit.cloud.identity.authorizer import Guard
    from labkit.cloud.logbook import Logbook

_KINDS = ("output", "error")


class RunLog:
    """What the streams of a run are given; `guard` is the role's. `refusal` is why some of them are not written, or empty."""

    def __init__(self, logbook: Logbook, scope: Scope, run_id: str, streams: LogStreams, guard: Guard) -> None:
        self._logbook = logbook
        self._run_id = run_id
        self._streams = streams
        self._denied: set[tuple[str, str]] = set()
        self.refusal = ""
        for group, stream in (place for kind in _KINDS for place in streams.places(kind, run_id)):
            refused = log_refusal(guard, logbook, scope, group, stream)
            if refused is None:
                logbook.ensure(group, stream)
                continue
            self._denied.add((group, stream))
            self.refusal = self.refusal or refused.message
        self._shows_progress = log_refusal(guard, logbook, scope, GROUP, stream_of(run_id)) is None

    def write(self, kind: str, lines: Sequence[str]) -> None:
        """Append lines of a kind, "output" or "error"."""
        for group, stream in self._streams.places(kind, self._run_id):
            if (group, stream) not in self._denied:
                self._logbook.write(group, stream, lines)

    def progress(self) -> Callable[[Mapping[str, Any]], None]:
        """What takes the driver's reports of its progress."""
        return progress_writer(self._logbook, self._run_id) if self._shows_progress else lambda told: None
