"""What there is in the cloud, as (kind, name) → digest: two inventories tell what a notebook left behind."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from labkit.aws.session import Clients, error_code

Inventory = Mapping[tuple[str, str], str]
# Times and counters that change when nothing does.
_VOLATILE = {
    "CreationTime",
    "LastModified",
    "LastModifiedOn",
    "CreatedOn",
    "LastUpdated",
    "UpdateTime",
    "CreateTime",
    "CreateDate",
}
_VOLATILE |= {
    "RoleLastUsed",
    "LastCrawl",
    "State",
    "CrawlElapsedTime",
    "Version",
    "RevisionId",
    "VersionId",
    "LastAccessTime",
}
_VOLATILE |= {
    "LastUpdateStatus",
    "UpdateDate",
    "RoleId",
    "PolicyId",
    "UserId",
    "GroupId",
    "StateReason",
    "StateReasonCode",
}
_BUCKET_SETTINGS = (
    "policy",
    "versioning",
    "encryption",
    "lifecycle_configuration",
    "tagging",
    "notification_configuration",
    "cors",
    "website",
)


def take_inventory(clients: Clients, tags: Mapping[str, str]) -> Inventory:
    """Look at everything the lab's services hold. ClientError when the account refuses to be looked at.

    `tags` are those of the lab whose cloud it is: they name its student, so what carries them counts as any student's.
    """
    found: dict[tuple[str, str], str] = {}
    for read in (_buckets, _identities, _catalog, _jobs, _functions, _logs, _athena):
        for kind, name, described in read(clients):
            found[kind, name] = _digest(described, tags)
    return found


def _buckets(clients: Clients) -> Iterator[tuple[str, str, Any]]:
    for bucket in clients.s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        yield "bucket", name, [_bucket_setting(clients, name, setting) for setting in _BUCKET_SETTINGS]
        yield from _objects(clients, name)


def _objects(clients: Clients, bucket: str) -> Iterator[tuple[str, str, Any]]:
    """The objects, or that a student's own policy lets nobody look."""
    from botocore.exceptions import ClientError

    try:
        for page in clients.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for item in page.get("Contents", []):
                yield "object", f"{bucket}/{item['Key']}", item["ETag"]
    except ClientError as error:
        yield "objects", bucket, error_code(error)


def _bucket_setting(clients: Clients, bucket: str, setting: str) -> Any:
    from botocore.exceptions import ClientError

    try:
        return getattr(clients.s3, f"get_bucket_{setting}")(Bucket=bucket)
    except ClientError as error:
        return error_code(error)


def _identities(clients: Clients) -> Iterator[tuple[str, str, Any]]:
    kinds = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    for page in clients.iam.get_paginator("get_account_authorization_details").paginate(
        Filter=["User", "Role", "Group", "LocalManagedPolicy"]
    ):
        for kind in kinds:
            for item in page.get(kind, []):  # type: ignore[attr-defined]
                yield kind, item["Arn"], item


def _catalog(clients: Clients) -> Iterator[tuple[str, str, Any]]:
    for database in clients.glue.get_databases()["DatabaseList"]:
        name = database["Name"]
        yield "database", name, database
        for table in clients.glue.get_tables(DatabaseName=name)["TableList"]:
            parts = clients.glue.get_paginator("get_partitions").paginate(DatabaseName=name, TableName=table["Name"])
            yield (
                "table",
                f"{name}.{table['Name']}",
                [table, [part["Values"] for page in parts for part in page["Partitions"]]],
            )
    for crawler in clients.glue.get_crawlers()["Crawlers"]:
        yield "crawler", crawler["Name"], crawler
    for classifier in clients.glue.get_classifiers()["Classifiers"]:
        for described in classifier.values():
            yield "classifier", str(described["Name"]), described  # type: ignore[index]


def _jobs(clients: Clients) -> Iterator[tuple[str, str, Any]]:
    for job in clients.glue.get_jobs()["Jobs"]:
        yield "job", job["Name"], job
        # What ran stays on record: a later notebook must not take it for its own.
        for run in clients.glue.get_job_runs(JobName=job["Name"])["JobRuns"]:
            yield "run", f"{job['Name']} {run['Id']}", None


def _functions(clients: Clients) -> Iterator[tuple[str, str, Any]]:
    from botocore.exceptions import ClientError

    for function in clients.lambda_.list_functions()["Functions"]:
        try:
            policy = clients.lambda_.get_policy(FunctionName=function["FunctionName"])["Policy"]
        except ClientError as error:
            policy = error_code(error)
        yield "function", function["FunctionName"], [function, policy]


def _logs(clients: Clients) -> Iterator[tuple[str, str, Any]]:
    for page in clients.logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            # Glue's groups hold the lines of all jobs and crawlers together; nobody counts them.
            if not group["logGroupName"].startswith("/aws-glue/"):
                yield "log group", group["logGroupName"], None


def _athena(clients: Clients) -> Iterator[tuple[str, str, Any]]:
    for group in clients.athena.list_work_groups()["WorkGroups"]:
        yield "workgroup", group["Name"], clients.athena.get_work_group(WorkGroup=group["Name"])["WorkGroup"]


def _digest(described: Any, tags: Mapping[str, str]) -> str:
    steady = _steady(described, tags)
    return hashlib.sha256(json.dumps(steady, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _steady(described: Any, tags: Mapping[str, str]) -> Any:
    """The description without what changes by itself, and without the lab's own tags."""
    if isinstance(described, Mapping):
        skipped = {*_VOLATILE, "ResponseMetadata"}
        return {str(key): _steady(value, tags) for key, value in described.items() if key not in skipped}
    if isinstance(described, (list, tuple)):
        return [_steady(item, tags) for item in described if not _is_own_tag(item, tags)]
    return described


def _is_own_tag(item: Any, tags: Mapping[str, str]) -> bool:
    is_tag = isinstance(item, Mapping) and item.keys() == {"Key", "Value"}
    return is_tag and tags.get(str(item["Key"])) == item["Value"]
