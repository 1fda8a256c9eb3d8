"""AWS's policy evaluation (docs.aws.amazon.com/IAM, "Policy evaluation logic")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.conditions import holds
from labkit.cloud.identity.document import Policy, Statement
from labkit.cloud.identity.grants import Decision, Effect, Grants, Match, Source
from labkit.cloud.identity.matching import resource_like
from labkit.cloud.identity.principal import Principal
from labkit.cloud.identity.principal_element import Reach, reach_of
from labkit.cloud.identity.variables import Template, resolve

_IDENTITY: Source = "identity-based policy"
_RESOURCE: Source = "resource-based policy"
_BOUNDARY: Source = "permissions boundary"
_SESSION: Source = "session policy"


@dataclass
class _Question:
    """A request as policies are asked about it; the names of keys it lacks are collected on the way."""

    principal: Principal
    access: Access
    action: str
    missing: list[str] = field(default_factory=list)

    def find(self, key: str) -> Sequence[str]:
        return self.access.context.get(key, ())


@dataclass
class _Answer:
    """What the policies of one part say: the statements that deny and that allow, and how directly they allow."""

    source: Source
    denies: list[Match] = field(default_factory=list)
    allows: list[Match] = field(default_factory=list)
    reach: Reach = Reach.NONE


@dataclass(frozen=True)
class _Answers:
    identity: _Answer
    resource: _Answer
    boundary: _Answer
    session: _Answer

    @property
    def all(self) -> tuple[_Answer, ...]:
        return (self.identity, self.resource, self.boundary, self.session)


def evaluate(principal: Principal, access: Access, grants: Grants) -> Decision:
    """What the policies that bear on a request come to."""
    asked = _Question(principal, access, access.action.lower())
    answers = _Answers(
        identity=_ask_all(asked, grants.identity, _IDENTITY),
        resource=_ask_resource(asked, grants.resource),
        boundary=_ask_all(asked, () if grants.boundary is None else (grants.boundary,), _BOUNDARY),
        session=_ask_all(asked, grants.session or (), _SESSION),
    )
    crosses = _crosses(principal, access, grants)
    denied = next((answer for answer in answers.all if answer.denies), None)
    if denied is not None:
        denies = [match for answer in answers.all for match in answer.denies]
        return _decision(asked, "explicitDeny", denied.source, denies, crosses)
    lacking = _lacking(asked, grants, answers, crosses)
    if lacking is not None:
        return _decision(asked, "implicitDeny", lacking, [], crosses)
    by_resource = answers.resource.reach > Reach.NONE and not answers.identity.allows
    allows = [match for answer in answers.all for match in answer.allows]
    return _decision(asked, "allowed", _RESOURCE if by_resource else _IDENTITY, allows, crosses)


def _lacking(asked: _Question, grants: Grants, answers: _Answers, crosses: bool) -> Source | None:
    """The first part that would have had to allow and does not; None when all did that had to."""
    principal, reach = asked.principal, answers.resource.reach
    if principal.kind in ("service", "anonymous"):
        return None if reach else _RESOURCE
    if principal.kind == "root" and asked.action == "sts:assumerole":
        return _RESOURCE  # no trust policy can let a root user in
    if grants.resource_must_allow and not reach:
        return _RESOURCE
    # Within an account a resource's policy may be enough by itself; to another account it opens only its own half.
    direct = Reach.NONE if crosses else reach
    always = principal.unlimited or principal.kind == "root"
    if direct < Reach.ISSUER and not always and not answers.identity.allows:
        return _IDENTITY
    if direct < Reach.SELF and grants.boundary is not None and not answers.boundary.allows:
        return _BOUNDARY
    # A federated user has what its session policies leave of the user's permissions: nothing when there are none.
    limited = grants.session is not None or principal.kind == "federated-user"
    if direct < Reach.SELF and limited and not answers.session.allows:
        return _SESSION
    return _RESOURCE if crosses and not reach else None


def _ask_all(asked: _Question, policies: Iterable[Policy], source: Source) -> _Answer:
    """What identity-based policies, a boundary or session policies say."""
    answer = _Answer(source)
    for policy in policies:
        for statement in policy.about(asked.action):
            if statement.resource_tests and _is_met(asked, statement):
                _note(answer, policy, statement)
    return answer


def _ask_resource(asked: _Question, policy: Policy | None) -> _Answer:
    """What the resource's policy says of this principal; a statement without Resource speaks of the resource it stands on."""
    answer = _Answer(_RESOURCE)
    for statement in () if policy is None else policy.about(asked.action):
        reach = reach_of(statement, asked.principal)
        if policy is not None and reach and _is_met(asked, statement):
            _note(answer, policy, statement)
            if statement.effect == "Allow":
                answer.reach = max(answer.reach, reach)
    return answer


def _note(answer: _Answer, policy: Policy, statement: Statement) -> None:
    match = Match(policy.name, statement.label, answer.source, statement.number, policy.text)
    if statement.effect == "Deny":
        answer.denies.append(match)
    elif statement.effect == "Allow":
        answer.allows.append(match)


def _is_met(asked: _Question, statement: Statement) -> bool:
    if not _speaks_of_resource(asked, statement):
        return False
    # Every test is made, so that all missing keys are told.
    return all([holds(test, asked.find, asked.missing) for test in statement.tests])  # noqa: C419


def _speaks_of_resource(asked: _Question, statement: Statement) -> bool:
    resource = asked.access.resource
    excludes = statement.resources is None
    for test in statement.resource_tests:
        if isinstance(test, Template):
            pattern = resolve(test, asked.find, asked.missing)
            if pattern is None and excludes:
                return False  # an unknown variable makes NotResource say nothing: it must not come to mean "everything"
            found = pattern is not None and resource_like(pattern)(resource)
        else:
            found = test(resource)
        if found:
            return not excludes
    return excludes or not statement.resource_tests


def _crosses(principal: Principal, access: Access, grants: Grants) -> bool:
    """Whether the resource belongs to another account than the principal."""
    named = access.resource.split(":", 5)
    by_arn = named[4] if len(named) > 5 and named[4].isdigit() else None
    known = access.context.get("aws:resourceaccount")
    owner = grants.resource_account or by_arn or (known[0] if known else None)
    return bool(owner and principal.account and owner != principal.account)


def _decision(asked: _Question, effect: Effect, source: Source, matches: list[Match], crosses: bool) -> Decision:
    missing = tuple(dict.fromkeys(asked.missing))
    return Decision(effect, source, tuple(matches), missing, crosses)
