"""AWS's policy evaluation (docs.aws.amazon.com/IAM, "Policy evaluation logic")."""

from __future__ import annotations

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.document import Policy, Statement
from labkit.cloud.identity.grants import Decision, Grants
from labkit.cloud.identity.matching import is_like
from labkit.cloud.identity.principal import Principal


def evaluate(principal: Principal, access: Access, grants: Grants) -> Decision:
    """What the policies that bear on a request come to."""
    if any(_effect(policy, access) == "Deny" for policy in grants.identity):
        return Decision("explicitDeny", "identity-based policy")
    if principal.unlimited or any(_effect(policy, access) == "Allow" for policy in grants.identity):
        return Decision("allowed", "identity-based policy")
    return Decision("implicitDeny", "identity-based policy")


def _effect(policy: Policy, access: Access) -> str:
    effects = {statement.effect for statement in policy.statements if _applies(statement, access)}
    return "Deny" if "Deny" in effects else "Allow" if "Allow" in effects else ""


def _applies(statement: Statement, access: Access) -> bool:
    return any(is_like(access.action.lower(), one.lower()) for one in statement.actions or ()) and any(
        is_like(access.resource, one) for one in statement.resources or ()
    )
