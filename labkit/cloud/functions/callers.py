"""The services of moto that reach functions, led to the engine: SNS, Secrets Manager; and SQS, which is read for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from labkit.cloud import hooks
from labkit.cloud.functions.topics import TopicDelivery
from labkit.cloud.queues import install_queues

if TYPE_CHECKING:
    from labkit.cloud.functions.engine import FunctionsEngine
    from labkit.cloud.services import Services


def connect_callers(engine: FunctionsEngine, services: Services, trace: Callable[[], str | None]) -> None:
    """`trace` is the trace header of the request that this thread answers."""
    hooks.route_invocations(engine.invoke_for_moto)
    hooks.route_topics(TopicDelivery(services, engine.invoke_async, trace).deliver)
    install_queues(trace)
