"""Decides whether a principal may do a thing: gathers the policies that bear on it and evaluates them."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from labkit.cloud.call import AwsError
from labkit.cloud.identity.access import Access
from labkit.cloud.identity.callers import find_caller
from labkit.cloud.identity.evaluate import evaluate
from labkit.cloud.identity.grants import Decision, Grants
from labkit.cloud.identity.many import Many, distinct
from labkit.cloud.identity.messages import denial
from labkit.cloud.identity.policies import (
    identity_policies,
    may_be_denied,
    permissions_boundary,
    session_policies,
    tags_of,
)
from labkit.cloud.identity.principal import Principal
from labkit.cloud.identity.public_access import is_restricted
from labkit.cloud.identity.resource_policies import find_resource_policy

_BUCKET_POLICY = ("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy")
_TYPES = {"root": "Account", "user": "User", "role-session": "AssumedRole", "federated-user": "FederatedUser"}


@dataclass(frozen=True)
class Origin:
    """Where a request comes from: `service` is the AWS service that calls on the principal's behalf (`athena.amazonaws.com`)."""

    region: str
    source_ip: str = "127.0.0.1"
    user_agent: str = ""
    referer: str = ""
    service: str | None = None
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Authorizer:
    """Policies as they stand at the moment of the question; `clock` gives an aware UTC time."""

    def __init__(self, account: str, clock: Callable[[], datetime]) -> None:
        self.account = account
        self._clock = clock

    def caller(self, access_key: str | None) -> Principal:
        """Who signs with a key; AwsError InvalidClientTokenId, ExpiredToken."""
        return find_caller(access_key, self.account)

    def now(self) -> datetime:
        """The time that conditions and expiries are compared with (UTC)."""
        return self._clock()

    def decide(self, principal: Principal, access: Access, origin: Origin) -> Decision:
        """The decision and what it rests on."""
        grants, context = self._bearing(principal, access, origin)
        # A chain, not a copy: a request's own context looks some of its keys up only when a policy asks for them.
        chain = ChainMap(access.context, context)  # type: ignore[arg-type]
        return evaluate(principal, replace(access, context=chain), grants)

    def is_open_to_its_account(self, access: Access) -> bool:
        """Whether nothing but the policies of the account's own principals speaks of the resource of an access."""
        found = find_resource_policy(access, self.account)
        return found.policy is None and not found.must_allow and found.account == self.account

    def decide_each(self, principal: Principal, many: Many, origin: Origin) -> Iterator[tuple[Access, Decision]]:
        """The decisions on many accesses, one of each kind (see `many.distinct`)."""
        if not many.names:
            return
        one = many.access_of(many.names[0])
        grants, context = self._bearing(principal, one, origin)
        first = ChainMap(one.context, context)  # type: ignore[arg-type]
        for name in distinct(many, grants, lambda key: first.get(key, ())):
            access = many.access_of(name)
            chain = ChainMap(access.context, context)  # type: ignore[arg-type]
            yield access, evaluate(principal, replace(access, context=chain), grants)

    def _bearing(
        self, principal: Principal, access: Access, origin: Origin
    ) -> tuple[Grants, dict[str, tuple[str, ...]]]:
        """The policies that bear on an access, and the context that every request of the principal has."""
        found = find_resource_policy(access, self.account)
        stranger = principal.kind == "anonymous" and access.service == "s3" and is_restricted(access)
        grants = Grants(
            identity=identity_policies(principal),
            boundary=permissions_boundary(principal),
            session=session_policies(principal),
            # The root user can always mend a bucket policy that shuts everybody out.
            resource=None
            if stranger or (principal.kind == "root" and access.action in _BUCKET_POLICY)
            else found.policy,
            resource_must_allow=found.must_allow,
        )
        return grants, self._context(principal, origin, found.account)

    def require(self, principal: Principal, access: Access, origin: Origin, service: str) -> None:
        """AwsError in the words of `service` (botocore's name) unless the principal may."""
        decision = self.decide(principal, access, origin)
        if not decision.allowed:
            raise denial(principal, access, decision, service)

    def may(self, principal: Principal, access: Access, origin: Origin) -> bool:
        """Whether the principal may."""
        return self.decide(principal, access, origin).allowed

    def _context(self, principal: Principal, origin: Origin, owner: str) -> dict[str, tuple[str, ...]]:
        """The keys that every request has (docs.aws.amazon.com/IAM, "AWS global condition context keys")."""
        now = self._clock()
        found: dict[str, tuple[str, ...]] = {
            "aws:currenttime": (now.strftime("%Y-%m-%dT%H:%M:%SZ"),),
            "aws:epochtime": (str(int(now.timestamp())),),
            # A call over loopback stands for one over TLS: the same policy must mean the same here and on AWS.
            "aws:securetransport": ("true",),
            "aws:sourceip": (origin.source_ip,),
            "aws:requestedregion": (origin.region,),
            "aws:viaawsservice": ("true" if origin.service else "false",),
            "aws:resourceaccount": (owner,),
            **principal_keys(principal),
        }
        if origin.service:
            found["aws:calledvia"] = (origin.service,)
            found["aws:calledviafirst"] = found["aws:calledvialast"] = (origin.service,)
            del found["aws:sourceip"]  # the address is the service's then, and AWS leaves the key out
        if origin.user_agent:
            found["aws:useragent"] = (origin.user_agent,)
        if origin.referer:
            found["aws:referer"] = (origin.referer,)
        return {**found, **origin.more}


