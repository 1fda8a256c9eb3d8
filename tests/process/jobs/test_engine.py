from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from labkit.cloud.call import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.process.jobs.conftest import Jobs


def test_a_run_gets_its_arguments_and_its_output_is_logged(jobs: Jobs) -> None:
    jobs.create(
        "a", "import sys\nprint('in', sys.argv[1:3])\nprint('err', file=sys.stderr)", DefaultArguments={"--x": "1"}
    )
    run = jobs.wait("a", run_id := jobs.start("a", Arguments={"--x": "dos ñ"}))
    assert run["JobRunState"] == "SUCCEEDED"
    assert re.fullmatch("jr_[0-9a-f]{64}", run_id)
    assert jobs.log("output", run_id) == ["in ['--x', 'dos ñ']"]
    assert jobs.log("error", run_id) == ["err"]
    assert run["Arguments"] == {"--x": "dos ñ"}
    assert run["StartedOn"] <= run["CompletedOn"]


def test_exit_zero_is_success(jobs: Jobs) -> None:
    jobs.create("ok", "import sys\nsys.exit(0)")
    assert jobs.wait("ok", jobs.start("ok"))["JobRunState"] == "SUCCEEDED"


def test_a_traceback_shows_the_script_and_none_of_our_frames(jobs: Jobs) -> None:
    jobs.create("bad", "def f():\n    return {}['x']\nf()")
    jobs.wait("bad", run_id := jobs.start("bad"))
    told = "\n".join(jobs.log("error", run_id))
    assert "line 2, in f" in told
    assert "child/main.py" not in told


def test_a_missing_script_fails_the_run(jobs: Jobs) -> None:
    jobs.create("a", "")
    jobs.services.store.delete("scripts", ["a.py"])
    run = jobs.wait("a", jobs.start("a"))
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"] == (
        "LAUNCH ERROR | Error downloading from S3 for bucket: scripts, key: a.py.The specified key does not exist. (Service: Amazon S3; "
        "Status Code: 404; Please refer logs for details. NoSuchKey: there is no object a.py in scripts"
    )


def test_a_missing_bucket_fails_the_run_and_a_missing_role_its_start(jobs: Jobs) -> None:
    location = {"Command": {"Name": "pythonshell", "ScriptLocation": "s3://no-such-bucket/x.py"}}
    jobs.create("bucket", "", **location)
    assert "NoSuchBucket" in jobs.wait("bucket", jobs.start("bucket"))["ErrorMessage"]
    jobs.create("role", "", Role="arn:aws:iam::123456789012:role/nadie")
    with pytest.raises(AwsError, match="role/nadie should be given assume role permissions for Glue Service"):
        jobs.start("role")


def test_a_run_past_its_timeout_is_ended_with_its_children(jobs: Jobs) -> None:
    script = "import subprocess, time\np = subprocess.Popen(['sleep', '60'])\nprint(p.pid, flush=True)\ntime.sleep(60)"
    jobs.create("slow", script)
    run = jobs.wait("slow", run_id := jobs.start("slow", Timeout=1))
    assert run["JobRunState"] == "TIMEOUT"
    assert "timeout of 1 minutes" in run["ErrorMessage"]
    assert_gone(int(jobs.log("output", run_id)[0]))


