"""A role: taken out of everything first, and asked for again while IAM still sees what was taken away."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from labkit.teardown.shelves.roles import delete_role
from tests.unit.teardown.fakes import Pages, refusal


class Iam:
    def __init__(self, conflicts: int) -> None:
        self.conflicts = conflicts
        self.calls: list[str] = []

    def get_paginator(self, name: str) -> Pages:
        return {
            "list_attached_role_policies": Pages({"AttachedPolicies": [{"PolicyArn": "arn:p"}]}),
            "list_role_policies": Pages({"PolicyNames": ["inline"]}),
            "list_instance_profiles_for_role": Pages({"InstanceProfiles": [{"InstanceProfileName": "profile"}]}),
        }[name]

    def detach_role_policy(self, **_params: Any) -> None:
        self.calls.append("detach")

    def delete_role_policy(self, **_params: Any) -> None:
        self.calls.append("inline")
        raise refusal("NoSuchEntity", "DeleteRolePolicy")

    def remove_role_from_instance_profile(self, **params: Any) -> None:
        self.calls.append(params["InstanceProfileName"])

    def delete_role(self, **_params: Any) -> None:
        self.calls.append("delete")
        if self.calls.count("delete") <= self.conflicts:
            raise refusal("DeleteConflict", "DeleteRole")


class Clients:
    def __init__(self, iam: Any) -> None:
        self.iam = iam


def test_a_role_leaves_its_policies_and_profiles_and_is_asked_for_again() -> None:
    iam, pauses = Iam(conflicts=2), []
    clients: Any = Clients(iam)
    delete_role(clients, "r", sleep=pauses.append)
    assert iam.calls[:4] == ["detach", "inline", "profile", "delete"]
    assert pauses == [0.5, 1.0]


def test_a_conflict_that_lasts_is_told() -> None:
    clients: Any = Clients(Iam(conflicts=99))
    with pytest.raises(ClientError):
        delete_role(clients, "r", sleep=lambda _seconds: None)
