"""From an access key to the principal that signs with it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from moto.iam.models import AccessKey, User, iam_backends
from moto.iam.utils import generate_access_key_id_from_account_id
from moto.sts.models import sts_backends

from labkit.cloud.call import AwsError
from labkit.cloud.identity.principal import Kind, Principal

# The person at the keyboard: an administrator. Any static key that this account never issued (`test`) is taken as hers.
STUDENT = "student"
ADMINISTRATOR_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
# This key signs as the account's root user, who is the way out of a bucket policy that shuts everybody else out.
ROOT_KEY = "root"
_PREFIXES = ("AKIA", "ASIA")


def find_caller(access_key: str | None, account: str) -> Principal:
    """Who signs with a key; AwsError InvalidClientTokenId or ExpiredToken for a key that was taken back or has run out.

    None is nobody: an unsigned request.
    """
    if access_key is None:
        return Principal("anonymous", "", "anonymous", "anonymous", "anonymous")
    if access_key == ROOT_KEY:
        arn = f"arn:aws:iam::{account}:root"
        return Principal("root", account, arn, account, "root", unlimited=True, access_key=access_key)
    if not is_issued(access_key, account):
        return _student(access_key, account)
    session = _find_session(access_key, account)
    if session is not None:
        return _session_principal(session, account)
    user, key = _find_user(access_key, account)
    if user is None or key is None or key.status != "Active":
        raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)
    return _user_principal(user, access_key, unlimited=False)


def is_issued(access_key: str, account: str) -> bool:
    """Whether a key was made by this account: AWS's key ids carry the account's number, and moto's do too."""
    sample = generate_access_key_id_from_account_id(account, "AKIA")
    return len(access_key) == len(sample) and access_key[:4] in _PREFIXES and access_key[4:12] == sample[4:12]


def find_secret(access_key: str, account: str) -> tuple[str, str] | None:
    """The secret key of a key that this account issued and its session token (empty for a user's own key); None for any other."""
    if not is_issued(access_key, account):
        return None
    session = _find_session(access_key, account)
    if session is not None:
        return session.secret_access_key, session.session_token
    _, key = _find_user(access_key, account)
    return None if key is None else (key.secret_access_key, "")


def student_user(account: str) -> User:
    """The IAM user of the person at the keyboard, made if it is not there."""
    backend = iam_backends[account]["aws"]
    if STUDENT not in backend.users:
        backend.create_user("us-east-1", STUDENT)
        backend.attach_user_policy(ADMINISTRATOR_POLICY, STUDENT)
    return backend.users[STUDENT]


def _student(access_key: str, account: str) -> Principal:
    return _user_principal(student_user(account), access_key, unlimited=True)


def _user_principal(user: User, access_key: str, *, unlimited: bool) -> Principal:
    return Principal("user", user.account_id, user.arn, user.id, user.name, access_key=access_key, unlimited=unlimited)


def _find_user(access_key: str, account: str) -> tuple[User | None, AccessKey | None]:
    for user in list(iam_backends[account]["aws"].users.values()):
        for key in user.access_keys:
            if key.access_key_id == access_key:
                return user, key
    return None, None


def _find_session(access_key: str, account: str) -> Any:
    return sts_backends[account]["aws"].get_assumed_role_from_access_key(access_key)


def _session_principal(session: Any, account: str) -> Principal:
    if session.expiration.replace(tzinfo=timezone.utc) <= datetime.now(timezone.utc):
        raise AwsError("ExpiredToken", "The security token included in the request is expired", 403)
    kind: Kind = getattr(session, "kind", "role-session")
    user_id = f"{session.role_id}:{session.session_name}" if hasattr(session, "role_id") else session.user_id
    return Principal(
        kind=kind,
        account=account,
        arn=session.arn,
        user_id=user_id,
        name=session.role_arn.rsplit("/", 1)[-1] if kind == "role-session" else session.session_name,
        issuer_arn=session.role_arn,
        session_name=session.session_name,
        session_policies=tuple(
            getattr(session, "policy_documents", None) or ([session.policy] if session.policy else [])
        ),
        session_tags=getattr(session, "tags", {}),
        issued_at=getattr(session, "issued_at", None),
        access_key=session.access_key_id,
        mfa=getattr(session, "mfa", False),
        unlimited=getattr(session, "unlimited", False),
        source_identity=getattr(session, "source_identity", None),
        transitive_tags=getattr(session, "transitive_tags", frozenset()),
    )
