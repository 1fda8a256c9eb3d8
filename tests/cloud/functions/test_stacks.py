"""Functions of CloudFormation templates."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

INLINE = "import os\ndef handler(e, c):\n    return os.environ['STAGE']\n"


def template(role: str, **properties: Any) -> str:
    function = {
        "Runtime": "python3.11",
        "Handler": "index.handler",
        "Role": role,
        "Code": {"ZipFile": INLINE},
        "Timeout": "20",
        "Environment": {"Variables": {"STAGE": "dev"}},
        "LoggingConfig": {"LogFormat": "JSON"},
        "Tags": [{"Key": "team", "Value": "data"}],
        "ReservedConcurrentExecutions": 3,
        **properties,
    }
    return json.dumps({"Resources": {"Fn": {"Type": "AWS::Lambda::Function", "Properties": function}}})


@pytest.mark.slow
def test_a_template_is_carried_out_whole_and_changed(aws: Any, lambda_role: str) -> None:
    cloud, client, stack = aws("cloudformation"), aws("lambda"), f"s-{uuid.uuid4().hex[:8]}"
    name = f"fn-{stack}"
    cloud.create_stack(StackName=stack, TemplateBody=template(lambda_role, FunctionName=name))
    found = client.get_function(FunctionName=name)
    assert (found["Configuration"]["Timeout"], found["Configuration"]["LoggingConfig"]["LogFormat"]) == (20, "JSON")
    assert found["Tags"]["team"] == "data"
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 3}
    assert client.invoke(FunctionName=name)["Payload"].read() == b'"dev"'
    changed = template(lambda_role, FunctionName=name, Environment={"Variables": {"STAGE": "prod"}}, Timeout=5)
    cloud.update_stack(StackName=stack, TemplateBody=changed)
    assert client.invoke(FunctionName=name)["Payload"].read() == b'"prod"'
    assert client.get_function_configuration(FunctionName=name)["Timeout"] == 5
    cloud.delete_stack(StackName=stack)
    with pytest.raises(ClientError, match="Function not found"):
        client.get_function(FunctionName=name)


def test_what_a_template_asks_for_and_nothing_here_does_fails_the_stack(aws: Any, lambda_role: str) -> None:
    cloud, stack = aws("cloudformation"), f"s-{uuid.uuid4().hex[:8]}"
    name = f"fn-{stack}"
    cloud.create_stack(StackName=stack, TemplateBody=template(lambda_role, FunctionName=name, Runtime="nodejs20.x"))
    assert cloud.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE"
    events = cloud.describe_stack_events(StackName=stack)["StackEvents"]
    assert any("its Runtime is nodejs20" in event.get("ResourceStatusReason", "") for event in events)
    with pytest.raises(ClientError, match="Function not found"):
        aws("lambda").get_function(FunctionName=name)
    cloud.delete_stack(StackName=stack)
