"""Where data points are kept: by the minute, over restarts, rolled up and forgotten as AWS does."""

from __future__ import annotations

import threading
from pathlib import Path

from labkit.cloud.call import Scope
from labkit.cloud.database import Database
from labkit.cloud.metrics.aggregate import Aggregate
from labkit.cloud.metrics.recorder import Recorder
from labkit.cloud.metrics.storage import SCHEMA, Metric, MetricStorage
from tests.unit.cloud.metrics.asking import NOW, SCOPE, minute

METRIC = Metric("Lab", "m", (("A", "x"),))
DAY = 86400


def one(value: float) -> Aggregate:
    found = Aggregate()
    found.add(value)
    return found


def rows(storage: MetricStorage) -> list[tuple[int, int, float]]:
    found = storage.rows(SCOPE, METRIC, 0, 1 << 40)
    return [(row.time, row.resolution, row.aggregate.total) for row in found]


def test_records_of_one_minute_are_one_aggregate(storage: MetricStorage) -> None:
    recorder = Recorder(storage, SCOPE)
    for value, when in ((1.0, 0), (2.5, 0), (4.0, 1)):
        recorder.record("Lab", "m", {"A": "x"}, value, "Count", minute(when))
    first = int(minute(0).timestamp())
    assert rows(storage) == [(first, 60, 3.5), (first + 60, 60, 4.0)]
    recorder.record("Lab", "m", {"A": "x"}, 1.0, "Count", minute(1))
    assert rows(storage)[1][2] == 5.0


def test_a_record_that_is_none_raises_nothing(storage: MetricStorage) -> None:
    Recorder(storage, SCOPE).record("Lab", "m", {"A": "x"}, "no number", "Count")  # type: ignore[arg-type]
    assert rows(storage) == []


def test_what_was_recorded_outlives_the_process(tmp_path: Path) -> None:
    storage = MetricStorage(Database(tmp_path / "metrics.db", SCHEMA))
    Recorder(storage, SCOPE).record("Lab", "m", {"A": "ñ"}, 7.0, "Count", NOW)
    storage.stop()
    again = MetricStorage(Database(tmp_path / "metrics.db", SCHEMA))
    assert [metric for metric, _ in again.metrics(SCOPE)] == [Metric("Lab", "m", (("A", "ñ"),))]
    again.stop()


def test_accounts_and_regions_are_apart(storage: MetricStorage) -> None:
    Recorder(storage, SCOPE).record("Lab", "m", {"A": "x"}, 1.0, "Count", NOW)
    Recorder(storage, Scope(SCOPE.account, "eu-west-1")).record("Lab", "m", {"A": "x"}, 2.0, "Count", NOW)
    assert rows(storage) == [(int(NOW.timestamp()), 60, 1.0)]


def test_many_threads_lose_nothing(storage: MetricStorage) -> None:
    recorder = Recorder(storage, SCOPE)

    def work() -> None:
        for number in range(500):
            recorder.record("Lab", "m", {"A": "x"}, 1.0, "Count", minute(number % 3))
            if number % 100 == 0:
                storage.flush()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(total for _, _, total in rows(storage)) == 4000


def test_memory_is_written_out_when_it_holds_many(tmp_path: Path) -> None:
    storage = MetricStorage(Database(tmp_path / "metrics.db", SCHEMA), most_pending=10)
    for number in range(11):
        Recorder(storage, SCOPE).record("Lab", f"m{number}", {}, 1.0, "Count", NOW)
    assert (storage._pending_count, len(storage.metrics(SCOPE))) == (0, 11)
    storage.stop()


def test_old_data_is_rolled_up_and_then_forgotten(storage: MetricStorage) -> None:
    now = int(NOW.timestamp())
    for age, resolution in ((4 * 3600, 1), (16 * DAY, 60), (64 * DAY, 300), (456 * DAY, 3600)):
        for step in (0, resolution):
            storage.add(SCOPE, METRIC, "Count", now - age - 7200 + step, resolution, one(1.0))
    storage.prune(now)
    kept = [(now - time, resolution, total) for time, resolution, total in rows(storage)]
    assert kept == [
        (64 * DAY + 7200, 3600, 2.0),
        (16 * DAY + 7200, 300, 2.0),
        (4 * 3600 + 7200, 60, 2.0),
    ]


def test_metrics_without_data_points_go(storage: MetricStorage) -> None:
    storage.add(SCOPE, METRIC, "Count", int(NOW.timestamp()) - 500 * DAY, 3600, one(1.0))
    storage.flush()
    storage.prune(int(NOW.timestamp()))
    assert storage.metrics(SCOPE) == []
