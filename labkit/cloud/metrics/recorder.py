"""How the engines record what they measure."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import datetime

from labkit.cloud.call import Scope
from labkit.cloud.metrics.storage import MetricStorage

log = logging.getLogger(__name__)


class Recorder:
    """Metrics of one account and region."""

    def __init__(self, storage: MetricStorage, scope: Scope) -> None:
        self._storage = storage
        self._scope = scope

    def record(
        self,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        value: float,
        unit: str,
        when: datetime | None = None,
    ) -> None:
        """Count one value, at `when` or now; a few microseconds, never an error (it is logged)."""
        try:
            moment = int(time.time() if when is None else when.timestamp())
            told = ((name, float(value), unit),)
            self._storage.count(self._scope, namespace, _sorted(dimensions), told, moment - moment % 60)
        except Exception:
            log.exception("metric %s %s", namespace, name)


def _sorted(dimensions: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(dimensions.items()))
