"""Whether the users and roles that a policy's Principal names exist: IAM and S3 refuse a policy that names nobody."""

from __future__ import annotations

import re

from moto.iam.models import iam_backends

_ENTITY = re.compile(r"arn:aws[\w-]*:iam::(?P<account>\d{12}):(?P<kind>user|role)/.+")
_SESSION = re.compile(r"arn:aws[\w-]*:sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/.+")


def is_known_principal(entry: str, account: str) -> bool:
    """Whether an ARN, unique id or account id of an AWS principal exists, as far as `account` can tell.

    Other accounts exist and have whom a policy says, for nobody here can look into them; so have federated users and root.
    """
    backend = iam_backends[account]["aws"]
    entity, session = _ENTITY.fullmatch(entry), _SESSION.fullmatch(entry)
    if entity is not None and entity["account"] == account:
        kept = backend.users if entity["kind"] == "user" else backend.roles
        return any(one.arn == entry for one in list(kept.values()))
    if session is not None and session["account"] == account:
        return any(role.name == session["role"] for role in list(backend.roles.values()))
    if entry.startswith(("AIDA", "AROA")):
        return any(one.id == entry for one in [*list(backend.users.values()), *list(backend.roles.values())])
    return True
