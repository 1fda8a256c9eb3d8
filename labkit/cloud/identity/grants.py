"""The policies that bear on one request, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from labkit.cloud.identity.document import Policy
from labkit.cloud.identity.positions import Span, statement_span

Effect = Literal["allowed", "implicitDeny", "explicitDeny"]
Source = Literal["identity-based policy", "resource-based policy", "permissions boundary", "session policy", "none"]


@dataclass(frozen=True)
class Grants:
    """Policies by the part they play.

    `boundary` is None without a permissions boundary; `session` is None without session policies (an empty tuple allows nothing);
    `resource` is None when the resource has no policy. `resource_must_allow` holds for role trust policies and KMS keys: without
    their Allow nothing is allowed, whatever the identity's policies say. `resource_account` owns the resource; when it is not given,
    the context's `aws:ResourceAccount` or the ARN says it, and a resource of no known account is the principal's own.
    """

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: tuple[Policy, ...] | None = None
    resource: Policy | None = None
    resource_must_allow: bool = False
    resource_account: str | None = None


@dataclass(frozen=True)
class Match:
    """A statement that decided: the policy's name or ARN, and the statement's Sid or number from 1 (`number`: always that)."""

    policy: str
    statement: str
    source: Source
    number: int = 1
    text: str = field(default="", repr=False)

    @property
    def position(self) -> Span:
        """Line and column of the statement's start and end in the policy's text."""
        return statement_span(self.text, self.number)


@dataclass(frozen=True)
class Decision:
    """The outcome of an evaluation: `source` is the policy type that denied (or would have had to allow).

    `matches` holds the statements that decided: the denying ones, or else all that allowed. `missing_context` names the context keys
    that conditions or variables asked for and the request does not have, as the policies spell them. `cross_account` tells that the
    resource belongs to another account than the principal.
    """

    effect: Effect
    source: Source
    matches: tuple[Match, ...] = ()
    missing_context: tuple[str, ...] = ()
    cross_account: bool = False

    @property
    def allowed(self) -> bool:
        return self.effect == "allowed"
