"""Temporary credentials as STS gives them: moto's, with what a session needs to be evaluated.

Installed by `hooks.install_sessions`; moto alone forgets session policies and tags, and answers GetSessionToken and
GetFederationToken with the example keys of AWS's documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.models import iam_backends
from moto.sts.exceptions import STSClientError, STSValidationError
from moto.sts.models import AssumedRole, STSBackend
from moto.sts.utils import random_session_token

from labkit.cloud.call import AwsError
from labkit.cloud.identity.admission import current_admission
from labkit.cloud.identity.callers import find_caller
from labkit.cloud.identity.policies import default_document
from labkit.cloud.identity.principal import Principal
from labkit.cloud.identity.session_tags import inherit, read_tags
from labkit.cloud.identity.validation import validate_policy

_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_SHORTEST_S = 900
_CHAINED_S = 3600
# Ended sessions are kept this long, so that their keys are told to have expired rather than never to have been.
_REMEMBERED = timedelta(hours=1)


class UserSession:
    """A session of a user (GetSessionToken) or of a federated user; it has the fields of moto's AssumedRole."""

    def __init__(self, account: str, caller: Principal, name: str | None, duration_s: int) -> None:
        key = iam_backends[account]["aws"].create_temp_access_key()
        self.account_id = account
        self.access_key = key
        self.access_key_id, self.secret_access_key = key.access_key_id, key.secret_access_key
        self.session_token = random_session_token()
        self.issued_at = datetime.now(timezone.utc)
        self.expiration = (self.issued_at + timedelta(seconds=duration_s)).replace(tzinfo=None)
        self.mfa = False
        self.kind = "federated-user" if name else "user"
        self.session_name = name or caller.name
        self.user_id = f"{account}:{name}" if name else caller.user_id
        self.arn = f"arn:aws:sts::{account}:federated-user/{name}" if name else caller.arn
        self.role_arn = caller.arn
        self.policy = ""
        self.policy_documents: tuple[str, ...] = ()
        self.tags: dict[str, str] = {}
        # The administrator's own session token is the administrator still; a federated user has what its policies give.
        self.unlimited = caller.unlimited
        self.external_id = None


def assume_role(response: Any) -> ActionResult:
    """AssumeRole: moto's session, with its policies, tags and limits."""
    account = response.current_account
    name, duration_s = _session_name(response), _seconds(response, 3600)
    role = _find_role(account, response.params.get("RoleArn"))
    caller = _caller(response.get_access_key(), account)
    if caller.kind == "root":
        raise STSClientError("AccessDenied", "Roles may not be assumed by root accounts.")
    _check_duration(duration_s, int(role.max_session_duration or 3600), caller)
    documents = (*_policy_documents(response, account),)
    inherited = inherit(caller, response.params)
    session: Any = response.backend.assume_role(
        region_name=response.region,
        role_session_name=name,
        role_arn=role.arn,
        policy=response.params.get("Policy") or "",
        duration=duration_s,
        external_id=response.params.get("ExternalId"),
    )
    session.policy_documents = documents
    session.tags, session.transitive_tags = inherited.tags, inherited.transitive
    session.source_identity, session.role_id = inherited.source_identity, role.id
    session.issued_at = datetime.now(timezone.utc)
    forget_ended(response.backend)
    told = {"SourceIdentity": inherited.source_identity} if inherited.source_identity else {}
    user = {"AssumedRoleId": session.user_id, "Arn": session.arn}
    return ActionResult({"Credentials": session, "AssumedRoleUser": user, **told, **_packed(documents)})


def get_session_token(response: Any) -> ActionResult:
    """GetSessionToken: keys of the caller's own that end."""
    account = response.current_account
    caller = _caller(response.get_access_key(), account)
    if caller.kind not in ("user", "root") or (caller.access_key or "").startswith("ASIA"):
        raise STSClientError("AccessDenied", "Cannot call GetSessionToken with session credentials")
    duration_s = _duration(response, 43200, 129600)
    session = UserSession(account, caller, None, duration_s)
    session.mfa = bool(response.params.get("SerialNumber") and response.params.get("TokenCode"))
    response.backend.assumed_roles.append(session)
    forget_ended(response.backend)
    return ActionResult({"Credentials": session})


