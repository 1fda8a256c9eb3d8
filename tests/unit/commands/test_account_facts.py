"""How the doctor gathers what it says about an account: files and variables read, AWS's replies stubbed."""

from __future__ import annotations

import argparse
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from labkit.commands import account_facts, account_room
from labkit.commands import doctor as doctor_command
from labkit.commands.account_config import find_config_lines, find_profiles, find_regions
from labkit.commands.account_facts import gather_account
from labkit.doctor.account.examine import examine_account
from labkit.settings import Settings, read_settings
from labkit.ui.doctor import DoctorReport

CONFIG = """\
[default]
region = eu-west-1
[profile clase]
region = us-west-2
endpoint_url = https://example.org
services = mias
[services mias]
s3 =
  endpoint_url = https://s3.example.org
"""


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "config").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "credentials").write_text("[vieja]\naws_access_key_id = x\n", encoding="utf-8")
    return {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }


def test_profiles_regions_and_diverting_lines_are_read_from_the_users_files(
    files: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "labkit.toml").write_text('region = "eu-west-1"\n', encoding="utf-8")
    assert find_profiles(files) == ("clase", "default", "vieja")
    environ = {**files, "AWS_REGION": "eu-west-1"}
    assert find_regions(environ, tmp_path) == {
        "AWS_REGION": "eu-west-1",
        "~/.aws/config [default]": "eu-west-1",
        "labkit.toml": "eu-west-1",
    }
    assert find_config_lines(environ) == ()
    assert find_config_lines({**environ, "AWS_PROFILE": "clase"}) == (
        "[clase] endpoint_url = https://example.org",
        "[services mias] s3 endpoint_url = https://s3.example.org",
    )


def test_files_that_are_missing_or_broken_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("no section\n", encoding="utf-8")
    for name in ("config", "absent"):
        environ = {"AWS_CONFIG_FILE": str(tmp_path / name), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}
        assert find_profiles(environ) == ()
        assert find_config_lines(environ) == ()


class Stub:
    """One client for every service: each call answers or raises what `replies` holds for its name."""

    def __init__(self, **replies: Any) -> None:
        self.replies = replies
        self.made: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def call(**params: Any) -> Any:
            self.made.append(name)
            reply = self.replies.get(name, {})
            reply = reply(**params) if callable(reply) else reply
            if isinstance(reply, Exception):
                raise reply
            return reply

        return call

    def get_paginator(self, name: str) -> Any:
        stub = self

        class Pages:
            def paginate(self, **params: Any) -> Any:
                return iter([getattr(stub, name)(**params)])

        return Pages()


class Clients:
    def __init__(self, settings: Settings, stub: Stub) -> None:
        self.target = settings.target
        self.profile = ""
        self.s3 = self.iam = self.sts = self.glue = self.lambda_ = self.athena = self.logs = stub

    def client(self, _service: str) -> Stub:
        return self.s3

    def find_credentials(self) -> None:
        return None


def refuse(code: str, status: int = 403, **headers: str) -> ClientError:
    metadata: Any = {"HTTPStatusCode": status, "HTTPHeaders": headers}
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": metadata}, "Operation")


