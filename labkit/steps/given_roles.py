"""Roles that somebody else made (AWS Academy's LabRole): used as they are, and looked at as far as that is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labkit.aws.error_codes import DENIED
from labkit.aws.iam import find_trusted_services, list_denied
from labkit.aws.session import Clients, error_code
from labkit.names import is_role_arn
from labkit.steps.lab import Lab


@dataclass(frozen=True)
class GivenRole:
    """A role given as ARN, the service that must be able to take it on, and what was found.

    `verdict` is "trusted", "untrusted", "missing", "foreign" (another account's) or "unseen" (iam:GetRole is not allowed).
    `denied` are actions of the lab that its policies do not allow; None when nobody may ask.
    """

    arn: str
    service: str
    verdict: str
    denied: tuple[str, ...] | None = None


def find_given_roles(clients: Clients, lab: Lab) -> tuple[GivenRole, ...]:
    """The given roles among the lab's two, each with its verdict; reads only."""
    wanted = ((lab.names.glue_role, "glue.amazonaws.com"), (lab.names.lambda_role, "lambda.amazonaws.com"))
    return tuple(_look_at(clients, lab, arn, service) for arn, service in wanted if is_role_arn(arn))


def _look_at(clients: Clients, lab: Lab, arn: str, service: str) -> GivenRole:
    from botocore.exceptions import ClientError

    verdict = _judge(clients, arn, service)
    if verdict in ("missing", "foreign"):
        return GivenRole(arn, service, verdict)
    try:
        return GivenRole(arn, service, verdict, tuple(list_denied(clients.iam, arn, _list_needed(lab, service))))
    except ClientError as error:
        if error_code(error) in DENIED:
            return GivenRole(arn, service, verdict)
        raise


def _list_needed(lab: Lab, service: str) -> dict[str, str]:
    """What the role does in the lab, an action of each kind (action → resource)."""
    names, place = lab.names, f"{lab.region}:{lab.account}"
    if service == "lambda.amazonaws.com":
        job = f"arn:aws:glue:{place}:job/{names.job}"
        return {
            "glue:StartJobRun": job,
            "logs:PutLogEvents": f"arn:aws:logs:{place}:log-group:/aws/lambda/{names.function}:*",
        }
    return {
        "s3:GetObject": f"arn:aws:s3:::{names.raw_bucket}/{names.raw_prefix}x.csv",
        "s3:PutObject": f"arn:aws:s3:::{names.processed_bucket}/{names.processed}/x.parquet",
        "s3:DeleteObject": f"arn:aws:s3:::{names.processed_bucket}/{names.processed}/x.parquet",
        "glue:CreateTable": f"arn:aws:glue:{place}:database/{names.database}",
        "logs:PutLogEvents": f"arn:aws:logs:{place}:log-group:/aws-glue/jobs/output:*",
    }  # fmt: skip


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
        if error_code(error) in DENIED:
            return "unseen"
        raise
    return "trusted" if service in trusted else "untrusted"
