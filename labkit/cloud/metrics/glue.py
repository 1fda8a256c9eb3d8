"""Metrics of a Glue job's run: the job metrics of `--enable-metrics` and the observability metrics of
`--enable-observability-metrics` (docs.aws.amazon.com/glue, "Monitoring with CloudWatch metrics" and "… observability metrics").

Only what is measured is published. As on AWS, counts are what came since the last report, so their Sum is the run's total, and each
metric exists for the run (JobRunId) and for all runs of the job (JobRunId ALL).
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from labkit.cloud.metrics.recorder import Recorder

NAMESPACE = "Glue"
_AGGREGATES = {
    "bytesRead": "Bytes",
    "recordsRead": "Count",
    "numCompletedStages": "Count",
    "numCompletedTasks": "Count",
    "numFailedTasks": "Count",
    "numKilledTasks": "Count",
    "shuffleBytesWritten": "Bytes",
    "shuffleLocalBytesRead": "Bytes",
}
_S3 = {"s3Read": "s3.filesystem.read_bytes", "s3Written": "s3.filesystem.write_bytes"}
# AWS's page spells bytesWrittten; both names are published.
_THROUGHPUT = (
    ("bytesRead", "glue.driver.bytesRead", "Source", "Bytes"),
    ("recordsRead", "glue.driver.recordsRead", "Source", "Count"),
    ("bytesWritten", "glue.driver.bytesWrittten", "Sink", "Bytes"),
    ("bytesWritten", "glue.driver.bytesWritten", "Sink", "Bytes"),
    ("recordsWritten", "glue.driver.recordsWritten", "Sink", "Count"),
)
_CATEGORY = re.compile(r"Error Category: (?P<category>[A-Z_]+)")


@dataclass(frozen=True)
class Wanted:
    """Which metrics a run has."""

    job: bool = False
    observability: bool = False

    @property
    def any(self) -> bool:
        return self.job or self.observability


class JobMetrics:
    """Publishes what one run's process reports; thread-safe, never an error of the run's."""

    def __init__(
        self,
        recorder: Recorder,
        job_name: str,
        run_id: str,
        wanted: Wanted,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._recorder = recorder
        self._job_name = job_name
        self._run_id = run_id
        self._wanted = wanted
        self._clock = clock
        self._last_report = clock()
        self._counted: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, told: Mapping[str, Any]) -> None:
        """A report: totals so far by name, the heap in bytes (used, largest)."""
        with self._lock:
            new = {name: total - self._counted.get(name, 0) for name, total in told["counts"].items()}
            self._counted = dict(told["counts"])
            self._elapsed()
        if self._wanted.job:
            self._job_metrics(new, told["heap"])
        if self._wanted.observability:
            self._observability(new, told["heap"])

    def end(self, state: str, message: str) -> None:
        """The run has ended in a state, with a message when it failed."""
        with self._lock:
            self._elapsed()
        if not self._wanted.observability:
            return
        if state == "SUCCEEDED":
            self._put("glue.succeed.ALL", "count", 1.0, "Count", ObservabilityGroup="error")
        elif state in ("FAILED", "TIMEOUT"):
            found = _CATEGORY.search(message)
            category = "TIMEOUT_ERROR" if state == "TIMEOUT" else (found["category"] if found else "UNCLASSIFIED_ERROR")
            for name in ("ALL", category):
                self._put(f"glue.error.{name}", "count", 1.0, "Count", ObservabilityGroup="error")

    def _elapsed(self) -> None:
        now = self._clock()
        if self._wanted.job:
            elapsed_ms = round((now - self._last_report) * 1000)
            self._put("glue.driver.aggregate.elapsedTime", "count", float(elapsed_ms), "Milliseconds")
        self._last_report = now

    def _job_metrics(self, new: Mapping[str, float], heap: list[int]) -> None:
        for name, unit in _AGGREGATES.items():
            if name in new:
                self._put(f"glue.driver.aggregate.{name}", "count", float(new[name]), unit)
        # One JVM is driver and executor here: what the driver did is what ALL did.
        for who in ("driver", "ALL"):
            for name, told in _S3.items():
                if name in new:
                    self._put(f"glue.{who}.{told}", "gauge", float(new[name]), "Bytes")
            self._put(f"glue.{who}.jvm.heap.used", "gauge", float(heap[0]), "Bytes")
            self._put(f"glue.{who}.jvm.heap.usage", "gauge", heap[0] / heap[1], "Percent")

    def _observability(self, new: Mapping[str, float], heap: list[int]) -> None:
        for name, metric, side, unit in _THROUGHPUT:
            if name in new:
                more = {"ObservabilityGroup": "throughput", side: "ALL"}
                self._put(metric, "gauge", float(new[name]), unit, **more)
        used, largest = heap
        told = {
            "heap.used": (float(used), "Bytes"),
            "heap.available": (float(largest - used), "Bytes"),
            "heap.used.percentage": (100.0 * used / largest, "Percent"),
        }
        for who in ("driver", "ALL"):
            for name, (value, unit) in told.items():
                self._put(f"glue.{who}.memory.{name}", "gauge", value, unit, ObservabilityGroup="resource_utilization")

    def _put(self, name: str, kind: str, value: float, unit: str, **more: str) -> None:
        for run_id in (self._run_id, "ALL"):
            dimensions = {"JobName": self._job_name, "JobRunId": run_id, "Type": kind, **more}
            self._recorder.record(NAMESPACE, name, dimensions, value, unit)
