"""Roles of IAM in stacks (docs.aws.amazon.com/AWSCloudFormation, AWS::IAM::Role)."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.stacks.resource import Ask, Made, Properties, Resource, retag, tag_list, whole


class Role(Resource):
    """AWS::IAM::Role; `Ref` is its name, its attributes are Arn and RoleId."""

    type = "AWS::IAM::Role"
    name_property = "RoleName"
    known = frozenset(
        {"RoleName", "AssumeRolePolicyDocument", "Path", "Description", "MaxSessionDuration", "PermissionsBoundary"}
        | {"ManagedPolicyArns", "Policies", "Tags"}
    )
    replaced_by = frozenset({"Path"})
    has = frozenset({"Arn", "RoleId"})

    @classmethod
    def plain(cls, properties: Properties) -> dict[str, Any]:
        given = dict(properties)
        given["AssumeRolePolicyDocument"] = _document(given.get("AssumeRolePolicyDocument"))
        if "Policies" in given:
            given["Policies"] = {one["PolicyName"]: _document(one["PolicyDocument"]) for one in given["Policies"]}
        if "MaxSessionDuration" in given:
            given["MaxSessionDuration"] = whole(given["MaxSessionDuration"])
        return given

    @classmethod
    def make(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> Made:
        given = {
            key: properties.get(key)
            for key in ("AssumeRolePolicyDocument", "Path", "Description", "PermissionsBoundary")
        }
        duration, tags = properties.get("MaxSessionDuration"), tag_list(properties.get("Tags"))
        role = ask("iam", "create_role", RoleName=name, **given, MaxSessionDuration=duration, Tags=tags)["Role"]
        made = cls(name, properties, Made(name))
        try:
            cls._policies(ask, name, {}, properties)
        except Exception:
            made.delete(scope.account, scope.region)
            raise
        return Made(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})

    @classmethod
    def change(cls, ask: Ask, scope: Scope, name: str, before: Properties, after: Properties) -> None:
        trust = after["AssumeRolePolicyDocument"]
        if trust != before["AssumeRolePolicyDocument"]:
            ask("iam", "update_assume_role_policy", RoleName=name, PolicyDocument=trust)
        told = ("Description", "MaxSessionDuration")
        if any(before.get(key) != after.get(key) for key in told):
            duration = after.get("MaxSessionDuration", 3600)
            ask(
                "iam",
                "update_role",
                RoleName=name,
                Description=after.get("Description", ""),
                MaxSessionDuration=duration,
            )
        boundary = after.get("PermissionsBoundary")
        if boundary != before.get("PermissionsBoundary"):
            if boundary:
                ask("iam", "put_role_permissions_boundary", RoleName=name, PermissionsBoundary=boundary)
            else:
                ask("iam", "delete_role_permissions_boundary", RoleName=name)
        cls._policies(ask, name, before, after)
        retag(
            before,
            after,
            lambda tags: ask("iam", "tag_role", RoleName=name, Tags=tag_list(tags)),
            lambda names: ask("iam", "untag_role", RoleName=name, TagKeys=names),
        )

    @classmethod
    def remove(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> None:
        # What others attached since stays, and IAM then refuses to delete the role, as on AWS.
        attached = ask("iam", "list_attached_role_policies", RoleName=name)["AttachedPolicies"]
        kept = {one["PolicyArn"] for one in attached} & set(properties.get("ManagedPolicyArns") or ())
        inline = set(ask("iam", "list_role_policies", RoleName=name)["PolicyNames"]) & set(
            properties.get("Policies") or {}
        )
        for arn in sorted(kept):
            ask("iam", "detach_role_policy", RoleName=name, PolicyArn=arn)
        for policy in sorted(inline):
            ask("iam", "delete_role_policy", RoleName=name, PolicyName=policy)
        ask("iam", "delete_role", RoleName=name)

    @classmethod
    def _policies(cls, ask: Ask, name: str, before: Properties, after: Properties) -> None:
        old, new = set(before.get("ManagedPolicyArns") or ()), set(after.get("ManagedPolicyArns") or ())
        for arn in sorted(new - old):
            ask("iam", "attach_role_policy", RoleName=name, PolicyArn=arn)
        for arn in sorted(old - new):
            ask("iam", "detach_role_policy", RoleName=name, PolicyArn=arn)
        had, has = before.get("Policies") or {}, after.get("Policies") or {}
        for policy, document in has.items():
            if had.get(policy) != document:
                ask("iam", "put_role_policy", RoleName=name, PolicyName=policy, PolicyDocument=document)
        for policy in sorted(set(had) - set(has)):
            ask("iam", "delete_role_policy", RoleName=name, PolicyName=policy)


def _document(document: Any) -> str:
    """A policy as text; YAML reads an unquoted version as a date."""
    return document if isinstance(document, str) else json.dumps(document, default=_version)


def _version(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} in a policy")
