from __future__ import annotations

import json
from typing import Any

import pytest

from labkit.cloud.events.permission import Source, lets_in
from labkit.cloud.identity.document import parse_policy

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:fn"
SOURCE = Source("bsg-data-raw", "123456789012")
ACTION = "lambda:InvokeFunction"


def statement(**changes: Any) -> dict[str, Any]:
    base = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": ACTION, "Resource": FUNCTION}
    return {**base, **changes}


def arn(pattern: str, operator: str = "ArnLike") -> dict[str, Any]:
    return {operator: {"AWS:SourceArn": pattern}}


def account(number: str) -> dict[str, Any]:
    return {"StringEquals": {"AWS:SourceAccount": number}}


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        ([], False),
        ([statement()], True),
        ([statement(Condition=arn("arn:aws:s3:::bsg-data-raw"))], True),
        ([statement(Condition=arn("arn:aws:s3:::bsg-*"))], True),
        ([statement(Condition=arn("arn:aws:s3:::bsg-data-processed"))], False),
        ([statement(Condition=arn("arn:aws:s3:::bsg-data-raw/*"))], False),
        ([statement(Condition=arn("arn:aws:s3:::bsg-data-raw", "StringEquals"))], True),
        ([statement(Condition=account("123456789012"))], True),
        ([statement(Condition=account("999999999999"))], False),
        ([statement(Condition={**arn("arn:aws:s3:::bsg-data-raw"), **account("999999999999")})], False),
        ([statement(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})], False),
        ([statement(Condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}})], True),
        ([statement(Principal={"Service": "sns.amazonaws.com"})], False),
        ([statement(Principal={"Service": ["sns.amazonaws.com", "s3.amazonaws.com"]})], True),
        ([statement(Principal="*")], True),
        ([statement(Principal={"AWS": "*"})], True),
        ([statement(Principal={"AWS": "arn:aws:iam::123456789012:root"})], False),
        ([statement(Action="lambda:*")], True),
        ([statement(Action="lambda:GetFunction")], False),
        ([statement(Action="LAMBDA:invokefunction")], True),
        ([statement(Resource=FUNCTION + ":prod")], False),
        ([statement(Resource=FUNCTION + "*")], True),
        ([statement(Condition={"ArnNotLike": {"aws:SourceArn": "arn:aws:s3:::bsg-data-raw"}})], False),
        ([statement(Condition={"StringLike": {"aws:sourceaccount": "1234*"}})], True),
        ([statement(Condition={"Bool": {"aws:SecureTransport": "true"}})], True),
        ([statement(Condition={"Null": {"aws:SourceArn": "true"}})], False),
        ([statement(), statement(Effect="Deny", Condition=arn("arn:aws:s3:::bsg-data-raw"))], False),
        ([statement(), statement(Effect="Deny", Condition=arn("arn:aws:s3:::other"))], True),
    ],
)
def test_a_resource_policy_is_evaluated(statements: list[dict[str, Any]], allowed: bool) -> None:
    policy = parse_policy(json.dumps({"Version": "2012-10-17", "Statement": statements}))
    assert lets_in(policy, ACTION, FUNCTION, SOURCE) is allowed


def test_a_resource_without_policy_lets_nobody_in() -> None:
    assert not lets_in(None, ACTION, FUNCTION, SOURCE)
