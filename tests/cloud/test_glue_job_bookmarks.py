"""Bookmarks through StartJobRun. Sources: DG monitor-continuations and connect-bookmarks; API GetJobBookmark, ResetJobBookmark."""

from __future__ import annotations

import json
import os
import signal
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.cloud.glue_jobs import GLUE, GlueJobs

ENABLE, DISABLE, PAUSE = "job-bookmark-enable", "job-bookmark-disable", "job-bookmark-pause"
SHOW = "def show(frame):\n    rows = frame.toDF().collect() if frame.schema().fields else []\n    print(sorted(r['v'] for r in rows))\n"
READ = (
    "def read(folder, ctx, fmt='json'):\n"
    "    return glueContext.create_dynamic_frame.from_options('s3', {{'paths': ['s3://{bucket}/{folder}/' + folder], 'recurse': True}},\n"
    "        fmt, {{'withHeader': True}} if fmt == 'csv' else {{}}, transformation_ctx=ctx)\n"
)


@pytest.fixture(scope="module")
def jobs(aws: Callable[[str], Any]) -> GlueJobs:
    return GlueJobs(aws)


class Source:
    """A folder of JSON files, and a job that prints what it reads of it."""

    def __init__(self, jobs: GlueJobs) -> None:
        self.jobs, self.folder = jobs, f"in-{uuid.uuid4().hex[:6]}"

    def put(self, name: str, *values: int) -> None:
        self.jobs.put(f"{self.folder}/{name}", "".join(json.dumps({"v": value}) + "\n" for value in values))

    def job(self, body: str = "show(read('', 'src'))\njob.commit()\n", **params: Any) -> str:
        head = GLUE + SHOW + READ.format(bucket=self.jobs.bucket, folder=self.folder)
        return self.jobs.create(head + body, **params)

    def read(self, name: str, option: str = ENABLE, **arguments: str) -> str:
        return self.jobs.log(self.ran(name, option, **arguments))[0]

    def ran(self, name: str, option: str = ENABLE, **arguments: str) -> dict[str, Any]:
        run = self.jobs.run(name, job_bookmark_option=option, **arguments)
        assert run.get("ErrorMessage") is None
        return run

    def bookmark(self, name: str) -> dict[str, Any]:
        entry: dict[str, Any] = self.jobs.glue.get_job_bookmark(JobName=name)["JobBookmarkEntry"]
        return entry


@pytest.fixture
def source(jobs: GlueJobs) -> Source:
    return Source(jobs)


def test_enable_disable_and_pause(source: Source) -> None:
    name = source.job()
    source.put("b.json", 1)
    assert source.read(name) == "[1]"
    assert source.read(name) == "[]"
    source.put("a.json", 2)  # "by last modified time": its name comes before
    source.put("b.json", 10, 11)  # a changed object is new
    assert source.read(name, PAUSE) == "[2, 10, 11]"
    assert source.read(name, DISABLE) == "[2, 10, 11]"
    assert source.read(name, PAUSE) == "[2, 10, 11]"
    assert source.read(name) == "[2, 10, 11]"
    assert source.read(name) == "[]"
    assert source.bookmark(name)["Run"] == 4


@pytest.mark.slow
def test_the_default_is_disable(source: Source) -> None:
    name = source.job()
    source.put("a.json", 1)
    for _ in range(2):
        assert source.jobs.log(source.jobs.run(name)) == ["[1]"]
    with pytest.raises(
        source.jobs.glue.exceptions.EntityNotFoundException, match=f"Continuation for job {name} not found"
    ):
        source.bookmark(name)


@pytest.mark.slow
def test_each_source_has_its_state_and_one_without_context_none(source: Source) -> None:
    name = source.job("show(read('x/', 'one'))\nshow(read('y/', 'two'))\nshow(read('x/', ''))\njob.commit()\n")
    source.put("x/1.json", 1)
    source.put("y/1.json", 2)
    assert source.jobs.log(source.ran(name)) == ["[1]", "[2]", "[1]"]
    source.put("y/2.json", 3)
    assert source.jobs.log(source.ran(name)) == ["[]", "[3]", "[1]"]
    assert sorted(json.loads(source.bookmark(name)["JobBookmark"])) == ["one", "two"]


