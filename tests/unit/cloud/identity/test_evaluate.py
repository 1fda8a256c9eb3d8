"""What a decision tells besides its outcome: the statements that decided, and the keys that were missing."""

from __future__ import annotations

import json
from typing import Any

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.document import Policy, parse_policy
from labkit.cloud.identity.evaluate import evaluate
from labkit.cloud.identity.grants import Decision, Grants
from tests.unit.cloud.identity.principals import PRINCIPALS

_ANA = PRINCIPALS["ana"]


def _policy(name: str, *statements: dict[str, Any]) -> Policy:
    return parse_policy(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}), name)


def _decide(*policies: Policy, context: dict[str, tuple[str, ...]] | None = None, **parts: Any) -> Decision:
    return evaluate(_ANA, Access("s3:GetObject", "arn:aws:s3:::lab/a", context or {}), Grants(policies, **parts))


_ALLOW = {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
_DENY = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}


def test_an_allowed_request_names_every_statement_that_allows() -> None:
    decision = _decide(_policy("one", _ALLOW), _policy("two", {**_DENY, "Action": "ec2:*"}, {**_ALLOW, "Sid": ""}))
    assert [(match.policy, match.statement) for match in decision.matches] == [("one", "Read"), ("two", "2")]


def test_a_denied_request_names_only_the_statements_that_deny() -> None:
    boundary = _policy("limit", _DENY)
    decision = _decide(_policy("one", _ALLOW), _policy("two", _ALLOW, _DENY), boundary=boundary)
    assert [(match.policy, match.statement, match.source) for match in decision.matches] == [
        ("two", "2", "identity-based policy"),
        ("limit", "1", "permissions boundary"),
    ]


def test_a_request_that_nothing_allows_names_no_statement() -> None:
    assert _decide(_policy("one", {**_ALLOW, "Action": "ec2:*"})).matches == ()


def test_keys_that_the_request_lacks_are_told_as_the_policy_spells_them() -> None:
    statement = {
        **_ALLOW,
        "Resource": ["arn:aws:s3:::x/${aws:PrincipalTag/Team}", "*"],
        "Condition": {"StringEquals": {"aws:ResourceTag/Env": "lab"}, "NumericLessThan": {"S3:Max-Keys": "9"}},
    }
    decision = _decide(_policy("one", statement), context={"s3:max-keys": ("1",)})
    assert decision.missing_context == ("aws:PrincipalTag/Team", "aws:ResourceTag/Env")


def test_keys_of_statements_about_other_actions_are_not_missing() -> None:
    other = {**_ALLOW, "Action": "s3:PutObject", "Condition": {"StringEquals": {"s3:x-amz-acl": "private"}}}
    assert _decide(_policy("one", _ALLOW, other)).missing_context == ()


def test_a_decision_tells_that_the_resource_is_another_accounts() -> None:
    assert _decide(_policy("one", _ALLOW), resource_account="999988887777").cross_account
    assert not _decide(_policy("one", _ALLOW), resource_account="123456789012").cross_account


def test_a_policy_of_aws_belongs_to_no_other_account() -> None:
    access = Access("iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert evaluate(_ANA, access, Grants((_policy("one", {**_ALLOW, "Action": "iam:*"}),))).allowed


def test_a_service_principals_name_is_not_a_users() -> None:
    trust = _policy(
        "trust", {"Effect": "Allow", "Principal": {"AWS": "glue.amazonaws.com"}, "Action": "*", "Resource": "*"}
    )
    access = Access("sts:AssumeRole", "arn:aws:iam::123456789012:role/r")
    assert not evaluate(PRINCIPALS["glue"], access, Grants(resource=trust, resource_must_allow=True)).allowed


def test_many_stars_cost_no_time() -> None:
    pattern = "arn:aws:s3:::lab/" + "a*" * 200 + "b"
    policy = _policy("one", {**_ALLOW, "Resource": pattern, "Action": "s3:" + "*e" * 100})
    access = Access("s3:" + "e" * 2000, "arn:aws:s3:::lab/" + "a" * 20000)
    # A backtracking matcher would not come back from this.
    assert not evaluate(_ANA, access, Grants((policy,))).allowed
