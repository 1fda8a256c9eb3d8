"""A role whose policies each test sets, and clients that act under it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

ACCOUNT = "123456789012"
ROOT_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
        }
    ],
}
Aws = Callable[[str], Any]


def allow(action: str | list[str], resource: str | list[str], **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str | list[str], resource: str | list[str], **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@dataclass
class Actor:
    """A role session: `may(...)` gives its role these statements and no others; `client("s3")` acts under it."""

    aws: Aws
    endpoint_url: str
    role: str
    credentials: dict[str, str]
    clients: dict[str, Any] = field(default_factory=dict)

    @property
    def role_arn(self) -> str:
        return f"arn:aws:iam::{ACCOUNT}:role/{self.role}"

    @property
    def arn(self) -> str:
        return f"arn:aws:sts::{ACCOUNT}:assumed-role/{self.role}/actor"

    def may(self, *statements: dict[str, Any]) -> None:
        if statements:
            self.aws("iam").put_role_policy(RoleName=self.role, PolicyName="now", PolicyDocument=document(*statements))
        elif "now" in self.aws("iam").list_role_policies(RoleName=self.role)["PolicyNames"]:
            self.aws("iam").delete_role_policy(RoleName=self.role, PolicyName="now")

    def client(self, service: str) -> Any:
        if service not in self.clients:
            self.clients[service] = client_of(self.endpoint_url, self.credentials, service)
        return self.clients[service]


def client_of(endpoint_url: str, credentials: dict[str, str], service: str) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=endpoint_url,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture(scope="module")
def new_actor(aws: Aws, cloud: Any) -> Callable[..., Actor]:
    """Makes a role and a session of it; keyword arguments go to AssumeRole."""

    def build(**session: Any) -> Actor:
        name = f"actor-{uuid.uuid4().hex[:8]}"
        aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(ROOT_TRUST))
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        answer = aws("sts").assume_role(RoleArn=arn, **{"RoleSessionName": "actor", **session})
        return Actor(aws, cloud.endpoint_url, name, answer["Credentials"])

    return build


@pytest.fixture(scope="module")
def actor(new_actor: Callable[..., Actor]) -> Actor:
    return new_actor()
