"""What a run has done so far in numbers, for its job metrics: Spark's own counters, added up over its contexts.

As `progress.py`, which looks when this does: it only reads, and whatever is in its way is no trouble of the script's.
"""

from __future__ import annotations

# Spark's counters: of the executor (bytes, rows) and of the application's status (tasks, stages).
_OF_EXECUTOR = {
    "recordsRead": "METRIC_INPUT_RECORDS_READ",
    "bytesRead": "METRIC_INPUT_BYTES_READ",
    "recordsWritten": "METRIC_OUTPUT_RECORDS_WRITTEN",
    "bytesWritten": "METRIC_OUTPUT_BYTES_WRITTEN",
    "shuffleBytesWritten": "METRIC_SHUFFLE_BYTES_WRITTEN",
    "shuffleLocalBytesRead": "METRIC_SHUFFLE_LOCAL_BYTES_READ",
}
_OF_STATUS = {
    "numCompletedStages": "stages.completedStages",
    "numCompletedTasks": "tasks.completedTasks",
    "numFailedTasks": "tasks.failedTasks",
    "numKilledTasks": "tasks.killedTasks",
}
_S3 = {"s3Read": "getBytesRead", "s3Written": "getBytesWritten"}
# Spark counts tasks and stages for such a source only when it is told to.
SETTING = {"spark.metrics.appStatusSource.enabled": "true"}


class Measures:
    """Reports `{"counts": {name: total}, "heap": [used, largest]}` whenever a count has changed; bytes are bytes, heap too."""

    def __init__(self, report, jvm):
        self._report = report
        self._jvm = jvm
        self._context = None
        self._counters = {}
        self._earlier = {}
        self._told = None
        # What the driver read and wrote before it was a run's.
        self._s3_before = self._s3()

    def look(self, context):
        """Count once more; `context` is the script's SparkContext, None while it has none."""
        if context is not None and context is not self._context:
            self._earlier = self._counted()
            self._counters = open_counters(context)
            self._context = context
        if self._context is None:
            return
        now = self._s3()
        counts = {**self._counted(), **{name: now[name] - self._s3_before[name] for name in _S3}}
        if counts != self._told:
            self._told = counts
            self._report("measured", counts=counts, heap=self._heap())

    def _counted(self):
        found = dict(self._earlier)
        for name, counter in self._counters.items():
            found[name] = found.get(name, 0) + counter.getCount()
        return found

    def _s3(self):
        """Bytes that went through the file system of s3:// since the JVM began."""
        found = dict.fromkeys(_S3, 0)
        for statistics in self._jvm.org.apache.hadoop.fs.FileSystem.getAllStatistics():
            if statistics.getScheme() == "webhdfs":
                for name, method in _S3.items():
                    found[name] += getattr(statistics, method)()
        return found

    def _heap(self):
        runtime = self._jvm.java.lang.Runtime.getRuntime()
        return [runtime.totalMemory() - runtime.freeMemory(), runtime.maxMemory()]


def open_counters(context):
    """A context's counters by our names; they live on when the context has stopped."""
    executor = context._jvm.org.apache.spark.executor.Executor.executorSourceLocalModeOnly()
    found = {name: getattr(executor, method)() for name, method in _OF_EXECUTOR.items()}
    sources = context._jsc.sc().env().metricsSystem().getSourcesByName("appStatus")
    if sources.size():
        counters = sources.apply(0).metricRegistry().getCounters()
        for name, told in _OF_STATUS.items():
            counter = counters.get(told)
            if counter is not None:
                found[name] = counter
    return found
