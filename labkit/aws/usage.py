"""Everything in an account and region that AWS bills for, from AWS's own records: runs, crawls, queries, invocations, objects."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkit.aws.crawls import Crawl, list_crawlers, list_crawls
from labkit.aws.glue_jobs import JobRun, list_runs
from labkit.aws.invocations import Invocation, group_invocations
from labkit.aws.logs import list_groups, list_lines
from labkit.aws.session import Clients, error_code

if TYPE_CHECKING:
    from mypy_boto3_athena.client import AthenaClient

_BATCH = 50
_MOST_QUERIES = 1_000
_MOST_OBJECTS = 20_000
_LAMBDA = "/aws/lambda/"


@dataclass(frozen=True)
class QueryUse:
    """One statement: its workgroup, kind (DML, DDL, UTILITY), state, and what it read."""

    id: str
    workgroup: str
    sql: str
    kind: str
    state: str
    scanned_bytes: int
    reused: bool


@dataclass(frozen=True)
class BucketUse:
    """Objects of a bucket; `complete` is false when there are more than were counted; `refused` when its policy lets nobody look."""

    name: str
    objects: int
    size_bytes: int
    complete: bool
    refused: bool = False


@dataclass(frozen=True)
class Usage:
    """All of it."""

    runs: tuple[JobRun, ...]
    crawls: tuple[Crawl, ...]
    queries: tuple[QueryUse, ...]
    invocations: tuple[Invocation, ...]
    buckets: tuple[BucketUse, ...]


def read_usage(clients: Clients) -> Usage:
    """Read everything; ClientError for what may not be read."""
    for service in ("s3", "glue", "athena", "logs"):
        getattr(clients, service)  # boto3 makes clients in one thread at a time only
    with ThreadPoolExecutor(4) as pool:
        runs = pool.submit(_read_runs, clients)
        crawls = pool.submit(_read_crawls, clients)
        queries = pool.submit(_read_queries, clients.athena)
        invocations = pool.submit(_read_invocations, clients)
        buckets = pool.submit(_read_buckets, clients)
        return Usage(runs.result(), crawls.result(), queries.result(), invocations.result(), buckets.result())


def _read_runs(clients: Clients) -> tuple[JobRun, ...]:
    names = [name for page in clients.glue.get_paginator("list_jobs").paginate() for name in page["JobNames"]]
    return tuple(run for name in names for run in list_runs(clients.glue, name))


def _read_crawls(clients: Clients) -> tuple[Crawl, ...]:
    return tuple(crawl for name in list_crawlers(clients.glue) for crawl in list_crawls(clients.glue, name, 1000))


def _read_queries(athena: AthenaClient) -> tuple[QueryUse, ...]:
    found: list[QueryUse] = []
    for group in _list_workgroups(athena):
        ids: list[str] = []
        for page in athena.get_paginator("list_query_executions").paginate(WorkGroup=group):
            ids += page["QueryExecutionIds"]
            if len(ids) >= _MOST_QUERIES:
                break
        for start in range(0, len(ids), _BATCH):
            told = athena.batch_get_query_execution(QueryExecutionIds=ids[start : start + _BATCH])
            found += [_build_query(item) for item in told["QueryExecutions"]]
    return tuple(found)


def _list_workgroups(athena: AthenaClient) -> list[str]:
    names: list[str] = []
    token: dict[str, Any] = {}
    while True:  # boto3 has no paginator for it
        page = athena.list_work_groups(**token)
        names += [group["Name"] for group in page["WorkGroups"]]
        if not page.get("NextToken"):
            return names
        token = {"NextToken": page["NextToken"]}


def _build_query(item: Any) -> QueryUse:
    figures = item.get("Statistics", {})
    return QueryUse(
        id=item["QueryExecutionId"],
        workgroup=item.get("WorkGroup", ""),
        sql=item.get("Query", ""),
        kind=str(item.get("StatementType", "")),
        state=item["Status"]["State"],
        scanned_bytes=int(figures.get("DataScannedInBytes", 0)),
        reused=bool(figures.get("ResultReuseInformation", {}).get("ReusedPreviousResult")),
    )


def _read_invocations(clients: Clients) -> tuple[Invocation, ...]:
    groups = [group for group in list_groups(clients.logs) if group.startswith(_LAMBDA)]
    return tuple(one for group in groups for one in group_invocations(list_lines(clients.logs, group)))


def _read_buckets(clients: Clients) -> tuple[BucketUse, ...]:
    names = sorted(item["Name"] for item in clients.s3.list_buckets()["Buckets"])
    return tuple(_read_bucket(clients, name) for name in names)


def _read_bucket(clients: Clients, name: str) -> BucketUse:
    from botocore.exceptions import ClientError

    try:
        return _count_objects(clients, name)
    except ClientError as error:
        if error_code(error) != "AccessDenied":
            raise
        return BucketUse(name, 0, 0, complete=False, refused=True)


def _count_objects(clients: Clients, name: str) -> BucketUse:
    objects, size, complete = 0, 0, True
    for page in clients.s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        objects += len(page.get("Contents", []))
        size += sum(item["Size"] for item in page.get("Contents", []))
        if objects >= _MOST_OBJECTS and page.get("IsTruncated"):
            complete = False
            break
    return BucketUse(name, objects, size, complete)
