"""The life of the metrics of one cloud."""

from __future__ import annotations

from labkit.cloud.services import Services


class MetricsEngine:
    """Writes out what the engines record; starts first and stops last, so that it sees everything."""

    def __init__(self, services: Services) -> None:
        self._storage = services.metric_storage

    def start(self) -> None:
        """Begin to write out."""
        self._storage.start()

    def stop(self) -> None:
        """Write the rest."""
        self._storage.stop()
