"""Policies that AWS would not keep, and buckets that are closed to the public."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError

from tests.cloud.identity.conftest import ACCOUNT, Aws, allow, document


@pytest.fixture
def bucket(aws: Aws) -> Iterator[str]:
    name = f"documents-{uuid.uuid4().hex[:8]}"
    aws("s3").create_bucket(Bucket=name)
    aws("s3").put_object(Bucket=name, Key="a", Body=b"hola")
    yield name
    aws("s3").delete_object(Bucket=name, Key="a")
    aws("s3").delete_bucket(Bucket=name)


def code(call: Any, **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_iam_refuses_documents_that_say_nothing(aws: Aws) -> None:
    iam, name = aws("iam"), f"d-{uuid.uuid4().hex[:8]}"
    trust = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))  # type: ignore[arg-type]
    bad = {"RoleName": name, "PolicyName": "p"}
    for text in (
        "{",
        document({"Effect": "Allow", "Resource": "*"}),
        document(allow("GetObject", "*")),
        document(allow("s3:*", "b")),
    ):
        assert code(iam.put_role_policy, **bad, PolicyDocument=text)[0] == "MalformedPolicyDocument"
        assert code(iam.create_policy, PolicyName=name, PolicyDocument=text)[0] == "MalformedPolicyDocument"
    long = document(*[allow("s3:GetObject", f"arn:aws:s3:::{'b' * 60}/{number}") for number in range(120)])
    assert code(iam.put_role_policy, **bad, PolicyDocument=long)[0] == "LimitExceeded"
    nobody = {**trust, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/nobody-{name}"}}
    assert code(iam.create_role, RoleName=f"{name}2", AssumeRolePolicyDocument=document(nobody)) == (
        "MalformedPolicyDocument",
        f'Invalid principal in policy: "AWS":"arn:aws:iam::{ACCOUNT}:role/nobody-{name}"',
    )


def test_s3_refuses_policies_of_another_bucket(aws: Aws, bucket: str) -> None:
    put = aws("s3").put_bucket_policy
    other = {**allow("s3:GetObject", "arn:aws:s3:::other/*"), "Principal": {"AWS": ACCOUNT}}
    assert code(put, Bucket=bucket, Policy=document(other)) == ("MalformedPolicy", "Policy has invalid resource")
    assert code(put, Bucket=bucket, Policy="{")[0] == "MalformedPolicy"


def test_a_new_bucket_is_closed_to_the_public_until_it_is_opened(aws: Aws, bucket: str) -> None:
    s3 = aws("s3")
    settings = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(settings.values()) == {True}
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    public = document({**allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*"), "Principal": "*"})
    error, message = code(s3.put_bucket_policy, Bucket=bucket, Policy=public)
    assert error == "AccessDenied"
    assert message.endswith("public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.")
    assert code(s3.put_object, Bucket=bucket, Key="b", Body=b"", ACL="public-read")[0] == "AccessDenied"
    off = dict.fromkeys(settings, False)
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=off)
    s3.put_bucket_policy(Bucket=bucket, Policy=public)
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == json.loads(public)
    assert urlopen(f"{s3.meta.endpoint_url}/{bucket}/a").read() == b"hola"
    restricted = {**off, "RestrictPublicBuckets": True}
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=restricted)
    with pytest.raises(OSError, match="403"):
        urlopen(f"{s3.meta.endpoint_url}/{bucket}/a")
