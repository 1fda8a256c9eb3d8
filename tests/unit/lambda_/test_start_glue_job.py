from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ParamValidationError
from botocore.stub import Stubber

HANDLER = Path(__file__).parents[3] / "lambda" / "start_glue_job.py"
EVENTS = Path(__file__).parent / "events"


@dataclass
class FakeGlue:
    """Answers StartJobRun as Glue does: one run at a time, unless the run may be queued."""

    busy: bool = False
    queueing: bool = True
    error: str = ""
    states: list[str] = field(default_factory=lambda: ["RUNNING", "SUCCEEDED"])
    looks: int = 0
    calls: list[dict[str, Any]] = field(default_factory=list)

    def get_job_runs(self, **call: Any) -> dict[str, Any]:
        self.looks += 1
        assert set(call) == {"JobName", "MaxResults"}
        if "denied" in self.states:
            raise build_error("AccessDeniedException")
        return {"JobRuns": [{"Id": f"jr_{state}", "JobRunState": state} for state in self.states]}

    def start_job_run(self, **call: Any) -> dict[str, str]:
        self.calls.append(call)
        if self.error:
            raise build_error(self.error)
        if self.busy and not (self.queueing and call.get("JobRunQueuingEnabled")):
            raise build_error("ConcurrentRunsExceededException")
        return {"JobRunId": f"jr_{len(self.calls)}"}


def build_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "as Glue says it"}}, "StartJobRun")


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("GLUE_JOB_NAME", "bsg-glue-etl-job")
    spec = importlib.util.spec_from_file_location("start_glue_job", HANDLER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.glue = FakeGlue()  # type: ignore[attr-defined]
    module.SPREAD_S = 0  # type: ignore[attr-defined]
    return module


def read_event(name: str) -> dict[str, Any]:
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def paths_of(call: dict[str, Any]) -> list[str]:
    return json.loads(call["Arguments"]["--input_paths"])


def test_a_csv_starts_the_job_named_in_the_environment(function: ModuleType) -> None:
    assert function.lambda_handler(read_event("one_csv"), None) == {"status": "started", "job_run_id": "jr_1"}
    (call,) = function.glue.calls
    assert call["JobName"] == "bsg-glue-etl-job"
    assert paths_of(call) == ["s3://bsg-data-raw/raw_sales/ventas_2024_01.csv"]


@pytest.mark.parametrize("name", ["not_csv", "removed", "test_event", "tagged"])
def test_an_event_without_a_new_csv_starts_nothing(function: ModuleType, name: str) -> None:
    assert function.lambda_handler(read_event(name), None) == {"status": "ignored"}
    assert function.glue.calls == []


def test_the_run_is_told_the_key_as_it_was_put(function: ModuleType) -> None:
    function.lambda_handler(read_event("encoded_key"), None)
    expected = "s3://bsg-data-raw/raw_sales/año=2024/campaña de otoño 1+1 al 100%.csv"
    assert paths_of(function.glue.calls[0]) == [expected]


def test_a_suffix_in_capitals_is_a_csv_too(function: ModuleType) -> None:
    assert function.lambda_handler(read_event("upper_case"), None)["status"] == "started"


def test_all_records_are_handled_in_one_run(function: ModuleType) -> None:
    assert function.lambda_handler(read_event("mixed"), None)["status"] == "started"
    (call,) = function.glue.calls
    folder = "s3://bsg-data-raw/raw_sales"
    assert paths_of(call) == [f"{folder}/ventas_2024_02.csv", f"{folder}/ventas_2024_03.csv"]


def test_the_seeds_bare_event_is_understood(function: ModuleType) -> None:
    event = {"Records": [{"s3": {"bucket": {"name": "bsg-data-raw"}, "object": {"key": "ventas.csv"}}}]}
    assert function.lambda_handler(event, None) == {"status": "started", "job_run_id": "jr_1"}


def test_a_file_that_comes_while_the_job_runs_gets_a_queued_run(function: ModuleType) -> None:
    function.glue.busy = True
    assert function.lambda_handler(read_event("one_csv"), None) == {"status": "queued", "job_run_id": "jr_2"}
    first, second = function.glue.calls
    assert "JobRunQueuingEnabled" not in first
    assert second == {**first, "JobRunQueuingEnabled": True}
    assert function.glue.looks == 2


def test_one_run_that_waits_is_enough(function: ModuleType) -> None:
    function.glue.busy, function.glue.states = True, ["WAITING", "RUNNING", "SUCCEEDED"]
    assert function.lambda_handler(read_event("one_csv"), None) == {"status": "joined", "job_run_id": "jr_WAITING"}
    assert len(function.glue.calls) == 1


@pytest.mark.parametrize("state", ["STARTING", "RUNNING", "STOPPING", "STOPPED", "FAILED", "EXPIRED"])
def test_no_run_but_a_waiting_one_is_trusted_with_the_file(function: ModuleType, state: str) -> None:
    function.glue.busy, function.glue.states = True, [state]
    assert function.lambda_handler(read_event("one_csv"), None)["status"] == "queued"


def test_invocations_of_one_burst_look_twice_before_they_queue(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    function.glue.busy = True
    # While this invocation pauses, another one of the burst queues the run.
    monkeypatch.setattr(function.time, "sleep", lambda _: function.glue.states.insert(0, "WAITING"))
    assert function.lambda_handler(read_event("one_csv"), None)["status"] == "joined"
    assert len(function.glue.calls) == 1


def test_without_permission_to_look_a_run_is_queued_for_each_event(function: ModuleType, caplog: Any) -> None:
    function.glue.busy, function.glue.states = True, ["denied"]
    assert function.lambda_handler(read_event("one_csv"), None)["status"] == "queued"
    assert "without glue:GetJobRuns" in caplog.text


def test_where_nothing_can_be_queued_lambda_is_left_to_try_again(function: ModuleType) -> None:
    function.glue = FakeGlue(busy=True, queueing=False)
    with pytest.raises(ClientError, match="ConcurrentRunsExceededException"):
        function.lambda_handler(read_event("one_csv"), None)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "EntityNotFoundException"])
def test_any_other_refusal_is_raised_at_once(function: ModuleType, code: str) -> None:
    function.glue.error = code
    with pytest.raises(ClientError, match=code):
        function.lambda_handler(read_event("one_csv"), None)
    assert len(function.glue.calls) == 1


def test_many_files_do_not_make_the_arguments_too_big(function: ModuleType) -> None:
    (record,) = read_event("one_csv")["Records"]
    records = [json.loads(json.dumps(record).replace("_01.csv", f"_{n:03}.csv")) for n in range(500)]
    function.lambda_handler({"Records": records}, None)
    assert len(paths_of(function.glue.calls[0])) == function.MAX_PATHS


def test_boto3_accepts_the_calls(function: ModuleType) -> None:
    """The fake would take any parameter; botocore knows which ones StartJobRun has."""
    client = boto3.client("glue", region_name="us-east-1")
    with Stubber(client) as stubber:
        stubber.add_client_error("start_job_run", "ConcurrentRunsExceededException")
        for _ in range(2):
            stubber.add_response("get_job_runs", {"JobRuns": [{"Id": "jr_1", "JobRunState": "RUNNING"}]})
        stubber.add_response("start_job_run", {"JobRunId": "jr_9"})
        function.glue = client
        try:
            answer = function.lambda_handler(read_event("one_csv"), None)
        except ParamValidationError as error:
            pytest.fail(str(error))
    assert answer == {"status": "queued", "job_run_id": "jr_9"}
