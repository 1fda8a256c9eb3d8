"""Who signs with which key, and what bears on a principal beside its own policies."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError

from tests.cloud.identity.conftest import ACCOUNT, Actor, Aws, allow, client_of, deny, document

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.fixture
def bucket(aws: Aws) -> Iterator[str]:
    name = f"principals-{uuid.uuid4().hex[:8]}"
    aws("s3").create_bucket(Bucket=name)
    aws("s3").put_object(Bucket=name, Key="a", Body=b"1")
    yield name
    root = client_of(aws("s3").meta.endpoint_url, {"AccessKeyId": "root", "SecretAccessKey": "x"}, "s3")
    root.delete_bucket_policy(Bucket=name)
    for key in root.list_objects_v2(Bucket=name).get("Contents", []):
        root.delete_object(Bucket=name, Key=key["Key"])
    root.delete_bucket(Bucket=name)


@pytest.fixture
def user(aws: Aws, cloud: Any) -> tuple[str, Callable[[str], Any], str]:
    """A user without policies: its name, clients of its key, and the key's id."""
    name = f"ana-{uuid.uuid4().hex[:8]}"
    iam = aws("iam")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return name, lambda service: client_of(cloud.endpoint_url, key, service), key["AccessKeyId"]


def refused(call: Callable[..., Any], **params: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    error: dict[str, Any] = caught.value.response["Error"]
    return error


def test_an_unknown_static_key_is_the_students(aws: Aws, cloud: Any) -> None:
    student = f"arn:aws:iam::{ACCOUNT}:user/student"
    for key in ("test", "fake", "AKIAIOSFODNN7EXAMPLE"):
        sts = client_of(cloud.endpoint_url, {"AccessKeyId": key, "SecretAccessKey": "any"}, "sts")
        found = sts.get_caller_identity()
        assert (found["Arn"], found["Account"]) == (student, ACCOUNT)
        assert found["UserId"].startswith("AIDA")
    assert aws("iam").get_user()["User"]["Arn"] == student
    attached = aws("iam").list_attached_user_policies(UserName="student")["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [ADMINISTRATOR]


def test_the_key_root_is_the_accounts_root_user(cloud: Any) -> None:
    sts = client_of(cloud.endpoint_url, {"AccessKeyId": "root", "SecretAccessKey": "any"}, "sts")
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"


def test_a_users_own_policies_and_those_of_its_groups(aws: Aws, user: Any, bucket: str) -> None:
    name, client, _ = user
    iam = aws("iam")
    error = refused(client("s3").get_object, Bucket=bucket, Key="a")
    assert error["Code"] == "AccessDenied"
    assert f"User: arn:aws:iam::{ACCOUNT}:user/{name} is not authorized to perform: s3:GetObject" in error["Message"]
    iam.create_group(GroupName=f"g-{name}")
    iam.put_group_policy(GroupName=f"g-{name}", PolicyName="p", PolicyDocument=document(allow("s3:GetObject", "*")))
    refused(client("s3").get_object, Bucket=bucket, Key="a")
    iam.add_user_to_group(GroupName=f"g-{name}", UserName=name)
    client("s3").get_object(Bucket=bucket, Key="a")
    iam.put_user_policy(UserName=name, PolicyName="n", PolicyDocument=document(deny("s3:GetObject", "*")))
    assert (
        "with an explicit deny in an identity-based policy"
        in refused(client("s3").get_object, Bucket=bucket, Key="a")["Message"]
    )


def test_a_policy_variable_is_the_users_name(aws: Aws, user: Any, bucket: str) -> None:
    name, client, _ = user
    home = allow("s3:PutObject", f"arn:aws:s3:::{bucket}/home/${{aws:username}}/*")
    aws("iam").put_user_policy(UserName=name, PolicyName="home", PolicyDocument=document(home))
    client("s3").put_object(Bucket=bucket, Key=f"home/{name}/x", Body=b"")
    refused(client("s3").put_object, Bucket=bucket, Key="home/otra/x", Body=b"")


def test_only_the_version_in_force_of_a_managed_policy_counts(aws: Aws, user: Any, bucket: str) -> None:
    name, client, _ = user
    iam = aws("iam")
    arn = iam.create_policy(PolicyName=f"p-{name}", PolicyDocument=document(allow("s3:GetObject", "*")))["Policy"][
        "Arn"
    ]
    iam.attach_user_policy(UserName=name, PolicyArn=arn)
    client("s3").get_object(Bucket=bucket, Key="a")
    nothing = document(allow("s3:PutObject", "*"))
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=nothing, SetAsDefault=False)
    client("s3").get_object(Bucket=bucket, Key="a")
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    refused(client("s3").get_object, Bucket=bucket, Key="a")


def test_a_key_that_is_inactive_or_gone_signs_nothing(aws: Aws, user: Any) -> None:
    name, client, key = user
    iam = aws("iam")
    iam.attach_user_policy(UserName=name, PolicyArn=ADMINISTRATOR)
    client("s3").list_buckets()
    iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
    assert refused(client("s3").list_buckets)["Code"] == "InvalidAccessKeyId"
    assert refused(client("glue").get_databases)["Code"] == "UnrecognizedClientException"
    iam.update_access_key(UserName=name, AccessKeyId=key, Status="Active")
    client("s3").list_buckets()
    iam.delete_access_key(UserName=name, AccessKeyId=key)
    assert refused(client("sts").get_caller_identity)["Code"] == "InvalidClientTokenId"


def test_a_wrong_secret_and_a_wrong_token_are_refused(user: Any, new_actor: Callable[..., Actor], cloud: Any) -> None:
    _, _, key = user
    wrong = client_of(cloud.endpoint_url, {"AccessKeyId": key, "SecretAccessKey": "wrong"}, "sts")
    assert refused(wrong.get_caller_identity)["Code"] == "SignatureDoesNotMatch"
    session = {**new_actor().credentials, "SessionToken": "another"}
    assert (
        refused(client_of(cloud.endpoint_url, session, "glue").get_databases)["Code"] == "UnrecognizedClientException"
    )


def test_session_policies_and_tags_limit_a_session(new_actor: Callable[..., Actor], bucket: str) -> None:
    limited = new_actor(Policy=document(allow("s3:GetObject", "*")))
    limited.may(allow("s3:*", "*"))
    limited.client("s3").get_object(Bucket=bucket, Key="a")
    error = refused(limited.client("s3").put_object, Bucket=bucket, Key="b", Body=b"")
    assert "because no session policy allows the s3:PutObject action" in error["Message"]
    by_arn = new_actor(PolicyArns=[{"arn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}])
    by_arn.may(allow("*", "*"))
    by_arn.client("s3").get_object(Bucket=bucket, Key="a")
    refused(by_arn.client("s3").put_object, Bucket=bucket, Key="b", Body=b"")
    tagged = new_actor(Tags=[{"Key": "equipo", "Value": "datos"}])
    tagged.may(allow("s3:GetObject", "*", Condition={"StringEquals": {"aws:PrincipalTag/equipo": "datos"}}))
    tagged.client("s3").get_object(Bucket=bucket, Key="a")


def test_a_permissions_boundary_limits_a_role(aws: Aws, new_actor: Callable[..., Actor], bucket: str) -> None:
    actor = new_actor()
    actor.may(allow("s3:*", "*"))
    read_only = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    aws("iam").put_role_permissions_boundary(RoleName=actor.role, PermissionsBoundary=read_only)
    actor.client("s3").get_object(Bucket=bucket, Key="a")
    error = refused(actor.client("s3").put_object, Bucket=bucket, Key="b", Body=b"")
    assert "because no permissions boundary allows the s3:PutObject action" in error["Message"]
    aws("iam").delete_role_permissions_boundary(RoleName=actor.role)
    actor.client("s3").put_object(Bucket=bucket, Key="b", Body=b"")


def test_a_permissions_boundary_limits_a_user(aws: Aws, cloud: Any, bucket: str) -> None:
    iam, name = aws("iam"), f"limited-{uuid.uuid4().hex[:8]}"
    read_only = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    iam.create_user(UserName=name, PermissionsBoundary=read_only)
    assert iam.get_user(UserName=name)["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == read_only
    iam.attach_user_policy(UserName=name, PolicyArn=ADMINISTRATOR)
    s3 = client_of(cloud.endpoint_url, iam.create_access_key(UserName=name)["AccessKey"], "s3")
    s3.get_object(Bucket=bucket, Key="a")
    message = refused(s3.put_object, Bucket=bucket, Key="b", Body=b"")["Message"]
    assert "because no permissions boundary allows the s3:PutObject action" in message
    iam.delete_user_permissions_boundary(UserName=name)
    s3.put_object(Bucket=bucket, Key="b", Body=b"")


def test_a_bucket_policy_lets_in_and_shuts_out(aws: Aws, actor: Actor, bucket: str) -> None:
    actor.may()
    objects = f"arn:aws:s3:::{bucket}/*"
    refused(actor.client("s3").get_object, Bucket=bucket, Key="a")
    for principal in (actor.role_arn, actor.arn):
        policy = document({**allow("s3:GetObject", objects), "Principal": {"AWS": principal}})
        aws("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
        actor.client("s3").get_object(Bucket=bucket, Key="a")
    whole_account = {**allow("s3:GetObject", objects), "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    aws("s3").put_bucket_policy(Bucket=bucket, Policy=document(whole_account))
    refused(actor.client("s3").get_object, Bucket=bucket, Key="a")
    shut = {**deny("s3:GetObject", objects), "Principal": "*"}
    aws("s3").put_bucket_policy(Bucket=bucket, Policy=document(shut))
    for client in (actor.client("s3"), aws("s3")):
        message = refused(client.get_object, Bucket=bucket, Key="a")["Message"]
        assert "with an explicit deny in a resource-based policy" in message


def test_who_shut_everybody_out_gets_in_again_as_root(aws: Aws, cloud: Any, bucket: str) -> None:
    everything = {**deny("s3:*", [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]), "Principal": "*"}
    aws("s3").put_bucket_policy(Bucket=bucket, Policy=document(everything))
    refused(aws("s3").delete_bucket_policy, Bucket=bucket)
    root = client_of(cloud.endpoint_url, {"AccessKeyId": "root", "SecretAccessKey": "any"}, "s3")
    root.delete_bucket_policy(Bucket=bucket)
    aws("s3").get_object(Bucket=bucket, Key="a")


def test_nobody_reads_without_a_signature(cloud: Any, bucket: str) -> None:
    with pytest.raises(HTTPError) as caught:
        urlopen(f"{cloud.endpoint_url}/{bucket}/a")
    assert caught.value.code == 403
    assert b"<Code>AccessDenied</Code>" in caught.value.read()


def test_of_several_objects_the_forbidden_ones_stay(actor: Actor, aws: Aws, bucket: str) -> None:
    for key in ("mine/1", "mine/2", "other/1"):
        aws("s3").put_object(Bucket=bucket, Key=key, Body=b"")
    actor.may(allow("s3:DeleteObject", f"arn:aws:s3:::{bucket}/mine/*"))
    wanted = {"Objects": [{"Key": key} for key in ("mine/1", "other/1", "mine/2")]}
    answer = actor.client("s3").delete_objects(Bucket=bucket, Delete=wanted)
    assert sorted(item["Key"] for item in answer["Deleted"]) == ["mine/1", "mine/2"]
    assert [(item["Key"], item["Code"]) for item in answer["Errors"]] == [("other/1", "AccessDenied")]
    left = [item["Key"] for item in aws("s3").list_objects_v2(Bucket=bucket)["Contents"]]
    assert left == ["a", "other/1"]


def test_a_missing_object_is_only_told_to_who_may_list(actor: Actor, bucket: str) -> None:
    actor.may(allow("s3:GetObject", "*"))
    assert refused(actor.client("s3").get_object, Bucket=bucket, Key="none")["Code"] == "AccessDenied"
    actor.may(allow(["s3:GetObject", "s3:ListBucket"], "*"))
    assert refused(actor.client("s3").get_object, Bucket=bucket, Key="none")["Code"] == "NoSuchKey"


def test_a_role_is_taken_on_by_whom_its_trust_policy_names(aws: Aws, actor: Actor) -> None:
    name = f"trust-{uuid.uuid4().hex[:8]}"
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"

    def trust(**statement: Any) -> str:
        return json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", **statement}]}
        )

    iam = aws("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(Principal={"Service": "glue.amazonaws.com"}))
    wanted = {"RoleArn": arn, "RoleSessionName": "prueba"}
    message = refused(aws("sts").assume_role, **wanted)["Message"]
    assert (
        message
        == f"User: arn:aws:iam::{ACCOUNT}:user/student is not authorized to perform: sts:AssumeRole on resource: {arn}"
    )
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust(Principal={"AWS": actor.role_arn}))
    actor.may()
    actor.client("sts").assume_role(**wanted)
    refused(aws("sts").assume_role, **wanted)
    outside = trust(
        Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Condition={"StringEquals": {"sts:ExternalId": "42"}}
    )
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=outside)
    refused(aws("sts").assume_role, **wanted)
    aws("sts").assume_role(**wanted, ExternalId="42")
    refused(aws("sts").assume_role, **{**wanted, "RoleArn": f"{arn}-none"})
    assert refused(aws("sts").assume_role, **wanted, ExternalId="42", DurationSeconds=7200)["Code"] == "ValidationError"


def test_the_simulator_says_what_is_enforced(aws: Aws, actor: Actor, bucket: str) -> None:
    objects = f"arn:aws:s3:::{bucket}/"
    actor.may(
        allow("s3:GetObject", f"{objects}*"), deny("s3:GetObject", f"{objects}b*"), allow("s3:Put*", f"{objects}c")
    )
    asked = [("s3:GetObject", "a"), ("s3:GetObject", "b"), ("s3:PutObject", "a"), ("s3:PutObject", "c")]
    decisions = []
    for action, key in asked:
        answer = aws("iam").simulate_principal_policy(
            PolicySourceArn=actor.role_arn, ActionNames=[action], ResourceArns=[objects + key]
        )
        decisions.append(answer["EvaluationResults"][0]["EvalDecision"])
    assert decisions == ["allowed", "explicitDeny", "implicitDeny", "allowed"]
    s3 = actor.client("s3")
    s3.get_object(Bucket=bucket, Key="a")
    refused(s3.get_object, Bucket=bucket, Key="b")
    refused(s3.put_object, Bucket=bucket, Key="a", Body=b"")
    s3.put_object(Bucket=bucket, Key="c", Body=b"")


def test_the_simulator_refuses_in_iams_words(aws: Aws) -> None:
    iam, nobody = aws("iam"), f"arn:aws:iam::{ACCOUNT}:role/nobody-{uuid.uuid4().hex[:8]}"
    unknown = refused(iam.simulate_principal_policy, PolicySourceArn=nobody, ActionNames=["s3:GetObject"])
    assert (unknown["Code"], unknown["Message"]) == ("NoSuchEntity", f"The entity {nobody} cannot be found.")
    broken = refused(iam.simulate_custom_policy, PolicyInputList=["x"], ActionNames=["s3:GetObject"])
    assert broken["Code"] == "InvalidInput"
    assert refused(iam.delete_user_permissions_boundary, UserName="student")["Code"] == "NoSuchEntity"


def test_a_deleted_role_leaves_its_sessions_without_permissions(
    aws: Aws, new_actor: Callable[..., Actor], bucket: str
) -> None:
    gone = new_actor()
    gone.may(allow("s3:*", "*"))
    gone.client("s3").get_object(Bucket=bucket, Key="a")
    gone.may()
    aws("iam").delete_role(RoleName=gone.role)
    refused(gone.client("s3").get_object, Bucket=bucket, Key="a")
