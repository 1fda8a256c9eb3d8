"""What a role session has from the session that made it: transitive tags and the source identity.

docs.aws.amazon.com/IAM, "Passing session tags in STS", "Monitor and control actions taken with assumed roles".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.sts.exceptions import STSClientError, STSValidationError

from labkit.cloud.identity.principal import Principal

_IDENTITY = re.compile(r"(?!aws:)[\w+=,.@-]{2,64}", re.ASCII)
_MOST_TAGS = 50


@dataclass(frozen=True)
class Inherited:
    """The tags, the keys (in lower case) of those that go on to further sessions, and the source identity of a new session."""

    tags: Mapping[str, str]
    transitive: frozenset[str]
    source_identity: str | None


def read_tags(params: Mapping[str, Any]) -> dict[str, str]:
    """The tags that a request gives; keys are compared without regard to case."""
    tags = params.get("Tags") or []
    lowered = [str(tag["Key"]).lower() for tag in tags]
    if len(set(lowered)) < len(lowered):
        _refuse("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if len(tags) > _MOST_TAGS:
        raise STSValidationError(
            "1 validation error detected: Value at 'tags' failed to satisfy constraint: at most 50 tags"
        )
    return {str(tag["Key"]): str(tag["Value"]) for tag in tags}


def inherit(caller: Principal, params: Mapping[str, Any]) -> Inherited:
    """What a session that `caller` makes by AssumeRole will have."""
    given = read_tags(params)
    lowered = {key.lower() for key in given}
    asked = {str(key).lower() for key in params.get("TransitiveTagKeys") or []}
    if asked - lowered:
        _refuse("The specified transitive tag key must be included in the requested tags.")
    if lowered & caller.transitive_tags:
        _refuse(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the "
            "calling session."
        )
    passed = {key: value for key, value in caller.session_tags.items() if key.lower() in caller.transitive_tags}
    identity = params.get("SourceIdentity") or None
    if identity is not None and not _IDENTITY.fullmatch(str(identity)):
        raise STSValidationError(
            f"1 validation error detected: Value '{identity}' at 'sourceIdentity' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [\\w+=,.@-]*"
        )
    if caller.source_identity and identity not in (None, caller.source_identity):
        raise STSClientError("AccessDenied", "The source identity of a session cannot be changed by role chaining.")
    kept = caller.source_identity or (str(identity) if identity else None)
    return Inherited({**passed, **given}, frozenset(asked) | caller.transitive_tags, kept)


def _refuse(message: str) -> None:
    raise STSClientError("InvalidParameterValue", message)
