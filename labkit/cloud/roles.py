"""Acting under a role: session credentials, and the environment that a child process is given."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.identity.access import Access
from labkit.cloud.identity.document import parse_policy
from labkit.cloud.identity.evaluate import evaluate
from labkit.cloud.identity.grants import Grants
from labkit.cloud.identity.principal import Principal, service_principal

_ROLE_ARN = re.compile(r"arn:aws[\w-]*:iam::(?P<account>\d{12}):role/(?P<path>.+)")
# What a child needs of this machine; nothing else of the user's environment reaches a job or a function.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")


@dataclass(frozen=True)
class RoleCredentials:
    """Keys of one role session."""

    access_key: str
    secret_key: str
    token: str
    role_arn: str


def role_arn(role: str, account: str) -> str:
    """The ARN of a role that an API names by ARN, name or path/name (Glue takes all three)."""
    return role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role.lstrip('/')}"


def role_credentials(
    role: str, session_name: str, scope: Scope, changed: Callable[[str, str, str], None]
) -> RoleCredentials:
    """Credentials of a new session of the role; AwsError NoSuchEntity when the role does not exist."""
    arn = role_arn(role, scope.account)
    match = _ROLE_ARN.fullmatch(arn)
    role_ids = {found.arn: found.id for found in list(iam_backends[scope.account]["aws"].roles.values())}
    if match is None or arn not in role_ids:
        raise AwsError("NoSuchEntity", f"The role {arn} cannot be found.", 404)
    session: Any = sts_backends[scope.account]["aws"].assume_role(scope.region, session_name, arn, "", 43200, "")
    session.issued_at, session.role_id = datetime.now(timezone.utc), role_ids[arn]
    changed("iam", scope.account, "aws")
    changed("sts", scope.account, "aws")
    return RoleCredentials(session.access_key_id, session.secret_access_key, session.session_token, arn)


def role_principal(role: str, session_name: str, scope: Scope) -> Principal:
    """A session of the role as its policies see it; it signs nothing. A role that does not exist may do nothing."""
    arn = role_arn(role, scope.account)
    name = arn.rsplit("/", 1)[-1]
    found = next((one for one in list(iam_backends[scope.account]["aws"].roles.values()) if one.arn == arn), None)
    return Principal(
        kind="role-session",
        account=scope.account,
        arn=f"arn:aws:sts::{scope.account}:assumed-role/{name}/{session_name}",
        user_id=f"{found.id if found else 'AROA'}:{session_name}",
        name=name,
        issuer_arn=arn,
        session_name=session_name,
    )


def caller_arn(access_key: str, scope: Scope) -> str:
    """Who signs with a key, as sts:GetCallerIdentity tells."""
    arn: str = sts_backends[scope.account]["aws"].get_caller_identity(access_key, scope.region)[1]
    return arn


def role_trusts(role: str, service: str, scope: Scope) -> bool:
    """Whether a role's trust policy lets a service (`glue.amazonaws.com`) assume it; AwsError NoSuchEntity."""
    arn = role_arn(role, scope.account)
    found = next((one for one in iam_backends[scope.account]["aws"].roles.values() if one.arn == arn), None)
    if found is None:
        raise AwsError("NoSuchEntity", f"The role {arn} cannot be found.", 404)
    document = found.assume_role_policy_document
    text = document if isinstance(document, str) else json.dumps(document or {})
    try:
        trust = parse_policy(text, "trust policy")
    except ValueError:
        return False
    context = {"aws:sourceaccount": (scope.account,)}
    return evaluate(service_principal(service), Access("sts:AssumeRole", arn, context), Grants(resource=trust)).allowed


def child_env(credentials: RoleCredentials, region: str, endpoint_url: str, home: Path) -> dict[str, str]:
    """The environment of a process that acts as a role against the local cloud, and as nobody against AWS."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUTF8": "1",
        # Where the system's settings name a proxy (macOS, Windows), Python would send it the calls to this very computer.
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_SESSION_TOKEN": credentials.token,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
