"""StopQueryExecution at any moment; the engine's end; many queries at once."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cloud.athena.fakes import Athena, FakeServices

NUMBERS = "UNNEST(sequence(1, 10000))"
_MANY = f"{NUMBERS} AS a(x) CROSS JOIN {NUMBERS} AS b(y) CROSS JOIN {NUMBERS} AS c(z)"
LONG = f"SELECT count(*) FROM {_MANY} WHERE (x * 7 + y + z) % 3 = 1"


def _state(athena: Athena, name: str) -> str:
    return str(athena.call("GetQueryExecution", QueryExecutionId=name)["QueryExecution"]["Status"]["State"])


def _wait_until_running(athena: Athena, name: str) -> None:
    while _state(athena, name) == "QUEUED":
        time.sleep(0.002)


def _results(athena: Athena) -> list[str]:
    return [one.key for one in athena.services.store.list("results")]


@pytest.mark.parametrize(
    "sql",
    [
        LONG,
        f"SELECT x FROM {_MANY}",
        f"SELECT x, ARRAY[y] FROM {_MANY}",
        f"WITH n AS (SELECT x FROM {NUMBERS} AS t(x)) SELECT a.x FROM n a JOIN n b ON a.x < b.x JOIN n c ON b.x < c.x ORDER BY 1",
        f"SELECT max(soundex(concat('a', CAST(x + y + z AS varchar)))) FROM {_MANY}",
        f"SELECT max(regexp_replace(rpad('a', 300, 'a'), '(a+)+', CAST(x + y + z AS varchar))) FROM {_MANY}",
    ],
    ids=["counting", "writing", "rendering", "range join", "python", "regexp"],
)
def test_a_running_query_is_stopped_and_leaves_no_result(athena: Athena, sql: str) -> None:
    name = athena.start(sql)
    _wait_until_running(athena, name)
    time.sleep(0.3)
    assert _state(athena, name) == "RUNNING"
    athena.call("StopQueryExecution", QueryExecutionId=name)
    started = time.monotonic()
    status = athena.wait(name)["Status"]
    assert time.monotonic() - started < 20
    assert status["State"] == "CANCELLED"
    assert status["StateChangeReason"] == "Query cancelled by user"
    assert "AthenaError" not in status
    assert _results(athena) == []
    assert athena.ok("SELECT 1") == [["1"]]


def test_stopping_at_any_moment_leaves_a_result_or_a_cancelled_query(athena: Athena) -> None:
    for step in range(40):
        name = athena.start("SELECT x FROM UNNEST(sequence(1, 2000)) AS t(x)")
        time.sleep(step * 0.001)
        athena.call("StopQueryExecution", QueryExecutionId=name)
        state = athena.wait(name)["Status"]["State"]
        assert any(key.endswith(f"{name}.csv") for key in _results(athena)) == (state == "SUCCEEDED")
        assert state in ("SUCCEEDED", "CANCELLED")


def test_waiting_queries_are_stopped_at_once(athena: Athena) -> None:
    running = [athena.start(LONG) for _ in range(4)]
    waiting = athena.start("SELECT 1")
    for name in running:
        _wait_until_running(athena, name)
    assert _state(athena, waiting) == "QUEUED"
    athena.call("StopQueryExecution", QueryExecutionId=waiting)
    assert _state(athena, waiting) == "CANCELLED"
    for name in running:
        athena.call("StopQueryExecution", QueryExecutionId=name)
    assert {athena.wait(name)["Status"]["State"] for name in running} == {"CANCELLED"}
    assert _state(athena, waiting) == "CANCELLED"


def test_stopping_what_has_ended_changes_nothing(athena: Athena) -> None:
    answer = athena.run("SELECT 1")
    assert athena.call("StopQueryExecution", QueryExecutionId=answer.id) == {}
    assert _state(athena, answer.id) == "SUCCEEDED"


class _SlowStore:
    """The store, whose writes wait for permission."""

    def __init__(self, store: Any) -> None:
        self._store, self.asked, self.allowed = store, threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def put(self, *values: Any) -> Any:
        self.asked.set()
        self.allowed.wait(10)
        return self._store.put(*values)


def test_a_stop_while_the_result_is_put_comes_too_late(tmp_path: Path) -> None:
    services = FakeServices(tmp_path)
    slow = _SlowStore(services.store)
    services.store = slow  # type: ignore[assignment]  # a store all the same
    athena = Athena(services)
    name = athena.start("SELECT 1")
    assert slow.asked.wait(10)
    athena.call("StopQueryExecution", QueryExecutionId=name)
    slow.allowed.set()
    assert athena.wait(name)["Status"]["State"] == "SUCCEEDED"
    assert f"q/{name}.csv" in _results(athena)
    athena.engine.stop()


def test_the_end_of_the_engine_ends_everything_and_says_why(tmp_path: Path) -> None:
    athena = Athena(FakeServices(tmp_path))
    names = [athena.start(LONG) for _ in range(8)]
    for name in names[:4]:
        _wait_until_running(athena, name)
    time.sleep(0.2)
    started = time.monotonic()
    athena.engine.stop()
    assert time.monotonic() - started < 20
    for name in names:
        status = athena.call("GetQueryExecution", QueryExecutionId=name)["QueryExecution"]["Status"]
        assert status["State"] == "FAILED"
        assert "the local cloud stopped while the query was running" in status["StateChangeReason"]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("athena")]


def test_a_hundred_queries_at_once(athena: Athena) -> None:
    names: list[str] = []
    lock = threading.Lock()

    def submit(number: int) -> None:
        name = athena.start(f"SELECT {number} AS n")
        with lock:
            names.append(name)

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 100
    assert {athena.wait(name)["Status"]["State"] for name in names} == {"SUCCEEDED"}
    found = sorted(int(athena.rows(name)[0][1][0] or 0) for name in names)
    assert found == list(range(100))


def test_a_query_that_needs_too_much_memory_fails_and_the_next_runs(athena: Athena, monkeypatch: Any) -> None:
    from labkit.cloud.athena import session

    monkeypatch.setattr(session, "_memory_bytes", lambda: 60_000_000)
    monkeypatch.setattr(session, "_SPILL_SHARE", 0.0)
    pairs = f"{NUMBERS} AS a(x) CROSS JOIN {NUMBERS} AS b(y)"
    sql = f"SELECT cardinality(array_agg(CAST(x * y AS varchar) || rpad('x', 200, 'y'))) FROM {pairs}"
    answer = athena.run(sql)
    assert answer.state == "FAILED"
    assert answer.reason.startswith("EXCEEDED_LOCAL_MEMORY_LIMIT")
    assert athena.ok("SELECT 1") == [["1"]]
