"""Upload forms: the conditions of their policy (docs.aws.amazon.com/AmazonS3, "POST policy")."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timezone
from typing import Any

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.identity.upload_form import check_form

NOW = datetime(2026, 11, 29, 12, tzinfo=timezone.utc)
LATER = "2026-11-29T13:00:00.000Z"


def check(conditions: list[Any], fields: dict[str, str], file: bytes = b"12345", until: str = LATER) -> None:
    policy = base64.b64encode(json.dumps({"expiration": until, "conditions": conditions}).encode()).decode()
    post({**fields, "policy": policy, "x-amz-signature": "0"}, file)


def post(fields: dict[str, str], file: bytes = b"12345") -> None:
    parts = [f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields.items()]
    head = '--B\r\nContent-Disposition: form-data; name="file"; filename="C:/f.csv"\r\nContent-Type: text/csv\r\n\r\n'
    body = "".join(parts).encode() + head.encode() + file + b"\r\n--B--\r\n"
    environ = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": "multipart/form-data; boundary=B"}
    check_form(environ, body, "lab", fields["key"].replace("${filename}", "f.csv"), NOW)


KEY = ["starts-with", "$key", "up/"]


@pytest.mark.parametrize(
    ("conditions", "fields"),
    [
        ([{"key": "up/a"}, {"bucket": "lab"}], {"key": "up/a"}),
        ([KEY], {"key": "up/${filename}"}),
        ([KEY, ["eq", "$X-Amz-Meta-A", "1"]], {"key": "up/a", "x-amz-meta-a": "1"}),
        ([KEY, ["starts-with", "$Content-Type", "text/"]], {"key": "up/a", "Content-Type": "text/csv,text/plain"}),
        ([KEY, ["content-length-range", 5, 5]], {"key": "up/a"}),
        ([KEY, ["content-length-range", "0", "10"]], {"key": "up/a", "x-ignore-me": "1"}),
    ],
)
def test_a_form_as_its_policy_wants_it(conditions: list[Any], fields: dict[str, str]) -> None:
    check(conditions, fields)


@pytest.mark.parametrize(
    ("conditions", "fields", "code", "words"),
    [
        ([{"key": "up/a"}], {"key": "up/b"}, "AccessDenied", 'Policy Condition failed: ["eq", "$key", "up/a"]'),
        ([KEY], {"key": "no/a"}, "AccessDenied", 'Policy Condition failed: ["starts-with", "$key", "up/"]'),
        ([KEY, {"bucket": "other"}], {"key": "up/a"}, "AccessDenied", "Policy Condition failed"),
        ([KEY, {"acl": "private"}], {"key": "up/a"}, "AccessDenied", "Policy Condition failed"),
        ([KEY], {"key": "up/a", "x-amz-meta-a": "1"}, "AccessDenied", "Extra input fields: x-amz-meta-a"),
        ([KEY, ["content-length-range", 0, 4]], {"key": "up/a"}, "EntityTooLarge", "exceeds the maximum"),
        ([KEY, ["content-length-range", 6, 9]], {"key": "up/a"}, "EntityTooSmall", "smaller than the minimum"),
        ([KEY, ["content-length-range", "a", 9]], {"key": "up/a"}, "InvalidPolicyDocument", "Invalid Condition"),
        ([KEY, ["matches", "$key", "up"]], {"key": "up/a"}, "InvalidPolicyDocument", "Invalid Condition"),
    ],
)
def test_a_form_against_its_policy(conditions: list[Any], fields: dict[str, str], code: str, words: str) -> None:
    with pytest.raises(AwsError) as caught:
        check(conditions, fields)
    assert caught.value.code == code
    assert words in caught.value.message


def test_a_policy_ends_and_a_signature_needs_one() -> None:
    with pytest.raises(AwsError, match="Policy expired"):
        check([KEY], {"key": "up/a"}, until="2026-11-29T12:00:00Z")
    with pytest.raises(AwsError, match="must contain a field named 'policy'"):
        post({"key": "up/a", "x-amz-credential": "AKIA/20261129/us-east-1/s3/aws4_request"})
    with pytest.raises(AwsError, match="InvalidPolicyDocument"):
        post({"key": "up/a", "policy": "%%%"})
    post({"key": "up/a"})
