"""CloudWatch Logs over moto's groups and a file in a folder, without a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labkit.cloud.call import Call, Handler, Scope
from labkit.cloud.database import Database
from labkit.cloud.documents import Documents

SCOPE = Scope("123456789012", "us-east-1")


class Logs:
    """The engine's calls by name; `metrics` and `invoked` are what its filters led to."""

    def __init__(self, folder: Path) -> None:
        from labkit.cloud.logs.engine import LogsEngine
        from labkit.cloud.logs.storage import LogStorage

        self.metrics: list[tuple[Any, ...]] = []
        self.invoked: list[tuple[str, str]] = []
        self.changes: list[tuple[str, str, str]] = []
        self.storage = LogStorage(folder / "logs.db")
        recorder = SimpleNamespace(record=lambda *told: self.metrics.append(told))
        self.services: Any = SimpleNamespace(
            log_storage=self.storage,
            documents=Documents(Database(folder / "cloud.db")),
            metrics=lambda scope: recorder,
            changed=lambda *named: self.changes.append(named),
        )
        self.engine = LogsEngine(self.services, lambda arn, payload, scope: self.invoked.append((arn, payload)))
        self._routes: dict[tuple[str, str], Handler] = self.engine.routes

    def __call__(self, action: str, **params: Any) -> dict[str, Any]:
        return self._routes[("logs", action)](Call("logs", action, params, SCOPE))

    def make(self, group: str, *streams: str) -> None:
        self("CreateLogGroup", logGroupName=group)
        for stream in streams:
            self("CreateLogStream", logGroupName=group, logStreamName=stream)

    def put(self, group: str, stream: str, *messages: str, at: int | None = None) -> list[int]:
        """Write messages a millisecond apart (the last now, or the first at `at`); their times."""
        from labkit.cloud.logs.engine import now_ms

        first = at if at is not None else now_ms() - len(messages)
        events = [{"timestamp": first + n, "message": message} for n, message in enumerate(messages)]
        self("PutLogEvents", logGroupName=group, logStreamName=stream, logEvents=events)
        return [int(event["timestamp"]) for event in events]

    def found(self, group: str, pattern: str = "", **params: Any) -> list[str]:
        reply = self("FilterLogEvents", logGroupName=group, filterPattern=pattern, **params)
        return [event["message"] for event in reply["events"]]


@pytest.fixture
def new_logs(tmp_path: Path) -> Iterator[Callable[[], Logs]]:
    """Builds engines on one folder, as a cloud that is started again would."""
    from moto.logs.models import logs_backends

    yield lambda: Logs(tmp_path)
    logs_backends[SCOPE.account][SCOPE.region].reset()


@pytest.fixture
def logs(new_logs: Callable[[], Logs]) -> Logs:
    return new_logs()
