"""The tasks of notebook 01 and what undoes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from labkit.aws.session import Clients, error_code
from labkit.checks.context import Context
from labkit.checks.step_1.closing import check_closing
from labkit.checks.step_1.layout import check_layout
from labkit.checks.step_1.places import build_sources_bucket
from labkit.checks.step_1.prefixes import check_prefixes
from labkit.checks.step_1.versions import check_versions
from labkit.checks.task import ETL, PERFORMANCE, Task
from labkit.settings import Credentials

TASKS = (
    Task(
        "1.1",
        3,
        ETL,
        "task_1.layout.title",
        ("task_1.layout.hint_1", "task_1.layout.hint_2", "task_1.layout.hint_3"),
        check_layout,
    ),
    Task(
        "1.2",
        2,
        PERFORMANCE,
        "task_1.prefix.title",
        ("task_1.prefix.hint_1", "task_1.prefix.hint_2", "task_1.prefix.hint_3"),
        check_prefixes,
    ),
    Task(
        "1.3",
        2,
        ETL,
        "task_1.versions.title",
        ("task_1.versions.hint_1", "task_1.versions.hint_2", "task_1.versions.hint_3"),
        check_versions,
    ),
    Task(
        "1.4",
        3,
        ETL,
        "task_1.closing.title",
        ("task_1.closing.hint_1", "task_1.closing.hint_2", "task_1.closing.hint_3"),
        check_closing,
    ),
)


def clear(context: Context) -> None:
    """Delete the bucket of the four sources with every version in it."""
    bucket = build_sources_bucket(context.names)
    s3 = _open(context, bucket)
    if s3 is None:
        return
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        keys = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
        if keys:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
    s3.delete_bucket(Bucket=bucket)


def _open(context: Context, bucket: str) -> Any:
    """A client that gets in once the policy is gone, or None without a bucket.

    A policy that shuts everybody out is deleted by the root user and nobody else; the local cloud's is the key `root`.
    """
    from botocore.exceptions import ClientError

    target = context.settings.target
    root = Clients(replace(target, credentials=Credentials("root", "root"))) if target.credentials else context.clients
    for clients in (context.clients, root):
        try:
            clients.s3.delete_bucket_policy(Bucket=bucket)
        except ClientError as error:
            if error_code(error) == "NoSuchBucket":
                return None
            if error_code(error) != "AccessDenied" or clients is root:
                raise
        else:
            return context.clients.s3
    return None
