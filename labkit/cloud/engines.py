"""The engines of one cloud, and the routes that lead to them."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from labkit.cloud import hooks
from labkit.cloud.app import RestHandler
from labkit.cloud.call import Handler
from labkit.cloud.services import Services

if TYPE_CHECKING:
    from labkit.cloud.athena.engine import AthenaEngine
    from labkit.cloud.event_bus.engine import EventBusEngine
    from labkit.cloud.events.publisher import S3Events
    from labkit.cloud.functions.engine import FunctionsEngine
    from labkit.cloud.metrics.s3.requests import S3Requests


# The first calls after `up` and the warming driver have the processor to themselves.
_WARM_UP_AFTER_S = 8.0


@dataclass(frozen=True)
class Engines:
    """All engines: JSON routes, REST handlers, internal pages, and their life cycle."""

    routes: dict[tuple[str, str], Handler]
    rest: tuple[RestHandler, ...]
    internal: dict[str, Callable[[dict[str, Any]], dict[str, Any]]]
    caller_of_driver: Callable[[str], str | None]
    s3_requests: S3Requests
    start: Callable[[], None]
    stop: Callable[[], object]


class _Part(Protocol):
    """Something with a life of its own."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


class _Life:
    """Starts the parts in their order and stops them in the opposite one."""

    def __init__(self, parts: tuple[_Part, ...], athena: AthenaEngine) -> None:
        self._parts = parts
        self._later = threading.Timer(_WARM_UP_AFTER_S, _warm_up, (athena,))
        self._later.daemon = True

    def start(self) -> None:
        for part in self._parts:
            part.start()
        self._later.start()

    def stop(self) -> None:
        for part in reversed(self._parts):
            part.stop()
        self._later.cancel()
        if self._later.is_alive():
            self._later.join()  # a thread inside DuckDB or pyarrow does not survive the interpreter's end


def build_engines(services: Services) -> Engines:
    """Build every engine on the services and lead moto's events and invocations to them."""
    from labkit.cloud.athena.engine import AthenaEngine
    from labkit.cloud.chaos.engine import Chaos
    from labkit.cloud.crawler.engine import CrawlerEngine
    from labkit.cloud.data_catalog.engine import DataCatalogEngine
    from labkit.cloud.events.rest import EventsRest
    from labkit.cloud.functions.rest import FunctionsRest
    from labkit.cloud.jobs.engine import JobsEngine
    from labkit.cloud.logs.engine import LogsEngine
    from labkit.cloud.metrics.engine import MetricsEngine

    functions, events, event_bus = _build_events(services)
    chaos = Chaos(services, events)
    functions.interfere = chaos.throttle
    logs = LogsEngine(services, functions.invoke_async)
    jobs, crawler, athena = JobsEngine(services), CrawlerEngine(services), AthenaEngine(services)
    events.run_of_key = jobs.run_of_key
    metrics = MetricsEngine(services, hooks.ACCOUNT, functions.invoke_async)
    hooks.route_cloudwatch(metrics.calls)
    start_run = ("glue", "StartJobRun")
    routes = {
        **services.trail.routes,
        **logs.routes,
        **DataCatalogEngine(services).routes,
        **jobs.routes,
        start_run: events.loops.watch(jobs.routes[start_run], _current_trace),
        **crawler.routes,
        **athena.routes,
        **event_bus.routes,
    }
    # In this order: what delivers events starts last, so that it finds the others ready, and stops first.
    # Metrics start first and stop last: the others record to their end.
    life = _Life((metrics, logs, jobs, crawler, athena, functions, event_bus, events, metrics.watch), athena)
    return Engines(
        routes=routes,
        rest=(FunctionsRest(functions, hooks.ACCOUNT), EventsRest(events, hooks.ACCOUNT), *metrics.rest),
        internal={
            "/_labkit/jobs/bookmark": jobs.bookmark,
            **chaos.pages,
            "/_labkit/engines": lambda _: {"driver_is_warm": jobs.is_warm, "has_archive": jobs.has_archive},
        },
        caller_of_driver=jobs.access_key_of_driver,
        s3_requests=metrics.s3_requests,
        start=life.start,
        stop=life.stop,
    )


def _build_events(services: Services) -> tuple[FunctionsEngine, S3Events, EventBusEngine]:
    """What hears of events and hands them on, connected to each other and to moto."""
    from labkit.cloud.event_bus.engine import EventBusEngine
    from labkit.cloud.event_bus.stacks import route_stacks
    from labkit.cloud.events.publisher import S3Events
    from labkit.cloud.functions.callers import connect_callers
    from labkit.cloud.functions.engine import FunctionsEngine

    functions = FunctionsEngine(services)
    events = S3Events(services, functions)
    event_bus = EventBusEngine(services, functions)
    functions.put_events = event_bus.routes[("events", "PutEvents")]
    if services.events is not None:
        services.events.connect(event_bus.receive)
    route_stacks(event_bus.answer)
    hooks.route_events(events.publish)
    connect_callers(functions, services, _current_trace)
    return functions, events, event_bus


def _current_trace() -> str | None:
    """The trace header of the request that this thread answers."""
    from labkit.cloud.events.origin import current_origin

    return current_origin().trace


def _warm_up(athena: AthenaEngine) -> None:
    """What the first crawl and the first query would wait for (0.3 and 0.6 s of imports)."""
    athena.warm()
    importlib.import_module("pyarrow.parquet")
