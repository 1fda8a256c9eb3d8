"""CloudWatch Logs as the engines write it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from moto.logs.models import logs_backends

from labkit.cloud.call import Scope

if TYPE_CHECKING:
    from labkit.cloud.logs.storage import LogStorage, Stream

# PutLogEvents takes events of at most 1 MiB (docs.aws.amazon.com/AmazonCloudWatchLogs, "cloudwatch_limits_cwl").
_MAX_MESSAGE_BYTES = 1_048_576 - 26


class Logbook:
    """Log groups and streams of one account and region; `changed` is called when a group was made."""

    def __init__(self, scope: Scope, storage: LogStorage, changed: Callable[[], None]) -> None:
        self._scope = scope
        self._storage = storage
        self._changed = changed
        self._lock = threading.Lock()

    def write(self, group: str, stream: str, messages: Sequence[str], timestamp_ms: int | None = None) -> None:
        """Append messages, creating the group and the stream when they do not exist; too long ones are cut.

        CloudWatch keeps no empty event: those are left out.
        """
        now = int(time.time() * 1000)
        events = [(timestamp_ms if timestamp_ms is not None else now, _fit(text)) for text in messages if text]
        if events:
            self._storage.append(self._scope, group, self.ensure(group, stream), events, now)

    def has_group(self, group: str) -> bool:
        """Whether the group exists."""
        return group in logs_backends[self._scope.account][self._scope.region].groups

    def has_stream(self, group: str, stream: str) -> bool:
        """Whether the group has the stream."""
        return self._storage.find_stream(self._scope, group, stream) is not None

    def ensure(self, group: str, stream: str) -> Stream:
        """The stream, made (and its group) if it does not exist."""
        backend = logs_backends[self._scope.account][self._scope.region]
        with self._lock:
            if group not in backend.groups:
                backend.create_log_group(group, {})
                self._changed()
            found = self._storage.find_stream(self._scope, group, stream)
            if found is None:
                self._storage.create_stream(self._scope, group, stream, int(time.time() * 1000))
                found = self._storage.find_stream(self._scope, group, stream)
        assert found is not None
        return found

    def lines(self, group: str, stream: str) -> list[str]:
        """The messages of a stream in order of time; none where there is no such stream."""
        from labkit.cloud.logs.storage import Span

        found = self._storage.find_stream(self._scope, group, stream)
        return [event.message for event in self._storage.read_stream(found, Span(), -1)] if found else []


def _fit(message: str) -> str:
    data = message.encode("utf-8", "replace")
    if len(data) <= _MAX_MESSAGE_BYTES:
        return message
    return data[: _MAX_MESSAGE_BYTES - 40].decode("utf-8", "ignore") + f" … [cut, {len(data)} bytes]"
