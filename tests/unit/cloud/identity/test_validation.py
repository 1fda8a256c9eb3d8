"""Documents that IAM refuses, and the words in which it does; and documents that it takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.identity.validation import Holder, PolicyKind, validate_policy, validate_size

_READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
_TRUST = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}


def _document(*statements: Any, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more})


def _fault(text: str, kind: PolicyKind) -> str:
    with pytest.raises(AwsError) as raised:
        validate_policy(text, kind)
    assert (raised.value.code, raised.value.status) == ("MalformedPolicyDocument", 400)
    return raised.value.message


def _without(statement: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in statement.items() if key != name}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Syntax errors in policy."),
        ("[]", "Syntax errors in policy."),
        ("{", "Syntax errors in policy."),
        ("[" * 100_000, "Syntax errors in policy."),
        (_document(_READ, Extra=1), "Syntax errors in policy."),
        (_document(), "Syntax errors in policy."),
        (_document({**_READ, "NotAction": "s3:*"}), "Syntax errors in policy."),
        (_document({**_READ, "NotResource": "*"}), "Syntax errors in policy."),
        (_document({**_READ, "Effect": "Permit"}), "Syntax errors in policy."),
        (_document({**_READ, "Condition": {"StringSame": {"aws:username": "a"}}}), "Syntax errors in policy."),
        (_document({**_READ, "Actions": "s3:*"}), "Syntax errors in policy."),
        ('{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}', "Syntax errors in policy."),
        (json.dumps({"Statement": [_READ]}), "Policy document must be version 2012-10-17 or greater."),
        (_document(_without(_READ, "Action")), "Policy statement must contain actions."),
        (_document(_without(_READ, "Resource")), "Policy statement must contain resources."),
        (
            _document({**_READ, "Action": "GetObject"}),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (_document({**_READ, "Action": "s3:a:b"}), "Actions/Condition can contain only one colon."),
        (_document({**_READ, "Resource": "lab"}), 'Resource lab must be in ARN format or "*".'),
        (
            _document({**_READ, "Sid": "a"}, {**_READ, "Sid": "a"}),
            "Statement IDs (SID) in a single policy must be unique.",
        ),
        (_document({**_READ, "Principal": "*"}), "Policy document should not specify a principal."),
        (_document({**_READ, "NotPrincipal": {"AWS": "*"}}), "Policy document should not specify a principal."),
    ],
)
def test_identity_policies_that_iam_refuses(text: str, message: str) -> None:
    assert _fault(text, "identity") == message


@pytest.mark.parametrize(
    "text",
    [
        _document(_READ),
        json.dumps({"Version": "2012-10-17", "Id": "x", "Statement": _READ}),
        _document(
            {**_READ, "Sid": "Année1", "Condition": {"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["a", "b"]}}}
        ),
        _document({"Effect": "Deny", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::lab/*"}),
        _document({**_READ, "Condition": {"Bool": {"aws:SecureTransport": True}}}),
        _document(
            {**_READ, "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": 3600, "s3:max-keys": [1, "2"]}}}
        ),
        _document(
            {
                **_READ,
                "Resource": ["arn:aws:iam::*:*", "arn:aws:iam::123456789012:root", "arn:aws:s3:us-east-1:1:job/x"],
            }
        ),
    ],
)
def test_identity_policies_that_iam_takes(text: str) -> None:
    validate_policy(text, "identity")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Policies must be valid JSON and the first byte must be '{'"),
        ("{]", "This policy contains invalid Json"),
        ('{"Version":"2012-10-17"}', "Missing required field Statement"),
        (_document(), "Could not parse the policy: Statement is empty!"),
        (
            json.dumps({"Version": "2020-01-01", "Statement": [_TRUST]}),
            "The policy must contain a valid version string",
        ),
        (_document(_TRUST, Other=1), "Unknown field Other"),
        (_document({**_TRUST, "action": "x"}), "Unknown field action"),
        (_document(_without(_TRUST, "Effect")), "Missing required field Effect"),
        (_document({**_TRUST, "Effect": "allow"}), "Invalid effect: allow"),
        (_document(_without(_TRUST, "Principal")), "Missing required field Principal"),
        (_document({**_TRUST, "Principal": {}}), "Missing required field Principal cannot be empty!"),
        (_document({**_TRUST, "Principal": {"AWS": []}}), "Missing required field Principal cannot be empty!"),
        (_document(_without(_TRUST, "Action")), "Missing required field Action"),
        (_document({**_TRUST, "NotAction": "sts:*"}), "Syntax error in policy."),
        (_document({**_TRUST, "Resource": "*"}), "Has prohibited field Resource"),
        (_document({**_TRUST, "Action": "s3:GetObject"}), "AssumeRole policy may only specify STS AssumeRole actions."),
        (_document({**_TRUST, "Condition": {"StringSame": {"a": "b"}}}), "Invalid Condition type : StringSame"),
        (_document({**_TRUST, "Principal": {"Service": "glue"}}), 'Invalid principal in policy: "SERVICE":"glue"'),
        (
            _document({**_TRUST, "Principal": {"AWS": "arn:aws:iam::*:root"}}),
            'Invalid principal in policy: "AWS":"arn:aws:iam::*:root"',
        ),
        (_document({**_TRUST, "Principal": {"AWS": "ana"}}), 'Invalid principal in policy: "AWS":"ana"'),
        (
            _document({**_TRUST, "Sid": "a"}, {**_TRUST, "Sid": "a"}),
            "Statement IDs (SID) in a single policy must be unique.",
        ),
    ],
)
def test_trust_policies_that_iam_refuses(text: str, message: str) -> None:
    assert _fault(text, "trust") == message


@pytest.mark.parametrize(
    "statement",
    [
        _TRUST,
        {**_TRUST, "Principal": {"Service": ["glue.amazonaws.com", "lambda.amazonaws.com"]}},
        {**_TRUST, "Principal": {"AWS": "123456789012"}},
        {**_TRUST, "Principal": {"AWS": ["arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:role/a/b"]}},
        {**_TRUST, "Principal": {"AWS": "*"}, "Action": ["sts:AssumeRole", "sts:TagSession"]},
        {
            **_TRUST,
            "Condition": {"StringEquals": {"sts:ExternalId": "x"}, "NumericLessThan": {"aws:MultiFactorAuthAge": 3600}},
        },
        {
            **_TRUST,
            "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},
            "Action": "sts:AssumeRoleWithWebIdentity",
        },
    ],
)
def test_trust_policies_that_iam_takes(statement: dict[str, Any]) -> None:
    validate_policy(_document(statement), "trust")


def test_the_older_version_is_taken_in_trust_policies() -> None:
    validate_policy(json.dumps({"Version": "2008-10-17", "Statement": [_TRUST]}), "trust")


def test_a_principal_that_does_not_exist_is_refused() -> None:
    text = _document({**_TRUST, "Principal": {"AWS": "arn:aws:iam::123456789012:user/nobody"}})
    with pytest.raises(AwsError, match='Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:user/nobody"'):
        validate_policy(text, "trust", lambda _arn: False)
    validate_policy(text, "trust", lambda _arn: True)


@pytest.mark.parametrize(
    ("holder", "characters", "message"),
    [
        ("policy", 6145, "Cannot exceed quota for PolicySize: 6144"),
        ("trust", 2049, "Cannot exceed quota for ACLSizePerRole: 2048"),
        ("role", 10241, "Maximum policy size of 10240 bytes exceeded for role etl"),
        ("user", 2049, "Maximum policy size of 2048 bytes exceeded for user etl"),
        ("group", 5121, "Maximum policy size of 5120 bytes exceeded for group etl"),
    ],
)
def test_sizes_are_counted_without_white_space(holder: Holder, characters: int, message: str) -> None:
    half = characters // 2
    validate_size(["a" * half, " \n" * 9000, "a" * (characters - half - 1)], holder, "etl")
    with pytest.raises(AwsError) as raised:
        validate_size(["a" * half, "a" * (characters - half)], holder, "etl")
    assert (raised.value.code, raised.value.status, raised.value.message) == ("LimitExceeded", 409, message)
