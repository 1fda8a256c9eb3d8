"""Metrics of Glue runs: names, dimensions and units of AWS's pages; sums are the run's totals."""

from __future__ import annotations

from typing import Any

from labkit.cloud.metrics.glue import JobMetrics, Wanted
from labkit.cloud.metrics.recorder import Recorder
from labkit.cloud.metrics.storage import MetricStorage
from tests.unit.cloud.metrics.asking import SCOPE

COUNTS = {
    "recordsRead": 10, "bytesRead": 100, "recordsWritten": 5, "bytesWritten": 50, "numCompletedTasks": 4, "numFailedTasks": 1,
    "numCompletedStages": 2, "numKilledTasks": 0, "shuffleBytesWritten": 7, "shuffleLocalBytesRead": 6, "s3Read": 120, "s3Written": 60,
}  # fmt: skip
Told = dict[tuple[str, str, str], tuple[float, str]]


def run(storage: MetricStorage, wanted: Wanted, ending: tuple[str, str]) -> Told:
    """A run of 3.5 seconds with two reports; what is published for it: (name, JobRunId, other dimensions) → (sum, unit)."""
    times = iter((0.0, 1.0, 3.0, 3.5))
    metrics = JobMetrics(Recorder(storage, SCOPE), "job", "jr_1", wanted, lambda: next(times))
    half = {name: total // 2 for name, total in COUNTS.items()}
    metrics.take({"counts": half, "heap": [25, 100]})
    metrics.take({"counts": COUNTS, "heap": [75, 100]})
    metrics.end(*ending)
    found: Told = {}
    for metric, _ in storage.metrics(SCOPE, "Glue"):
        dimensions = dict(metric.dimensions)
        assert dimensions.pop("JobName") == "job"
        rows = storage.rows(SCOPE, metric, 0, 1 << 40)
        total: Any = sum(row.aggregate.total for row in rows)
        run_id = dimensions.pop("JobRunId")
        found[metric.name, run_id, ",".join(f"{name}={dimensions[name]}" for name in sorted(dimensions))] = (
            total,
            rows[0].unit,
        )
    return found


def test_job_metrics(storage: MetricStorage) -> None:
    found = run(storage, Wanted(job=True), ("SUCCEEDED", ""))
    aggregates = {
        "elapsedTime": (3500, "Milliseconds"), "bytesRead": (100, "Bytes"), "recordsRead": (10, "Count"),
        "numCompletedStages": (2, "Count"), "numCompletedTasks": (4, "Count"), "numFailedTasks": (1, "Count"),
        "numKilledTasks": (0, "Count"), "shuffleBytesWritten": (7, "Bytes"), "shuffleLocalBytesRead": (6, "Bytes"),
    }  # fmt: skip
    gauges = {
        "s3.filesystem.read_bytes": (120, "Bytes"), "s3.filesystem.write_bytes": (60, "Bytes"),
        "jvm.heap.used": (100, "Bytes"), "jvm.heap.usage": (1.0, "Percent"),
    }  # fmt: skip
    expected: Told = {}
    for run_id in ("jr_1", "ALL"):
        expected |= {(f"glue.driver.aggregate.{name}", run_id, "Type=count"): told for name, told in aggregates.items()}
        expected |= {
            (f"glue.{who}.{name}", run_id, "Type=gauge"): told
            for name, told in gauges.items()
            for who in ("driver", "ALL")
        }
    assert found == expected


def test_observability_metrics(storage: MetricStorage) -> None:
    found = run(
        storage, Wanted(observability=True), ("FAILED", "Error Category: QUERY_ERROR; Failed Line Number: 3; x")
    )
    mine = {(name, more): told for (name, run_id, more), told in found.items() if run_id == "jr_1"}
    throughput = "ObservabilityGroup=throughput,{}=ALL,Type=gauge"
    use = "ObservabilityGroup=resource_utilization,Type=gauge"
    heap = {"heap.used": (100, "Bytes"), "heap.available": (100, "Bytes"), "heap.used.percentage": (100, "Percent")}
    assert mine == {
        ("glue.driver.bytesRead", throughput.format("Source")): (100, "Bytes"),
        ("glue.driver.recordsRead", throughput.format("Source")): (10, "Count"),
        ("glue.driver.bytesWritten", throughput.format("Sink")): (50, "Bytes"),
        ("glue.driver.bytesWrittten", throughput.format("Sink")): (50, "Bytes"),
        ("glue.driver.recordsWritten", throughput.format("Sink")): (5, "Count"),
        ("glue.error.ALL", "ObservabilityGroup=error,Type=count"): (1, "Count"),
        ("glue.error.QUERY_ERROR", "ObservabilityGroup=error,Type=count"): (1, "Count"),
        **{(f"glue.{who}.memory.{name}", use): told for who in ("driver", "ALL") for name, told in heap.items()},
    }


def test_how_a_run_ends_is_told_by_its_state(storage: MetricStorage) -> None:
    for state, message in (("SUCCEEDED", ""), ("STOPPED", ""), ("TIMEOUT", "x"), ("FAILED", "no category")):
        found = run(storage, Wanted(observability=True), (state, message))
    ends = {
        name: told[0]
        for (name, run_id, _), told in found.items()
        if (run_id == "ALL" and "error" in name) or "succeed" in name
    }
    assert ends == {
        "glue.succeed.ALL": 1, "glue.error.ALL": 2, "glue.error.TIMEOUT_ERROR": 1, "glue.error.UNCLASSIFIED_ERROR": 1,
    }  # fmt: skip
