"""The reporter of a run's process, with a Spark of fakes, and the lines that Glue's progress bar has."""

from __future__ import annotations

import importlib.util
import logging
import sys
import threading
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labkit.cloud.jobs.progress import build_line, progress_writer

CHILD = Path(__file__).parents[4] / "labkit/cloud/jobs/child/progress.py"


@pytest.fixture
def progress() -> Any:
    """The module, loaded by path as the run's process does."""
    spec = importlib.util.spec_from_file_location("labkit_child_progress", CHILD)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Thing:
    """A Java object of sorts: each name given is a method without arguments."""

    def __init__(self, **methods: Any) -> None:
        for name, value in methods.items():
            setattr(self, name, value if callable(value) else lambda value=value: value)


class Spark:
    """A SparkContext whose numbers the test sets."""

    def __init__(self) -> None:
        self.numbers = [0, 0, 0, 0]
        self.done = 0
        self.stages: list[tuple[int, str, int, int, int]] = []
        names = ("INPUT_RECORDS_READ", "INPUT_BYTES_READ", "OUTPUT_RECORDS_WRITTEN", "OUTPUT_BYTES_WRITTEN")
        counters = {
            f"METRIC_{name}": Thing(getCount=lambda place=place: self.numbers[place])
            for place, name in enumerate(names)
        }
        source = Thing(**{name: lambda counter=counter: counter for name, counter in counters.items()})
        executor = Thing(executorSourceLocalModeOnly=lambda: source)
        spark = types.SimpleNamespace(executor=types.SimpleNamespace(Executor=executor))
        self._jvm = types.SimpleNamespace(org=types.SimpleNamespace(apache=types.SimpleNamespace(spark=spark)))
        store = Thing(activeStages=self._active, appSummary=lambda: Thing(numCompletedStages=self.done))
        self._jsc: Any = Thing(sc=Thing(statusStore=lambda: store))

    def _active(self) -> Any:
        found = [
            Thing(stageId=number, name=name, numCompleteTasks=done, numActiveTasks=active, numTasks=total)
            for number, name, done, active, total in self.stages
        ]
        return Thing(size=len(found), apply=lambda place: found[place])


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """`use(context)` makes it PySpark's active context."""

    def put(context: Any) -> None:
        holder = types.SimpleNamespace(_active_spark_context=context)
        monkeypatch.setitem(sys.modules, "pyspark.context", types.SimpleNamespace(SparkContext=holder))

    return put


class Steps:
    """Stands for the wait between looks: does one step of the story at each, and ends after the last."""

    def __init__(self, *steps: Callable[[], None]) -> None:
        self._steps = list(steps)

    def __call__(self, _seconds: float) -> bool:
        if not self._steps:
            return True
        self._steps.pop(0)()
        return False


