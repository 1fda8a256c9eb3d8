"""CloudWatch Logs of a running cloud with plain boto3, and `labkit logs` over it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from labkit.cli import main

Aws = Callable[[str], Any]


@pytest.fixture
def group(aws: Aws) -> str:
    name = f"/labkit/{uuid.uuid4().hex[:8]}"
    aws("logs").create_log_group(logGroupName=name)
    for stream in ("a", "b"):
        aws("logs").create_log_stream(logGroupName=name, logStreamName=stream)
    return name


def write(aws: Aws, group: str, stream: str, count: int, size: int = 10) -> None:
    for first in range(0, count, size):
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": f"{stream} {number}"} for number in range(first, first + size)]
        aws("logs").put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def test_paginators_and_queries_of_boto3(aws: Aws, group: str) -> None:
    write(aws, group, "a", 30)
    pages = (
        aws("logs").get_paginator("filter_log_events").paginate(logGroupName=group, PaginationConfig={"PageSize": 7})
    )
    assert [event["message"] for page in pages for event in page["events"]] == [f"a {n}" for n in range(30)]
    now = int(time.time())
    query = aws("logs").start_query(
        logGroupName=group,
        startTime=now - 60,
        endTime=now + 1,
        queryString="filter @message like /a 2/ | stats count(*) as n",
    )["queryId"]
    while (found := aws("logs").get_query_results(queryId=query))["status"] in ("Scheduled", "Running"):
        time.sleep(0.01)
    assert found["results"] == [[{"field": "n", "value": "11"}]]


def test_a_metric_filter_counts_into_cloudwatch(aws: Aws, group: str) -> None:
    space = f"Lab{uuid.uuid4().hex[:8]}"
    made = {"metricName": "Errores", "metricNamespace": space, "metricValue": "1"}
    aws("logs").put_metric_filter(
        logGroupName=group, filterName="e", filterPattern='{ $.level = "ERROR" }', metricTransformations=[made]
    )
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": json.dumps({"level": level})} for level in ("ERROR", "INFO", "ERROR")]
    aws("logs").put_log_events(logGroupName=group, logStreamName="a", logEvents=events)
    found = aws("cloudwatch").get_metric_statistics(
        Namespace=space,
        MetricName="Errores",
        StartTime=now / 1000 - 300,
        EndTime=now / 1000 + 300,
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    assert sum(point["Sum"] for point in found) == 2


def test_logs_are_merged_labelled_and_filtered(
    aws: Aws, cloud: Any, group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(aws, group, "a", 10)
    state = ["--state", str(cloud.state_dir)]
    assert main(["logs", *state, "--group", group, "--limit", "3"]) == 0
    assert [line.split("Z ", 1)[1] for line in capsys.readouterr().out.splitlines()] == [
        f"{group} a {n}" for n in (7, 8, 9)
    ]
    assert main(["logs", *state, "--group", group, "--filter", '"a 5"', "--json"]) == 0
    (document,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (document["group"], document["stream"], document["message"]) == (group, "a", "a 5")
    assert main(["logs", *state, "--group", group, "--filter", "a-b"]) == 1
    assert "Invalid character(s) in term 'a-b'" in capsys.readouterr().err
    assert main(["logs", *state, "--limit", "10000"]) == 0
    assert f"{group} a 9" in capsys.readouterr().out


def test_following_loses_and_repeats_no_line(aws: Aws, cloud: Any, group: str) -> None:
    command = [sys.executable, "-m", "labkit", "logs", "--state", str(cloud.state_dir), "--group", group]
    command += ["--follow", "--limit", "10000"]  # whatever was written before the first look is wanted too
    follower = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    assert follower.stdout is not None
    watchdog = threading.Timer(60, follower.kill)  # lines that are lost would let the test wait for ever
    watchdog.start()
    writers = [threading.Thread(target=write, args=(aws, group, stream, 1_000, 50)) for stream in ("a", "b")]
    for writer in writers:
        writer.start()
    seen = []
    for line in follower.stdout:
        seen.append(line.split(f"{group} ", 1)[1].strip())
        if seen[-1] == "el fin":
            break
        if len(seen) == 2_000:
            aws("logs").put_log_events(
                logGroupName=group,
                logStreamName="a",
                logEvents=[{"timestamp": int(time.time() * 1000), "message": "el fin"}],
            )
    watchdog.cancel()
    follower.terminate()
    follower.wait(10)
    follower.stdout.close()
    assert len(set(seen)) == len(seen) == 2_001
    assert [line for line in seen if line.startswith("a")] == [f"a {number}" for number in range(1_000)]
