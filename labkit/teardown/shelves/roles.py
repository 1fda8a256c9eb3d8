"""Roles: IAM deletes none that still has a policy or stands in an instance profile."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from labkit.aws.session import Clients, error_code
from labkit.teardown.absent import is_missing, read_tags, unless_missing
from labkit.teardown.thing import Shelf, Thing

KIND = "iam-role"
# Roles that AWS services and IAM Identity Center keep for themselves; nobody else can delete them.
_AWS_PATHS = ("/aws-service-role/", "/aws-reserved/")
# IAM answers from several places: a policy taken away a moment ago may still be seen for some seconds.
_PAUSES_S = (0.5, 1.0, 2.0, 4.0)


def _list(clients: Clients) -> list[Thing]:
    pages = clients.iam.get_paginator("list_roles").paginate()
    return [
        Thing(KIND, role["RoleName"], role.get("CreateDate"), role["Arn"])
        for page in pages
        for role in page["Roles"]
        if not role["Path"].startswith(_AWS_PATHS)
    ]


def _read_tags(clients: Clients, thing: Thing) -> Mapping[str, str] | None:
    # A role has 50 tags at most, which is less than a page.
    return read_tags(
        lambda: {tag["Key"]: tag["Value"] for tag in clients.iam.list_role_tags(RoleName=thing.name)["Tags"]}
    )


def _delete(clients: Clients, thing: Thing) -> None:
    delete_role(clients, thing.name)


def delete_role(clients: Clients, name: str, sleep: Callable[[float], None] = time.sleep) -> None:
    """Take the role out of everything and delete it."""
    from botocore.exceptions import ClientError

    for pause_s in (*_PAUSES_S, None):
        try:
            _strip(clients, name)
            clients.iam.delete_role(RoleName=name)
        except ClientError as error:
            if is_missing(error):
                return
            if error_code(error) != "DeleteConflict" or pause_s is None:
                raise
            sleep(pause_s)
        else:
            return


def _strip(clients: Clients, name: str) -> None:
    iam = clients.iam
    for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=name):
        for policy in page["AttachedPolicies"]:
            unless_missing(iam.detach_role_policy, RoleName=name, PolicyArn=policy["PolicyArn"])
    for names in iam.get_paginator("list_role_policies").paginate(RoleName=name):
        for inline in names["PolicyNames"]:
            unless_missing(iam.delete_role_policy, RoleName=name, PolicyName=inline)
    for found in iam.get_paginator("list_instance_profiles_for_role").paginate(RoleName=name):
        for profile in found["InstanceProfiles"]:
            unless_missing(
                iam.remove_role_from_instance_profile,
                InstanceProfileName=profile["InstanceProfileName"],
                RoleName=name,
            )


def _exists(clients: Clients, name: str) -> bool:
    return unless_missing(clients.iam.get_role, RoleName=name) is not None


# The AWS CLI has no single word for it either.
_COMMAND = (
    "for arn in $(aws iam list-attached-role-policies --role-name {name} {where} "
    "--query 'AttachedPolicies[].PolicyArn' --output text); "
    "do aws iam detach-role-policy --role-name {name} --policy-arn $arn {where}; done; "
    "for policy in $(aws iam list-role-policies --role-name {name} {where} --query 'PolicyNames[]' --output text); "
    "do aws iam delete-role-policy --role-name {name} --policy-name $policy {where}; done; "
    "aws iam delete-role --role-name {name} {where}"
)
SHELF = Shelf(KIND, _list, _read_tags, _delete, _exists, _COMMAND)
