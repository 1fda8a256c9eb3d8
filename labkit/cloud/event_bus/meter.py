"""The metrics of EventBridge (namespace AWS/Events), all of them counts but the latency."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labkit.cloud.call import Scope

_NAMESPACE = "AWS/Events"


class Meter:
    """Counts; ``metrics(scope)`` gives the recorder of an account and region."""

    def __init__(self, metrics: Callable[[Scope], Any]) -> None:
        self._metrics = metrics

    def count(self, scope: Scope, name: str, dimensions: Mapping[str, str] | None = None, value: float = 1.0) -> None:
        """Count something."""
        self._metrics(scope).record(_NAMESPACE, name, dict(dimensions or {}), value, "Count")

    def latency(self, scope: Scope, dimensions: Mapping[str, str], milliseconds: float) -> None:
        """From the bus to the first invocation of a target."""
        name = "IngestionToInvocationStartLatency"
        self._metrics(scope).record(_NAMESPACE, name, {}, max(milliseconds, 0.0), "Milliseconds")
        self._metrics(scope).record(_NAMESPACE, name, dict(dimensions), max(milliseconds, 0.0), "Milliseconds")
