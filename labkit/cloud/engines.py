"""The engines of one cloud, and the routes that lead to them."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkit.cloud import hooks
from labkit.cloud.app import RestHandler
from labkit.cloud.call import Handler
from labkit.cloud.services import Services

if TYPE_CHECKING:
    from labkit.cloud.athena.engine import AthenaEngine
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


def build_engines(services: Services) -> Engines:
    """Build every engine on the services and lead moto's events and invocations to them."""
    from labkit.cloud.athena.engine import AthenaEngine
    from labkit.cloud.chaos.engine import Chaos
    from labkit.cloud.crawler.engine import CrawlerEngine
    from labkit.cloud.data_catalog.engine import DataCatalogEngine
    from labkit.cloud.event_bus.engine import EventBusEngine
    from labkit.cloud.event_bus.stacks import route_stacks
    from labkit.cloud.events.origin import current_origin
    from labkit.cloud.events.publisher import S3Events
    from labkit.cloud.events.rest import EventsRest
    from labkit.cloud.functions.callers import connect_callers
    from labkit.cloud.functions.engine import FunctionsEngine
    from labkit.cloud.functions.rest import FunctionsRest
    from labkit.cloud.jobs.engine import JobsEngine
    from labkit.cloud.logs.engine import LogsEngine
    from labkit.cloud.metrics.engine import MetricsEngine

    functions = FunctionsEngine(services)
    events = S3Events(services, functions)
    chaos = Chaos(services, events)
    functions.interfere = chaos.throttle
    event_bus = EventBusEngine(services, functions)
    functions.put_events = event_bus.routes[("events", "PutEvents")]
    if services.events is not None:
        services.events.connect(event_bus.receive)
    route_stacks(event_bus.answer)
    logs = LogsEngine(services, functions.invoke_async)
    jobs, crawler, athena = JobsEngine(services), CrawlerEngine(services), AthenaEngine(services)
    events.run_of_key = jobs.run_of_key
    hooks.route_events(events.publish)
    connect_callers(functions, services, lambda: current_origin().trace)
    # In this order: what delivers events starts last, so that it finds the others ready, and stops first.
    # Metrics start first and stop last: the others record to their end.
    metrics = MetricsEngine(services, hooks.ACCOUNT, functions.invoke_async)
    hooks.route_cloudwatch(metrics.calls)
    parts = (metrics, logs, jobs, crawler, athena, functions, event_bus, events, metrics.watch)

    later = threading.Timer(_WARM_UP_AFTER_S, _warm_up, (athena,))
    later.daemon = True

    def start() -> None:
        for part in parts:
            part.start()
        later.start()

    def stop() -> None:
        for part in reversed(parts):
            part.stop()
        later.cancel()
        if later.is_alive():
            later.join()  # a thread inside DuckDB or pyarrow does not survive the interpreter's end

    return Engines(
        routes={
            **services.trail.routes,
            **logs.routes,
            **DataCatalogEngine(services).routes,
            **jobs.routes,
            ("glue", "StartJobRun"): events.loops.watch(
                jobs.routes[("glue", "StartJobRun")], lambda: current_origin().trace
            ),
            **crawler.routes,
            **athena.routes,
            **event_bus.routes,
        },
        rest=(FunctionsRest(functions, hooks.ACCOUNT), EventsRest(events, hooks.ACCOUNT), *metrics.rest),
        internal={
            "/_labkit/jobs/bookmark": jobs.bookmark,
            **chaos.pages,
            "/_labkit/engines": lambda _: {"driver_is_warm": jobs.is_warm},
        },
        caller_of_driver=jobs.access_key_of_driver,
        s3_requests=metrics.s3_requests,
        start=start,
        stop=stop,
    )


def _warm_up(athena: AthenaEngine) -> None:
    """What the first crawl and the first query would wait for (0.3 and 0.6 s of imports)."""
    athena.warm()
    importlib.import_module("pyarrow.parquet")
