"""The server's end while queries run: by signal, at any moment, without a thread left inside DuckDB."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import boto3
import pytest

from labkit.cloud import daemon

_NUMBERS = "UNNEST(sequence(1, 10000))"
_LONG = (
    f"SELECT count(*) FROM {_NUMBERS} AS a(x) CROSS JOIN {_NUMBERS} AS b(y) CROSS JOIN {_NUMBERS} AS c(z) "
    "WHERE (x * 7 + y + z) % 3 = 1"
)


def _start(state: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "labkit.cloud.server", "--state", str(state)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def _client(state: Path, service: str) -> Any:
    while (info := daemon.find_running(state)) is None:
        time.sleep(0.02)
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    return boto3.client(service, endpoint_url=info.endpoint_url, **keys)


def _end(process: subprocess.Popen[bytes], number: signal.Signals) -> str:
    """Send the signal; what the process printed. It must end well and soon."""
    process.send_signal(number)
    output = process.communicate(timeout=15)[0].decode()
    assert process.returncode == 0, output
    assert "terminate called" not in output
    assert "FATAL" not in output
    return output


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a process can answer")
@pytest.mark.slow
def test_a_signal_ends_running_queries_and_they_say_so(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    process = _start(state)
    athena = _client(state, "athena")
    _client(state, "s3").create_bucket(Bucket="results")
    where = {"ResultConfiguration": {"OutputLocation": "s3://results/"}}
    names = [athena.start_query_execution(QueryString=_LONG, **where)["QueryExecutionId"] for _ in range(6)]
    while athena.get_query_execution(QueryExecutionId=names[0])["QueryExecution"]["Status"]["State"] == "QUEUED":
        time.sleep(0.02)
    _end(process, signal.SIGTERM)
    process = _start(state)
    athena = _client(state, "athena")
    found = athena.batch_get_query_execution(QueryExecutionIds=names)["QueryExecutions"]
    reasons = {(one["Status"]["State"], one["Status"].get("StateChangeReason")) for one in found}
    assert reasons == {("FAILED", "Query failed: the local cloud stopped while the query was running")}
    _end(process, signal.SIGINT)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a process can answer")
@pytest.mark.parametrize("after_s", [0.0, 0.5, 7.9, 8.0, 8.1, 8.2, 8.4, 8.7])
def test_a_signal_while_the_engine_is_made_ready(tmp_path: Path, after_s: float) -> None:
    """DuckDB is loaded eight seconds after the start."""
    state = tmp_path / "state"
    state.mkdir()
    process = _start(state)
    _client(state, "athena")
    time.sleep(after_s)
    _end(process, signal.SIGTERM)
