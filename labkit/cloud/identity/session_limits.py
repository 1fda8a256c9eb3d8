"""What the kind of a caller forbids, whatever its policies say (docs.aws.amazon.com/IAM, "Compare AWS STS credentials")."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.identity.principal import Principal

# IAM calls that speak of the caller's own user where no name is given.
_OF_ONESELF = frozenset(
    {"GetUser", "ListAccessKeys", "CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey", "ListMFADevices"}
    | {"ListSigningCertificates", "ListSSHPublicKeys", "ListServiceSpecificCredentials", "UploadSigningCertificate"}
)
# A session of a user may ask STS for these and for nothing else.
_OF_STS = {"user": ("GetCallerIdentity", "AssumeRole"), "federated-user": ("GetCallerIdentity",)}


def check_session(principal: Principal, service: str, operation: str, params: Mapping[str, Any]) -> None:
    """AwsError for a call that this kind of credentials is not good for."""
    if service not in ("iam", "sts"):
        return
    kind = principal.kind
    if kind in _OF_STS and principal.issued_at is not None:
        if service == "iam" and not (kind == "user" and principal.mfa):
            raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid", 403)
        if service == "sts" and operation not in _OF_STS[kind]:
            raise AwsError("AccessDenied", f"Cannot call {operation} with session credentials", 403)
    is_nameless = service == "iam" and operation in _OF_ONESELF and not params.get("UserName")
    if is_nameless and kind in ("role-session", "federated-user"):
        raise AwsError("ValidationError", "Must specify userName when calling with non-User credentials", 400)


def refuse_foreign_identity(service: str, operation: str, params: Mapping[str, Any], account: str) -> None:
    """AwsError for sessions on the word of an identity provider: its tokens cannot be checked here, and are not taken on trust."""
    if service != "sts" or operation not in ("AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"):
        return
    if operation == "AssumeRoleWithWebIdentity":
        issuer = _issuer(str(params.get("WebIdentityToken") or ""))
        if not _has_provider(issuer, account):
            message = f"No OpenIDConnect provider found in your account for {issuer}"
            raise AwsError("InvalidIdentityToken", message, 400)
    raise AwsError(
        "NotImplemented",
        f"labkit's local cloud does not implement sts:{operation}: it cannot check what an identity provider signs.",
        501,
    )


def _issuer(token: str) -> str:
    """Who issued a JWT; AwsError for what is none."""
    parts = token.split(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return str(claims["iss"])
    except (IndexError, ValueError, KeyError, TypeError):
        message = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        raise AwsError("InvalidIdentityToken", message, 400) from None


def _has_provider(issuer: str, account: str) -> bool:
    from moto.iam.models import iam_backends

    name = issuer.removeprefix("https://").rstrip("/")
    return any(arn.partition("/")[2] == name for arn in iam_backends[account]["aws"].open_id_providers)
