"""Bucket policies that S3 refuses, in its words, and some that it takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.identity.bucket_policy import validate_bucket_policy

_READ = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lab/*"}


def _document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no policy", "Policies must be valid JSON and the first byte must be '{'"),
        ("{", "This policy contains invalid Json"),
        (_document(), "Could not parse the policy: Statement is empty!"),
        (
            _document({key: value for key, value in _READ.items() if key != "Principal"}),
            "Missing required field Principal",
        ),
        (
            _document({key: value for key, value in _READ.items() if key != "Resource"}),
            "Missing required field Resource",
        ),
        (_document({key: value for key, value in _READ.items() if key != "Action"}), "Missing required field Action"),
        (_document({**_READ, "condition": {}}), "Unknown field condition"),
        (_document({**_READ, "Principal": {"AWS": "ana"}}), "Invalid principal in policy"),
        (_document({**_READ, "Action": "s3:ReadObject"}), "Policy has invalid action"),
        (_document({**_READ, "Action": "sqs:SendMessage"}), "Policy has invalid action"),
        (_document({**_READ, "Resource": "arn:aws:s3:::other/*"}), "Policy has invalid resource"),
        (_document({**_READ, "Resource": "lab"}), "Policy has invalid resource"),
        (_document({**_READ, "Resource": "*"}), "Policy has invalid resource"),
        (_document({**_READ, "Resource": "arn:aws:s3:::lab"}), "Action does not apply to any resource(s) in statement"),
        (_document({**_READ, "Action": "s3:ListBucket"}), "Action does not apply to any resource(s) in statement"),
        (
            _document({**_READ, "Action": ["s3:GetObject", "s3:ListBucket"]}),
            "Action does not apply to any resource(s) in statement",
        ),
    ],
)
def test_bucket_policies_that_s3_refuses(text: str, message: str) -> None:
    with pytest.raises(AwsError) as raised:
        validate_bucket_policy(text, "lab")
    assert (raised.value.code, raised.value.status, raised.value.message) == ("MalformedPolicy", 400, message)


@pytest.mark.parametrize(
    "statement",
    [
        _READ,
        {**_READ, "Action": "s3:*"},
        {**_READ, "Action": "*"},
        {**_READ, "Action": "s3:getobject"},
        {**_READ, "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::lab", "arn:aws:s3:::lab/*"]},
        {**_READ, "Resource": "arn:aws:s3:::l*/raw/*"},
        {
            **_READ,
            "Principal": {
                "AWS": ["123456789012", "arn:aws:iam::123456789012:role/etl/r"],
                "Service": "s3.amazonaws.com",
            },
        },
        {**_READ, "Principal": {"CanonicalUser": "7" * 64}},
        {**_READ, "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {
            "Effect": "Deny",
            "NotPrincipal": {"AWS": "123456789012"},
            "NotAction": "s3:GetObject",
            "NotResource": "arn:aws:s3:::lab/x",
        },
    ],
)
def test_bucket_policies_that_s3_takes(statement: dict[str, Any]) -> None:
    validate_bucket_policy(_document(statement), "lab")


def test_a_policy_of_more_than_20_kib_is_refused() -> None:
    with pytest.raises(AwsError, match="PolicyTooLarge"):
        validate_bucket_policy(_document({**_READ, "Sid": "a" * 20480}), "lab")
