"""`labkit events` against AWS: CloudTrail's event history, said to be late."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from labkit.aws.session import Clients
from labkit.cli import main


class FakeTrail:
    """Event history, newest first, in pages of one."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def get_paginator(self, name: str) -> Any:
        assert name == "lookup_events"
        return SimpleNamespace(paginate=self.pages)

    def pages(self, **asked: Any) -> Any:
        self.asked.append(asked)
        for second, name in ((2, "StartJobRun"), (1, "CreateJob")):
            record = {
                "eventID": name, "eventSource": "glue.amazonaws.com", "eventName": name, "awsRegion": "eu-west-1", "readOnly": False,
                "userIdentity": {"type": "IAMUser", "userName": "ana"}, "requestParameters": {"jobName": "j"},
                "eventCategory": "Management",
            }  # fmt: skip
            at = datetime(2026, 1, 1, 0, 0, second, tzinfo=timezone.utc)
            yield {"Events": [{"EventTime": at, "CloudTrailEvent": json.dumps(record)}]}


@pytest.fixture
def trail(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> FakeTrail:
    found = FakeTrail()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LABKIT_TARGET", "aws")
    monkeypatch.setenv("LABKIT_LANG", "en")
    monkeypatch.setattr(Clients, "cloudtrail", found)
    return found


def test_the_history_is_told_oldest_first(trail: FakeTrail, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["events", "--since", "1d"]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "2026-01-01T00:00:01.000Z  glue       ana                  CreateJob j  ok",
        "2026-01-01T00:00:02.000Z  glue       ana                  StartJobRun j  ok",
    ]
    assert "15 minutes late" in told.err
    assert trail.asked[0]["LookupAttributes"] == [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]


def test_reads_are_asked_for_with_all(trail: FakeTrail, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["events", "--all", "--json", "--limit", "1"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["record"]["eventName"] == "StartJobRun"
    assert "LookupAttributes" not in trail.asked[0]


def test_without_credentials_nothing_is_called(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class NoKeys:
        def get_paginator(self, name: str) -> Any:
            raise NoCredentialsError

    monkeypatch.setenv("LABKIT_TARGET", "aws")
    monkeypatch.setenv("LABKIT_LANG", "en")
    monkeypatch.setattr(Clients, "cloudtrail", NoKeys())
    assert main(["events"]) == 1
    told = capsys.readouterr().err
    assert "There are no AWS credentials: cloudtrail.lookup_events was not called" in told
    assert "aws configure" in told


def test_services_are_understood_in_capitals(trail: FakeTrail, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["events", "--service", "GLUE", "--since", "1d"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
