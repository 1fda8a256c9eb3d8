"""Roles and functions made through the API, with plain boto3."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def zip_bytes(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def lambda_role(aws: Callable[[str], Any]) -> str:
    name = f"lambda-role-{uuid.uuid4().hex[:8]}"
    arn = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    aws("iam").attach_role_policy(RoleName=name, PolicyArn=ADMINISTRATOR)
    return str(arn)


@pytest.fixture
def deploy(aws: Callable[[str], Any], lambda_role: str) -> Callable[..., str]:
    """`deploy(code, **settings)` creates a function with a name of its own and returns the name."""

    def create(code: str, **settings: Any) -> str:
        name = f"fn-{uuid.uuid4().hex[:8]}"
        request = {
            "Runtime": "python3.11",
            "Role": lambda_role,
            "Handler": "lambda_function.lambda_handler",
            "Code": {"ZipFile": zip_bytes({"lambda_function.py": code})},
        }
        aws("lambda").create_function(FunctionName=name, **{**request, **settings})
        return name

    return create


@pytest.fixture
def logs_of(aws: Callable[[str], Any]) -> Callable[[str], str]:
    """`logs_of(name)` is all text in the function's log group."""

    def read(name: str) -> str:
        group = f"/aws/lambda/{name}"
        found = aws("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        if not any(entry["logGroupName"] == group for entry in found):
            return ""
        return "".join(event["message"] for event in aws("logs").filter_log_events(logGroupName=group)["events"])

    return read
