"""Variables and files that would send calls elsewhere, or that nobody reads because they are mistyped."""

from __future__ import annotations

import re
from difflib import get_close_matches

from labkit.doctor.finding import OK, PROBLEM, WARNING, Finding
from labkit.doctor.surroundings import Surroundings
from labkit.names import Names
from labkit.settings import is_loopback

_OWN = {
    "LABKIT_TARGET", "LABKIT_ACCOUNT", "LABKIT_LANG", "LABKIT_STATE", "LABKIT_STUDENT", "LABKIT_ROLES", "LABKIT_CACHE",
    "LABKIT_WARM_DRIVER", "LABKIT_DRIVER", "LABKIT_JOB", "LABKIT_SHELL", "LABKIT_REPORT_FD", "LABKIT_LOOP_BRAKE",
    "LABKIT_ASYNC_RETRY_SCALE", "LABKIT_ORDERS", "LABKIT_NBVAL_MARKS", "LABKIT_NBVAL_RESULTS",
    "LABKIT_CLOUD", "LABKIT_WIDGETS", "LABKIT_GRADING_ORDERS", "LABKIT_GRADED", "LABKIT_CHILD_PREFIX", "LABKIT_SHORT_JOBS",
}  # fmt: skip
_AWS_KEYS = "https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html"
# Real keys begin like this; the local cloud's own are `test`, or ASIA keys that its STS gave.
_REAL_KEY = re.compile(r"AKIA[A-Z2-7]{16}")


def list_known_variables() -> set[str]:
    """Every LABKIT_* variable that something reads."""
    return _OWN | {f"LABKIT_{name.upper()}" for name in Names.__dataclass_fields__}


def check_variables(facts: Surroundings) -> Finding:
    """LABKIT_* names that nothing reads are spelling mistakes."""
    known = list_known_variables()
    unknown = sorted(name for name in facts.environ if name.startswith("LABKIT_") and name not in known)
    if unknown:
        near = [get_close_matches(name, known, 1, 0.6) for name in unknown]
        shown = [f"{name} → {match[0]}?" if match else name for name, match in zip(unknown, near, strict=True)]
        return Finding("variables", WARNING, "error.doctor.variables", {"names": ", ".join(shown)})
    lang = facts.environ.get("LABKIT_LANG", "")
    if lang and lang[:2].lower() not in ("es", "en"):
        return Finding("variables", WARNING, "error.doctor.lang_unknown", {"value": lang})
    return Finding("variables", OK, "doctor.variables.ok")


def check_aws(facts: Surroundings) -> Finding:
    """What of AWS's variables would win over the lab's, or would be sent to a place that should not see it."""
    environ = facts.environ
    if not facts.runs_cloud:
        return Finding("aws", OK, "doctor.aws.target")
    endpoint = environ.get("AWS_ENDPOINT_URL", "")
    if endpoint and not is_loopback(endpoint):
        return Finding("aws", PROBLEM, "error.doctor.aws_endpoint", {"value": endpoint}, _AWS_KEYS)
    if facts.opened_by_labkit:
        return Finding("aws", OK, "doctor.aws.opened")
    if _REAL_KEY.fullmatch(environ.get("AWS_ACCESS_KEY_ID", "")):
        shown = environ["AWS_ACCESS_KEY_ID"][:8] + "…"
        return Finding("aws", WARNING, "error.doctor.aws_keys", {"value": shown}, _AWS_KEYS)
    names = [name for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN") if environ.get(name)]
    names += sorted(name for name in environ if name.startswith("AWS_ENDPOINT_URL_"))
    ignored = environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true"
    names += ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] if ignored else []
    if names:
        return Finding("aws", WARNING, "error.doctor.aws_variables", {"names": ", ".join(names)}, _AWS_KEYS)
    if facts.aws_lines:
        told = {"lines": "; ".join(facts.aws_lines)}
        return Finding("aws", WARNING, "error.doctor.aws_config", told, _AWS_KEYS)
    if facts.aws_files:
        return Finding("aws", OK, "doctor.aws.files", {"files": ", ".join(facts.aws_files)})
    return Finding("aws", OK, "doctor.aws.ok")


def check_settings(facts: Surroundings) -> Finding:
    """labkit.toml and the variables together make usable settings."""
    if facts.settings_error:
        told = {"reason": facts.settings_error, "advice": facts.settings_next}
        return Finding("settings", PROBLEM, "error.doctor.settings", told)
    return Finding("settings", OK, "doctor.settings.ok")
