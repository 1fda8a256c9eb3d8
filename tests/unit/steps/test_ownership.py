"""What exists and is not ours is a conflict on AWS, and nobody's business on the local target."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from labkit.aws.call import AwsCall
from labkit.aws.owned_tags import NotOurs
from labkit.errors import UsageError
from labkit.names import Names
from labkit.steps import ownership
from labkit.steps.given_roles import find_given_roles
from labkit.steps.ownership import Wanted, find_conflicts, list_wanted, refuse_conflicts, refuse_foreign

if TYPE_CHECKING:
    from labkit.settings import Target
    from labkit.steps.lab import Lab
    from labkit.steps.ledger import Ledger

OTHERS = {"labkit:lab": "bsg-us-east-1-others"}


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], Any]:
    """What exists: (kind, name) → its tags, or "403" for a bucket of another account."""
    existing: dict[tuple[str, str], Any] = {}

    def read(_clients: object, kind: str, name: str) -> Any:
        tags = existing.get((kind, name))
        if tags == "403":
            raise NotOurs(name)
        return tags

    monkeypatch.setattr(ownership, "read_tags", read)
    return existing


@pytest.fixture
def clients(target: Target) -> Any:
    return SimpleNamespace(target=target, find=lambda _service: None)


def names_of(conflicts: Any) -> list[tuple[str, str]]:
    return [(one.wanted.name, one.why) for one in conflicts]


def test_nothing_that_exists_is_no_conflict(clients: Any, lab: Lab, ledger: Ledger, found: dict[Any, Any]) -> None:
    assert found == {}
    assert find_conflicts(clients, lab, ledger) == ()


def test_what_carries_our_tag_is_ours_even_without_a_ledger(
    clients: Any, lab: Lab, ledger: Ledger, found: dict[Any, Any]
) -> None:
    found.update({(one.kind, one.name): dict(lab.tags) for one in list_wanted(lab)})
    assert find_conflicts(clients, lab, ledger) == ()


@pytest.mark.parametrize("tags", [{}, {"Name": "prod"}, OTHERS])
def test_what_nothing_says_is_ours_is_a_conflict(
    clients: Any, lab: Lab, ledger: Ledger, found: dict[Any, Any], tags: dict[str, str]
) -> None:
    found.update({(one.kind, one.name): tags for one in list_wanted(lab)})
    conflicts = find_conflicts(clients, lab, ledger)
    assert {one.wanted for one in conflicts} == set(list_wanted(lab))
    assert {one.why for one in conflicts} == {"lab"}
    with pytest.raises(UsageError, match=lab.names.job) as caught:
        refuse_conflicts(conflicts)
    assert "LABKIT_STUDENT" in caught.value.next_step
    assert "[names]" in caught.value.next_step


def test_a_bucket_of_another_account_is_a_conflict_of_its_own_kind(
    clients: Any, lab: Lab, ledger: Ledger, found: dict[Any, Any]
) -> None:
    found["s3-bucket", lab.names.raw_bucket] = "403"
    assert names_of(find_conflicts(clients, lab, ledger)) == [(lab.names.raw_bucket, "account")]


def announce(ledger: Ledger, kind: str, name: str) -> AwsCall:
    call = AwsCall("s3", "create_bucket", {}, "create", kind, name)
    ledger.announce(1, call)
    return call


def test_what_the_ledger_says_was_made_is_ours(clients: Any, lab: Lab, ledger: Ledger, found: dict[Any, Any]) -> None:
    ledger.settle(announce(ledger, "s3-bucket", lab.names.raw_bucket), made=True)
    found["s3-bucket", lab.names.raw_bucket] = {}
    assert find_conflicts(clients, lab, ledger) == ()


def test_a_call_that_may_have_arrived_is_ours_unless_another_lab_tagged_it(
    clients: Any, lab: Lab, ledger: Ledger, found: dict[Any, Any]
) -> None:
    announce(ledger, "s3-bucket", lab.names.raw_bucket)
    found["s3-bucket", lab.names.raw_bucket] = {}
    assert find_conflicts(clients, lab, ledger) == ()
    found["s3-bucket", lab.names.raw_bucket] = OTHERS
    assert names_of(find_conflicts(clients, lab, ledger)) == [(lab.names.raw_bucket, "lab")]


def test_a_call_that_was_refused_makes_nothing_ours(
    clients: Any, lab: Lab, ledger: Ledger, found: dict[Any, Any]
) -> None:
    ledger.settle(announce(ledger, "s3-bucket", lab.names.raw_bucket), made=False)
    found["s3-bucket", lab.names.raw_bucket] = {}
    assert len(find_conflicts(clients, lab, ledger)) == 1


def test_another_regions_ledger_makes_nothing_ours(
    clients: Any, lab: Lab, ledger: Ledger, found: dict[Any, Any], target: Target
) -> None:
    elsewhere = type(ledger)(ledger.path.parent, replace(target, region="eu-west-1"))
    elsewhere.settle(announce(elsewhere, "s3-bucket", lab.names.raw_bucket), made=True)
    found["s3-bucket", lab.names.raw_bucket] = {}
    assert len(find_conflicts(clients, lab, ledger)) == 1


def test_a_single_resource_of_somebody_elses_is_refused_too(
    clients: Any, lab: Lab, ledger: Ledger, found: dict[Any, Any]
) -> None:
    wanted = Wanted(9, "glue-crawler", "labkit-crawl-x")
    refuse_foreign(clients, lab.tags, ledger, wanted)
    found["glue-crawler", "labkit-crawl-x"] = {}
    with pytest.raises(UsageError, match="labkit-crawl-x"):
        refuse_foreign(clients, lab.tags, ledger, wanted)


def test_on_the_local_target_nothing_is_asked(lab: Lab, ledger: Ledger, found: dict[Any, Any]) -> None:
    local: Any = SimpleNamespace(target=SimpleNamespace(charges=False))
    found.update({(one.kind, one.name): {} for one in list_wanted(lab)})
    assert find_conflicts(local, lab, ledger) == ()


def test_given_roles_and_the_shared_workgroup_are_nobodys_to_make(lab: Lab) -> None:
    arn = "arn:aws:iam::123456789012:role/LabRole"
    given = replace(lab, names=replace(lab.names, glue_role=arn, lambda_role=arn, workgroup=Names().workgroup))
    assert not {"iam-role", "athena-workgroup"} & {one.kind for one in list_wanted(given)}
    assert {"iam-role", "athena-workgroup"} <= {one.kind for one in list_wanted(lab)}


class Iam:
    def __init__(self, services: Any = (), code: str = "", denied: tuple[str, ...] | None = ()) -> None:
        self.services = services
        self.code = code
        self.denied = denied

    def simulate_principal_policy(self, **params: Any) -> dict[str, Any]:
        from botocore.exceptions import ClientError

        if self.denied is None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "SimulatePrincipalPolicy")
        (action,) = params["ActionNames"]
        decision = "implicitDeny" if action in self.denied else "allowed"
        return {"EvaluationResults": [{"EvalActionName": action, "EvalDecision": decision}]}

    def get_role(self, **_params: str) -> dict[str, Any]:
        from botocore.exceptions import ClientError

        if self.code:
            raise ClientError({"Error": {"Code": self.code, "Message": "no"}}, "GetRole")
        statement = {"Effect": "Allow", "Principal": {"Service": self.services}, "Action": "sts:AssumeRole"}
        return {"Role": {"AssumeRolePolicyDocument": {"Statement": [statement]}}}


@pytest.mark.parametrize(
    ("iam", "account", "verdict"),
    [
        (Iam(["glue.amazonaws.com", "lambda.amazonaws.com"]), "123456789012", "trusted"),
        (Iam("glue.amazonaws.com"), "123456789012", "trusted"),
        (Iam("ec2.amazonaws.com"), "123456789012", "untrusted"),
        (Iam(code="NoSuchEntity"), "123456789012", "missing"),
        (Iam(code="AccessDenied"), "123456789012", "unseen"),
        (Iam("glue.amazonaws.com"), "111122223333", "foreign"),
    ],
)
def test_a_given_role_is_looked_at_as_far_as_that_is_allowed(
    target: Target, lab: Lab, iam: Iam, account: str, verdict: str
) -> None:
    clients: Any = SimpleNamespace(target=target, iam=iam)
    given = replace(lab, names=replace(lab.names, glue_role=f"arn:aws:iam::{account}:role/LabRole"))
    assert [role.verdict for role in find_given_roles(clients, given)] == [verdict]
    assert find_given_roles(clients, lab) == ()


@pytest.mark.parametrize("denied", [(), ("s3:DeleteObject", "glue:CreateTable"), None])
def test_what_a_given_role_allows_is_simulated_where_that_is_allowed(
    target: Target, lab: Lab, denied: tuple[str, ...] | None
) -> None:
    clients: Any = SimpleNamespace(target=target, iam=Iam("glue.amazonaws.com", denied=denied))
    given = replace(lab, names=replace(lab.names, glue_role="arn:aws:iam::123456789012:role/LabRole"))
    (role,) = find_given_roles(clients, given)
    assert role.verdict == "trusted"
    assert role.denied == denied