def test_a_range_of_runs_is_read_again_and_nothing_saved(source: Source) -> None:
    """--job-bookmark-from and -to: "the last successful run before and including the specified run ID"."""
    name, runs = source.job(), []
    for number in (1, 2, 3):
        source.put(f"{number}.json", number)
        runs.append(source.ran(name)["Id"])
    before = source.bookmark(name)
    again = {"job_bookmark_from": runs[0], "job_bookmark_to": runs[1]}
    assert source.read(name, PAUSE, **again) == "[2]"
    paused = source.ran(name, PAUSE)["Id"]  # saved nothing: stands for the run before it
    assert source.read(name, PAUSE, job_bookmark_from=runs[0], job_bookmark_to=paused) == "[2, 3]"
    assert source.bookmark(name) == before
    run = source.jobs.run(name, job_bookmark_option=PAUSE, job_bookmark_from="jr_none", job_bookmark_to=runs[1])
    assert "EntityNotFoundException" in run["ErrorMessage"]
    run = source.jobs.run(name, job_bookmark_option=ENABLE, **again)
    assert "job-bookmark-pause" in run["ErrorMessage"]


def test_a_reset_and_a_rewind_to_a_run(source: Source) -> None:
    glue, name, runs = source.jobs.glue, source.job(), []
    for number in (1, 2, 3):
        source.put(f"{number}.json", number)
        runs.append(source.ran(name)["Id"])
    assert (source.bookmark(name)["RunId"], source.bookmark(name)["PreviousRunId"]) == (runs[2], runs[1])
    rewound = glue.reset_job_bookmark(JobName=name, RunId=runs[0])["JobBookmarkEntry"]
    assert (rewound["RunId"], rewound["Version"], rewound["Run"], rewound["Attempt"]) == (runs[0], 4, 1, 0)
    assert source.read(name) == "[2, 3]"
    entry = glue.reset_job_bookmark(JobName=name)["JobBookmarkEntry"]
    assert (entry["JobBookmark"], entry["Version"], entry["Run"]) == ("{}", 6, 0)
    assert source.read(name) == "[1, 2, 3]"
    assert source.bookmark(name)["Version"] == 7
    with pytest.raises(glue.exceptions.EntityNotFoundException, match="saved no bookmark"):
        glue.reset_job_bookmark(JobName=name, RunId="jr_none")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.reset_job_bookmark(JobName="no-such-job")


@pytest.mark.slow
def test_a_run_that_fails_or_never_commits_changes_nothing(source: Source) -> None:
    name = source.job(
        "show(read('', 'src'))\nif '--how' in sys.argv:\n"
        "    how = sys.argv[sys.argv.index('--how') + 1]\n    if how == 'raise':\n        raise ValueError('tarde')\n    sys.exit(0)\n"
        "job.commit()\n"
    )
    source.put("1.json", 1)
    for how, state in (("raise", "FAILED"), ("leave", "SUCCEEDED")):
        run = source.jobs.run(name, job_bookmark_option=ENABLE, how=how)
        assert (run["JobRunState"], source.jobs.log(run)) == (state, ["[1]"])
    assert source.read(name) == "[1]"
    assert source.bookmark(name)["Run"] == 1
    assert source.read(name) == "[]"


@pytest.mark.parametrize("how", ["stop", pytest.param("kill", marks=pytest.mark.slow)])
def test_a_run_that_is_stopped_or_killed_before_commit_changes_nothing(source: Source, how: str) -> None:
    wait = "import os, time\nif '--wait' in sys.argv:\n    print(os.getpid(), flush=True)\n    time.sleep(100)\njob.commit()\n"
    name = source.job("show(read('', 'src'))\n" + wait)
    source.put("1.json", 1)
    run_id = source.jobs.start(name, job_bookmark_option=ENABLE, wait="1")
    run = source.jobs.wait(name, run_id, "RUNNING")
    while len(source.jobs.log(run)) < 2:
        time.sleep(0.1)
    if how == "stop":
        source.jobs.glue.batch_stop_job_run(JobName=name, JobRunIds=[run_id])
    else:
        os.killpg(os.getpgid(int(source.jobs.log(run)[1])), signal.SIGKILL)
    assert source.jobs.wait(name, run_id)["JobRunState"] == ("STOPPED" if how == "stop" else "FAILED")
    with pytest.raises(source.jobs.glue.exceptions.EntityNotFoundException):
        source.bookmark(name)
    assert source.read(name) == "[1]"