def test_a_stopped_run_is_stopped_not_failed(jobs: Jobs) -> None:
    jobs.create("slow", "import time\nprint('begun', flush=True)\ntime.sleep(60)")
    jobs.wait("slow", run_id := jobs.start("slow"), "RUNNING")
    answer = jobs.call("BatchStopJobRun", JobName="slow", JobRunIds=[run_id, "jr_nobody"])
    assert [done["JobRunId"] for done in answer["SuccessfulSubmissions"]] == [run_id]
    assert answer["Errors"][0]["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
    run = jobs.wait("slow", run_id)
    assert (run["JobRunState"], "ErrorMessage" in run) == ("STOPPED", False)


def test_one_run_at_a_time_unless_the_job_allows_more(jobs: Jobs) -> None:
    jobs.create("one", "import time\ntime.sleep(60)")
    jobs.start("one")
    with pytest.raises(AwsError) as caught:
        jobs.start("one")
    assert caught.value.code == "ConcurrentRunsExceededException"
    jobs.create("two", "import time\ntime.sleep(60)", ExecutionProperty={"MaxConcurrentRuns": 2})
    assert jobs.start("two") != jobs.start("two")


def test_a_queued_run_waits_and_then_runs(jobs: Jobs) -> None:
    jobs.create("q", "import time\ntime.sleep(0.3)", JobRunQueuingEnabled=True)
    first, second = jobs.start("q"), jobs.start("q")
    assert jobs.run("q", second)["JobRunState"] == "WAITING"
    assert jobs.wait("q", first)["JobRunState"] == "SUCCEEDED"
    assert jobs.wait("q", second)["JobRunState"] == "SUCCEEDED"


def test_a_failed_run_is_tried_again_as_often_as_the_job_says(jobs: Jobs) -> None:
    jobs.create("again", "raise SystemExit(1)", MaxRetries=1)
    run_id = jobs.start("again")
    jobs.wait("again", run_id)
    while (
        len(jobs.call("GetJobRuns", JobName="again")["JobRuns"]) < 2
    ):  # the second attempt begins after the first has failed
        time.sleep(0.01)
    run = jobs.wait("again", f"{run_id}_attempt_1")
    assert (run["JobRunState"], run["Attempt"]) == ("FAILED", 1)
    assert len(jobs.call("GetJobRuns", JobName="again")["JobRuns"]) == 2


def test_a_killed_driver_fails_its_run(jobs: Jobs) -> None:
    jobs.create("slow", "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)")
    jobs.wait("slow", run_id := jobs.start("slow"), "RUNNING")
    while not jobs.log("output", run_id):
        time.sleep(0.01)
    os.kill(int(jobs.log("output", run_id)[0]), signal.SIGKILL)
    run = jobs.wait("slow", run_id)
    assert (run["JobRunState"], "killed by signal 9" in run["ErrorMessage"]) == ("FAILED", True)


def test_a_cloud_that_goes_down_says_so_of_its_runs(jobs: Jobs) -> None:
    jobs.create("slow", "import time\ntime.sleep(60)")
    jobs.wait("slow", run_id := jobs.start("slow"), "RUNNING")
    jobs.engine.stop()
    run = jobs.run("slow", run_id)
    assert (run["JobRunState"], "was stopped while" in run["ErrorMessage"]) == ("FAILED", True)


def test_what_was_running_when_the_cloud_was_killed_is_failed_at_the_next_start(build_jobs: Callable[[], Jobs]) -> None:
    before = build_jobs()
    before.create("slow", "import time\ntime.sleep(60)")
    before.wait("slow", run_id := before.start("slow"), "RUNNING")
    after = build_jobs()  # the first engine is not stopped: a killed process says nothing either
    after.engine.recover()
    run = after.run("slow", run_id)
    assert (run["JobRunState"], "was stopped while" in run["ErrorMessage"]) == ("FAILED", True)


def test_an_old_glue_version_and_what_is_not_run_are_refused(jobs: Jobs) -> None:
    command = {"Name": "glueetl", "ScriptLocation": "s3://scripts/x.py"}
    jobs.create("old", "", Command=command, GlueVersion="2.0")
    with pytest.raises(
        AwsError, match=r"InvalidInputException: Given GlueVersion \[2.0\] is not valid.* 4.0, 5.0, 5.1, 6.0"
    ):
        jobs.start("old")
    jobs.create("stream", "", Command={**command, "Name": "gluestreaming"})
    with pytest.raises(AwsError, match="gluestreaming are not run"):
        jobs.start("stream")


def test_definitions_are_kept_updated_and_deleted_with_their_runs(jobs: Jobs) -> None:
    jobs.create("d", "", Description="uno", WorkerType="G.1X", NumberOfWorkers=2)
    job = jobs.call("GetJob", JobName="d")["Job"]
    assert (job["MaxCapacity"], job["Timeout"], job["Command"]["PythonVersion"]) == (2.0, 480, "3")
    with pytest.raises(AwsError, match="AlreadyExists"):
        jobs.create("d", "")
    jobs.call("UpdateJob", JobName="d", JobUpdate={"Role": "runner", "Command": job["Command"], "GlueVersion": "4.0"})
    updated = jobs.call("GetJob", JobName="d")["Job"]
    assert ("Description" in updated, updated["Timeout"]) == (False, 2880)
    run_id = jobs.start("d")
    jobs.wait("d", run_id)
    jobs.call("DeleteJob", JobName="d")
    with pytest.raises(AwsError, match="EntityNotFound"):
        jobs.call("GetJob", JobName="d")
    with pytest.raises(AwsError, match="EntityNotFound"):
        jobs.run("d", run_id)


def test_a_bookmark_is_saved_once_by_a_live_run_and_can_be_reset(jobs: Jobs) -> None:
    jobs.create("b", "import time\ntime.sleep(60)")
    run_id = jobs.start("b")
    page = {"JobName": "b", "RunId": run_id}
    assert jobs.engine.bookmark({**page, "Action": "get"}) == {"State": {}, "Version": 0}
    jobs.engine.bookmark({**page, "Action": "put", "State": {"ctx": 1}})
    entry = jobs.call("GetJobBookmark", JobName="b")["JobBookmarkEntry"]
    assert (entry["RunId"], entry["JobBookmark"]) == (run_id, '{"ctx": 1}')
    jobs.call("BatchStopJobRun", JobName="b", JobRunIds=[run_id])
    jobs.wait("b", run_id)
    with pytest.raises(AwsError, match="has ended"):
        jobs.engine.bookmark({**page, "Action": "put", "State": {"ctx": 2}})
    jobs.call("ResetJobBookmark", JobName="b")
    assert jobs.call("GetJobBookmark", JobName="b")["JobBookmarkEntry"]["JobBookmark"] == "{}"


def assert_gone(pid: int) -> None:
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split(") ")[1].startswith("Z"):
            return
        time.sleep(0.01)
    raise AssertionError(f"process {pid} is still there")
