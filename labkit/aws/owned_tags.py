"""The tags of one resource, by the kind and name that the ledger gives it; None when there is no such resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from labkit.aws.athena_workgroups import find_workgroup
from labkit.aws.crawler import find_crawler
from labkit.aws.data_catalog import database_exists
from labkit.aws.functions import find_function
from labkit.aws.glue_jobs import find_job
from labkit.aws.logs import find_log_group
from labkit.aws.s3 import read_bucket_tags
from labkit.aws.session import error_code

if TYPE_CHECKING:
    from labkit.aws.session import Clients

_MISSING = {"404", "NoSuchBucket", "NoSuchEntity", "NotFound", "NotFoundException"}


class NotOurs(Exception):
    """The resource exists and its account does not let us look at it."""


def read_tags(clients: Clients, kind: str, name: str) -> Mapping[str, str] | None:
    """Tags by key; empty for a resource without any. NotOurs for a bucket that S3 keeps from us, ClientError for other refusals."""
    return _READERS[kind](clients, name)


def knows(kind: str) -> bool:
    """True for a kind whose tags can be read."""
    return kind in _READERS


def _read_bucket(clients: Clients, name: str) -> Mapping[str, str] | None:
    from botocore.exceptions import ClientError

    try:
        clients.s3.head_bucket(Bucket=name)
        return read_bucket_tags(clients.s3, name)
    except ClientError as error:
        if error_code(error) in _MISSING:
            return None
        if error_code(error) == "403" and name not in _list_own_buckets(clients):
            raise NotOurs(name) from error
        raise


def _list_own_buckets(clients: Clients) -> set[str]:
    """S3 says 403 for another account's bucket and for one of ours that we may not read: the list tells them apart."""
    return {item["Name"] for page in clients.s3.get_paginator("list_buckets").paginate() for item in page["Buckets"]}


def _read_role(clients: Clients, name: str) -> Mapping[str, str] | None:
    from botocore.exceptions import ClientError

    try:
        return _as_mapping(clients.iam.list_role_tags(RoleName=name)["Tags"])
    except ClientError as error:
        if error_code(error) in _MISSING:
            return None
        raise


def _read_workgroup(clients: Clients, name: str) -> Mapping[str, str] | None:
    if find_workgroup(clients.athena, name) is None:
        return None
    arn = f"arn:aws:athena:{clients.target.region}:{clients.target.account}:workgroup/{name}"
    return _as_mapping(clients.athena.list_tags_for_resource(ResourceARN=arn)["Tags"])


def _read_glue(noun: str, exists: Callable[[Any, str], Any]) -> Callable[[Clients, str], Mapping[str, str] | None]:
    def read(clients: Clients, name: str) -> Mapping[str, str] | None:
        if not exists(clients.glue, name):
            return None
        arn = f"arn:aws:glue:{clients.target.region}:{clients.target.account}:{noun}/{name}"
        return dict(clients.glue.get_tags(ResourceArn=arn).get("Tags", {}))

    return read


def _read_function(clients: Clients, name: str) -> Mapping[str, str] | None:
    found = find_function(clients.lambda_, name)
    return None if found is None else dict(clients.lambda_.list_tags(Resource=found.arn).get("Tags", {}))


def _read_log_group(clients: Clients, name: str) -> Mapping[str, str] | None:
    found = find_log_group(clients.logs, name)
    if found is None:
        return None
    # DescribeLogGroups ends an ARN in ":*", which ListTagsForResource does not take.
    return dict(clients.logs.list_tags_for_resource(resourceArn=found.arn.removesuffix(":*")).get("tags", {}))


def _as_mapping(listed: Any) -> Mapping[str, str]:
    return {item["Key"]: item["Value"] for item in listed}


_READERS: Mapping[str, Callable[[Any, str], Mapping[str, str] | None]] = {
    "s3-bucket": _read_bucket,
    "iam-role": _read_role,
    "athena-workgroup": _read_workgroup,
    "glue-database": _read_glue("database", database_exists),
    "glue-crawler": _read_glue("crawler", find_crawler),
    "glue-job": _read_glue("job", find_job),
    "lambda-function": _read_function,
    "log-group": _read_log_group,
}
