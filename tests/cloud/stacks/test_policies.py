"""What is kept, what is undone and what is refused when a stack's maker says so."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.slow


def body(**resources: dict[str, Any]) -> str:
    return json.dumps({"Resources": resources})


def log(name: str, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name}, **more}


def bad(**more: Any) -> dict[str, Any]:
    """A table of a database that is not there."""
    properties = {"CatalogId": {"Ref": "AWS::AccountId"}, "DatabaseName": "nowhere", "TableInput": {"Name": "t"}}
    return {"Type": "AWS::Glue::Table", "Properties": properties, **more}


@pytest.fixture
def name() -> str:
    return f"policy-{uuid.uuid4().hex[:8]}"


def groups(aws: Any, prefix: str) -> list[str]:
    return [one["logGroupName"] for one in aws("logs").describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]]


def status(aws: Any, name: str) -> str:
    return str(aws("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])


def test_on_failure_decides_what_becomes_of_a_stack(aws: Any, name: str) -> None:
    cloud, template = aws("cloudformation"), body(Log=log(name), Bad=bad(DependsOn="Log"))
    stack = cloud.create_stack(StackName=name, TemplateBody=template, OnFailure="DO_NOTHING")["StackId"]
    assert (status(aws, name), groups(aws, name)) == ("CREATE_FAILED", [name])
    assert [one["LogicalResourceId"] for one in cloud.describe_stack_resources(StackName=name)["StackResources"]] == [
        "Log"
    ]
    cloud.delete_stack(StackName=name)
    assert (status(aws, stack), groups(aws, name)) == ("DELETE_COMPLETE", [])
    stack = cloud.create_stack(StackName=name, TemplateBody=template, OnFailure="DELETE")["StackId"]
    assert (status(aws, stack), groups(aws, name)) == ("DELETE_COMPLETE", [])
    cloud.create_stack(StackName=name, TemplateBody=template)
    assert (status(aws, name), groups(aws, name)) == ("ROLLBACK_COMPLETE", [])
    cloud.delete_stack(StackName=name)


def test_what_is_to_be_retained_stays(aws: Any, name: str) -> None:
    cloud = aws("cloudformation")
    cloud.create_stack(
        StackName=name, TemplateBody=body(A=log(f"{name}-a", DeletionPolicy="Retain"), B=log(f"{name}-b"))
    )
    cloud.update_stack(StackName=name, TemplateBody=body(B=log(f"{name}-b")))
    assert groups(aws, name) == [f"{name}-a", f"{name}-b"]
    cloud.delete_stack(StackName=name)
    assert groups(aws, name) == [f"{name}-a"]
    aws("logs").delete_log_group(logGroupName=f"{name}-a")


def test_a_protected_stack_is_not_deleted(aws: Any, name: str) -> None:
    cloud = aws("cloudformation")
    cloud.create_stack(StackName=name, TemplateBody=body(A=log(name)), EnableTerminationProtection=True)
    with pytest.raises(ClientError, match="cannot be deleted while TerminationProtection is enabled"):
        cloud.delete_stack(StackName=name)
    assert (status(aws, name), groups(aws, name)) == ("CREATE_COMPLETE", [name])


def test_a_replaced_resource_goes_when_the_new_one_is_there(aws: Any, name: str) -> None:
    cloud = aws("cloudformation")
    cloud.create_stack(StackName=name, TemplateBody=body(A=log(f"{name}-a")))
    cloud.update_stack(StackName=name, TemplateBody=body(A=log(f"{name}-b")))
    assert groups(aws, name) == [f"{name}-b"]
    cloud.update_stack(StackName=name, TemplateBody=body(A=log(f"{name}-c"), Bad=bad(DependsOn="A")))
    assert (status(aws, name), groups(aws, name)) == ("UPDATE_ROLLBACK_COMPLETE", [f"{name}-b"])
    cloud.delete_stack(StackName=name)
    assert groups(aws, name) == []


def test_a_parameter_inside_of_a_text_changes_what_is_made(aws: Any, name: str) -> None:
    template = json.dumps(
        {
            "Parameters": {"End": {"Type": "String"}},
            "Conditions": {"IsLong": {"Fn::Equals": [{"Ref": "End"}, "long"]}},
            "Resources": {"A": log({"Fn::Sub": f"{name}-${{End}}"}), "B": log(f"{name}-x", Condition="IsLong")},  # type: ignore[arg-type]
        }
    )
    cloud = aws("cloudformation")
    given = {"StackName": name, "TemplateBody": template}
    cloud.create_stack(**given, Parameters=[{"ParameterKey": "End", "ParameterValue": "short"}])
    assert groups(aws, name) == [f"{name}-short"]
    cloud.update_stack(**given, Parameters=[{"ParameterKey": "End", "ParameterValue": "long"}])
    assert groups(aws, name) == [f"{name}-long", f"{name}-x"]
    cloud.update_stack(**given, Parameters=[{"ParameterKey": "End", "ParameterValue": "short"}])
    assert groups(aws, name) == [f"{name}-short"]
    cloud.delete_stack(StackName=name)


def test_a_nested_stack_that_fails_fails_its_parent(aws: Any, name: str) -> None:
    aws("s3").create_bucket(Bucket=name)
    aws("s3").put_object(Bucket=name, Key="inner.json", Body=body(Log=log(f"{name}-in"), Bad=bad(DependsOn="Log")))
    inner = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": f"https://s3.amazonaws.com/{name}/inner.json"},
    }
    cloud = aws("cloudformation")
    cloud.create_stack(StackName=name, TemplateBody=body(Log=log(f"{name}-out"), Inner={**inner, "DependsOn": "Log"}))
    assert (status(aws, name), groups(aws, name)) == ("ROLLBACK_COMPLETE", [])
    assert [one["StackName"] for one in cloud.describe_stacks()["Stacks"] if one["StackName"].startswith(name)] == [
        name
    ]
    cloud.delete_stack(StackName=name)