def examine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stub: Stub, **environ: str) -> dict[str, str]:
    given = {"LABKIT_TARGET": "aws", "LABKIT_ACCOUNT": "123456789012", **environ}
    settings = read_settings(given, tmp_path)
    monkeypatch.setattr(account_facts, "Clients", lambda _target: Clients(settings, stub))
    none = {"AWS_CONFIG_FILE": str(tmp_path / "none"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}
    findings = examine_account(gather_account(settings, {**given, **none}, tmp_path))
    return {item.topic: item.key for item in findings}


def build_stub(**replies: Any) -> Stub:
    date = formatdate(time.time(), usegmt=True)
    identity = {
        "Account": "123456789012",
        "Arn": "arn:aws:iam::123456789012:user/ana",
        "ResponseMetadata": {"HTTPHeaders": {"date": date}},
    }

    def simulate(**params: Any) -> Any:
        results = [
            {"EvalActionName": action, "EvalResourceName": arn, "EvalDecision": "allowed"}
            for action in params["ActionNames"]
            for arn in params["ResourceArns"]
        ]
        return {"EvaluationResults": results, "IsTruncated": False}

    usual = {
        "get_caller_identity": identity,
        "list_account_aliases": {"AccountAliases": []},
        "simulate_principal_policy": simulate,
        "head_bucket": refuse("404", 404),
        "list_service_quotas": {"Quotas": [{"QuotaName": "Max task DPUs per account", "Value": 300.0}]},
    }
    return Stub(**{**usual, **replies})


def test_a_good_account_is_looked_at_with_reads_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stub = build_stub()
    found = examine(monkeypatch, tmp_path, stub)
    assert len(found) == 11
    assert all(not key.startswith("error.") for key in found.values()), found
    assert {name.split("_")[0] for name in stub.made} <= {"get", "list", "head", "simulate", "describe"}


def test_without_keys_the_way_is_still_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stub = build_stub(get_caller_identity=NoCredentialsError())
    found = examine(monkeypatch, tmp_path, stub)
    assert found["account_credentials"] == "error.doctor.account_no_keys"
    assert "account_permissions" not in found
    assert stub.made == ["get_caller_identity"]


def test_a_token_that_has_ended_and_a_clock_that_is_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    past = formatdate(time.time() - 900, usegmt=True)
    found = examine(monkeypatch, tmp_path, build_stub(get_caller_identity=refuse("ExpiredToken", date=past)))
    assert found["account_credentials"] == "error.doctor.account_expired"
    assert found["account_clock"] == "error.doctor.account_clock"


def test_another_account_is_not_looked_into(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stub = build_stub()
    found = examine(monkeypatch, tmp_path, stub, LABKIT_ACCOUNT="999999999999")
    assert found["account_whose"] == "error.doctor.account_other"
    assert "simulate_principal_policy" not in stub.made


@pytest.mark.parametrize(
    ("replies", "topic", "key"),
    [
        (
            {"simulate_principal_policy": refuse("AccessDenied")},
            "account_permissions",
            "error.doctor.account_unsimulated",
        ),
        ({"head_bucket": refuse("403")}, "account_names", "error.doctor.account_name_taken"),
        ({"head_bucket": {"BucketRegion": "eu-west-1"}}, "account_names", "error.doctor.account_bucket_region"),
        (
            {"head_bucket": {}, "get_bucket_tagging": refuse("NoSuchTagSet", 404)},
            "account_names",
            "error.doctor.account_name_foreign",
        ),
        ({"list_service_quotas": refuse("AccessDenied")}, "account_quotas", "error.doctor.account_quotas_unseen"),
        (
            {"list_service_quotas": {"Quotas": [{"QuotaName": "Max task DPUs per account", "Value": 1.0}]}},
            "account_quotas",
            "error.doctor.account_quota_small",
        ),
        ({"get_databases": refuse("InternalFailure", 500)}, "account_services", "error.doctor.account_service_silent"),
        ({"get_databases": refuse("AccessDeniedException")}, "account_services", "doctor.account.services"),
    ],
)
def test_what_aws_answers_becomes_the_finding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, replies: dict[str, Any], topic: str, key: str
) -> None:
    assert examine(monkeypatch, tmp_path, build_stub(**replies))[topic] == key


def test_a_region_without_a_service_is_told_from_one_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    silent = EndpointConnectionError(endpoint_url="https://glue.nowhere")
    stub = build_stub(get_databases=silent)
    assert examine(monkeypatch, tmp_path, stub)["account_services"] == "error.doctor.account_service_silent"
    monkeypatch.setattr(account_room, "_has_service", lambda _clients, service: service != "glue")
    assert examine(monkeypatch, tmp_path, stub)["account_services"] == "error.doctor.account_service_absent"


@pytest.mark.parametrize(
    ("target", "as_json", "told"), [("aws", False, True), ("aws", True, False), ("local", False, False)]
)
def test_what_takes_seconds_is_told_before_it_begins(
    target: str, as_json: bool, told: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []

    def examine(_settings: Settings, _folder: Path | None) -> DoctorReport:
        said.append(capsys.readouterr().err)
        return DoctorReport((), "linux")

    monkeypatch.setattr(doctor_command, "examine_all", examine)
    options = argparse.Namespace(lang="es", policy=False, json=as_json, state=None)
    assert doctor_command.doctor(options, read_settings({"LABKIT_TARGET": target}, Path("/nowhere"))) == 0
    assert ("Mirando" in said[0]) is told
