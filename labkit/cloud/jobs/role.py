"""The role of a job: a session of it carries out each run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.roles import role_arn

if TYPE_CHECKING:
    from labkit.cloud.services import Services

# As on AWS, for every run.
SESSION = "GlueJobRunnerSession"
_SERVICE = "glue.amazonaws.com"


def check_trust(services: Services, role: str, scope: Scope) -> None:
    """InvalidInputException, in AWS's words, for a role that is not there or does not let Glue assume it."""
    try:
        trusted = services.role_trusts(role, _SERVICE, scope)
    except AwsError:
        trusted = False
    if not trusted:
        arn = role_arn(role, scope.account)
        raise AwsError("InvalidInputException", f"Role {arn} should be given assume role permissions for Glue Service.")
