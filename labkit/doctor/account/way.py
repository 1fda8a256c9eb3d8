"""The way to AWS: endpoints that lead elsewhere, the region in one place, the profile, this computer's clock."""

from __future__ import annotations

from difflib import get_close_matches

from labkit.doctor.account.facts import Account
from labkit.doctor.finding import OK, PROBLEM, WARNING, Finding

_ENDPOINTS = "https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html"
_REGION = "https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html"
_PROFILES = "https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html"
_CLOCK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/signing-troubleshooting.html"
# Signature Version 4 takes a request of at most five minutes' difference; S3 takes fifteen.
_SKEW_REFUSED_S, _SKEW_S = 300, 60


def check_endpoints(facts: Account) -> Finding:
    """No variable and no line of ~/.aws/config may send a part of the calls somewhere else."""
    if facts.rehearsal:
        return Finding("account_endpoints", OK, "doctor.account.rehearsal", {"url": facts.rehearsal})
    own = sorted(name for name in facts.environ if name.startswith("AWS_ENDPOINT_URL_") and facts.environ[name])
    ignored = facts.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true"
    if ignored:
        if own or facts.config_lines or facts.environ.get("AWS_ENDPOINT_URL"):
            names = ", ".join(
                [*own, *facts.config_lines, *(["AWS_ENDPOINT_URL"] if facts.environ.get("AWS_ENDPOINT_URL") else [])]
            )
            return Finding("account_endpoints", WARNING, "error.doctor.account_ignored", {"names": names}, _ENDPOINTS)
        return Finding("account_endpoints", OK, "doctor.account.endpoints")
    if own:
        return Finding(
            "account_endpoints", PROBLEM, "error.doctor.account_service_endpoint", {"names": ", ".join(own)}, _ENDPOINTS
        )
    if facts.config_lines:
        told = {"lines": "; ".join(facts.config_lines)}
        return Finding("account_endpoints", PROBLEM, "error.doctor.account_config_endpoint", told, _ENDPOINTS)
    return Finding("account_endpoints", OK, "doctor.account.endpoints")


def check_region(facts: Account) -> Finding:
    """Where regions are named in several places they must agree: a program that reads another place looks in another region."""
    others = {place: region for place, region in facts.regions.items() if region != facts.region}
    told = {"region": facts.region, "places": ", ".join(f"{place} = {region}" for place, region in others.items())}
    if others:
        return Finding("account_region", WARNING, "error.doctor.account_region", told, _REGION)
    if not facts.regions:
        return Finding("account_region", OK, "doctor.account.region_default", told)
    return Finding("account_region", OK, "doctor.account.region", told)


def check_profile(facts: Account) -> Finding:
    """AWS_PROFILE names a profile that exists, and no keys in variables win over it."""
    wished = facts.environ.get("AWS_PROFILE") or facts.environ.get("AWS_DEFAULT_PROFILE") or ""
    told = {"profile": wished, "known": ", ".join(facts.profiles) or "-"}
    if facts.rehearsal:
        return Finding("account_profile", OK, "doctor.account.no_profile_here")
    if wished and wished not in facts.profiles:
        near = get_close_matches(wished, facts.profiles, 1, 0.6)
        return Finding(
            "account_profile",
            PROBLEM,
            "error.doctor.account_no_profile",
            {**told, "near": near[0] if near else "-"},
            _PROFILES,
        )
    if wished and facts.environ.get("AWS_ACCESS_KEY_ID"):
        return Finding("account_profile", WARNING, "error.doctor.account_keys_win", told, _PROFILES)
    return Finding("account_profile", OK, "doctor.account.profile" if wished else "doctor.account.no_profile", told)


def check_clock(facts: Account) -> Finding | None:
    """AWS signs with the time: a clock that is off has every call refused."""
    if facts.clock_lag_s is None:
        return None
    told = {"seconds": f"{abs(facts.clock_lag_s):.0f}"}
    if abs(facts.clock_lag_s) >= _SKEW_REFUSED_S:
        return Finding("account_clock", PROBLEM, "error.doctor.account_clock", told, _CLOCK)
    if abs(facts.clock_lag_s) >= _SKEW_S:
        return Finding("account_clock", WARNING, "error.doctor.account_clock_soon", told, _CLOCK)
    return Finding("account_clock", OK, "doctor.account.clock", told)
