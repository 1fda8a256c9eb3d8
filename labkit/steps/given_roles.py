"""Roles that somebody else made (AWS Academy's LabRole): used as they are, and looked at as far as that is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labkit.aws.iam import find_trusted_services
from labkit.aws.session import Clients, error_code
from labkit.names import is_role_arn
from labkit.steps.lab import Lab


@dataclass(frozen=True)
class GivenRole:
    """A role given as ARN, the service that must be able to take it on, and what was found.

    `verdict` is "trusted", "untrusted", "missing", "foreign" (another account's) or "unseen" (iam:GetRole is not allowed).
    """

    arn: str
    service: str
    verdict: str


def find_given_roles(clients: Clients, lab: Lab) -> tuple[GivenRole, ...]:
    """The given roles among the lab's two, each with its verdict; reads only."""
    wanted = ((lab.names.glue_role, "glue.amazonaws.com"), (lab.names.lambda_role, "lambda.amazonaws.com"))
    return tuple(GivenRole(arn, service, _judge(clients, arn, service)) for arn, service in wanted if is_role_arn(arn))


def _judge(clients: Clients, arn: str, service: str) -> str:
    from botocore.exceptions import ClientError

    if arn.split(":")[4] != clients.target.account:
        return "foreign"
    iam: Any = clients.iam
    try:
        trusted = find_trusted_services(iam, arn.rsplit("/", 1)[-1])
    except ClientError as error:
        if error_code(error) == "NoSuchEntity":
            return "missing"
        if error_code(error) in ("AccessDenied", "AccessDeniedException"):
            return "unseen"
        raise
    return "trusted" if service in trusted else "untrusted"
