"""The policy documents that requests bring are checked before moto keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from moto.iam.models import iam_backends

from labkit.cloud.identity.bucket_policy import validate_bucket_policy
from labkit.cloud.identity.known_principals import is_known_principal
from labkit.cloud.identity.validation import Holder, validate_policy, validate_size

_HOLDERS: dict[str, tuple[Holder, str]] = {
    "PutUserPolicy": ("user", "UserName"),
    "PutGroupPolicy": ("group", "GroupName"),
    "PutRolePolicy": ("role", "RoleName"),
}


def check_documents(service: str, operation: str, params: Mapping[str, Any], body: bytes, account: str) -> None:
    """AwsError MalformedPolicyDocument, LimitExceeded or (S3) MalformedPolicy for a policy that AWS would not keep."""
    text = str(params.get("PolicyDocument") or "")
    is_known = partial(is_known_principal, account=account)
    if service == "s3" and operation == "PutBucketPolicy":
        validate_bucket_policy(body.decode("utf-8", "replace"), str(params.get("Bucket") or ""), is_known)
    elif service == "sts" and params.get("Policy"):
        validate_policy(str(params["Policy"]), "identity")
    elif service != "iam":
        return
    elif operation in ("CreatePolicy", "CreatePolicyVersion"):
        validate_policy(text, "identity")
        validate_size([text], "policy")
    elif operation in _HOLDERS:
        validate_policy(text, "identity")
        _check_size(operation, params, text, account)
    elif operation == "CreateRole":
        _check_trust(str(params.get("AssumeRolePolicyDocument") or ""), is_known)
    elif operation == "UpdateAssumeRolePolicy":
        _check_trust(text, is_known)


def _check_trust(text: str, is_known: Any) -> None:
    validate_policy(text, "trust", is_known)
    validate_size([text], "trust")


def _check_size(operation: str, params: Mapping[str, Any], text: str, account: str) -> None:
    holder, field = _HOLDERS[operation]
    backend = iam_backends[account]["aws"]
    kept: Mapping[str, Any] = {"user": backend.users, "group": backend.groups}.get(holder, backend.roles)
    name = str(params.get(field) or "")
    found = kept.get(name) or next((one for one in list(kept.values()) if one.name == name), None)
    if found is not None:  # otherwise moto says NoSuchEntity
        others = [document for policy, document in found.policies.items() if policy != params.get("PolicyName")]
        validate_size([*map(str, others), text], holder, name)