def get_federation_token(response: Any) -> ActionResult:
    """GetFederationToken: a session that may do what both the caller and the given policies allow."""
    account = response.current_account
    caller = _caller(response.get_access_key(), account)
    if caller.kind not in ("user", "root") or (caller.access_key or "").startswith("ASIA"):
        raise STSClientError("AccessDenied", "Cannot call GetFederationToken with session credentials")
    name = str(response.params.get("Name") or "")
    if not re.fullmatch(r"[\w+=,.@-]{2,32}", name, re.ASCII):
        raise STSValidationError(f"1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint")
    session = UserSession(account, caller, name, _duration(response, 43200, 129600))
    # Without a policy a federated user may do nothing.
    session.policy_documents = (*_policy_documents(response, account),) or ('{"Statement": []}',)
    session.tags = read_tags(response.params)
    response.backend.assumed_roles.append(session)
    forget_ended(response.backend)
    user = {"FederatedUserId": session.user_id, "Arn": session.arn}
    return ActionResult({"Credentials": session, "FederatedUser": user, **_packed(session.policy_documents)})


def get_caller_identity(backend: STSBackend, access_key: str, region: str) -> tuple[str, str, str]:
    """Who signs with a key: unique id, ARN, account."""
    del region
    caller = _caller(access_key, backend.account_id)
    return caller.user_id, caller.arn, backend.account_id


def forget_ended(backend: STSBackend) -> None:
    """Drop sessions that ended a while ago, and their keys: a function's every cold start makes one."""
    limit = datetime.now(timezone.utc).replace(tzinfo=None) - _REMEMBERED
    ended: list[AssumedRole] = [one for one in backend.assumed_roles if one.expiration < limit]
    for session in ended:
        backend.assumed_roles.remove(session)
        iam_backends[backend.account_id]["aws"].access_keys.pop(session.access_key_id, None)


def _caller(access_key: str, account: str) -> Principal:
    """Who asks, as the gate found; moto reads keys only where they look like AWS's."""
    admission = current_admission()
    return admission.principal if admission is not None else find_caller(access_key, account)


def _session_name(response: Any) -> str:
    name = str(response.params.get("RoleSessionName") or "")
    if not _NAME.fullmatch(name):
        rule = (
            "Member must satisfy regular expression pattern: [\\w+=,.@-]*"
            if 2 <= len(name) <= 64
            else (
                "Member must have length greater than or equal to 2"
                if len(name) < 2
                else "Member must have length less than or equal to 64"
            )
        )
        raise STSValidationError(
            f"1 validation error detected: Value '{name}' at 'roleSessionName' failed to satisfy constraint: {rule}"
        )
    return name


def _find_role(account: str, arn: str) -> Any:
    for role in list(iam_backends[account]["aws"].roles.values()):
        if role.arn == arn:
            return role
    raise STSClientError("AccessDenied", f"Not authorized to perform: sts:AssumeRole on resource: {arn}")


def _check_duration(duration_s: int, most_s: int, caller: Principal) -> None:
    _check_range(duration_s, 43200)
    if caller.kind == "role-session" and duration_s > _CHAINED_S:
        raise STSValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        )
    if duration_s > most_s:
        raise STSValidationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")


def _seconds(response: Any, usual_s: int) -> int:
    asked = response.params.get("DurationSeconds")
    return usual_s if asked is None else int(asked)


def _duration(response: Any, usual_s: int, most_s: int) -> int:
    duration_s: int = _seconds(response, usual_s)
    _check_range(duration_s, most_s)
    return duration_s


def _check_range(duration_s: int, most_s: int) -> None:
    if not _SHORTEST_S <= duration_s <= most_s:
        rule = "greater than or equal to 900" if duration_s < _SHORTEST_S else f"less than or equal to {most_s}"
        raise STSValidationError(
            f"1 validation error detected: Value '{duration_s}' at 'durationSeconds' failed to satisfy constraint: "
            f"Member must have value {rule}"
        )


def _policy_documents(response: Any, account: str) -> Iterator[str]:
    inline = response.params.get("Policy")
    if inline:
        try:
            validate_policy(inline, "identity")
        except AwsError as error:
            raise STSClientError(error.code, error.message) from None
        yield inline
    managed = iam_backends[account]["aws"].managed_policies
    for item in response.params.get("PolicyArns") or []:
        arn = item.get("arn") or item.get("Arn") if isinstance(item, dict) else item
        if arn not in managed:
            raise STSClientError("MalformedPolicyDocument", f"The policy {arn} does not exist or is not attachable.")
        yield default_document(managed[arn])


def _packed(documents: tuple[str, ...]) -> dict[str, int]:
    """How much of STS's room the policies take, in per cent of 2,048 characters; AWS packs them more tightly."""
    return {"PackedPolicySize": min(100, max(1, sum(map(len, documents)) * 100 // 20480))} if documents else {}
