"""Athena's workgroups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labkit.aws.session import error_code

if TYPE_CHECKING:
    from mypy_boto3_athena.client import AthenaClient


def find_workgroup(athena: AthenaClient, name: str) -> dict[str, Any] | None:
    """The configuration of a workgroup, or None; Athena says InvalidRequestException for one that it does not have."""
    from botocore.exceptions import ClientError

    try:
        return dict(athena.get_work_group(WorkGroup=name)["WorkGroup"].get("Configuration", {}))
    except ClientError as error:
        if error_code(error) == "InvalidRequestException" and "not found" in str(error):
            return None
        raise
