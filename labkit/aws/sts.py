"""STS: whose account this is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sts.client import STSClient


def get_account(sts: STSClient) -> str:
    """The 12 digits of the account that the credentials belong to."""
    return str(sts.get_caller_identity()["Account"])
