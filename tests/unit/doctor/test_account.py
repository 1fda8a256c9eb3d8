"""Each bad day of an AWS account, written down as facts: the finding, its state and what it tells to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from labkit import i18n
from labkit.doctor.account.examine import examine_account
from labkit.doctor.account.facts import Account, Caller, Quota, Refused
from labkit.doctor.finding import OK, PROBLEM, WARNING, Finding
from labkit.ui.doctor import DoctorReport

CALLER = Caller("123456789012", "arn:aws:iam::123456789012:user/ana", "escuela", "sso", is_temporary=True)
GOOD = Account(
    region="eu-west-1",
    regions={"AWS_REGION": "eu-west-1"},
    profiles=("default", "escuela"),
    expected_account="123456789012",
    caller=CALLER,
    clock_lag_s=0.4,
    services={"s3": "", "glue": ""},
    refused=(),
    pass_roles=(),
    simulated=190,
    buckets={"a": "free", "b": "ours"},
    quotas=(Quota("Max task DPUs per account", 300.0, 2.0),),
)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    i18n.use_language("en")
    yield
    i18n.use_language("es")


def find(facts: Account, topic: str) -> Finding | None:
    return next((item for item in examine_account(facts) if item.topic == topic), None)


def test_a_good_account_has_eleven_good_findings() -> None:
    findings = examine_account(GOOD)
    assert [item.state for item in findings] == [OK] * 11
    assert "190" in str(DoctorReport(findings, "linux"))


def test_a_rehearsal_has_no_quotas_to_warn_of_and_a_refusal_ends_in_one_full_stop() -> None:
    unread = replace(GOOD, quotas=None, quota_error="no such service.")
    warned = find(unread, "account_quotas")
    assert warned is not None
    assert warned.state == WARNING
    assert "no such service. The lab" in warned.cause
    rehearsed = find(replace(unread, rehearsal="http://127.0.0.1:4566"), "account_quotas")
    assert rehearsed is not None
    assert rehearsed.state == OK
    assert "not read" in rehearsed.said


BAD: list[tuple[dict[str, Any], str, str, str]] = [
    ({"environ": {"AWS_ENDPOINT_URL_S3": "http://x"}}, "endpoints", PROBLEM, "unset AWS_ENDPOINT_URL_S3"),
    ({"config_lines": ("[default] endpoint_url = http://x",)}, "endpoints", PROBLEM, "another profile"),
    (
        {"environ": {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}},
        "endpoints",
        WARNING,
        "unset AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    ),
    (
        {"regions": {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}},
        "region",
        WARNING,
        "AWS_DEFAULT_REGION=eu-west-1",
    ),
    ({"environ": {"AWS_PROFILE": "escuella"}}, "profile", PROBLEM, "aws configure sso --profile escuella"),
    (
        {"environ": {"AWS_PROFILE": "escuela", "AWS_ACCESS_KEY_ID": "AKIA"}},
        "profile",
        WARNING,
        "unset AWS_ACCESS_KEY_ID",
    ),
    ({"caller": None, "credentials_code": "NoCredentials"}, "credentials", PROBLEM, "aws sso login"),
    ({"caller": None, "credentials_code": "ExpiredToken"}, "credentials", PROBLEM, "Renew them"),
    ({"caller": None, "credentials_code": "UnauthorizedSSOTokenError"}, "credentials", PROBLEM, "Renew them"),
    ({"caller": None, "credentials_code": "InvalidClientTokenId"}, "credentials", PROBLEM, "aws_session_token"),
    ({"caller": None, "credentials_code": "ConnectTimeoutError"}, "credentials", PROBLEM, "network"),
    ({"caller": replace(CALLER, expires_in_s=120.0)}, "credentials", PROBLEM, "aws sso login"),
    ({"caller": replace(CALLER, expires_in_s=1800.0)}, "credentials", WARNING, "Renew them now"),
    ({"expected_account": "999999999999"}, "whose", PROBLEM, "Change AWS_PROFILE"),
    ({"expected_account": ""}, "whose", WARNING, "LABKIT_ACCOUNT=123456789012"),
    ({"caller": replace(CALLER, arn="arn:aws:iam::123456789012:root")}, "whose", WARNING, "delete the root's keys"),
    ({"clock_lag_s": -400.0}, "clock", PROBLEM, "automatic time"),
    ({"clock_lag_s": 90.0}, "clock", WARNING, "automatic time"),
    ({"services": {"s3": "", "glue": "absent"}}, "services", PROBLEM, "AWS_REGION=us-east-1"),
    ({"services": {"s3": "EndpointConnectionError"}}, "services", WARNING, "health.aws.amazon.com"),
    ({"refused": (Refused("glue:CreateJob", "arn:aws:glue:x"),)}, "permissions", PROBLEM, "--policy writes it"),
    (
        {"refused": (Refused("glue:CreateJob", "arn:aws:glue:x", explicit=True),)},
        "permissions",
        PROBLEM,
        "lift or narrow",
    ),
    ({"refused": None, "simulation_error": "AccessDenied"}, "permissions", WARNING, "--policy"),
    ({"pass_roles": (Refused("iam:PassRole", "arn:aws:iam::1:role/x"),)}, "pass_role", PROBLEM, "PassGlueRole"),
    ({"buckets": {"a": "taken"}}, "names", PROBLEM, "LABKIT_STUDENT"),
    ({"buckets": {"a": "foreign"}}, "names", PROBLEM, "[names]"),
    ({"buckets": {"a": "us-west-2"}}, "names", PROBLEM, "Work in that region"),
    ({"quotas": (Quota("Concurrent executions", 0.0, 1.0),)}, "quotas", PROBLEM, "Service Quotas"),
    ({"quotas": None, "quota_error": "AccessDenied"}, "quotas", WARNING, "servicequotas:ListServiceQuotas"),
]


@pytest.mark.parametrize(("changed", "topic", "state", "advice"), BAD)
def test_each_bad_day_is_told_with_what_to_do(changed: dict[str, Any], topic: str, state: str, advice: str) -> None:
    found = find(replace(GOOD, **changed), f"account_{topic}")
    assert found is not None
    assert found.state == state
    assert advice in found.fix("linux")
    assert found.cause
    assert "{" not in found.said + found.cause + found.fix("linux")


def test_every_lesson_about_an_account_is_provoked_by_some_bad_day() -> None:
    written = {key.rsplit(".", 1)[0] for key in i18n.load_catalogue() if key.startswith("error.doctor.account_")}
    provoked = {
        found.key for changed, topic, _, _ in BAD if (found := find(replace(GOOD, **changed), f"account_{topic}"))
    }
    assert written == provoked


def test_a_missing_profile_is_answered_with_the_one_that_was_meant() -> None:
    found = find(replace(GOOD, environ={"AWS_PROFILE": "escuella"}), "account_profile")
    assert found is not None
    assert "mean escuela?" in found.cause


def test_without_credentials_nothing_else_is_said_about_the_account() -> None:
    facts = Account(caller=None, credentials_code="NoCredentials", credentials_error="Unable to locate credentials")
    topics = [item.topic for item in examine_account(facts)]
    assert topics == ["account_endpoints", "account_region", "account_profile", "account_credentials"]


def test_a_rehearsal_says_so() -> None:
    found = find(replace(GOOD, rehearsal="http://127.0.0.1:4566"), "account_endpoints")
    assert found is not None
    assert "rehearsal" in found.said
