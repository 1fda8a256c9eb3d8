"""Who makes a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["root", "user", "role-session", "federated-user", "service", "anonymous"]


@dataclass(frozen=True)
class Principal:
    """A caller. `arn` is what AWS names it by in errors and events.

    | kind | arn | name |
    |---|---|---|
    | root | arn:aws:iam::123456789012:root | root |
    | user | arn:aws:iam::123456789012:user/path/ana | ana |
    | role-session | arn:aws:sts::123456789012:assumed-role/role/session | the role's name |
    | federated-user | arn:aws:sts::123456789012:federated-user/ana | ana |
    | service | glue.amazonaws.com | glue.amazonaws.com |
    | anonymous | anonymous | anonymous |

    `issuer_arn` is the role (or the user behind a federated user or a session token), `session_policies` the documents given when the
    session was made (none: no restriction), `unlimited` is true for the account's administrator, whose identity policies always allow.
    `source_identity` and the tags named in `transitive_tags` go on to the sessions that a session makes.
    """

    kind: Kind
    account: str
    arn: str
    user_id: str
    name: str
    issuer_arn: str | None = None
    session_name: str | None = None
    session_policies: tuple[str, ...] = ()
    session_tags: Mapping[str, str] = field(default_factory=dict)
    issued_at: datetime | None = None
    unlimited: bool = False
    access_key: str | None = None
    mfa: bool = False
    source_identity: str | None = None
    transitive_tags: frozenset[str] = frozenset()


def service_principal(name: str) -> Principal:
    """An AWS service as a caller: `s3.amazonaws.com`."""
    return Principal("service", "", name, name, name)
