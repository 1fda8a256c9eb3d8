"""What plain boto3 creates is in the ledger before AWS hears of it; botocore's own events, replies made by hand."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, ConnectTimeoutError

from labkit.classroom import recording
from labkit.classroom.recording import Recorder, record_calls
from labkit.settings import LOCAL_ACCOUNT, Credentials, Target
from labkit.steps.ledger import Ledger

TARGET = Target("local", "us-east-1", LOCAL_ACCOUNT, "http://127.0.0.1:9", Credentials("test", "test"))


class Raw:
    """A reply's body."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_sizes: int, **_rest: Any) -> Iterator[bytes]:
        yield self._body


class Nothing:
    """Clients of an account in which nothing exists, or the bucket `taken`."""

    def __init__(self, taken: str = "") -> None:
        self.s3 = self
        self.iam = self
        self.glue = self
        self._taken = taken

    def head_bucket(self, Bucket: str) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        if Bucket == self._taken:
            return {}
        raise ClientError({"Error": {"Code": "404", "Message": ""}}, "HeadBucket")

    def get_role(self, RoleName: str) -> dict[str, Any]:  # noqa: N803
        raise ClientError({"Error": {"Code": "NoSuchEntity", "Message": ""}}, "GetRole")


class Desk:
    """A default session whose calls end in this process: what the ledger says while AWS works is in `seen`."""

    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger(folder, TARGET)
        self.seen: list[list[tuple[str, str, str]]] = []
        self.status = 200
        self.error: Exception | None = None
        self.is_broken = False

    def entries(self) -> list[tuple[str, str, str]]:
        return [(entry.kind, entry.name, entry.state) for entry in self.ledger.entries()]

    def answer(self, request: Any, **_rest: Any) -> AWSResponse:
        if not self.is_broken:
            self.seen.append(self.entries())
        if self.error:
            raise self.error
        error = json.dumps({"__type": "AlreadyExistsException", "Message": "there"}).encode()
        body = error if self.status != 200 else b"{}" if request.headers.get("X-Amz-Target") else b""
        return AWSResponse(request.url, self.status, {}, Raw(body))

    def client(self, service: str) -> Any:
        from botocore.config import Config

        client = boto3.client(
            service, endpoint_url=TARGET.endpoint_url, config=Config(retries={"total_max_attempts": 1})
        )
        client.meta.events.register("before-send", self.answer)
        return client


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setattr(recording, "_warned", [])
    found = Desk(tmp_path)
    record_calls(Recorder(found.ledger, Nothing(), 3))  # type: ignore[arg-type]
    return found


def test_a_resource_is_written_before_the_call_and_settled_after_it(desk: Desk) -> None:
    record_calls(Recorder(desk.ledger, Nothing(), 3))  # type: ignore[arg-type] - opened again: still written once
    desk.client("glue").create_database(DatabaseInput={"Name": "mine"})
    desk.client("s3").create_bucket(Bucket="a-bucket")
    desk.client("logs").create_log_group(logGroupName="/a/group")
    desk.client("athena").create_work_group(Name="group")
    assert desk.seen[0] == [("glue-database", "mine", "calling")]
    assert desk.entries() == [
        ("glue-database", "mine", "made"),
        ("s3-bucket", "a-bucket", "made"),
        ("log-group", "/a/group", "made"),
        ("athena-workgroup", "group", "made"),
    ]
    assert {entry.step for entry in desk.ledger.entries()} == {3}


def test_what_aws_refuses_is_not_ours_and_the_student_sees_the_error(desk: Desk) -> None:
    desk.status = 400
    with pytest.raises(ClientError, match="AlreadyExistsException"):
        desk.client("glue").create_database(DatabaseInput={"Name": "others"})
    assert desk.entries() == [("glue-database", "others", "refused")]


def test_making_again_what_was_made_does_not_take_it_out_of_the_ledger(desk: Desk) -> None:
    glue = desk.client("glue")
    glue.create_database(DatabaseInput={"Name": "mine"})
    desk.status = 400
    with pytest.raises(ClientError):
        glue.create_database(DatabaseInput={"Name": "mine"})
    assert desk.entries() == [("glue-database", "mine", "made")]


def test_what_was_deleted_and_made_anew_has_the_new_date(desk: Desk) -> None:
    long_ago = datetime(2026, 1, 1, tzinfo=timezone.utc)
    old = Ledger(desk.ledger.path.parent, TARGET, lambda: long_ago)
    record_calls(Recorder(old, Nothing(), 3))  # type: ignore[arg-type]
    desk.client("glue").create_database(DatabaseInput={"Name": "mine"})
    record_calls(Recorder(desk.ledger, Nothing(), 3))  # type: ignore[arg-type]
    desk.client("glue").create_database(DatabaseInput={"Name": "mine"})
    (entry,) = desk.ledger.entries()
    assert datetime.fromisoformat(entry.at) > long_ago
    assert entry.state == "made"


@pytest.mark.parametrize("failure", [500, "silence"])
def test_a_call_of_which_nobody_knows_stays_open(desk: Desk, failure: int | str) -> None:
    if failure == "silence":
        desk.error = ConnectTimeoutError(endpoint_url="http://127.0.0.1:9")
    else:
        desk.status = 500
    with pytest.raises((ClientError, ConnectTimeoutError)):
        desk.client("glue").create_database(DatabaseInput={"Name": "perhaps"})
    assert desk.entries() == [("glue-database", "perhaps", "calling")]


def test_a_bucket_that_was_there_is_not_ours_although_s3_says_yes(desk: Desk) -> None:
    record_calls(Recorder(desk.ledger, Nothing(taken="theirs"), 3))  # type: ignore[arg-type]
    desk.client("s3").create_bucket(Bucket="theirs")
    assert desk.entries() == []


def test_wrong_parameters_write_nothing(desk: Desk) -> None:
    from botocore.exceptions import ParamValidationError

    with pytest.raises(ParamValidationError):
        desk.client("glue").create_database(DatabaseInput={"Nombre": "x"})
    assert desk.entries() == []


@pytest.mark.parametrize("severity", ["always", "error"])
def test_a_broken_ledger_stops_no_call_and_is_told_once(desk: Desk, severity: Any) -> None:
    desk.ledger.path.write_text("{", encoding="utf-8")
    desk.is_broken = True
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter(severity)
        for _ in range(2):
            desk.client("glue").create_database(DatabaseInput={"Name": "mine"})
    assert len(told) == (1 if severity == "always" else 0)


def test_a_session_of_ones_own_is_not_heard(desk: Desk) -> None:
    session = boto3.Session()
    client = session.client("glue", endpoint_url=TARGET.endpoint_url)
    client.meta.events.register("before-send", desk.answer)
    client.create_database(DatabaseInput={"Name": "unheard"})
    assert desk.entries() == []
