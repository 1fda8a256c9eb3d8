"""The policies that bear on a principal, and on a resource, as moto's services keep them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from moto.iam.models import iam_backends

from labkit.cloud.identity.document import Policy, parse_policy
from labkit.cloud.identity.principal import Principal

log = logging.getLogger(__name__)


def identity_policies(principal: Principal) -> tuple[Policy, ...]:
    """The identity-based policies of a user (groups included) or of the role or user behind a session."""
    owner = find_owner(principal)
    if owner is None:
        return ()
    holders = [owner]
    if hasattr(owner, "access_keys"):
        backend = iam_backends[principal.account]["aws"]
        holders += [
            group for group in list(backend.groups.values()) if any(user.name == owner.name for user in group.users)
        ]
    return tuple(policy for holder in holders for policy in policies_of(holder))


def permissions_boundary(principal: Principal) -> Policy | None:
    """The permissions boundary of the user or role, or None."""
    owner = find_owner(principal)
    arn = getattr(owner, "permissions_boundary_arn", None)
    if not arn:
        return None
    policy = iam_backends[principal.account]["aws"].managed_policies.get(arn)
    # A boundary that was deleted allows nothing.
    return Policy(arn, ()) if policy is None else _parse(default_document(policy), arn)


def session_policies(principal: Principal) -> tuple[Policy, ...] | None:
    """The policies that were given when the session was made; None when there were none."""
    if not principal.session_policies:
        return None
    return tuple(_parse(text, f"session-policy-{number}") for number, text in enumerate(principal.session_policies, 1))


def may_be_denied(principal: Principal) -> bool:
    """Whether a policy of the principal's own could take something away from an administrator."""
    if permissions_boundary(principal) is not None or session_policies(principal) is not None:
        return True
    return any(one.effect == "Deny" for policy in identity_policies(principal) for one in policy.statements)


def find_owner(principal: Principal) -> Any:
    """moto's user or role whose policies the principal has; None for the others, and for a role or user that was deleted."""
    backend = iam_backends[principal.account]["aws"] if principal.account else None
    if backend is None:
        return None
    if principal.kind == "user" and principal.issuer_arn is None:
        return backend.users.get(principal.name)
    arn = principal.issuer_arn
    for found in [*list(backend.roles.values()), *list(backend.users.values())]:
        if arn is not None and found.arn == arn:
            # A role that was made anew under the name of one that was deleted is another role.
            is_another = principal.kind == "role-session" and principal.user_id.partition(":")[0] != found.id
            return None if is_another else found
    return None


def tags_of(principal: Principal) -> Mapping[str, str]:
    """The principal's tags: the user's or role's, and over them those of the session."""
    owner = find_owner(principal)
    kept = getattr(owner, "tags", None) or {}
    found = {str(tag["Key"]): str(tag["Value"]) for tag in _listed(kept)}
    return {**found, **principal.session_tags}


def _listed(tags: Any) -> list[Mapping[str, Any]]:
    """moto keeps a role's tags by key and a user's as a list."""
    return list(tags.values()) if isinstance(tags, dict) else list(tags)


def policies_of(holder: Any) -> Iterator[Policy]:
    """The inline and attached policies of moto's user, group or role."""
    kind = type(holder).__name__.lower()
    for name, document in list(holder.policies.items()):
        # As the policy simulator of AWS calls an inline policy.
        yield _parse(document, f"{kind}_{holder.name}_{name}")
    for arn, policy in list(holder.managed_policies.items()):
        yield _parse(default_document(policy), arn)


def default_document(policy: Any) -> str:
    """The text of the version of a managed policy that is in force."""
    return next((str(version.document) for version in policy.versions if version.is_default), "{}")


def _parse(document: Any, name: str) -> Policy:
    text = document if isinstance(document, str) else json.dumps(document)
    try:
        return parse_policy(text, name)
    except ValueError as error:
        # IAM refuses such a document when it is put; one that is here nevertheless grants nothing.
        log.warning("The policy %s cannot be read: %s", name, error)
        return Policy(name, ())
