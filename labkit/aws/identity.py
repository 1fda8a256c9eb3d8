"""Whose credentials these are, in which account, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from labkit.aws.session import aws_errors

if TYPE_CHECKING:
    from labkit.aws.session import Clients


@dataclass(frozen=True)
class Identity:
    """The caller: 12 digits of the account, the principal's ARN, the account's alias ("" without one, or without the right to ask).

    `source` is where boto3 found the keys (env, shared-credentials-file, sso, assume-role …), `profile` the profile in use
    ("" for none). `expires` is None for keys that do not end, or whose end boto3 is not told (keys pasted into variables).
    """

    account: str
    arn: str
    alias: str
    source: str
    profile: str
    is_temporary: bool
    expires: datetime | None

    @property
    def is_root(self) -> bool:
        return self.arn.endswith(":root")


def find_identity(clients: Clients) -> Identity:
    """Ask STS who calls. AwsCallError when there are no credentials, or they have ended."""
    with aws_errors("sts.get_caller_identity"):
        said = clients.sts.get_caller_identity()
    keys = clients.find_credentials()
    return Identity(
        account=str(said["Account"]),
        arn=str(said["Arn"]),
        alias=_find_alias(clients),
        source=getattr(keys, "method", "") or "",
        profile=clients.profile,
        is_temporary=bool(getattr(keys, "token", None)),
        # botocore keeps the end of keys that it renews itself (SSO, a role, an instance) in no public place.
        expires=getattr(keys, "_expiry_time", None),
    )


def _find_alias(clients: Clients) -> str:
    """The account's alias is a comfort: who may not read it goes without."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return next(iter(clients.iam.list_account_aliases()["AccountAliases"]), "")
    except (ClientError, BotoCoreError):
        return ""
