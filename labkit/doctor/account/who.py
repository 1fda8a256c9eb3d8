"""Who calls: credentials that are there and hold long enough, of the account that was meant."""

from __future__ import annotations

from labkit.doctor.account.facts import Account
from labkit.doctor.finding import OK, PROBLEM, WARNING, Finding

_KEYS = "https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html"
_ROOT = "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html"
# A whole lab takes an hour; what ends before a job ends leaves it running unseen.
_SOON_S, _VERY_SOON_S = 3600, 300
_ENDED = (
    "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "UnauthorizedSSOTokenError",
    "SSOTokenLoadError", "TokenRetrievalError",
)  # fmt: skip
_WRONG = ("InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException", "InvalidAccessKeyId")


def check_credentials(facts: Account) -> Finding:
    """There are some, AWS takes them, and they do not end in the middle of the lab."""
    told = {"reason": facts.credentials_error}
    caller = facts.caller
    if caller is None:
        if facts.credentials_code in _ENDED:
            return Finding("account_credentials", PROBLEM, "error.doctor.account_expired", told, _KEYS)
        if facts.credentials_code in _WRONG:
            return Finding("account_credentials", PROBLEM, "error.doctor.account_wrong_keys", told, _KEYS)
        if facts.credentials_code == "NoCredentials":
            return Finding("account_credentials", PROBLEM, "error.doctor.account_no_keys", told, _KEYS)
        return Finding("account_credentials", PROBLEM, "error.doctor.account_unreached", told, _KEYS)
    told = {"source": caller.source or "-"}
    if caller.expires_in_s is not None:
        minutes = {**told, "minutes": f"{max(0.0, caller.expires_in_s) // 60:.0f}"}
        if caller.expires_in_s < _VERY_SOON_S:
            return Finding("account_credentials", PROBLEM, "error.doctor.account_ends_now", minutes, _KEYS)
        if caller.expires_in_s < _SOON_S:
            return Finding("account_credentials", WARNING, "error.doctor.account_ends_soon", minutes, _KEYS)
        return Finding("account_credentials", OK, "doctor.account.keys_until", minutes)
    key = "doctor.account.keys_temporary" if caller.is_temporary else "doctor.account.keys"
    return Finding("account_credentials", OK, key, told)


def check_account(facts: Account) -> Finding | None:
    """The account is the one that was named, and the caller is not its root user."""
    caller = facts.caller
    if caller is None:
        return None
    alias = f" ({caller.alias})" if caller.alias else ""
    told = {"account": caller.account + alias, "arn": caller.arn, "expected": facts.expected_account}
    if facts.expected_account and facts.expected_account != caller.account:
        return Finding("account_whose", PROBLEM, "error.doctor.account_other", told)
    if caller.arn.endswith(":root"):
        return Finding("account_whose", WARNING, "error.doctor.account_root", told, _ROOT)
    if not facts.expected_account:
        return Finding("account_whose", WARNING, "error.doctor.account_unnamed", {**told, "number": caller.account})
    return Finding("account_whose", OK, "doctor.account.whose", told)
