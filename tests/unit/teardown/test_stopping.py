"""Stopping, at the pace of AWS: asked once, waited for, and said when it does not end."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from labkit.errors import LabError
from labkit.teardown.pace import Pace
from labkit.teardown.stopping import stop_crawler, stop_job, stop_queries
from tests.unit.teardown.fakes import Pages, refusal

STARTED = datetime(2026, 11, 29, tzinfo=timezone.utc)


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)

    def pace(self, patience_s: float) -> Pace:
        return Pace(patience_s=patience_s, sleep=self.sleep, clock=lambda: self.now)


class Glue:
    """A job whose runs are STOPPING for `slow_s` seconds, and a crawler that stops as slowly."""

    def __init__(self, time: Time, slow_s: float, runs: int = 1) -> None:
        self.time, self.slow_s = time, slow_s
        self.states = [f"jr_{number}" for number in range(runs)]
        self.stopped_at: float | None = None
        self.batches: list[list[str]] = []

    def _stopped(self) -> bool:
        return self.stopped_at is not None and self.time.now >= self.stopped_at + self.slow_s

    def get_paginator(self, _name: str) -> Pages:
        state = "STOPPED" if self._stopped() else "STOPPING" if self.stopped_at is not None else "RUNNING"
        runs = [{"Id": run, "JobName": "j", "JobRunState": state, "StartedOn": STARTED} for run in self.states]
        return Pages({"JobRuns": [*runs, {**runs[0], "Id": "jr_old", "JobRunState": "SUCCEEDED"}]})

    def batch_stop_job_run(self, **params: Any) -> dict[str, Any]:
        self.batches.append(params["JobRunIds"])
        self.stopped_at = self.time.now
        return {"SuccessfulSubmissions": [], "Errors": []}

    def get_crawler(self, **_params: Any) -> dict[str, Any]:
        return {"Crawler": {"State": "READY" if self._stopped() else "RUNNING"}}

    def stop_crawler(self, **_params: Any) -> None:
        self.stopped_at = self.time.now
        raise refusal("CrawlerStoppingException", "StopCrawler")


class Clients:
    def __init__(self, glue: Any = None, athena: Any = None) -> None:
        self.glue, self.athena = glue, athena


def test_runs_are_stopped_in_batches_and_waited_for_in_growing_pauses() -> None:
    time = Time()
    glue = Glue(time, slow_s=90, runs=30)
    clients: Any = Clients(glue)
    assert len(stop_job(clients, "j", time.pace(600))) == 30
    assert [len(batch) for batch in glue.batches] == [25, 5]
    assert "jr_old" not in [run for batch in glue.batches for run in batch]
    assert (time.pauses[0], max(time.pauses)) == (0.05, 5.0)
    assert time.now >= 90


def test_a_run_that_does_not_stop_is_named() -> None:
    time = Time()
    clients: Any = Clients(Glue(time, slow_s=9999))
    with pytest.raises(LabError) as raised:
        stop_job(clients, "j", time.pace(60))
    assert (raised.value.key, raised.value.facts["run"]) == ("error.teardown.run_slow", "jr_0")
    assert time.now <= 60


def test_a_job_that_is_gone_has_nothing_to_stop() -> None:
    class Gone:
        def get_paginator(self, _name: str) -> Any:
            raise refusal("EntityNotFoundException", "GetJobRuns")

    clients: Any = Clients(Gone())
    assert stop_job(clients, "j", Time().pace(1)) == []


def test_a_crawl_that_is_stopping_already_is_waited_for() -> None:
    time = Time()
    clients: Any = Clients(Glue(time, slow_s=70))
    assert stop_crawler(clients, "c", time.pace(600))
    assert time.now >= 70
    slow: Any = Clients(Glue(time, slow_s=9999))
    with pytest.raises(LabError) as raised:
        stop_crawler(slow, "c", time.pace(30))
    assert raised.value.key == "error.teardown.crawl_slow"


def test_only_queries_that_wait_or_run_are_stopped() -> None:
    class Athena:
        states = {"q1": "RUNNING", "q2": "SUCCEEDED", "q3": "QUEUED"}  # noqa: RUF012  # one test's own

        def list_query_executions(self, **_params: Any) -> dict[str, Any]:
            return {"QueryExecutionIds": list(self.states)}

        def batch_get_query_execution(self, **params: Any) -> dict[str, Any]:
            ids = params["QueryExecutionIds"]
            return {"QueryExecutions": [{"QueryExecutionId": i, "Status": {"State": self.states[i]}} for i in ids]}

        def stop_query_execution(self, **params: Any) -> None:
            self.states[params["QueryExecutionId"]] = "CANCELLED"

    clients: Any = Clients(athena=Athena())
    assert stop_queries(clients, "wg", Time().pace(10)) == ["q1", "q3"]
    assert stop_queries(clients, "wg", Time().pace(10)) == []
