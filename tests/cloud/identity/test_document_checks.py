"""IAM and S3 refuse bad policies when they are put, whatever moto alone would take."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]
_TRUST = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
_READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
_WIDE = [f"arn:aws:s3:::{'b' * 90}{number}" for number in range(60)]


def _document(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def role(aws: Aws) -> str:
    aws("iam").create_role(RoleName="document-checks", AssumeRolePolicyDocument=_document(_TRUST))
    return "document-checks"


def _refusal(call: Callable[..., Any], **params: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def test_a_role_that_trusts_nobody_who_exists_is_refused(aws: Aws) -> None:
    nobody = "arn:aws:iam::123456789012:role/nobody"
    document = _document({**_TRUST, "Principal": {"AWS": nobody}})
    refusal = _refusal(aws("iam").create_role, RoleName="document-checks-2", AssumeRolePolicyDocument=document)
    assert refusal == ("MalformedPolicyDocument", 400, f'Invalid principal in policy: "AWS":"{nobody}"')


def test_a_trust_policy_with_a_resource_is_refused(aws: Aws, role: str) -> None:
    document = _document({**_TRUST, "Resource": "*"})
    refusal = _refusal(aws("iam").update_assume_role_policy, RoleName=role, PolicyDocument=document)
    assert refusal == ("MalformedPolicyDocument", 400, "Has prohibited field Resource")


def test_an_inline_policy_with_a_principal_is_refused(aws: Aws, role: str) -> None:
    document = _document({**_READ, "Principal": "*"})
    refusal = _refusal(aws("iam").put_role_policy, RoleName=role, PolicyName="p", PolicyDocument=document)
    assert refusal == ("MalformedPolicyDocument", 400, "Policy document should not specify a principal.")


def test_inline_policies_are_measured_together_and_a_replaced_one_counts_once(aws: Aws, role: str) -> None:
    iam, document = aws("iam"), _document({**_READ, "Resource": _WIDE})
    for _ in range(2):
        iam.put_role_policy(RoleName=role, PolicyName="first", PolicyDocument=document)
    refusal = _refusal(iam.put_role_policy, RoleName=role, PolicyName="second", PolicyDocument=document)
    assert refusal == ("LimitExceeded", 409, "Maximum policy size of 10240 bytes exceeded for role document-checks")


def test_a_managed_policy_that_is_too_long_is_refused(aws: Aws) -> None:
    document = _document({**_READ, "Resource": _WIDE})
    refusal = _refusal(aws("iam").create_policy, PolicyName="document-checks", PolicyDocument=document)
    assert refusal == ("LimitExceeded", 409, "Cannot exceed quota for PolicySize: 6144")


def test_a_bucket_policy_about_another_bucket_is_refused(aws: Aws) -> None:
    s3 = aws("s3")
    s3.create_bucket(Bucket="document-checks")
    document = _document({**_READ, "Principal": "*", "Resource": "arn:aws:s3:::another/*"})
    refusal = _refusal(s3.put_bucket_policy, Bucket="document-checks", Policy=document)
    assert refusal == ("MalformedPolicy", 400, "Policy has invalid resource")
