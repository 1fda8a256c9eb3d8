"""What a session inherits, and what its kind forbids."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from moto.sts.exceptions import STSClientError, STSValidationError

from labkit.cloud.call import AwsError
from labkit.cloud.identity.principal import Principal
from labkit.cloud.identity.session_limits import check_session, refuse_foreign_identity
from labkit.cloud.identity.session_tags import inherit

ACCOUNT = "123456789012"
ROLE = Principal("role-session", ACCOUNT, "arn", "AROA1:s", "r")
CHAINED = replace(
    ROLE, session_tags={"Team": "a", "other": "b"}, transitive_tags=frozenset({"team"}), source_identity="ana"
)


def tags(**given: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in given.items()]


def test_transitive_tags_and_the_source_identity_go_on() -> None:
    found = inherit(CHAINED, {"Tags": tags(project="p"), "TransitiveTagKeys": ["Project"]})
    assert found.tags == {"Team": "a", "project": "p"}
    assert found.transitive == {"team", "project"}
    assert found.source_identity == "ana"
    assert inherit(ROLE, {"SourceIdentity": "eva"}).source_identity == "eva"
    assert inherit(CHAINED, {"SourceIdentity": "ana"}).source_identity == "ana"


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"Tags": tags(team="z")}, "conflicts with a transitive tag key"),
        ({"TransitiveTagKeys": ["x"]}, "must be included in the requested tags"),
        ({"Tags": tags(a="1", A="2")}, "Duplicate tag keys"),
        ({"SourceIdentity": "eva"}, "cannot be changed"),
    ],
)
def test_what_a_chained_session_may_not_ask(params: dict[str, object], words: str) -> None:
    with pytest.raises(STSClientError, match=words):
        inherit(CHAINED, params)


@pytest.mark.parametrize("identity", ["a", "aws:x", "a b", "x" * 65])
def test_source_identities_have_a_form(identity: str) -> None:
    with pytest.raises(STSValidationError):
        inherit(ROLE, {"SourceIdentity": identity})


@pytest.mark.parametrize("operation", ["GetUser", "ListAccessKeys", "CreateAccessKey", "DeleteAccessKey"])
def test_a_role_has_no_user_of_its_own(operation: str) -> None:
    with pytest.raises(AwsError, match="Must specify userName when calling with non-User credentials"):
        check_session(ROLE, "iam", operation, {})
    check_session(ROLE, "iam", operation, {"UserName": "ana"})
    check_session(Principal("user", ACCOUNT, "arn", "AIDA1", "ana"), "iam", operation, {})


def test_a_session_token_is_not_good_for_iam_without_mfa() -> None:
    session = Principal("user", ACCOUNT, "arn", "AIDA1", "ana", issued_at=datetime.now(timezone.utc))
    with pytest.raises(AwsError, match="InvalidClientTokenId"):
        check_session(session, "iam", "ListUsers", {})
    check_session(replace(session, mfa=True), "iam", "ListUsers", {})
    check_session(session, "sts", "AssumeRole", {})
    check_session(session, "s3", "ListBuckets", {})
    with pytest.raises(AwsError, match="Cannot call AssumeRole with session credentials"):
        check_session(replace(session, kind="federated-user"), "sts", "AssumeRole", {})


def test_nobody_is_let_in_on_the_word_of_an_identity_provider() -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"iss": "https://x.example"}).encode()).decode().rstrip("=")
    for token, words in ((f"a.{claims}.c", "in your account for https://x.example"), ("abc", "not a valid JWT")):
        with pytest.raises(AwsError, match=words):
            refuse_foreign_identity("sts", "AssumeRoleWithWebIdentity", {"WebIdentityToken": token}, ACCOUNT)
    with pytest.raises(AwsError, match="NotImplemented"):
        refuse_foreign_identity("sts", "AssumeRoleWithSAML", {}, ACCOUNT)
    refuse_foreign_identity("sts", "AssumeRole", {}, ACCOUNT)
