"""Step 2: the role that Glue takes on and the role that Lambda takes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.aws.call import AwsCall, JsonText
from labkit.aws.iam import RoleState, find_role
from labkit.aws.session import Clients
from labkit.names import is_role_arn
from labkit.steps.lab import Lab
from labkit.steps.least_privilege import build_glue_policy, build_lambda_policy
from labkit.steps.tags import as_list

_AWS_POLICY = "arn:aws:iam::aws:policy/"
_GLUE = "glue.amazonaws.com"
_LAMBDA = "lambda.amazonaws.com"


@dataclass(frozen=True)
class Role:
    """A role: who may take it on, the managed policies attached to it, and its inline policies by name."""

    name: str
    service: str
    managed: tuple[str, ...]
    inline: Mapping[str, Mapping[str, Any]]

    @property
    def trust(self) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Principal": {"Service": self.service}, "Action": "sts:AssumeRole"}
        return {"Version": "2012-10-17", "Statement": [statement]}


def build_role_arn(lab: Lab, name: str) -> str:
    """The ARN that a role of this account has; one that was given as an ARN is taken as it is."""
    return name if is_role_arn(name) else f"arn:aws:iam::{lab.account}:role/{name}"


def build_wanted(lab: Lab) -> tuple[Role, ...]:
    """The two roles; the function may start this job and look at its runs, and those of no other."""
    if lab.least_privilege:
        return (
            Role(lab.names.glue_role, _GLUE, (), {"lab-glue": build_glue_policy(lab)}),
            Role(lab.names.lambda_role, _LAMBDA, (), {"lab-lambda": build_lambda_policy(lab)}),
        )
    job = f"arn:aws:glue:{lab.region}:{lab.account}:job/{lab.names.job}"
    start_job = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["glue:StartJobRun", "glue:GetJobRuns"], "Resource": job}],
    }
    glue = Role(
        lab.names.glue_role,
        _GLUE,
        (f"{_AWS_POLICY}service-role/AWSGlueServiceRole", f"{_AWS_POLICY}AmazonS3FullAccess"),
        {},
    )
    function = Role(
        lab.names.lambda_role,
        _LAMBDA,
        (f"{_AWS_POLICY}service-role/AWSLambdaBasicExecutionRole",),
        {"start-glue-job": start_job},
    )
    return glue, function


def plan(clients: Clients, lab: Lab) -> list[AwsCall]:
    """The roles and the policies that they lack; one given as an ARN belongs to somebody else and is left as it is."""
    calls: list[AwsCall] = []
    for role in build_wanted(lab):
        if not is_role_arn(role.name):
            calls += plan_role(role, find_role(clients.iam, role.name), lab.tags)
    return calls


def plan_role(role: Role, found: RoleState | None, tags: Mapping[str, str] | None = None) -> list[AwsCall]:
    """The calls that make the role and its policies, or correct them, or nothing."""
    calls: list[AwsCall] = []
    if found is None:
        params: dict[str, Any] = {"RoleName": role.name, "AssumeRolePolicyDocument": JsonText(role.trust)}
        if tags:
            params["Tags"] = as_list(tags)
        calls.append(
            AwsCall("iam", "create_role", params, "create", "iam-role", role.name, reason="plan.reason.missing")
        )
    elif found.trust != role.trust:
        params = {"RoleName": role.name, "PolicyDocument": JsonText(role.trust)}
        calls.append(
            AwsCall(
                "iam",
                "update_assume_role_policy",
                params,
                "update",
                "iam-role",
                role.name,
                reason="plan.reason.differs",
            )
        )
    for arn in role.managed:
        if found is None or arn not in found.managed:
            params = {"RoleName": role.name, "PolicyArn": arn}
            name = f"{role.name}/{arn.rsplit('/', 1)[-1]}"
            calls.append(
                AwsCall(
                    "iam", "attach_role_policy", params, "create", "iam-attachment", name, reason="plan.reason.policy"
                )
            )
    for name, document in role.inline.items():
        kept = None if found is None else found.inline.get(name)
        if kept != document:
            params = {"RoleName": role.name, "PolicyName": name, "PolicyDocument": JsonText(document)}
            verb = "create" if kept is None else "update"
            calls.append(
                AwsCall(
                    "iam",
                    "put_role_policy",
                    params,
                    verb,
                    "iam-inline-policy",
                    f"{role.name}/{name}",
                    reason="plan.reason.policy",
                )
            )
    return calls
