"""IAM's policy simulator: the evaluation that enforces, asked for what it would say.

SimulatePrincipalPolicy, SimulateCustomPolicy, GetContextKeysForPrincipalPolicy and GetContextKeysForCustomPolicy, as methods of moto's
IAM responses (`hooks.install_iam`). As on AWS, a resource's own policy counts only when the request brings it (`ResourcePolicy`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.models import iam_backends

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.authorizer import principal_keys
from labkit.cloud.identity.callers import STUDENT
from labkit.cloud.identity.document import Policy, parse_policy
from labkit.cloud.identity.evaluate import evaluate
from labkit.cloud.identity.grants import Decision, Grants, Match
from labkit.cloud.identity.policies import identity_policies, permissions_boundary, policies_of
from labkit.cloud.identity.principal import Principal
from labkit.cloud.identity.refused import Refused

_ACTION = re.compile(r"[\w-]+:\w+", re.ASCII)
_VARIABLE = re.compile(r"\$\{([^}$*?,]+)[^}]*\}")
_MOST = 1000


@dataclass(frozen=True)
class _Simulation:
    principal: Principal
    grants: Grants
    context: Mapping[str, tuple[str, ...]]


def simulate_principal_policy(response: Any) -> ActionResult:
    """What a user, group or role may do; moto's `response` holds the request."""
    params, account = response.params, response.current_account
    principal, held = _source(str(params.get("PolicySourceArn") or ""), account)
    more = _policies(params.get("PolicyInputList"), "PolicyInputList")
    boundary = _one(params.get("PermissionsBoundaryPolicyInputList"), "PermissionsBoundaryPolicyInputList")
    caller = _caller(params.get("CallerArn"), account) or principal
    grants = Grants(
        identity=(*held, *more),
        boundary=boundary or permissions_boundary(principal),
        resource=_one([params["ResourcePolicy"]] if params.get("ResourcePolicy") else None, "ResourcePolicy"),
    )
    return _answer(params, _Simulation(caller, grants, {**principal_keys(principal), **_entries(params)}))


def simulate_custom_policy(response: Any) -> ActionResult:
    """What policies that nobody has would allow."""
    params, account = response.params, response.current_account
    caller = _caller(params.get("CallerArn"), account) or Principal(
        "user", account, f"arn:aws:iam::{account}:user/simulated", "AIDA", "simulated"
    )
    grants = Grants(
        identity=_policies(params.get("PolicyInputList"), "PolicyInputList"),
        boundary=_one(params.get("PermissionsBoundaryPolicyInputList"), "PermissionsBoundaryPolicyInputList"),
        resource=_one([params["ResourcePolicy"]] if params.get("ResourcePolicy") else None, "ResourcePolicy"),
    )
    return _answer(params, _Simulation(caller, grants, _entries(params)))


def get_context_keys_for_custom_policy(response: Any) -> ActionResult:
    """The context keys that policies look at."""
    return _context_keys(_policies(response.params.get("PolicyInputList"), "PolicyInputList"))


def get_context_keys_for_principal_policy(response: Any) -> ActionResult:
    """The context keys that the policies of a user, group or role look at."""
    _, held = _source(str(response.params.get("PolicySourceArn") or ""), response.current_account)
    return _context_keys((*held, *_policies(response.params.get("PolicyInputList"), "PolicyInputList")))