@pytest.mark.slow
def test_objects_that_come_while_a_run_is_going_on_are_for_the_next(source: Source) -> None:
    body = (
        "frame = read('', 'src')\nimport boto3\n"
        "if '--add' in sys.argv:\n"
        f"    boto3.client('s3').put_object(Bucket='{source.jobs.bucket}', Key='{source.folder}/0.json', Body=b'{{\"v\": 2}}')\n"
        "show(frame)\njob.commit()\n"
    )
    name = source.job(body)
    source.put("1.json", 1)
    assert source.read(name, add="1") == "[1]"
    assert source.read(name) == "[2]"


@pytest.mark.slow
def test_objects_of_one_second_are_not_lost(source: Source) -> None:
    """maxBand: the objects of the last 15 minutes are known by name, not by time alone."""
    name = source.job()
    source.put("1.json", 1)
    source.put("2.json", 2)
    assert source.read(name) == "[1, 2]"
    source.put("0.json", 3)
    source.put("1.json", 4)
    assert source.read(name) == "[3, 4]"


@pytest.mark.slow
def test_a_partitioned_catalog_table(source: Source) -> None:
    glue, database = source.jobs.glue, f"bm_{uuid.uuid4().hex[:6]}"
    place = f"s3://{source.jobs.bucket}/{source.folder}"
    glue.create_database(DatabaseInput={"Name": database})
    descriptor = {"Columns": [{"Name": "v", "Type": "int"}], "Location": f"{place}/"}
    table = {
        "Name": "t", "StorageDescriptor": descriptor, "PartitionKeys": [{"Name": "d", "Type": "string"}],
        "Parameters": {"classification": "json"},
    }  # fmt: skip
    glue.create_table(DatabaseName=database, TableInput=table)

    def add(day: str) -> None:
        one = {"Values": [day], "StorageDescriptor": {**descriptor, "Location": f"{place}/d={day}/"}}
        glue.create_partition(DatabaseName=database, TableName="t", PartitionInput=one)

    body = (
        f"frame = glueContext.create_dynamic_frame.from_catalog('{database}', 't', transformation_ctx='t')\nshow(frame)\n"
        f"print(glueContext.create_data_frame.from_catalog('{database}', 't', transformation_ctx='df').count())\njob.commit()\n"
    )
    name = source.job(body)
    source.put("d=1/a.json", 1)
    add("1")
    assert source.jobs.log(source.ran(name)) == ["[1]", "1"]
    source.put("d=1/b.json", 2)
    source.put("d=2/a.json", 3)
    add("2")
    assert source.jobs.log(source.ran(name)) == ["[2, 3]", "2"]
    assert source.jobs.log(source.ran(name)) == ["[]", "0"]


def test_of_two_runs_that_overlap_the_second_to_commit_fails(source: Source) -> None:
    """AWS: "Continuation update failed due to version mismatch. Expected version 2 but found version 3" (VersionMismatchException)."""
    body = (
        "show(read('', 'src'))\nimport boto3, time\ns3 = boto3.client('s3')\n"
        "while '--wait' in sys.argv and not s3.list_objects_v2("
        f"Bucket='{source.jobs.bucket}', Prefix='go-{source.folder}').get('Contents'):\n    time.sleep(0.2)\n"
        "job.commit()\n"
    )
    name = source.job(body, ExecutionProperty={"MaxConcurrentRuns": 2})
    source.put("1.json", 1)
    slow = source.jobs.start(name, job_bookmark_option=ENABLE, wait="1")
    run = source.jobs.wait(name, slow, "RUNNING")
    while not source.jobs.log(run):
        time.sleep(0.1)
    source.ran(name)
    saved = source.bookmark(name)
    source.jobs.put(f"go-{source.folder}", "now")
    run = source.jobs.wait(name, slow)
    assert run["JobRunState"] == "FAILED"
    assert (
        "Continuation update failed due to version mismatch. Expected version 0 but found version 1"
        in run["ErrorMessage"]
    )
    assert "GLUE_JOB_BOOKMARK_VERSION_MISMATCH_ERROR" in run["ErrorMessage"]
    assert source.bookmark(name) == saved


