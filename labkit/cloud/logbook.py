"""CloudWatch Logs as the engines write it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from moto.logs.models import LogsBackend, logs_backends

from labkit.cloud.call import Scope

# PutLogEvents takes events of at most 1 MiB (docs.aws.amazon.com/AmazonCloudWatchLogs, "cloudwatch_limits_cwl").
_MAX_MESSAGE_BYTES = 1_048_576 - 26


class Logbook:
    """Log groups and streams of one account and region; `changed` is called after each write."""

    def __init__(self, scope: Scope, changed: Callable[[], None]) -> None:
        self._scope = scope
        self._changed = changed
        self._lock = threading.Lock()

    def write(self, group: str, stream: str, messages: Sequence[str], timestamp_ms: int | None = None) -> None:
        """Append messages, creating the group and the stream when they do not exist; too long ones are cut."""
        if not messages:
            return
        backend = self.ensure(group, stream)
        stamp = timestamp_ms if timestamp_ms is not None else int(time.time() * 1000)
        events = [{"timestamp": stamp, "message": _fit(message)} for message in messages]
        backend.groups[group].streams[stream].put_log_events(events)
        self._changed()

    def ensure(self, group: str, stream: str) -> LogsBackend:
        """Create the group and the stream if they do not exist."""
        backend = logs_backends[self._scope.account][self._scope.region]
        with self._lock:
            if group not in backend.groups:
                backend.create_log_group(group, {})
            if stream not in backend.groups[group].streams:
                backend.create_log_stream(group, stream)
        return backend


def _fit(message: str) -> str:
    data = message.encode("utf-8", "replace")
    if len(data) <= _MAX_MESSAGE_BYTES:
        return message
    return data[: _MAX_MESSAGE_BYTES - 40].decode("utf-8", "ignore") + f" … [cut, {len(data)} bytes]"
