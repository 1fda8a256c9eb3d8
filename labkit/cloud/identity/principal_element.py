"""Whom the Principal element of a resource's policy speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from typing import Any

from labkit.cloud.identity.document import Statement
from labkit.cloud.identity.principal import Principal

_ACCOUNT = re.compile(r"(?:arn:aws[\w-]*:iam::)?(\d{12})(?::root)?")
_CANONICAL = "CanonicalUser"


class Reach(IntEnum):
    """How directly a statement speaks of a principal, which says what else has to allow.

    ACCOUNT: the account it belongs to, whose own policies decide. ISSUER: the role (or user) behind its session, which the
    permissions boundary and the session policies still limit. SELF: the very user or session, or everybody.
    """

    NONE = 0
    ACCOUNT = 1
    ISSUER = 2
    SELF = 3


def reach_of(statement: Statement, principal: Principal) -> Reach:
    """How a statement of a resource's policy reaches a principal."""
    if statement.principal is not None:
        return max(
            (_reach(kind, entry, principal) for kind, entry in _entries(statement.principal)), default=Reach.NONE
        )
    if statement.not_principal is None:
        return Reach.NONE
    entries = list(_entries(statement.not_principal))
    if statement.effect == "Deny":
        return Reach.NONE if _is_spared(entries, principal) else Reach.SELF
    return Reach.NONE if any(_reach(kind, entry, principal) for kind, entry in entries) else Reach.SELF


def _is_spared(entries: list[tuple[str, str]], principal: Principal) -> bool:
    """Whether NotPrincipal names all that a principal is: its account, the role behind it, and itself.

    AWS checks one after the other, and says: name the account too, and for a session its role.
    """
    reached = {_reach(kind, entry, principal) for kind, entry in entries}
    if ("AWS", "*") in entries or principal.kind in ("service", "anonymous") or _is_canonical(entries):
        return Reach.SELF in reached
    needed = {Reach.SELF} if principal.kind == "root" else {Reach.ACCOUNT, Reach.SELF}
    if principal.kind in ("role-session", "federated-user"):
        needed.add(Reach.ISSUER)
    return needed <= reached


def _is_canonical(entries: list[tuple[str, str]]) -> bool:
    return any(kind == _CANONICAL for kind, _ in entries)


def _entries(element: Any) -> Iterator[tuple[str, str]]:
    """Pairs of a kind (AWS, Service, Federated, CanonicalUser) and an entry; `"*"` is `{"AWS": "*"}`."""
    if isinstance(element, str):
        yield "AWS", element
    elif isinstance(element, dict):
        for kind, entries in element.items():
            for entry in entries if isinstance(entries, list) else [entries]:
                yield str(kind), str(entry)


def _reach(kind: str, entry: str, principal: Principal) -> Reach:
    if kind == "AWS":
        return Reach.SELF if entry == "*" else _aws_reach(entry, principal)
    if kind == "Service":
        return Reach.SELF if principal.kind == "service" and entry in (principal.name, "*") else Reach.NONE
    if kind == "Federated":
        return Reach.SELF if entry in (principal.issuer_arn, principal.name, principal.arn) else Reach.NONE
    return Reach.SELF if kind == _CANONICAL and entry == principal.user_id else Reach.NONE


def _aws_reach(entry: str, principal: Principal) -> Reach:
    if principal.kind in ("service", "anonymous"):
        return Reach.NONE
    account = _ACCOUNT.fullmatch(entry)
    if account is not None:
        if account.group(1) != principal.account:
            return Reach.NONE
        return Reach.SELF if principal.kind == "root" else Reach.ACCOUNT
    if entry in (principal.arn, principal.user_id):
        return Reach.SELF
    # The unique id of a role stands before the session's name in the user id.
    behind = (principal.issuer_arn, principal.user_id.partition(":")[0])
    return (Reach.SELF if principal.kind == "user" else Reach.ISSUER) if entry in behind else Reach.NONE
