"""What Lambda keeps about a function and moto's objects have no place for; it hangs on them, so it is saved with them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from moto.awslambda.models import LambdaFunction

_VERSION, _FUNCTION = "labkit_version", "labkit_function"


@dataclass(frozen=True)
class Archive:
    """A zip file: the function's code or one layer. `sha256` is AWS's CodeSha256 (Base64)."""

    sha256: str
    body: bytes = field(repr=False)


def new_revision() -> str:
    """A RevisionId."""
    return str(uuid.uuid4())


@dataclass(frozen=True)
class KeptVersion:
    """Of one version: `logging` is LoggingConfig as it was set, `layers` the archives of its layers (a deleted layer runs on).

    `configured` changes with CreateFunction and each UpdateFunctionConfiguration: execution environments begin anew, whatever it changed.
    """

    revision_id: str = ""
    logging: Mapping[str, str] = field(default_factory=dict)
    dead_letter: str | None = None
    layers: tuple[Archive, ...] | None = None
    updated: bool = False
    configured: str = ""


@dataclass(frozen=True)
class KeptFunction:
    """Of a function as a whole; `event_invoke` and `policy_revisions` by qualifier."""

    next_version: int = 1
    published: str | None = None
    recursive_loop: str = "Terminate"
    event_invoke: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    policy_revisions: Mapping[str, str] = field(default_factory=dict)


def kept_version(function: LambdaFunction) -> KeptVersion:
    """What is kept of a version (defaults for one that CloudFormation made through moto)."""
    found = function.__dict__.get(_VERSION)
    return found if isinstance(found, KeptVersion) else KeptVersion(revision_id=function.function_arn)


def keep_version(function: LambdaFunction, **changes: Any) -> None:
    """Change it; a new revision unless one is given."""
    changes.setdefault("revision_id", new_revision())
    function.__dict__[_VERSION] = replace(kept_version(function), **changes)


def kept_function(latest: LambdaFunction) -> KeptFunction:
    """What is kept of a function, read from its $LATEST."""
    found = latest.__dict__.get(_FUNCTION)
    return found if isinstance(found, KeptFunction) else KeptFunction()


def keep_function(latest: LambdaFunction, **changes: Any) -> None:
    """Change it."""
    latest.__dict__[_FUNCTION] = replace(kept_function(latest), **changes)
