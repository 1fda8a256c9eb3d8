"""How far Spark is: a daemon thread of a run's process looks at Spark's own counters and tells the cloud.

A run must never notice it: the thread only reads, has a connection to the JVM of its own (PySpark gives each Python thread one), ends
quietly when anything is in its way, and looks more seldom the longer a run takes.
"""

from __future__ import annotations

import logging
import sys
import threading
import time

FIRST_LOOK_S = 0.5
SLOWEST_S = 5.0
# In a row; a context that stops while it is being looked at is one.
MOST_FAILURES = 3
# So many stages at once are shown; more would not fit on a line.
SHOWN_STAGES = 3
_PY4J_LOGGERS = ("py4j.clientserver", "py4j.java_gateway", "py4j.finalizer", "py4j.protocol")


class Progress:
    """Reports `{"stages": […], "done": n, "read": [rows, bytes], "wrote": [rows, bytes]}` whenever it has changed.

    A stage is `{"id", "name", "done", "active", "total"}`. Rows and bytes are those of tasks that have ended, over all contexts.
    """

    def __init__(self, report, wait=None, clock=time.monotonic, also=None):
        self._report = report
        # Looks when this does, at the same context.
        self._also = also
        self._ended = threading.Event()
        self._wait = wait or self._ended.wait
        self._clock = clock
        self._told = None
        self._context = None
        self._store = None
        self._counters = []
        self._earlier = [0, 0, 0, 0, 0]
        self._now = [0, 0, 0, 0, 0]
        self._thread = threading.Thread(target=self._watch, name="labkit-progress", daemon=True)

    def start(self):
        """Begin to look."""
        for name in _PY4J_LOGGERS:
            logging.getLogger(name).addFilter(self._is_not_ours)
        self._thread.start()

    def end(self, patience_s=0.25):
        """Look a last time, for the totals, and stop; never takes longer than `patience_s`."""
        self._ended.set()
        self._thread.join(patience_s)

    def _is_not_ours(self, record):
        """A script that logs DEBUG sees what PySpark sends to the JVM, as on AWS, and not what this thread sends."""
        return record.thread != self._thread.ident

    def _watch(self):
        began = self._clock()
        failed = 0
        ended = False
        while not ended and failed < MOST_FAILURES:
            ended = self._wait(pause(self._clock() - began))
            try:
                self._look()
                failed = 0
            except BaseException:
                failed += 1  # the context is being stopped, or the JVM is gone: then there is nothing more to tell

    def _look(self):
        context = find_context()
        if context is not None and context is not self._context:
            self._store, self._counters = open_counters(context)
            self._context, self._earlier, self._now = context, self._sums(), [0, 0, 0, 0, 0]
        if self._context is None:
            return
        stages = []
        if context is not None:
            stages = read_stages(self._store.activeStages())
            self._now[0] = self._store.appSummary().numCompletedStages()
        # Of a context that has stopped only the counters are left, and they tell what its last tasks did.
        self._now[1:] = [counter.getCount() for counter in self._counters]
        self._tell(stages)
        if self._also is not None:
            self._also(context)

    def _tell(self, stages):
        sums = self._sums()
        told = {"stages": stages, "done": sums[0], "read": sums[1:3], "wrote": sums[3:]}
        if told != self._told and (stages or sums[0]):
            self._told = told
            self._report("progress", **told)

    def _sums(self):
        """Stages done, rows and bytes read, rows and bytes written, of all contexts so far."""
        return [before + last for before, last in zip(self._earlier, self._now, strict=True)]


def warm():
    """Look at the driver's own context while it waits: the JVM takes 10 ms for the first look ever, and 2 for a later one."""
    waiting = Progress(lambda *_told, **_facts: None)
    for _ in range(3):
        waiting._look()


def pause(elapsed_s):
    """Seconds until the next look: half a second at first, five after five minutes (AWS's bar moves every five)."""
    return min(SLOWEST_S, max(FIRST_LOOK_S, elapsed_s / 60))


def find_context():
    """The script's SparkContext while it lives; PySpark is not imported for it."""
    module = sys.modules.get("pyspark.context")
    context = module.SparkContext._active_spark_context if module else None
    # While a context begins it is the active one already, and has no JVM side yet.
    return context if getattr(context, "_jsc", None) is not None else None


def open_counters(context):
    """(the status store of a context, its counters of rows read, bytes read, rows written, bytes written)."""
    source = context._jvm.org.apache.spark.executor.Executor.executorSourceLocalModeOnly()
    counters = [
        source.METRIC_INPUT_RECORDS_READ(),
        source.METRIC_INPUT_BYTES_READ(),
        source.METRIC_OUTPUT_RECORDS_WRITTEN(),
        source.METRIC_OUTPUT_BYTES_WRITTEN(),
    ]
    return context._jsc.sc().statusStore(), counters


def read_stages(found):
    """The active stages as data, oldest first."""
    rows = []
    for index in range(min(found.size(), SHOWN_STAGES)):
        stage = found.apply(index)
        rows.append(
            {
                "id": stage.stageId(),
                "name": stage.name(),
                "done": stage.numCompleteTasks(),
                "active": stage.numActiveTasks(),
                "total": stage.numTasks(),
            }
        )
    return sorted(rows, key=lambda row: row["id"])
