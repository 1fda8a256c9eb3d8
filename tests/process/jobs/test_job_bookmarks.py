"""The page where a run reads and saves its bookmark, and the two API calls. Source: DG monitor-continuations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from labkit.cloud.call import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.process.jobs.conftest import Jobs


def begun(jobs: Jobs, name: str = "b") -> Callable[..., dict[str, Any]]:
    """A run that goes on, as a function that sends its messages."""
    run_id = jobs.start(name)

    def send(action: str, **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = jobs.engine.bookmark({"JobName": name, "RunId": run_id, "Action": action, **more})
        return answer

    send.run_id = run_id  # type: ignore[attr-defined]
    return send


@pytest.fixture
def job(jobs: Jobs) -> Jobs:
    jobs.create("b", "import time\ntime.sleep(60)", ExecutionProperty={"MaxConcurrentRuns": 5})
    return jobs


def entry(jobs: Jobs, **params: str) -> dict[str, Any]:
    found: dict[str, Any] = jobs.call("GetJobBookmark", JobName="b", **params)["JobBookmarkEntry"]
    return found


def test_the_second_of_two_that_began_with_one_version_is_refused(job: Jobs) -> None:
    one, two = begun(job), begun(job)
    assert one("get") == two("get") == {"State": {}, "Version": 0}
    assert one("put", State={"a": 1}, Version=0)["Version"] == 1
    with pytest.raises(AwsError, match=r"VersionMismatchException: .* Expected version 0 but found version 1"):
        two("put", State={"a": 2}, Version=0)
    assert json.loads(entry(job)["JobBookmark"]) == {"a": 1}
    assert one("put", State={"a": 3}, Version=1)["Version"] == 2


def test_a_reset_while_a_run_is_going_on_wins(job: Jobs) -> None:
    one = begun(job)
    one("put", State={"a": 1}, Version=0)
    job.call("ResetJobBookmark", JobName="b")
    with pytest.raises(AwsError, match="VersionMismatchException"):
        one("put", State={"a": 2}, Version=1)
    assert entry(job)["JobBookmark"] == "{}"


def test_runs_and_versions_are_counted(job: Jobs) -> None:
    ids = []
    for number in (1, 2):
        send = begun(job)
        send("put", State={"n": number})
        ids.append(send.run_id)  # type: ignore[attr-defined]
    now = entry(job)
    assert (now["Version"], now["Run"], now["Attempt"], now["RunId"], now["PreviousRunId"]) == (2, 2, 0, ids[1], ids[0])
    earlier = entry(job, RunId=ids[0])
    assert (earlier["RunId"], earlier["Run"], earlier["JobBookmark"]) == (ids[0], 1, '{"n": 1}')


def test_a_run_that_saved_nothing_stands_for_the_one_before(job: Jobs) -> None:
    """--job-bookmark-to: "the last successful run before and including the specified run ID"."""
    first, second, third = begun(job), begun(job), begun(job)
    first("put", State={"n": 1})
    third("put", State={"n": 3})
    silent = second.run_id  # type: ignore[attr-defined]
    assert third("get", OfRun=silent) == {"State": {"n": 1}}
    assert job.call("ResetJobBookmark", JobName="b", RunId=silent)["JobBookmarkEntry"]["JobBookmark"] == '{"n": 1}'
    with pytest.raises(AwsError, match="jr_none of job b saved no bookmark"):
        third("get", OfRun="jr_none")


def test_before_any_saved_run_there_is_the_empty_state(job: Jobs) -> None:
    first, second = begun(job), begun(job)
    second("put", State={"n": 2})
    assert second("get", OfRun=first.run_id) == {"State": {}}  # type: ignore[attr-defined]


def test_a_state_is_kept_under_the_name_that_init_was_given(job: Jobs) -> None:
    send = begun(job)
    send("put", State={"n": 1}, JobName="otro")
    assert send("get") == {"State": {}, "Version": 0}
    assert send("get", JobName="otro")["State"] == {"n": 1}
    assert job.call("GetJobBookmark", JobName="otro")["JobBookmarkEntry"]["JobName"] == "otro"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"RunId": "jr_none"}, "No run jr_none"),
        ({"Action": "delete"}, "is not get or put"),
        ({"Action": "put"}, "State must be an object"),
        ({"Action": "put", "State": [1]}, "State must be an object"),
    ],
)
def test_messages_that_make_no_sense_are_refused(job: Jobs, more: dict[str, Any], message: str) -> None:
    with pytest.raises(AwsError, match=message):
        begun(job)(more.get("Action", "get"), **{key: value for key, value in more.items() if key != "Action"})


def test_the_states_of_a_job_go_with_it(job: Jobs) -> None:
    send = begun(job)
    send("put", State={"n": 1})
    job.call("DeleteJob", JobName="b")
    kept = [
        name for kind in ("glue-bookmark", "glue-bookmark-state") for _, name, _ in job.services.documents.list(kind)
    ]
    assert kept == []


def test_only_so_many_states_are_kept(job: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labkit.cloud.jobs.bookmarks._KEPT_STATES", 2)
    runs = [begun(job) for _ in range(3)]
    for number, send in enumerate(runs):
        send("put", State={"n": number})
    assert len(job.services.documents.list("glue-bookmark-state")) == 2
    with pytest.raises(AwsError, match="saved no bookmark"):
        job.call("ResetJobBookmark", JobName="b", RunId=runs[0].run_id)  # type: ignore[attr-defined]
    assert entry(job)["JobBookmark"] == '{"n": 2}'


def test_a_retry_keeps_what_its_run_was_given(jobs: Jobs) -> None:
    jobs.create("again", "raise SystemExit(1)", MaxRetries=1)
    run_id = jobs.start("again", Timeout=7, Arguments={"--x": "1"})
    jobs.wait("again", run_id)
    run = jobs.wait("again", f"{run_id}_attempt_1")
    assert (run["Timeout"], run["Arguments"]) == (7, {"--x": "1"})
