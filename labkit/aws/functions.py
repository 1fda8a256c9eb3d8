"""Lambda functions: configuration, code digest, permissions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkit.aws.session import error_code

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient


@dataclass(frozen=True)
class FunctionState:
    """A function; `code_sha256` is the base64 digest of its zip."""

    arn: str
    role: str
    runtime: str
    handler: str
    timeout_s: int
    memory_mb: int
    environment: dict[str, str]
    code_sha256: str


def find_function(client: LambdaClient, name: str) -> FunctionState | None:
    """The function as it is now, or None."""
    from botocore.exceptions import ClientError

    try:
        found = client.get_function_configuration(FunctionName=name)
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            return None
        raise
    return FunctionState(
        arn=found["FunctionArn"],
        role=found["Role"],
        runtime=str(found.get("Runtime", "")),
        handler=found.get("Handler", ""),
        timeout_s=found.get("Timeout", 0),
        memory_mb=found.get("MemorySize", 0),
        environment=dict(found.get("Environment", {}).get("Variables", {})),
        code_sha256=found.get("CodeSha256", ""),
    )


def find_statement(client: LambdaClient, name: str, statement_id: str) -> dict[str, Any] | None:
    """One statement of the function's resource policy, or None (also when the function has no policy, or does not exist)."""
    from botocore.exceptions import ClientError

    try:
        policy = json.loads(client.get_policy(FunctionName=name)["Policy"])
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            return None
        raise
    for statement in policy.get("Statement", []):
        if statement.get("Sid") == statement_id:
            return dict(statement)
    return None


def wait_function(client: LambdaClient, name: str) -> None:
    """Return once the function is Active and its last update is done; AWS refuses a second change before that."""
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