def watch(progress: Any, *steps: Callable[[], None]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    reporter = progress.Progress(lambda event, **facts: told.append({"event": event, **facts}), Steps(*steps))
    reporter.start()
    reporter._thread.join(5)
    assert not reporter._thread.is_alive()
    return told


def test_changes_are_told_once_and_nothing_before_spark_works(progress: Any, use: Callable[[Any], None]) -> None:
    spark = Spark()

    def begin() -> None:
        spark.stages = [(0, "csv at x", 1, 2, 8)]

    def end() -> None:
        spark.stages, spark.done, spark.numbers = [], 1, [10, 100, 5, 50]

    told = watch(progress, lambda: use(None), lambda: use(spark), begin, lambda: None, end)
    assert told == [
        {
            "event": "progress",
            "stages": [{"id": 0, "name": "csv at x", "done": 1, "active": 2, "total": 8}],
            "done": 0,
            "read": [0, 0],
            "wrote": [0, 0],
        },
        {"event": "progress", "stages": [], "done": 1, "read": [10, 100], "wrote": [5, 50]},
    ]


def test_what_a_stopped_context_did_is_kept_and_the_next_one_adds_to_it(
    progress: Any, use: Callable[[Any], None]
) -> None:
    first, second = Spark(), Spark()
    first.done, first.numbers = 2, [10, 100, 5, 50]
    second.done, second.numbers = 1, [1, 1, 1, 1]

    def stop() -> None:
        first._jsc = None
        first.numbers = [12, 120, 6, 60]  # tasks that ended after the last look

    told = watch(progress, lambda: use(first), stop, lambda: use(second))
    assert [(item["done"], item["read"], item["wrote"]) for item in told] == [
        (2, [10, 100], [5, 50]),
        (2, [12, 120], [6, 60]),
        (3, [13, 121], [7, 61]),
    ]


def test_a_jvm_that_is_gone_ends_the_reporter_and_raises_nothing(
    progress: Any, use: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", raised.append)
    spark = Spark()

    def broken() -> Any:
        raise ConnectionError("the JVM is gone")

    spark._jsc = Thing(sc=broken)
    assert watch(progress, lambda: use(spark), *[lambda: None] * 9) == []
    assert raised == []


def test_a_context_that_is_only_beginning_or_ending_does_not_end_the_reporter(
    progress: Any, use: Callable[[Any], None]
) -> None:
    spark = Spark()
    whole = spark._jsc
    del spark._jsc

    def stumble() -> None:
        spark._jsc = Thing(sc=lambda: 1 / 0)

    def work() -> None:
        spark._jsc, spark.done = whole, 1

    told = watch(progress, lambda: use(spark), stumble, work)
    assert [item["done"] for item in told] == [1]


def test_a_script_that_logs_everything_sees_nothing_of_the_reporter(progress: Any) -> None:
    reporter = progress.Progress(lambda *_told, **_facts: None, Steps())
    logger = logging.getLogger("py4j.clientserver")
    try:
        reporter.start()
        record = logging.LogRecord("py4j.clientserver", logging.DEBUG, "f", 1, "Command to send", None, None)
        record.thread = reporter._thread.ident
        assert not logger.filter(record)
        record.thread = threading.get_ident()
        assert logger.filter(record)
    finally:
        for name in progress._PY4J_LOGGERS:
            logging.getLogger(name).removeFilter(reporter._is_not_ours)


def test_a_waiting_driver_looks_in_advance_and_tells_nobody(progress: Any, use: Callable[[Any], None]) -> None:
    spark = Spark()
    looked: list[int] = []
    spark.stages = [(0, "csv", 0, 1, 1)]
    whole = spark._active

    def active() -> Any:
        looked.append(1)
        return whole()

    spark._jsc.sc().statusStore().activeStages = active
    use(spark)
    progress.warm()
    assert looked == [1, 1, 1]
    use(None)
    progress.warm()  # a driver that does no work in advance has no context


def test_it_looks_twice_a_second_at_first_and_every_five_seconds_in_a_long_run(progress: Any) -> None:
    assert [progress.pause(elapsed) for elapsed in (0, 10, 60, 300, 3600)] == [0.5, 0.5, 1.0, 5.0, 5.0]


# docs.aws.amazon.com/glue, "Enabling the progress bar to show job progress"
def test_a_line_is_glues_bar_and_then_the_totals() -> None:
    stage = {"id": 2, "name": "csv at <unknown>:0", "done": 3, "active": 2, "total": 8}
    totals = "4 stages done, read 10 rows 100 bytes, wrote 5 rows 50 bytes"
    told = {"stages": [stage], "done": 4, "read": [10, 100], "wrote": [5, 50]}
    assert build_line(told) == f"[Stage 2 (csv at <unknown>:0): > (3 + 2) / 8] {totals}"
    assert build_line({**told, "stages": []}) == totals


def test_lines_go_to_the_runs_stream_and_a_log_that_fails_harms_nobody() -> None:
    written: list[tuple[str, str, list[str]]] = []
    told = {"stages": [], "done": 1, "read": [0, 0], "wrote": [0, 0]}

    class Logs:
        def write(self, group: str, stream: str, messages: list[str]) -> None:
            written.append((group, stream, messages))
            raise OSError("disk full")

    progress_writer(Logs(), "jr_1")(told)  # type: ignore[arg-type]
    assert written == [("/aws-glue/jobs/logs-v2", "jr_1-progress-bar", [build_line(told)])]
