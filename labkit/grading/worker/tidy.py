"""Taking away what a notebook left in the cloud and the reference does not have: cheaper than a new cloud."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import Any

from labkit.aws.session import Clients
from labkit.grading.worker.inventory import Inventory

Remove = Callable[[Clients, str], Any]


def remove_extras(clients: Clients, reference: Inventory, present: Inventory) -> None:
    """Delete what is there and not in the reference. What refuses to go stays: whoever compares afterwards sees it."""
    from botocore.exceptions import ClientError

    extra = present.keys() - reference.keys()
    gone = {name for kind, name in extra if kind == "bucket"}
    for kind, remove in _REMOVERS:
        for name in sorted(name for found, name in extra if found == kind):
            if kind == "object" and name.split("/", 1)[0] in gone:
                continue  # it went with its bucket
            with contextlib.suppress(ClientError):
                remove(clients, name)


def _remove_bucket(clients: Clients, bucket: str) -> None:
    from botocore.exceptions import ClientError

    with contextlib.suppress(ClientError):
        clients.s3.delete_bucket_policy(Bucket=bucket)
    _remove_versions(clients, bucket, "")
    clients.s3.delete_bucket(Bucket=bucket)


def _remove_object(clients: Clients, name: str) -> None:
    bucket, key = name.split("/", 1)
    _remove_versions(clients, bucket, key)


def _remove_versions(clients: Clients, bucket: str, prefix: str) -> None:
    for page in clients.s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        found: Iterable[Any] = (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
        doomed: list[Any] = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
        if doomed:
            clients.s3.delete_objects(Bucket=bucket, Delete={"Objects": doomed, "Quiet": True})


def _remove_role(clients: Clients, arn: str) -> None:
    role = arn.rsplit("/", 1)[-1]
    for attached in clients.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        clients.iam.detach_role_policy(RoleName=role, PolicyArn=attached["PolicyArn"])
    for policy in clients.iam.list_role_policies(RoleName=role)["PolicyNames"]:
        clients.iam.delete_role_policy(RoleName=role, PolicyName=policy)
    clients.iam.delete_role(RoleName=role)


def _remove_policy(clients: Clients, arn: str) -> None:
    for version in clients.iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            clients.iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
    clients.iam.delete_policy(PolicyArn=arn)


def _remove_table(clients: Clients, name: str) -> None:
    database, table = name.split(".", 1)
    clients.glue.delete_table(DatabaseName=database, Name=table)


def _remove_run(clients: Clients, name: str) -> None:
    """The runs of a job go with it; the step that owns it makes it again."""
    clients.glue.delete_job(JobName=name.split(" ", 1)[0])


# What depends on others goes first. Users and groups that a student made are rare enough for a new cloud.
_REMOVERS: tuple[tuple[str, Remove], ...] = (
    ("function", lambda clients, name: clients.lambda_.delete_function(FunctionName=name)),
    ("crawler", lambda clients, name: clients.glue.delete_crawler(Name=name)),
    ("run", _remove_run),
    ("job", lambda clients, name: clients.glue.delete_job(JobName=name)),
    ("table", _remove_table),
    ("database", lambda clients, name: clients.glue.delete_database(Name=name)),
    ("classifier", lambda clients, name: clients.glue.delete_classifier(Name=name)),
    ("workgroup", lambda clients, name: clients.athena.delete_work_group(WorkGroup=name, RecursiveDeleteOption=True)),
    ("bucket", _remove_bucket),
    ("object", _remove_object),
    ("RoleDetailList", _remove_role),
    ("Policies", _remove_policy),
    ("log group", lambda clients, name: clients.logs.delete_log_group(logGroupName=name)),
)