def _source(arn: str, account: str) -> tuple[Principal, tuple[Policy, ...]]:
    backend = iam_backends[account]["aws"]
    for user in list(backend.users.values()):
        if user.arn == arn:
            principal = Principal("user", account, arn, user.id, user.name, unlimited=user.name == STUDENT)
            return principal, identity_policies(principal)
    for role in list(backend.roles.values()):
        if role.arn == arn:
            session = f"arn:aws:sts::{account}:assumed-role/{role.name}/simulation"
            principal = Principal("role-session", account, session, f"{role.id}:simulation", role.name, issuer_arn=arn)
            return principal, identity_policies(principal)
    for group in list(backend.groups.values()):
        if group.arn == arn:
            return Principal("user", account, arn, group.id, group.name), tuple(policies_of(group))
    if not re.fullmatch(r"arn:aws[\w-]*:iam::\d{12}:(user|group|role)/.+", arn):
        raise Refused("InvalidInput", f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    raise Refused("NoSuchEntity", f"The entity {arn} cannot be found.")


def _caller(arn: str | None, account: str) -> Principal | None:
    return None if not arn else _source(arn, account)[0]


def _answer(params: Mapping[str, Any], simulation: _Simulation) -> ActionResult:
    actions = [str(name) for name in params.get("ActionNames") or []]
    for name in actions:
        if not _ACTION.fullmatch(name):
            raise Refused("InvalidInput", f"Invalid Action Name: {name}. It must be of the form service:Action.")
    resources = [str(arn) for arn in params.get("ResourceArns") or ["*"]]
    for arn in resources:
        if arn != "*" and not arn.startswith("arn:"):
            raise Refused("InvalidInput", f"Invalid Resource ARN: {arn}")
    asked = [(action, resource) for action in actions for resource in resources]
    first, most = _page(params, len(asked))
    explicit = bool(params.get("ResourceArns"))
    results = [_result(simulation, action, resource, explicit) for action, resource in asked[first : first + most]]
    rest = first + most < len(asked)
    return ActionResult(
        {"EvaluationResults": results, "IsTruncated": rest, **({"Marker": str(first + most)} if rest else {})}
    )


def _page(params: Mapping[str, Any], total: int) -> tuple[int, int]:
    marker = str(params.get("Marker") or "0")
    if not marker.isdigit() or int(marker) > total:
        raise Refused("InvalidInput", f"Invalid Marker: {marker}")
    return int(marker), min(int(params.get("MaxItems") or 100), _MOST)


def _result(simulation: _Simulation, action: str, resource: str, explicit: bool) -> dict[str, Any]:
    decision = evaluate(simulation.principal, Access(action, resource, simulation.context), simulation.grants)
    matched = [_statement(match) for match in decision.matches]
    missing = list(decision.missing_context)
    result: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": decision.effect,
        "MatchedStatements": matched,
        "MissingContextValues": missing,
    }
    within = _within_boundary(simulation, action, resource)
    if within is not None:
        result["PermissionsBoundaryDecisionDetail"] = within
    if explicit:
        specific = {name: result[name] for name in ("EvalResourceName", "MatchedStatements", "MissingContextValues")}
        result["ResourceSpecificResults"] = [
            {
                **specific,
                "EvalResourceDecision": decision.effect,
                **({"PermissionsBoundaryDecisionDetail": within} if within else {}),
            }
        ]
    return {**result, **_details(decision)}


def _within_boundary(simulation: _Simulation, action: str, resource: str) -> dict[str, bool] | None:
    if simulation.grants.boundary is None:
        return None
    only = Grants(identity=(simulation.grants.boundary,))
    principal = Principal("user", simulation.principal.account, simulation.principal.arn, "", simulation.principal.name)
    allowed = evaluate(principal, Access(action, resource, simulation.context), only).allowed
    return {"AllowedByPermissionsBoundary": allowed}


def _details(decision: Decision) -> dict[str, Any]:
    """Which kind of policy said what, where a resource's policy took part."""
    kinds = {match.source for match in decision.matches}
    if "resource-based policy" not in kinds:
        return {}
    return {"EvalDecisionDetails": {kind.replace("-based policy", ""): decision.effect for kind in sorted(kinds)}}


def _statement(match: Match) -> dict[str, Any]:
    (start_line, start_column), (end_line, end_column) = match.position
    return {
        "SourcePolicyId": match.policy.rsplit("/", 1)[-1] if match.policy.startswith("arn:") else match.policy,
        # Not one of the values that the API's description lists, but what the service says (public transcripts).
        "SourcePolicyType": "resource" if match.source == "resource-based policy" else "IAM Policy",
        "StartPosition": {"Line": start_line, "Column": start_column},
        "EndPosition": {"Line": end_line, "Column": end_column},
    }


def _policies(texts: Sequence[str] | None, name: str) -> tuple[Policy, ...]:
    found = []
    for number, text in enumerate(texts or [], 1):
        try:
            found.append(parse_policy(text, f"{name}.{number}"))
        except ValueError as error:
            raise Refused("InvalidInput", f"Invalid policy in {name}: {error}") from None
    return tuple(found)


def _one(texts: Sequence[str] | None, name: str) -> Policy | None:
    found = _policies(texts, name)
    return found[0] if found else None


def _entries(params: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {
        str(entry["ContextKeyName"]).lower(): tuple(str(value) for value in entry.get("ContextKeyValues") or [])
        for entry in params.get("ContextEntries") or []
    }


def _context_keys(policies: Iterable[Policy]) -> ActionResult:
    """Each key once, as the policy first spells it, those of resources first (cli reference, "get-context-keys-for-custom-policy")."""
    names: dict[str, str] = {}
    for policy in policies:
        for statement in policy.statements:
            found = [name for text in statement.resources or () for name in _VARIABLE.findall(text)]
            found += [name for text in statement.not_resources or () for name in _VARIABLE.findall(text)]
            for pairs in statement.conditions.values():
                found += pairs
                found += [name for values in pairs.values() for value in values for name in _VARIABLE.findall(value)]
            for name in found:
                names.setdefault(name.lower(), name)
    return ActionResult({"ContextKeyNames": list(names.values())})
