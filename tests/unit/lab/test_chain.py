"""Following the chain, with hand-written Glue and Logs."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from labkit.aws.session import Clients
from labkit.errors import PipelineError
from labkit.names import Names
from labkit.run.chain import Waiting, list_run_ids, wait_idle, wait_run, wait_started_run

if TYPE_CHECKING:
    from labkit.settings import Target

T0 = datetime(2026, 1, 1, tzinfo=timezone.utc)
URI = "s3://bsg-data-raw/raw_sales/a.csv"


class Pages:
    def __init__(self, pages: list[dict[str, Any]]) -> None:
        self._pages = pages

    def paginate(self, **_params: object) -> list[dict[str, Any]]:
        return self._pages


class Glue:
    """Answers with one state of the world a call, and stays at the last."""

    def __init__(self, *worlds: list[dict[str, Any]]) -> None:
        self._worlds = list(worlds)

    def _next(self) -> list[dict[str, Any]]:
        return self._worlds.pop(0) if len(self._worlds) > 1 else self._worlds[0]

    def get_paginator(self, _operation: str) -> Pages:
        return Pages([{"JobRuns": self._next()}])

    def get_job_run(self, **_params: object) -> dict[str, Any]:
        return {"JobRun": self._next()[0]}


class Logs:
    def __init__(self, *messages: str) -> None:
        self._messages = messages

    def get_paginator(self, _operation: str) -> Pages:
        events = [
            {"eventId": str(n), "timestamp": n, "logStreamName": "s", "message": m}
            for n, m in enumerate(self._messages)
        ]
        return Pages([{"events": events}])


def job_run(id_: str, state: str = "RUNNING", minutes: int = 0, **more: Any) -> dict[str, Any]:
    started = T0 + timedelta(minutes=minutes)
    return {"Id": id_, "JobName": "bsg-glue-etl-job", "JobRunState": state, "StartedOn": started, **more}


def build(target: Target, glue: Glue, logs: Logs | None = None) -> Clients:
    clients = Clients(target)
    clients.__dict__.update(glue=glue, logs=logs or Logs())
    return clients


def waiting(patience_s: float = 10.0) -> Waiting:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    return Waiting(1.0, patience_s, patience_s, sleep, lambda: now[0])


def started(clients: Clients, known: frozenset[str]) -> str:
    return wait_started_run(clients, Names(), known, URI, 0, waiting()).id


def test_the_run_of_before_is_not_the_one(target: Target) -> None:
    clients = build(target, Glue([job_run("old")], [job_run("old")], [job_run("new", minutes=1), job_run("old")]))
    known = list_run_ids(clients, Names())
    assert started(clients, known) == "new"


def test_a_run_about_another_file_is_not_the_one(target: Target) -> None:
    other = job_run("other", Arguments={"--input_paths": '["s3://bsg-data-raw/raw_sales/b.csv"]'})
    ours = job_run("ours", minutes=1, Arguments={"--input_paths": f'["{URI}"]'})
    assert started(build(target, Glue([other], [ours, other])), frozenset()) == "ours"


def test_silence_ends_with_what_the_function_wrote(target: Target) -> None:
    clients = build(target, Glue([]), Logs("START RequestId: 1", "[ERROR] KeyError: 'GLUE_JOB_NAME'"))
    with pytest.raises(PipelineError) as caught:
        started(clients, frozenset())
    assert "KeyError: 'GLUE_JOB_NAME'" in caught.value.cause
    assert "10 s" in caught.value.what


def test_every_state_is_told_once(target: Target) -> None:
    states = ["STARTING", "RUNNING", "RUNNING", "SUCCEEDED"]
    clients = build(target, Glue(*[[job_run("a", state)] for state in states]))
    seen: list[str] = []
    run = wait_run(clients, _run(clients), waiting(), lambda now: seen.append(now.state))
    assert run.state == "SUCCEEDED"
    assert seen == ["RUNNING", "SUCCEEDED"]  # STARTING was read by _run


def test_a_state_that_lasts_is_told_again(target: Target) -> None:
    clients = build(target, Glue(*[[job_run("a", "RUNNING")] for _ in range(25)], [job_run("a", "SUCCEEDED")]))
    seen: list[str] = []
    wait_run(clients, _run(clients), waiting(60.0), lambda now: seen.append(now.state))
    assert seen == ["RUNNING", "RUNNING", "RUNNING", "SUCCEEDED"]  # at 0, 10 and 20 s


@pytest.mark.parametrize("state", ["FAILED", "TIMEOUT", "STOPPED"])
def test_a_run_that_does_not_succeed_is_a_lesson_with_its_log(target: Target, state: str) -> None:
    clients = build(target, Glue([job_run("a", state, ErrorMessage="NameError: x")]), Logs("line 3 of the traceback"))
    with pytest.raises(PipelineError) as caught:
        wait_run(clients, _run(clients), waiting(), lambda _run: None)
    assert state in caught.value.what
    assert "NameError: x" in caught.value.cause
    assert "line 3 of the traceback" in caught.value.cause


def test_a_run_without_end_is_given_up(target: Target) -> None:
    clients = build(target, Glue([job_run("a")]))
    with pytest.raises(PipelineError, match="10 s"):
        wait_run(clients, _run(clients), waiting(), lambda _run: None)
    with pytest.raises(PipelineError, match="10 s"):
        wait_idle(clients, Names(), waiting(), lambda _run: None)


def test_idle_is_when_every_run_has_ended(target: Target) -> None:
    clients = build(target, Glue([job_run("a")], [job_run("a")], [job_run("a", "FAILED")]))
    busy: list[str] = []
    wait_idle(clients, Names(), waiting(), lambda run: busy.append(run.id))
    assert busy == ["a"]


def _run(clients: Clients) -> Any:
    from labkit.aws.glue_jobs import get_run

    return get_run(clients.glue, "bsg-glue-etl-job", "a")
