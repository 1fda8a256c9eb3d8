"""The policies that bear on one request, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from labkit.cloud.identity.document import Policy

Effect = Literal["allowed", "implicitDeny", "explicitDeny"]
Source = Literal["identity-based policy", "resource-based policy", "permissions boundary", "session policy", "none"]


@dataclass(frozen=True)
class Grants:
    """Policies by the part they play.

    `boundary` is None without a permissions boundary; `session` is None without session policies (an empty tuple allows nothing);
    `resource` is None when the resource has no policy. `resource_must_allow` holds for role trust policies and KMS keys: without
    their Allow nothing is allowed, whatever the identity's policies say.
    """

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: tuple[Policy, ...] | None = None
    resource: Policy | None = None
    resource_must_allow: bool = False


@dataclass(frozen=True)
class Match:
    """A statement that decided: the policy's name or ARN, and the statement's Sid or number from 1."""

    policy: str
    statement: str
    source: Source
    position: tuple[tuple[int, int], tuple[int, int]] = ((1, 1), (1, 1))


@dataclass(frozen=True)
class Decision:
    """The outcome of an evaluation: `source` is the policy type that denied (or would have had to allow)."""

    effect: Effect
    source: Source
    matches: tuple[Match, ...] = ()
    missing_context: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.effect == "allowed"
