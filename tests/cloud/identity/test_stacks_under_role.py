"""Stacks are made with the permissions of whoever asks, and only of what is carried out."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud.identity.conftest import ACCOUNT, Actor, Aws, allow, document


def template(**resources: dict[str, Any]) -> str:
    return json.dumps({"Resources": resources})


def refused(call: Callable[..., Any], **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**params)
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


@pytest.mark.slow
def test_a_stack_does_what_its_maker_may(aws: Aws, new_actor: Callable[..., Actor]) -> None:
    actor, name = new_actor(), f"stacks-{uuid.uuid4().hex[:8]}"
    cloudformation = actor.client("cloudformation")
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": name}}
    actor.may(allow(["cloudformation:*", "sqs:*"], "*"))
    body = template(Queue=queue, User=user)
    assert "not authorized to perform: iam:CreateUser" in refused(
        cloudformation.create_stack, StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    assert "NoSuchEntity" in refused(aws("iam").get_user, UserName=name)
    assert "does not exist" in refused(cloudformation.describe_stacks, StackName=name)
    cloudformation.create_stack(StackName=name, TemplateBody=template(Queue=queue))
    assert "iam:CreateUser" in refused(
        cloudformation.update_stack, StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    assert "User" not in cloudformation.get_template(StackName=name)["TemplateBody"]["Resources"]
    actor.may(allow("cloudformation:*", "*"))
    assert "sqs:deletequeue" in refused(cloudformation.delete_stack, StackName=name)
    actor.may(allow(["cloudformation:*", "sqs:*"], "*"))
    cloudformation.delete_stack(StackName=name)
    assert "NonExistentQueue" in refused(aws("sqs").get_queue_url, QueueName=name)


def test_a_stack_with_a_role_does_what_the_role_may(aws: Aws, new_actor: Callable[..., Actor]) -> None:
    actor, name = new_actor(), f"stacks-{uuid.uuid4().hex[:8]}"
    trust = document(
        {"Effect": "Allow", "Principal": {"Service": "cloudformation.amazonaws.com"}, "Action": "sts:AssumeRole"}
    )
    aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    role = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    actor.may(allow("cloudformation:*", "*"), allow("iam:PassRole", role))
    params = {"StackName": name, "TemplateBody": template(T={"Type": "AWS::SNS::Topic"}), "RoleARN": role}
    assert f"assumed-role/{name}/AWSCloudFormation is not authorized" in refused(
        actor.client("cloudformation").create_stack, **params
    )
    aws("iam").put_role_policy(
        RoleName=name, PolicyName="p", PolicyDocument=document(allow("sns:*", f"arn:aws:sns:*:*:{name}-T-*"))
    )
    actor.client("cloudformation").create_stack(**params)
    aws("cloudformation").delete_stack(StackName=name)


@pytest.mark.parametrize("kind", ["AWS::Glue::Trigger", "AWS::EC2::VPC", "AWS::S3::AccessPoint", "AWS::Nothing"])
def test_what_is_not_made_is_not_said_to_be_made(aws: Aws, kind: str) -> None:
    error = refused(aws("cloudformation").create_stack, StackName="refused", TemplateBody=template(It={"Type": kind}))
    assert error.startswith("NotImplemented")
    assert f"does not make resources of type {kind} (It)" in error


def test_each_call_of_a_stack_is_asked_for_by_its_own_name_and_resource(
    aws: Aws, new_actor: Callable[..., Actor]
) -> None:
    """Glue's resources are made by Glue's calls: what they may not is a failed stack, as on AWS, and nothing is left."""
    actor, name = new_actor(), f"stacks-{uuid.uuid4().hex[:8]}"
    database = {"CatalogId": ACCOUNT, "DatabaseInput": {"Name": name}}
    body = template(Db={"Type": "AWS::Glue::Database", "Properties": database})
    actor.may(allow("cloudformation:*", "*"), allow("glue:*", f"arn:aws:glue:us-east-1:{ACCOUNT}:database/another"))
    cloudformation = actor.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=body)
    assert cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    reason = next(event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == "CREATE_FAILED")
    assert f"{actor.arn} is not authorized to perform: glue:CreateDatabase" in reason
    cloudformation.delete_stack(StackName=name)
    place = [f"arn:aws:glue:us-east-1:{ACCOUNT}:catalog", f"arn:aws:glue:us-east-1:{ACCOUNT}:*/{name}*"]
    actor.may(
        allow("cloudformation:*", "*"),
        allow("glue:*", place, Condition={"StringEquals": {"aws:CalledViaFirst": "cloudformation.amazonaws.com"}}),
    )
    assert "glue:CreateDatabase" in refused(actor.client("glue").create_database, DatabaseInput={"Name": name})
    cloudformation.create_stack(StackName=name, TemplateBody=body)
    assert aws("glue").get_database(Name=name)["Database"]["Name"] == name
    cloudformation.delete_stack(StackName=name)
    assert "EntityNotFound" in refused(aws("glue").get_database, Name=name)
