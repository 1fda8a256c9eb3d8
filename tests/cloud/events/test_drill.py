"""The lab under bad weather: every file is processed once, however its event comes."""

from __future__ import annotations

import pytest
import requests

from benchmarks import events as drill
from benchmarks.clouds import client
from benchmarks.pipeline import built_lab

JOB, RAW = "bsg-glue-etl-job", "bsg-data-raw"
FILES = 60


@pytest.mark.slow
def test_files_whose_events_come_twice_and_late_are_processed_once() -> None:
    files = {f"raw_sales/drill_{number:03}.csv": drill.make_file(number) for number in range(FILES)}
    with built_lab() as (cloud, _):
        page = f"{cloud.endpoint_url}/_labkit/chaos"
        for wish in (
            {"kind": "duplicate", "bucket": RAW, "times": 30},
            {"kind": "delay", "bucket": RAW, "seconds": 3, "times": 20},
            {"kind": "reorder", "bucket": RAW, "times": 5},
            {"kind": "throttle", "function": "bsg-start-glue-job", "times": 10},
        ):
            requests.post(page, json=wish, timeout=10).raise_for_status()
        before = {run["Id"] for run in client(cloud, "glue").get_job_runs(JobName=JOB)["JobRuns"]}
        drill.put_all(cloud, files, seconds=10)
        # This one is gone when the function and the job come for it.
        s3 = client(cloud, "s3")
        s3.put_object(Bucket=RAW, Key="raw_sales/gone.csv", Body=drill.make_file(999))
        s3.delete_object(Bucket=RAW, Key="raw_sales/gone.csv")
        runs = drill.wait_idle(cloud, before, FILES)
        assert {run["JobRunState"] for run in runs} == {"SUCCEEDED"}
        assert len(runs) < FILES / 3, "a burst of events must not become a queue of runs"
        assert drill.differences(cloud, files) == 0
        done = requests.get(page, timeout=10).json()
        assert {effect["did"] for effect in done["effects"]} == {"doubled", "late", "held", "overtook", "throttled"}
        assert done["rules"] == []
