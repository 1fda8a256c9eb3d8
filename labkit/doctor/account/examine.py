"""All findings about one account, in the order of the report."""

from __future__ import annotations

from collections.abc import Callable

from labkit.doctor.account.facts import Account
from labkit.doctor.account.way import check_clock, check_endpoints, check_profile, check_region
from labkit.doctor.account.what import check_names, check_pass_role, check_permissions, check_quotas, check_services
from labkit.doctor.account.who import check_account, check_credentials
from labkit.doctor.finding import Finding

# What nobody could look at gives no finding: the credentials' own says why.
CHECKS: tuple[Callable[[Account], Finding | None], ...] = (
    check_endpoints,
    check_region,
    check_profile,
    check_credentials,
    check_account,
    check_clock,
    check_services,
    check_permissions,
    check_pass_role,
    check_names,
    check_quotas,
)


def examine_account(facts: Account) -> tuple[Finding, ...]:
    """Every finding, good ones too."""
    return tuple(finding for check in CHECKS if (finding := check(facts)) is not None)
