"""CloudWatch Logs of one cloud: the calls, and the life of what stands behind them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from moto.logs.models import logs_backends

from labkit.cloud.call import Call, Handler, Scope
from labkit.cloud.functions.configuration import find_function
from labkit.cloud.logs.filters import FilterShelf
from labkit.cloud.logs.groups import Groups, oldest_kept
from labkit.cloud.logs.insights.queries import Queries
from labkit.cloud.logs.metric_filters import MetricFilters
from labkit.cloud.logs.put import put_log_events
from labkit.cloud.logs.reading import Reading
from labkit.cloud.logs.refused import refused_routes
from labkit.cloud.logs.streams import Streams
from labkit.cloud.logs.subscriptions import InvokeAsync, Subscriptions
from labkit.cloud.logs.tagging import Tagging
from labkit.cloud.logs.types import with_checked_types

if TYPE_CHECKING:
    from labkit.cloud.logs.storage import Stream
    from labkit.cloud.services import Services


def now_ms() -> int:
    """Epoch milliseconds."""
    return int(time.time() * 1000)


class LogsEngine:
    """`routes` answer the API; every event that is written, by whom ever, is shown to the filters."""

    def __init__(self, services: Services, invoke_async: InvokeAsync) -> None:
        storage, documents = services.log_storage, services.documents
        self._storage = storage

        def changed(scope: Scope) -> None:
            services.changed("logs", scope.account, scope.region)

        self._changed = changed

        metrics = FilterShelf(documents, "log-metric-filter", "The specified metric filter does not exist.")
        subscribed = FilterShelf(documents, "log-subscription", "The specified subscription filter does not exist.")
        self._metric_filters = MetricFilters(metrics, services.metrics, changed)
        self._subscriptions = Subscriptions(subscribed, find_function, invoke_async)

        def forget(scope: Scope, group: str) -> None:
            storage.delete_group(scope, group)
            metrics.forget(scope, group)
            subscribed.forget(scope, group)

        self._streams = Streams(storage, now_ms)
        groups = Groups(storage, changed, forget, lambda scope, group: len(metrics.of(scope, group)), now_ms)
        self._queries = Queries(storage, documents, now_ms)
        parts: tuple[Any, ...] = (
            groups, self._streams, Reading(storage, self._streams.get, now_ms), self._metric_filters, self._subscriptions,
            Tagging(changed), self._queries,
        )  # fmt: skip
        found: dict[str, Handler] = {"PutLogEvents": self._put}
        for part in parts:
            found |= part.routes
        calls = refused_routes() | found
        self.routes = {("logs", name): with_checked_types(name, handler) for name, handler in calls.items()}
        storage.after_write = self._wrote

    def start(self) -> None:
        """Take over what an older version left in moto's objects; drop what retention has taken."""
        adopt_moto_events(self._storage, self._changed)
        for account, regions in list(logs_backends.items()):
            for region, backend in list(regions.items()):
                for group in list(backend.groups):
                    scope = Scope(account, region)
                    before = oldest_kept(scope, group, now_ms())
                    if before is not None:
                        self._storage.expire(scope, group, before)
        self._subscriptions.start()

    def stop(self) -> None:
        """Hand over what waits."""
        self._subscriptions.stop()
        self._queries.stop()

    def _put(self, call: Call) -> dict[str, Any]:
        def append(scope: Scope, group: str, stream: Stream, events: Sequence[tuple[int, str]]) -> None:
            self._storage.append(scope, group, stream, events, now_ms())

        return put_log_events(call, self._streams.get, append, now_ms())

    def _wrote(self, scope: Scope, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        self._metric_filters.wrote(scope, group, events)
        self._subscriptions.wrote(scope, group, stream, events)


def adopt_moto_events(storage: Any, changed: Callable[[Scope], None]) -> None:
    """Move the events that moto's streams hold (states of earlier versions) into the storage, once."""
    for account, regions in list(logs_backends.items()):
        for region, backend in list(regions.items()):
            scope = Scope(account, region)
            for group in list(backend.groups.values()):
                for name, stream in list(group.streams.items()):
                    storage.create_stream(scope, group.name, name, now_ms())
                    events = sorted((event.timestamp, event.message) for event in stream.events)
                    if events:
                        storage.append(
                            scope, group.name, storage.find_stream(scope, group.name, name), events, now_ms()
                        )
                if group.streams:
                    group.streams.clear()
                    changed(scope)  # so that the next start finds nothing to move
