"""IAM: what a role is allowed to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from labkit.aws.session import error_code

if TYPE_CHECKING:
    from mypy_boto3_iam.client import IAMClient


@dataclass(frozen=True)
class RoleState:
    """A role as it is: its trust document, the ARNs of its managed policies, its inline policies by name."""

    trust: dict[str, Any]
    managed: frozenset[str]
    inline: dict[str, dict[str, Any]]


def find_role(iam: IAMClient, name: str) -> RoleState | None:
    """The role with everything attached to it, or None."""
    from botocore.exceptions import ClientError

    try:
        role = iam.get_role(RoleName=name)["Role"]
    except ClientError as error:
        if error_code(error) == "NoSuchEntity":
            return None
        raise
    managed = [
        item["PolicyArn"]
        for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
        for item in page["AttachedPolicies"]
    ]
    inline = {
        policy: _document(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])
        for page in iam.get_paginator("list_role_policies").paginate(RoleName=name)
        for policy in page["PolicyNames"]
    }
    return RoleState(_document(role["AssumeRolePolicyDocument"]), frozenset(managed), inline)


def find_trusted_services(iam: IAMClient, name: str) -> frozenset[str]:
    """The services that the role's trust policy lets take it on. ClientError when there is no such role, or it may not be read."""
    statements = _document(iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]).get("Statement", [])
    found: set[str] = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal", {})
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        if statement.get("Effect") == "Allow":
            found |= {services} if isinstance(services, str) else set(services)
    return frozenset(found)


def list_denied(iam: IAMClient, role_arn: str, wanted: Mapping[str, str]) -> list[str]:
    """Which actions the role's own policies do not allow; `wanted` is action → resource ARN. ClientError when nobody may simulate.

    IAM simulates the identity policies alone: a bucket policy, a boundary of the organisation or Lake Formation may still refuse.
    """
    denied = []
    for action, resource in wanted.items():
        told = iam.simulate_principal_policy(PolicySourceArn=role_arn, ActionNames=[action], ResourceArns=[resource])
        if any(result["EvalDecision"] != "allowed" for result in told["EvaluationResults"]):
            denied.append(action)
    return denied


def _document(value: Any) -> dict[str, Any]:
    # boto3 decodes policy documents already; an emulator or an old botocore hands over the URL-encoded text.
    return dict(json.loads(unquote(value))) if isinstance(value, str) else dict(value)
