"""What CloudWatch is told of a function (namespace AWS/Lambda)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.cloud.call import Scope

if TYPE_CHECKING:
    from labkit.cloud.services import Services

_NAMESPACE = "AWS/Lambda"


class FunctionMetrics:
    """Records AWS's metrics of functions, each for the account, the function, and the function as it was named."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def invoked(self, scope: Scope, resource: str, *, duration_ms: float, failed: bool, running: int) -> None:
        """One invocation that ran to an end, good or bad; `running` executions of the function at that time."""
        self._record(scope, resource, "Invocations", 1.0)
        self._record(scope, resource, "Errors", float(failed))
        self._record(scope, resource, "Throttles", 0.0)
        self._record(scope, resource, "Duration", duration_ms, "Milliseconds")
        self._record(scope, resource, "ConcurrentExecutions", float(running))

    def throttled(self, scope: Scope, resource: str) -> None:
        """One invocation that was refused for want of concurrency; AWS counts it among nothing else."""
        self._record(scope, resource, "Throttles", 1.0)

    def recursion_dropped(self, scope: Scope, resource: str) -> None:
        """A loop that was stopped."""
        self._record(scope, resource, "RecursiveInvocationsDropped", 1.0)

    def event_received(self, scope: Scope, resource: str) -> None:
        """An asynchronous event that was accepted."""
        self._record(scope, resource, "AsyncEventsReceived", 1.0)

    def event_tried(self, scope: Scope, resource: str, age_ms: float) -> None:
        """An attempt at an asynchronous event."""
        self._record(scope, resource, "AsyncEventAge", age_ms, "Milliseconds")

    def event_dropped(self, scope: Scope, resource: str) -> None:
        """An asynchronous event that was given up."""
        self._record(scope, resource, "AsyncEventsDropped", 1.0)

    def dead_letter_failed(self, scope: Scope, resource: str) -> None:
        """A dead-letter target that could not be written."""
        self._record(scope, resource, "DeadLetterErrors", 1.0)

    def destination_failed(self, scope: Scope, resource: str) -> None:
        """A destination that could not be written."""
        self._record(scope, resource, "DestinationDeliveryFailures", 1.0)

    def _record(self, scope: Scope, resource: str, name: str, value: float, unit: str = "Count") -> None:
        function = resource.partition(":")[0]
        recorder = self._services.metrics(scope)
        for dimensions in ({}, {"FunctionName": function}, {"FunctionName": function, "Resource": resource}):
            recorder.record(_NAMESPACE, name, dimensions, value, unit)