@pytest.mark.slow
def test_commit_twice_is_one_run_of_the_bookmark(source: Source) -> None:
    name = source.job("show(read('', 'src'))\njob.commit()\nshow(read('more/', 'other'))\njob.commit()\n")
    source.put("more/1.json", 1)
    assert source.jobs.log(source.ran(name)) == ["[1]", "[1]"]
    entry = source.bookmark(name)
    assert (entry["Run"], entry["Version"], sorted(json.loads(entry["JobBookmark"]))) == (1, 2, ["other", "src"])
    assert "PreviousRunId" not in entry


@pytest.mark.slow
def test_a_retry_reads_what_the_failed_attempt_read(source: Source) -> None:
    body = "show(read('', 'src'))\nif '_attempt_' not in ' '.join(sys.argv):\n    raise ValueError('first')\njob.commit()\n"
    name = source.job(body, MaxRetries=1)
    source.put("1.json", 1)
    run_id = source.jobs.start(name, job_bookmark_option=ENABLE)
    assert source.jobs.wait(name, run_id)["JobRunState"] == "FAILED"
    second = f"{run_id}_attempt_1"
    for _ in range(100):
        if any(run["Id"] == second for run in source.jobs.glue.get_job_runs(JobName=name)["JobRuns"]):
            break
        time.sleep(0.1)
    run = source.jobs.wait(name, second)
    assert (run["JobRunState"], source.jobs.log(run)) == ("SUCCEEDED", ["[1]"])
    entry = source.bookmark(name)
    assert (entry["RunId"], entry["Attempt"], entry["Run"]) == (second, 1, 1)


@pytest.mark.slow
def test_init_by_hand_and_without_bookmark_arguments(source: Source) -> None:
    """The state is that of the name given to init; without the option there is no bookmark."""
    other = f"other-{uuid.uuid4().hex[:6]}"
    body = (
        "show(read('', 'src'))\njob.commit()\n"
        "job.init('nothing')\nshow(read('', 'src'))\njob.commit()\n"
        f"job.init('{other}', {{'job_bookmark_option': 'job-bookmark-enable'}})\nshow(read('', 'src'))\njob.commit()\n"
    )
    name = source.job(body)
    source.put("1.json", 1)
    assert source.jobs.log(source.ran(name)) == ["[1]", "[1]", "[1]"]
    assert source.bookmark(other)["RunId"] == source.bookmark(name)["RunId"]
    assert source.jobs.log(source.ran(name)) == ["[]", "[1]", "[]"]


@pytest.mark.slow
def test_the_bookmark_goes_with_its_job(source: Source) -> None:
    name = source.job()
    source.put("1.json", 1)
    source.ran(name)
    source.jobs.glue.delete_job(JobName=name)
    with pytest.raises(source.jobs.glue.exceptions.EntityNotFoundException):
        source.bookmark(name)
    again = source.job(name=name)
    assert source.read(again) == "[1]"


@pytest.mark.slow
def test_a_sink_with_a_context_and_a_csv_source(source: Source) -> None:
    body = (
        "frame = read('', 'src', 'csv')\nshow(frame)\n"
        f"glueContext.write_dynamic_frame.from_options(frame, 's3', {{'path': 's3://{source.jobs.bucket}/{source.folder}-out/'}},\n"
        "    'json', transformation_ctx='sink')\njob.commit()\n"
    )
    name = source.job(body)
    source.jobs.put(f"{source.folder}/a.csv", "v\n1\n2\n")
    assert source.read(name) == "['1', '2']"
    source.jobs.put(f"{source.folder}/b.csv", "v\n3\n")
    assert source.read(name) == "['3']"
    assert source.read(name) == "[]"
    found = source.jobs.s3.list_objects_v2(Bucket=source.jobs.bucket, Prefix=f"{source.folder}-out/")["Contents"]
    assert len(found) == 2
