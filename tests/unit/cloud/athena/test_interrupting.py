"""A function that runs in Python for ever is ended with its query, and only with its own."""

from __future__ import annotations

import threading
import time
from typing import Any

import duckdb
import pytest

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.interrupting import interrupt_functions
from labkit.cloud.athena.python_functions import PythonFunction, register


def _endless(value: int) -> int:
    while True:
        try:
            value += _step(value)
        except Exception:  # noqa: BLE001  # what a careless function does
            continue


def _step(value: int) -> int:
    if value % 7 == 0:
        raise QueryFailure("X", "x")
    return 1


def _session(name: str) -> Any:
    connection = duckdb.connect(":memory:", config={"threads": 2})
    register(connection, [PythonFunction(name, _endless, ("BIGINT",), "BIGINT")])
    return connection


def _run(connection: Any, sql: str, ended: dict[int, str]) -> threading.Thread:
    def act() -> None:
        try:
            connection.execute(sql).fetchall()
        except duckdb.Error as failure:
            ended[id(connection)] = str(failure)

    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_an_endless_function_is_ended_and_another_querys_is_not() -> None:
    first, second = _session("endless"), _session("endless")
    ended: dict[int, str] = {}
    threads = [_run(one, "SELECT max(endless(i)) FROM range(10000) AS t(i)", ended) for one in (first, second)]
    time.sleep(0.2)
    interrupt_functions(first)
    threads[0].join(10)
    assert not threads[0].is_alive()
    assert "Interrupted" in ended[id(first)]
    assert threads[1].is_alive()
    interrupt_functions(second)
    threads[1].join(10)
    assert not threads[1].is_alive()
    assert first.execute("SELECT 1").fetchall() == [(1,)]


@pytest.mark.parametrize("body", [lambda value: value + 1, max, abs])
def test_other_callables_are_functions_too(body: Any) -> None:
    connection = duckdb.connect()
    register(
        connection,
        [PythonFunction("f", lambda value: body(value, 0) if body is max else body(value), ("BIGINT",), "BIGINT")],
    )
    assert connection.execute("SELECT f(3)").fetchall() in ([(3,)], [(4,)])


def test_interrupting_what_runs_nothing_is_harmless() -> None:
    connection = _session("endless")
    interrupt_functions(connection)
    assert connection.execute("SELECT 1").fetchall() == [(1,)]
