"""Whether EventBridge may deliver to a resource, for a rule: by the resource's policy, or under the target's role."""

from __future__ import annotations

import json
from typing import Any

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.document import Policy, parse_policy
from labkit.cloud.identity.evaluate import evaluate
from labkit.cloud.identity.grants import Grants
from labkit.cloud.identity.policies import identity_policies, permissions_boundary
from labkit.cloud.identity.principal import Principal
from labkit.cloud.identity.resource_policies import find_resource_policy

_SERVICE = "events.amazonaws.com"
# Log groups are written by the delivery service as well; the policies that AWS's console makes name both.
_LOGS = "delivery.logs.amazonaws.com"


def may_deliver(action: str, resource: str, rule_arn: str, role: str | None) -> bool:
    """Whether the action is allowed; ``role`` is the target's RoleArn, whose policies then decide as well."""
    account = rule_arn.split(":")[4]
    context = {
        "aws:sourcearn": (rule_arn,),
        "aws:sourceaccount": (account,),
        "aws:securetransport": ("true",),
        "aws:resourceaccount": (resource.split(":")[4],),
    }
    access = Access(action, resource, context)
    if role:
        return _under_role(access, role, account)
    if access.service == "events":
        return not _denied(access, account)
    names = (_SERVICE, _LOGS) if access.service == "logs" else (_SERVICE,)
    return any(_as_service(access, name, account) for name in names)


def _as_service(access: Access, name: str, account: str) -> bool:
    context = {**access.context, "aws:principalisawsservice": ("true",), "aws:principalservicename": (name,)}
    access = Access(access.action, access.resource, context)
    policy = _log_policy(access) if access.service == "logs" else find_resource_policy(access, account).policy
    grants = Grants(resource=policy, resource_must_allow=True)
    return evaluate(Principal("service", "", name, name, name), access, grants).allowed


def _under_role(access: Access, role: str, account: str) -> bool:
    name = role.rsplit("/", 1)[-1]
    arn = f"arn:aws:sts::{account}:assumed-role/{name}/events"
    principal = Principal("role-session", account, arn, "", name, issuer_arn=role, session_name="events")
    found = find_resource_policy(access, account)
    grants = Grants(identity_policies(principal), permissions_boundary(principal), None, found.policy)
    return evaluate(principal, access, grants).allowed


def _denied(access: Access, account: str) -> bool:
    """A bus of one's own account takes its rules' events unless its policy says otherwise."""
    policy = find_resource_policy(access, account).policy
    root = Principal("service", "", _SERVICE, _SERVICE, _SERVICE)
    return policy is not None and evaluate(root, access, Grants(resource=policy)).effect == "explicitDeny"


def _log_policy(access: Access) -> Policy | None:
    """The resource policies of CloudWatch Logs, which stand for the whole account and region, as one."""
    from moto.logs.models import logs_backends

    parts = access.resource.split(":")
    statements: list[Any] = []
    for kept in list(logs_backends[parts[4]][parts[3]].resource_policies.values()):
        try:
            found = json.loads(kept.policy_document).get("Statement", [])
        except (ValueError, AttributeError):
            continue
        statements += found if isinstance(found, list) else [found]
    return parse_policy(json.dumps({"Statement": statements}), "log resource policies") if statements else None
