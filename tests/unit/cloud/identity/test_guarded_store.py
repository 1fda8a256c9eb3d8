"""S3 as a role may use it in this process: policies of moto's IAM, objects of the store."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from labkit.cloud.call import AwsError, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from labkit.cloud.identity.store import GuardedStore
    from labkit.cloud.store import Store

SCOPE = Scope("123456789012", "us-east-1")


def may(action: str | list[str], resource: str, **condition: Any) -> dict[str, Any]:
    """A statement of a policy."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


@pytest.fixture
def allowed(store: Store) -> Iterator[Callable[..., GuardedStore]]:
    """The store as a role with these statements may use it."""
    from moto.iam.models import iam_backends

    from labkit.cloud.identity.authorizer import Authorizer, Guard, Origin
    from labkit.cloud.identity.store import GuardedStore
    from labkit.cloud.roles import role_principal

    iam = iam_backends[SCOPE.account]["aws"]
    iam.create_role("lector", json.dumps({"Statement": []}), "/", None, "", {}, "3600")
    authorizer = Authorizer(SCOPE.account, lambda: datetime.now(timezone.utc))
    for key in ("ventas/1.csv", "ventas/2.csv", "otros/1.csv"):
        store.put("lab", key, b"x")

    def build(*statements: dict[str, Any]) -> GuardedStore:
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        iam.put_role_policy("lector", "own", json.dumps(document))
        guard = Guard(authorizer, role_principal("lector", "s", SCOPE), Origin("us-east-1"))
        return GuardedStore(guard, store)

    yield build
    iam.roles.clear()


def test_a_prefix_is_listed_and_its_objects_are_read(allowed: Callable[..., GuardedStore]) -> None:
    prefixed = may("s3:ListBucket", "arn:aws:s3:::lab", StringLike={"s3:prefix": ["ventas/*"]})
    store = allowed(prefixed, may("s3:GetObject", "arn:aws:s3:::lab/ventas/*"))
    found = store.list("lab", "ventas/")
    store.permit_reading(found)
    assert [one.key for one in found] == ["ventas/1.csv", "ventas/2.csv"]
    with pytest.raises(AwsError, match="not authorized to perform: s3:ListBucket on resource"):
        store.list("lab", "otros/")
    with pytest.raises(AwsError, match=r's3:GetObject on resource: "arn:aws:s3:::lab/otros/1\.csv"'):
        store.find("lab", "otros/1.csv")


def test_that_there_is_no_object_is_told_to_who_may_list(allowed: Callable[..., GuardedStore]) -> None:
    reading = may("s3:GetObject", "arn:aws:s3:::lab/*")
    with pytest.raises(AwsError, match="s3:ListBucket"):
        allowed(reading).find("lab", "no")
    assert allowed(reading, may("s3:ListBucket", "arn:aws:s3:::lab")).find("lab", "no") is None


def test_tags_of_each_object_are_looked_at(allowed: Callable[..., GuardedStore]) -> None:
    from moto.s3.models import s3_backends

    backend = s3_backends[SCOPE.account]["aws"]
    for number, colour in (("1", "verde"), ("2", "rojo")):
        key = backend.get_object("lab", f"ventas/{number}.csv")
        backend.put_object_tagging(key, {"color": colour})
    green = {"s3:ExistingObjectTag/color": "verde"}
    store = allowed(
        may("s3:ListBucket", "arn:aws:s3:::lab"), may("s3:GetObject", "arn:aws:s3:::lab/*", StringEquals=green)
    )
    found = store.list("lab", "ventas/")
    store.permit_reading(found[:1])
    with pytest.raises(AwsError, match=r"lab/ventas/2\.csv"):
        store.permit_reading(found)


def test_writing_and_deleting_are_asked_for_by_key(allowed: Callable[..., GuardedStore], store: Store) -> None:
    writer = allowed(may(["s3:PutObject", "s3:GetObject"], "arn:aws:s3:::lab/ventas/*"))
    writer.put("lab", "ventas/3.csv", b"y")
    writer.copy("lab", "ventas/3.csv", "ventas/4.csv")
    with pytest.raises(AwsError, match="s3:PutObject"):
        writer.put("lab", "otros/3.csv", b"y")
    with pytest.raises(AwsError, match="s3:DeleteObject"):
        writer.delete("lab", ["ventas/1.csv"])
    assert len(store.list("lab")) == 5


@pytest.mark.parametrize(
    "key", ["ventas/1.csv", 'ventas/"1" because no.csv', "año/ñ (1) with an explicit deny x.csv", "a\nb"]
)
def test_a_refusal_tells_its_object(allowed: Callable[..., GuardedStore], store: Store, key: str) -> None:
    from labkit.cloud.identity.store import refused_object

    store.put("lab", key, b"x")
    with pytest.raises(AwsError) as caught:
        allowed(may("s3:ListBucket", "*")).find("lab", key)
    assert refused_object(caught.value) == f"lab/{key}"


def test_a_bucket_policy_speaks_of_each_object(allowed: Callable[..., GuardedStore], store: Store) -> None:
    from moto.s3.models import s3_backends

    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lab/ventas/2*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    s3_backends[SCOPE.account]["aws"].buckets["lab"].policy = document.encode()
    reader = allowed(may("s3:*", "*"))
    reader.permit_reading(store.list("lab", "otros/"))
    with pytest.raises(AwsError, match=r'lab/ventas/2\.csv" with an explicit deny in a resource-based policy'):
        reader.permit_reading(store.list("lab"))


def test_a_bucket_that_is_not_there_is_no_refusal(allowed: Callable[..., GuardedStore]) -> None:
    with pytest.raises(AwsError, match="NoSuchBucket"):
        allowed(may("s3:GetObject", "*")).list("nada")


def test_a_role_that_was_deleted_may_do_nothing(allowed: Callable[..., GuardedStore]) -> None:
    from moto.iam.models import iam_backends

    store = allowed(may("s3:*", "*"))
    assert store.list("lab")
    iam_backends[SCOPE.account]["aws"].roles.clear()
    with pytest.raises(AwsError, match="s3:ListBucket"):
        store.list("lab")


def test_an_administrator_whom_a_policy_denies_something_is_denied_it(store: Store) -> None:
    from moto.iam.models import iam_backends

    from labkit.cloud.identity.authorizer import Authorizer, Guard, Origin
    from labkit.cloud.identity.callers import find_caller

    iam = iam_backends[SCOPE.account]["aws"]
    authorizer = Authorizer(SCOPE.account, lambda: datetime.now(timezone.utc))

    def guard() -> Guard:
        return Guard(authorizer, find_caller("test", SCOPE.account), Origin("us-east-1"))

    guard().require("s3:GetObject", "arn:aws:s3:::lab/x")
    guard().require("glue:GetTable", "arn:aws:glue:us-east-1:123456789012:catalog", {})
    deny = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}
    iam.put_user_policy("student", "no", json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    with pytest.raises(AwsError, match="with an explicit deny in an identity-based policy"):
        guard().require("s3:GetObject", "arn:aws:s3:::lab/x")
    iam.delete_user_policy("student", "no")
    guard().require("s3:GetObject", "arn:aws:s3:::lab/x")