def principal_keys(principal: Principal) -> dict[str, tuple[str, ...]]:
    """The context keys that say who asks."""
    if principal.kind == "service":
        return {"aws:principalisawsservice": ("true",), "aws:principalservicename": (principal.name,)}
    if principal.kind == "anonymous":
        return {"aws:principaltype": ("Anonymous",)}
    found: dict[str, tuple[str | None, ...]] = {
        "aws:principaltype": (_TYPES[principal.kind],),
        "aws:principalaccount": (principal.account,),
        "aws:principalarn": (principal.issuer_arn if principal.kind == "role-session" else principal.arn,),
        "aws:principalisawsservice": ("false",),
        "aws:userid": (principal.user_id,),
        **{f"aws:principaltag/{key.lower()}": (value,) for key, value in tags_of(principal).items()},
    }
    if principal.kind == "user":
        found["aws:username"] = (principal.name,)
    if principal.source_identity:
        found["aws:sourceidentity"] = (principal.source_identity,)
    if principal.issued_at is not None:
        found["aws:tokenissuetime"] = (principal.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ"),)
    if principal.kind != "root" and (principal.access_key or "").startswith("ASIA"):
        found["aws:multifactorauthpresent"] = ("true" if principal.mfa else "false",)
    return {key: tuple(value for value in values if value is not None) for key, values in found.items()}


class Guard:
    """One principal at work inside the cloud: what an engine does on its behalf is asked for here."""

    def __init__(self, authorizer: Authorizer, principal: Principal, origin: Origin) -> None:
        self._authorizer = authorizer
        self._origin = origin
        self.principal = principal

    @cached_property
    def _is_free(self) -> bool:
        """The administrator needs no evaluation where no policy could deny it: a query asks some twenty times."""
        return self.principal.unlimited and not may_be_denied(self.principal)

    def require(self, action: str, resource: str, context: Mapping[str, tuple[str, ...]] | None = None) -> None:
        """AwsError AccessDenied (AccessDeniedException) unless the principal may do the action on the resource."""
        access = Access(action, resource, {} if context is None else context)
        if not (self._is_free and self._authorizer.is_open_to_its_account(access)):
            self._authorizer.require(self.principal, access, self._origin, access.service)

    def may(self, action: str, resource: str, context: Mapping[str, tuple[str, ...]] | None = None) -> bool:
        """Whether the principal may."""
        return self._authorizer.may(
            self.principal, Access(action, resource, {} if context is None else context), self._origin
        )

    def require_each(self, many: Many) -> None:
        """As `require` for many accesses, in little more time than for one; the error is that of the first that is not allowed."""
        for access, decision in self._authorizer.decide_each(self.principal, many, self._origin):
            if not decision.allowed:
                raise denial(self.principal, access, decision, access.service)


def is_denied(error: AwsError) -> bool:
    """Whether an error is a refusal for want of permission."""
    return error.code in ("AccessDenied", "AccessDeniedException")
