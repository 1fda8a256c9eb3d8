"""The clients of a target: what is meant for this computer stays on it, and who calls is asked of STS."""

from __future__ import annotations

from datetime import datetime, timezone
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from labkit.aws.identity import find_identity
from labkit.aws.session import Clients
from labkit.errors import AwsCallError
from labkit.settings import Credentials, Target

if TYPE_CHECKING:
    from pathlib import Path

LOCAL = Target("local", "us-east-1", "123456789012", "http://127.0.0.1:9", Credentials("test", "test"))


def test_a_call_that_was_redirected_off_this_computer_is_not_sent() -> None:
    s3 = Clients(LOCAL).s3

    def redirect(request: Any, **_rest: Any) -> None:
        request.url = "https://bsg-data-raw.s3.amazonaws.com/?X-Amz-Signature=secret"

    s3.meta.events.register("request-created", redirect)
    with pytest.raises(AwsCallError) as caught:
        s3.list_buckets()
    assert "bsg-data-raw.s3.amazonaws.com" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.0.0.2"])
def test_no_proxy_gets_a_call_for_this_computer(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    target = Target("local", "us-east-1", "123456789012", f"http://{host}:4566", Credentials("test", "test"))
    assert Clients(target).sts.meta.config.proxies == {}


def test_aws_itself_has_no_such_door() -> None:
    events = Clients(Target("aws", "us-east-1", "", None, None)).s3.meta.events
    assert "_refuse_other_hosts" not in repr(events.__dict__.get("_emitter").__dict__)


def test_renewed_credentials_are_read_by_the_next_call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "old")
    clients = Clients(Target("aws", "us-east-1", "", None, None))
    before = clients.s3
    assert clients.find_credentials().access_key == "old"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "new")
    clients.renew()
    assert clients.find_credentials().access_key == "new"
    assert clients.s3 is not before


class _Sts:
    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": "210987654321", "Arn": "arn:aws:sts::210987654321:assumed-role/LabRole/ana"}


class _Iam:
    def list_account_aliases(self) -> dict[str, list[str]]:
        from botocore.exceptions import ClientError

        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListAccountAliases")


def test_the_identity_comes_from_sts_and_goes_without_an_alias_that_it_may_not_read() -> None:
    ends = datetime(2026, 11, 29, 12, tzinfo=timezone.utc)
    keys = SimpleNamespace(method="sso", token="t", _expiry_time=ends)
    clients: Any = SimpleNamespace(sts=_Sts(), iam=_Iam(), profile="clase", find_credentials=lambda: keys)
    found = find_identity(clients)
    assert (found.account, found.alias, found.source, found.profile) == ("210987654321", "", "sso", "clase")
    assert (found.is_temporary, found.expires, found.is_root) == (True, ends, False)


def test_without_credentials_the_lesson_says_how_to_get_some(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    with pytest.raises(AwsCallError) as caught:
        find_identity(Clients(Target("aws", "us-east-1", "", None, None)))
    assert "aws sso login" in caught.value.next_step
