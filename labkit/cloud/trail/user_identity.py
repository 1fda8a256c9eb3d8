"""`userIdentity` of a record: who called, as CloudTrail tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from labkit.cloud.identity.principal import Principal


def user_identity(principal: Principal) -> dict[str, Any]:
    """The element of one principal (docs.aws.amazon.com/awscloudtrail, "CloudTrail userIdentity element")."""
    if principal.kind == "anonymous":
        return {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}
    if principal.kind == "service":
        return {"type": "AWSService", "invokedBy": principal.name}
    kinds = {"root": "Root", "user": "IAMUser", "role-session": "AssumedRole", "federated-user": "FederatedUser"}
    shown: dict[str, Any] = {
        "type": kinds[principal.kind],
        "principalId": principal.user_id,
        "arn": principal.arn,
        "accountId": principal.account,
        "accessKeyId": principal.access_key or "",
    }
    if principal.kind == "user":
        shown["userName"] = principal.name
    if principal.kind in ("role-session", "federated-user"):
        shown["sessionContext"] = _session(principal)
    return shown


def _session(principal: Principal) -> dict[str, Any]:
    is_role = principal.kind == "role-session"
    issuer = principal.issuer_arn or ""
    attributes = {"mfaAuthenticated": "true" if principal.mfa else "false"}
    if principal.issued_at is not None:
        attributes["creationDate"] = stamp(principal.issued_at)
    return {
        "sessionIssuer": {
            "type": "Role" if is_role else "IAMUser",
            "principalId": principal.user_id.partition(":")[0],
            "arn": issuer,
            "accountId": principal.account,
            "userName": issuer.rpartition("/")[2],
        },
        "attributes": attributes,
    }


def user_name(principal: Principal) -> str:
    """`Username` of an event: the user, the session of a role, `root`; none for services and the nameless."""
    if principal.kind in ("role-session", "federated-user"):
        return principal.session_name or principal.name
    return principal.name if principal.kind in ("user", "root") else ""


def stamp(at: datetime) -> str:
    """A time as records write it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
