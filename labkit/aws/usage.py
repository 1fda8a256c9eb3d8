"""Everything in an account and region that AWS bills for, from AWS's own records: runs, crawls, queries, invocations, objects."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
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
    output: str = ""


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
    """All of it. `puts` are the most objects that a bucket ever held, `s3_requests` labkit's own by operation, where they are known."""

    runs: tuple[JobRun, ...]
    crawls: tuple[Crawl, ...]
    queries: tuple[QueryUse, ...]
    invocations: tuple[Invocation, ...]
    buckets: tuple[BucketUse, ...]
    puts: Mapping[str, int] = field(default_factory=dict)
    s3_requests: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Scope:
    """The names that count. A query counts when its workgroup is listed and its answer went below `results`."""

    jobs: frozenset[str]
    crawlers: frozenset[str]
    functions: frozenset[str]
    workgroups: frozenset[str]
    buckets: frozenset[str]
    results: str


def read_usage(clients: Clients, scope: Scope | None = None) -> Usage:
    """Read everything, or what is in scope; ClientError for what may not be read."""
    for service in ("s3", "glue", "athena", "logs"):
        getattr(clients, service)  # boto3 makes clients in one thread at a time only
    with ThreadPoolExecutor(4) as pool:
        runs = pool.submit(_read_runs, clients, scope)
        crawls = pool.submit(_read_crawls, clients, scope)
        queries = pool.submit(_read_queries, clients.athena, scope)
        invocations = pool.submit(_read_invocations, clients, scope)
        buckets = pool.submit(_read_buckets, clients, scope)
        return Usage(runs.result(), crawls.result(), queries.result(), invocations.result(), buckets.result())


def _read_runs(clients: Clients, scope: Scope | None) -> tuple[JobRun, ...]:
    listed = [name for page in clients.glue.get_paginator("list_jobs").paginate() for name in page["JobNames"]]
    names = [name for name in listed if scope is None or name in scope.jobs]
    return tuple(run for name in names for run in list_runs(clients.glue, name))


def _read_crawls(clients: Clients, scope: Scope | None) -> tuple[Crawl, ...]:
    names = [name for name in list_crawlers(clients.glue) if scope is None or name in scope.crawlers]
    return tuple(crawl for name in names for crawl in list_crawls(clients.glue, name, 1000))


def _read_queries(athena: AthenaClient, scope: Scope | None) -> tuple[QueryUse, ...]:
    found: list[QueryUse] = []
    groups = [name for name in _list_workgroups(athena) if scope is None or name in scope.workgroups]
    for group in groups:
        ids: list[str] = []
        for page in athena.get_paginator("list_query_executions").paginate(WorkGroup=group):
            ids += page["QueryExecutionIds"]
            if len(ids) >= _MOST_QUERIES:
                break
        for start in range(0, len(ids), _BATCH):
            told = athena.batch_get_query_execution(QueryExecutionIds=ids[start : start + _BATCH])
            found += [_build_query(item) for item in told["QueryExecutions"]]
    # The account's shared workgroup holds everybody's queries; ours answered into our bucket.
    return tuple(one for one in found if scope is None or one.output.startswith(scope.results))


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
        output=item.get("ResultConfiguration", {}).get("OutputLocation", ""),
    )


def _read_invocations(clients: Clients, scope: Scope | None) -> tuple[Invocation, ...]:
    groups = [group for group in list_groups(clients.logs) if group.startswith(_LAMBDA)]
    groups = [group for group in groups if scope is None or group.removeprefix(_LAMBDA) in scope.functions]
    return tuple(one for group in groups for one in group_invocations(list_lines(clients.logs, group)))


def _read_buckets(clients: Clients, scope: Scope | None) -> tuple[BucketUse, ...]:
    listed = sorted(item["Name"] for item in clients.s3.list_buckets()["Buckets"])
    names = [name for name in listed if scope is None or name in scope.buckets]
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
