from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto.iam.models import iam_backends

from labkit.cloud.identity.known_principals import is_known_principal

_ACCOUNT = "210987654321"


@pytest.fixture
def ids() -> Iterator[dict[str, str]]:
    backend = iam_backends[_ACCOUNT]["aws"]
    user = backend.create_user("aws", "ana", "/team/")
    role = backend.create_role("etl", "{}", "/", None, "", [], "3600")
    yield {"user": user.id, "role": role.id}
    backend.users.pop("ana")
    backend.roles.pop(role.id)


@pytest.mark.parametrize(
    ("entry", "known"),
    [
        ("arn:aws:iam::210987654321:user/team/ana", True),
        ("arn:aws:iam::210987654321:user/ana", False),
        ("arn:aws:iam::210987654321:role/etl", True),
        ("arn:aws:iam::210987654321:role/other", False),
        ("arn:aws:sts::210987654321:assumed-role/etl/run", True),
        ("arn:aws:sts::210987654321:assumed-role/other/run", False),
        ("arn:aws:iam::210987654321:root", True),
        ("210987654321", True),
        ("arn:aws:iam::111122223333:role/theirs", True),
        ("AIDAAAAAAAAAAAAAAAAAA", False),
    ],
)
def test_who_exists(ids: dict[str, str], entry: str, known: bool) -> None:
    assert is_known_principal(entry, _ACCOUNT) is known


def test_unique_ids_exist(ids: dict[str, str]) -> None:
    assert all(is_known_principal(one, _ACCOUNT) for one in ids.values())
