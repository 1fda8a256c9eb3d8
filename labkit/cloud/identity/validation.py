"""Refuses policy documents that AWS refuses, in AWS's words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Literal

from labkit.cloud.call import AwsError
from labkit.cloud.identity.resource_grammar import (
    PolicyFault,
    Statement,
    read_statements,
    require_principal,
    require_unique_sids,
    texts_of,
)

PolicyKind = Literal["identity", "resource", "trust"]
Holder = Literal["policy", "user", "group", "role", "trust"]

# Characters without white space (docs.aws.amazon.com/IAM, "IAM and AWS STS quotas").
_QUOTAS: dict[Holder, int] = {"policy": 6144, "user": 2048, "group": 5120, "role": 10240, "trust": 2048}
_COGNITO = "cognito-identity.amazonaws.com"


def validate_policy(text: str, kind: PolicyKind, is_known: Callable[[str], bool] | None = None) -> None:
    """AwsError MalformedPolicyDocument unless IAM would take a document.

    identity: managed and inline policies, session policies, boundaries. trust: AssumeRolePolicyDocument. resource: any other policy with
    a Principal. `is_known` tells whether the user, role or account that a Principal names exists; without it every name is taken.
    """
    try:
        if kind == "identity":
            from labkit.cloud.identity.identity_grammar import check_identity

            check_identity(text)
        elif kind == "trust":
            _check_trust(read_statements(text), is_known)
        else:
            _check_resource(read_statements(text), is_known)
    except PolicyFault as fault:
        raise AwsError("MalformedPolicyDocument", str(fault), 400) from fault


def validate_size(texts: Iterable[str], holder: Holder, name: str = "") -> None:
    """AwsError LimitExceeded when a policy (or all inline policies of a user, group or role together) is too long."""
    quota = _QUOTAS[holder]
    if sum(len("".join(text.split())) for text in texts) <= quota:
        return
    if holder in ("policy", "trust"):
        what = "PolicySize" if holder == "policy" else "ACLSizePerRole"
        raise AwsError("LimitExceeded", f"Cannot exceed quota for {what}: {quota}", 409)
    raise AwsError("LimitExceeded", f"Maximum policy size of {quota} bytes exceeded for {holder} {name}", 409)


def _check_trust(statements: list[Statement], is_known: Callable[[str], bool] | None) -> None:
    require_unique_sids(statements, "Statement IDs (SID) in a single policy must be unique.")
    for statement in statements:
        if "NotPrincipal" in statement:
            allows = statement["Effect"] == "Allow"
            raise PolicyFault(
                "Allow with NotPrincipal is not allowed."
                if allows
                else "AssumeRole policy must not contain NotPrincipal field."
            )
        _require_principal_and_action(statement, is_known)
        if "Resource" in statement:
            raise PolicyFault("Has prohibited field Resource")
        if "NotResource" in statement:
            raise PolicyFault("AssumeRole policy must not contain resources.")
        if not all(action.lower().startswith("sts:") for action in texts_of(statement, "Action", "NotAction")):
            raise PolicyFault("AssumeRole policy may only specify STS AssumeRole actions.")
        _check_cognito(statement)


def _check_cognito(statement: Statement) -> None:
    principal = statement["Principal"]
    federated = principal.get("Federated") if isinstance(principal, dict) else None
    named = federated if isinstance(federated, list) else [federated]
    if _COGNITO in named and f"{_COGNITO}:aud" not in json.dumps(statement.get("Condition", {})):
        raise PolicyFault("A condition block must be present for the Cognito provider")


def _check_resource(statements: list[Statement], is_known: Callable[[str], bool] | None) -> None:
    require_unique_sids(statements, "Statement IDs (SID) in a single policy must be unique.")
    for statement in statements:
        _require_principal_and_action(statement, is_known)
        if not texts_of(statement, "Resource", "NotResource"):
            raise PolicyFault("Missing required field Resource")


def _require_principal_and_action(statement: Statement, is_known: Callable[[str], bool] | None) -> None:
    if "Principal" not in statement and "NotPrincipal" not in statement:
        raise PolicyFault("Missing required field Principal")
    require_principal(statement.get("Principal", statement.get("NotPrincipal")), True, is_known)
    actions = texts_of(statement, "Action", "NotAction")
    if not actions:
        raise PolicyFault("Missing required field Action")
    for action in actions:
        if action != "*" and ":" not in action:
            raise PolicyFault("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
