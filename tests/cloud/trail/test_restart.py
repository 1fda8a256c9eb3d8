"""The trail and the logs outlive a server that is killed."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from labkit.cloud import daemon


@pytest.mark.slow
def test_a_killed_server_loses_neither_events_nor_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABKIT_WARM_DRIVER", "started")
    info = daemon.up(tmp_path / "state")
    try:

        def client(service: str) -> Any:
            return boto3.client(service, endpoint_url=info.endpoint_url, region_name="us-east-1")

        logs, glue = client("logs"), client("glue")
        logs.create_log_group(logGroupName="/k")
        logs.create_log_stream(logGroupName="/k", logStreamName="s")
        for number in range(50):
            events = [{"timestamp": int(time.time() * 1000), "message": str(number)}]
            logs.put_log_events(logGroupName="/k", logStreamName="s", logEvents=events)
            with pytest.raises(ClientError):
                glue.get_job(JobName=f"j{number}")
        names = [{"AttributeKey": "EventName", "AttributeValue": "GetJob"}]
        assert len(client("cloudtrail").lookup_events(LookupAttributes=names)["Events"]) == 50
        os.kill(info.pid, signal.SIGKILL)
        while daemon.find_running(tmp_path / "state") is not None:
            time.sleep(0.05)
        info = daemon.up(tmp_path / "state")
        found = client("cloudtrail").lookup_events(LookupAttributes=names)["Events"]
        asked = [json.loads(event["CloudTrailEvent"])["requestParameters"]["jobName"] for event in found]
        assert asked == [f"j{number}" for number in reversed(range(50))]
        lines = client("logs").filter_log_events(logGroupName="/k")["events"]
        assert [line["message"] for line in lines] == [str(number) for number in range(50)]
    finally:
        daemon.down(tmp_path / "state")
