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


def test_what_a_template_asks_for_and_nothing_here_does_is_refused(aws: Any, lambda_role: str) -> None:
    body = template(lambda_role, FunctionName=f"fn-{uuid.uuid4().hex[:8]}", Runtime="nodejs20.x")
    with pytest.raises(ClientError, match="its Runtime is nodejs20"):
        aws("cloudformation").create_stack(StackName=f"s-{uuid.uuid4().hex[:8]}", TemplateBody=body)
