"""What the caller may do there, and what the account and region have room for."""

from __future__ import annotations

from labkit.doctor.account.facts import Account, Refused
from labkit.doctor.finding import OK, PROBLEM, WARNING, Finding

_SIMULATOR = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html"
_HANDING = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"
_NAMES = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"
_QUOTAS = "https://docs.aws.amazon.com/servicequotas/latest/userguide/request-quota-increase.html"
_SERVICES = "https://aws.amazon.com/about-aws/global-infrastructure/regional-product-services/"
_SHOWN = 6


def check_permissions(facts: Account) -> Finding | None:
    """Every action that plan, apply, run and teardown need, simulated on the exact ARNs."""
    if facts.simulation_error:
        told = {"reason": facts.simulation_error}
        return Finding("account_permissions", WARNING, "error.doctor.account_unsimulated", told, _SIMULATOR)
    if facts.refused is None:
        return None
    if facts.refused:
        key = (
            "error.doctor.account_denied"
            if any(one.explicit for one in facts.refused)
            else "error.doctor.account_not_allowed"
        )
        told = {"count": str(len(facts.refused)), "actions": _list_refused(facts.refused)}
        return Finding("account_permissions", PROBLEM, key, told, _SIMULATOR)
    return Finding("account_permissions", OK, "doctor.account.permissions", {"count": facts.simulated})


def check_pass_role(facts: Account) -> Finding | None:
    """Whoever makes a job or a function hands it a role; that is a permission of its own."""
    if facts.pass_roles is None:
        return None
    if facts.pass_roles:
        told = {"roles": ", ".join(one.resource for one in facts.pass_roles)}
        return Finding("account_pass_role", PROBLEM, "error.doctor.account_pass_role", told, _HANDING)
    return Finding("account_pass_role", OK, "doctor.account.pass_role")


def check_names(facts: Account) -> Finding | None:
    """The buckets' names are free or the lab's own: one name space for all of AWS."""
    if facts.buckets is None:
        return None
    taken = [name for name, state in facts.buckets.items() if state == "taken"]
    if taken:
        return Finding("account_names", PROBLEM, "error.doctor.account_name_taken", {"names": ", ".join(taken)}, _NAMES)
    foreign = [name for name, state in facts.buckets.items() if state == "foreign"]
    if foreign:
        return Finding(
            "account_names", PROBLEM, "error.doctor.account_name_foreign", {"names": ", ".join(foreign)}, _NAMES
        )
    elsewhere = [f"{name} ({state})" for name, state in facts.buckets.items() if state not in ("free", "ours")]
    if elsewhere:
        told = {"names": ", ".join(elsewhere), "region": facts.region}
        return Finding("account_names", PROBLEM, "error.doctor.account_bucket_region", told, _NAMES)
    ours = sum(state == "ours" for state in facts.buckets.values())
    return Finding("account_names", OK, "doctor.account.names", {"count": len(facts.buckets), "ours": ours})


def check_quotas(facts: Account) -> Finding | None:
    """New accounts start with small limits; a Glue job that asks for more than the limit fails when it starts."""
    if facts.quota_error and facts.rehearsal:
        return Finding("account_quotas", OK, "doctor.account.quotas_rehearsal")
    if facts.quota_error:
        told = {"reason": facts.quota_error.rstrip(".")}
        return Finding("account_quotas", WARNING, "error.doctor.account_quotas_unseen", told, _QUOTAS)
    if facts.quotas is None:
        return None
    small = [f"{one.name}: {one.value:g} (< {one.needed:g})" for one in facts.quotas if one.value < one.needed]
    if small:
        return Finding(
            "account_quotas", PROBLEM, "error.doctor.account_quota_small", {"quotas": "; ".join(small)}, _QUOTAS
        )
    said = ", ".join(f"{one.name}: {one.value:g}" for one in facts.quotas)
    return Finding("account_quotas", OK, "doctor.account.quotas", {"quotas": said or "-"})


def check_services(facts: Account) -> Finding | None:
    """Each service of the lab answers a read call in this region."""
    if facts.services is None:
        return None
    told = {"region": facts.region}
    absent = [name for name, said in facts.services.items() if said == "absent"]
    if absent:
        names = {**told, "names": ", ".join(absent)}
        return Finding("account_services", PROBLEM, "error.doctor.account_service_absent", names, _SERVICES)
    silent = [f"{name}: {said}" for name, said in facts.services.items() if said]
    if silent:
        return Finding(
            "account_services",
            WARNING,
            "error.doctor.account_service_silent",
            {**told, "names": "; ".join(silent)},
            _SERVICES,
        )
    return Finding("account_services", OK, "doctor.account.services", {**told, "count": len(facts.services)})


def _list_refused(refused: tuple[Refused, ...]) -> str:
    shown = [f"{one.action} → {one.resource}" for one in refused[:_SHOWN]]
    return "; ".join(shown) + (" …" if len(refused) > _SHOWN else "")
