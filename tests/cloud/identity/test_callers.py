"""Callers of every kind: what they may ask of themselves, and what outlives what."""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud.identity.conftest import ACCOUNT, Actor, Aws, allow, client_of, document


def refused(call: Callable[..., Any], **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**params)
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def test_a_role_invokes_a_function(aws: Aws, new_actor: Callable[..., Actor]) -> None:
    actor, packed, name = new_actor(), io.BytesIO(), f"callers-{uuid.uuid4().hex[:8]}"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("f.py", "def handler(event, context):\n    return event\n")
    trust = document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    aws("lambda").create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=f"arn:aws:iam::{ACCOUNT}:role/{name}",
        Handler="f.handler",
        Code={"ZipFile": packed.getvalue()},
    )
    assert "lambda:InvokeFunction" in refused(actor.client("lambda").invoke, FunctionName=name, Payload=b'"hola"')
    actor.may(allow("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"))
    assert actor.client("lambda").invoke(FunctionName=name, Payload=b'"hola"')["Payload"].read() == b'"hola"'
    aws("lambda").delete_function(FunctionName=name)


def test_who_one_is_to_iam_without_a_name(aws: Aws, cloud: Any, new_actor: Callable[..., Actor]) -> None:
    actor = new_actor()
    actor.may(allow("iam:*", "*"))
    for call in ("get_user", "list_access_keys", "create_access_key"):
        assert refused(getattr(actor.client("iam"), call)) == (
            "ValidationError: Must specify userName when calling with non-User credentials"
        )
    root = client_of(cloud.endpoint_url, {"AccessKeyId": "root", "SecretAccessKey": "x"}, "iam")
    found = root.get_user()["User"]
    assert (found["Arn"], found["UserId"], "UserName" in found) == (f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, False)
    assert aws("iam").get_user()["User"]["UserName"] == "student"


def test_a_session_needs_its_token(cloud: Any, new_actor: Callable[..., Actor]) -> None:
    keys = {name: value for name, value in new_actor().credentials.items() if name != "SessionToken"}
    assert refused(client_of(cloud.endpoint_url, keys, "s3").list_buckets).startswith("InvalidAccessKeyId")
    assert refused(client_of(cloud.endpoint_url, keys, "glue").get_jobs).startswith("UnrecognizedClientException")
    keys["SessionToken"] = "another"
    assert refused(client_of(cloud.endpoint_url, keys, "s3").list_buckets).startswith("InvalidToken")


def test_a_role_of_the_same_name_is_another_role(aws: Aws, new_actor: Callable[..., Actor]) -> None:
    actor, iam = new_actor(), aws("iam")
    trust = iam.get_role(RoleName=actor.role)["Role"]["AssumeRolePolicyDocument"]
    iam.delete_role(RoleName=actor.role)
    iam.create_role(RoleName=actor.role, AssumeRolePolicyDocument=document(*trust["Statement"]))
    actor.may(allow("*", "*"))
    assert refused(actor.client("s3").list_buckets).startswith("AccessDenied")


def test_tags_and_source_identity_go_on_to_the_next_session(
    aws: Aws, cloud: Any, new_actor: Callable[..., Actor]
) -> None:
    first, second = new_actor(), new_actor()
    condition = {"StringEquals": {"aws:PrincipalTag/team": "datos", "aws:SourceIdentity": "ana"}}
    second.may(allow("s3:ListAllMyBuckets", "*", Condition=condition))
    first.may(allow("sts:*", "*"))
    for actor in (first, second):
        trust = aws("iam").get_role(RoleName=actor.role)["Role"]["AssumeRolePolicyDocument"]["Statement"][0]
        trust["Action"] = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
        aws("iam").update_assume_role_policy(RoleName=actor.role, PolicyDocument=document(trust))
    answer = aws("sts").assume_role(
        RoleArn=first.role_arn,
        RoleSessionName="first",
        SourceIdentity="ana",
        Tags=[{"Key": "team", "Value": "datos"}],
        TransitiveTagKeys=["team"],
    )
    assert answer["SourceIdentity"] == "ana"
    sts = client_of(cloud.endpoint_url, answer["Credentials"], "sts")
    keys = sts.assume_role(RoleArn=second.role_arn, RoleSessionName="second")["Credentials"]
    client_of(cloud.endpoint_url, keys, "s3").list_buckets()
    assert refused(second.client("s3").list_buckets).startswith("AccessDenied")


def test_a_policy_in_use_or_of_aws_cannot_be_deleted(aws: Aws, new_actor: Callable[..., Actor]) -> None:
    iam, role, name = aws("iam"), new_actor().role, f"callers-{uuid.uuid4().hex[:8]}"
    arn = iam.create_policy(PolicyName=name, PolicyDocument=document(allow("s3:*", "*")))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    assert refused(iam.delete_policy, PolicyArn=arn) == "DeleteConflict: Cannot delete a policy attached to entities."
    iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)
    assert refused(iam.delete_policy, PolicyArn=arn).startswith("DeleteConflict")
    iam.delete_role_permissions_boundary(RoleName=role)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("s3:*", "*")))
    assert "more than one version" in refused(iam.delete_policy, PolicyArn=arn)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy(PolicyArn=arn)
    full = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
    assert refused(iam.delete_policy, PolicyArn=full) == "AccessDenied: Policy is outside your own account."
    assert refused(iam.get_role, RoleName=name) == f"NoSuchEntity: The role with name {name} cannot be found."
    assert refused(iam.get_group, GroupName=name) == f"NoSuchEntity: The group with name {name} cannot be found."


def test_anybody_may_learn_that_a_bucket_is_not_there(cloud: Any) -> None:
    import boto3
    from botocore import UNSIGNED
    from botocore.config import Config

    s3 = boto3.client("s3", endpoint_url=cloud.endpoint_url, config=Config(signature_version=UNSIGNED))
    assert refused(s3.get_object, Bucket="callers-nowhere", Key="a").startswith("NoSuchBucket")
