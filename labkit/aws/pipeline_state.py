"""The whole pipeline as it is now, read in a few calls that are made at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from labkit.aws.crawler import CrawlerState, find_crawler
from labkit.aws.data_catalog import database_exists, list_tables
from labkit.aws.functions import FunctionState, find_function
from labkit.aws.glue_jobs import JobRun, list_newest_runs
from labkit.aws.invocations import Invocation, group_invocations
from labkit.aws.log_tail import GroupsTail, Wanted
from labkit.aws.notifications import Rule, list_rules
from labkit.aws.s3 import S3Object
from labkit.aws.session import Clients, error_code

if TYPE_CHECKING:
    from labkit.names import Names

# A page of 1,000 keys takes longer than everything else together.
_MOST_PAGES = 1
_LOG_LINES = 200
# CloudWatch has a number for as long as this without asking for hours and minutes.
_METRIC_DAYS = 15
_NO_BUCKET = ("NoSuchBucket", "404")
_FIRST_DAY_MS = 1_704_067_200_001


@dataclass(frozen=True)
class BucketState:
    """A bucket that exists: `complete` is false when only the first objects were counted; `newest` of those that were seen."""

    objects: int
    size_bytes: int
    complete: bool
    newest: tuple[S3Object, ...]


@dataclass(frozen=True)
class FunctionActivity:
    """A function: invocations and errors of the last days by CloudWatch, and the newest invocations by its log, oldest first."""

    function: FunctionState
    invocations: int
    errors: int
    newest: tuple[Invocation, ...]


@dataclass(frozen=True)
class JobActivity:
    """A job: its newest runs, newest first; `complete` when there are no more."""

    runs: tuple[JobRun, ...]
    complete: bool


@dataclass(frozen=True)
class TableCount:
    """A table and the crawler's estimate of its rows (None when nobody estimated)."""

    name: str
    rows: int | None


@dataclass(frozen=True)
class QueryActivity:
    """The newest statements of a workgroup: how many were seen, and of the last one its state, time, and bytes."""

    count: int
    complete: bool
    state: str
    submitted_on: datetime | None
    scanned_bytes: int


@dataclass(frozen=True)
class PipelineState:
    """None stands for what does not exist; `problems` has AWS's words for parts that could not be read."""

    at: datetime
    raw: BucketState | None = None
    processed: BucketState | None = None
    rules: tuple[Rule, ...] = ()
    function: FunctionActivity | None = None
    job: JobActivity | None = None
    raw_crawler: CrawlerState | None = None
    processed_crawler: CrawlerState | None = None
    tables: tuple[TableCount, ...] | None = None
    queries: QueryActivity | None = None
    glue_role: bool = False
    lambda_role: bool = False
    problems: Mapping[str, str] | None = None
    unreachable: str = ""


def read_pipeline(
    clients: Clients, names: Names, known: PipelineState | None = None, parts: frozenset[str] | None = None
) -> PipelineState:
    """Read everything, or only `parts` (names of fields) and take the rest from `known`. Says so when nothing answers."""
    from botocore.exceptions import BotoCoreError

    now = datetime.now(timezone.utc)
    readers = {part: read for part, read in _READERS.items() if parts is None or part in parts}
    _open_clients(clients)
    found: dict[str, Any] = {}
    problems: dict[str, str] = {}
    try:
        with ThreadPoolExecutor(4) as pool:
            asked = {part: pool.submit(_read, read, clients, names) for part, read in readers.items()}
            for part, future in asked.items():
                value, problem = future.result()
                found[part] = value
                if problem:
                    problems[part] = problem
    except BotoCoreError as error:
        return replace(known or PipelineState(now), at=now, unreachable=str(error))
    if "rules" in found:
        found["rules"] = found["rules"] or ()
    base = known or PipelineState(now)
    kept = {part: words for part, words in (base.problems or {}).items() if part not in readers}
    return replace(base, at=now, unreachable="", problems={**kept, **problems}, **found)


def _read(read: Callable[[Clients, Names], Any], clients: Clients, names: Names) -> tuple[Any, str]:
    from botocore.exceptions import ClientError

    try:
        return read(clients, names), ""
    except ClientError as error:
        said = error.response.get("Error", {})
        return None, f"{said.get('Code', '?')}: {said.get('Message', '')}"


def _open_clients(clients: Clients) -> None:
    """boto3 makes clients in one thread at a time only."""
    for service in ("s3", "lambda_", "glue", "athena", "iam", "logs", "cloudwatch"):
        getattr(clients, service)


def _read_bucket(clients: Clients, bucket: str) -> BucketState | None:
    from botocore.exceptions import ClientError

    objects: list[S3Object] = []
    complete = True
    try:
        pages = clients.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for place, page in enumerate(pages, 1):
            objects += [
                S3Object(bucket, item["Key"], item["Size"], item["LastModified"]) for item in page.get("Contents", [])
            ]
            if place == _MOST_PAGES and page.get("IsTruncated"):
                complete = False
                break
    except ClientError as error:
        if error_code(error) in _NO_BUCKET:
            return None
        raise
    newest = sorted(objects, key=lambda one: one.last_modified, reverse=True)[:50]
    return BucketState(len(objects), sum(one.size_bytes for one in objects), complete, tuple(newest))


def _read_rules(clients: Clients, names: Names) -> tuple[Rule, ...]:
    """Only those that lead to the lab's function: the bucket may have others, and what those take does not travel through this map."""
    return tuple(rule for rule in list_rules(clients.s3, names.raw_bucket) if rule.function == names.function)


def _read_function(clients: Clients, names: Names) -> FunctionActivity | None:
    function = find_function(clients.lambda_, names.function)
    if function is None:
        return None
    group = f"/aws/lambda/{names.function}"
    tail = GroupsTail(clients.logs, Wanted(_FIRST_DAY_MS, lambda _group: True, (group,)))
    newest = group_invocations(tail.newest(_LOG_LINES))
    counts = _count_invocations(clients, names.function)
    return FunctionActivity(function, counts["Invocations"], counts["Errors"], tuple(newest))


def _count_invocations(clients: Clients, function: str) -> dict[str, int]:
    now = datetime.now(timezone.utc)
    metric = {"Namespace": "AWS/Lambda", "Dimensions": [{"Name": "FunctionName", "Value": function}]}
    wanted: list[Any] = [
        {"Id": name.lower(), "MetricStat": {"Metric": {**metric, "MetricName": name}, "Period": 86400, "Stat": "Sum"}}
        for name in ("Invocations", "Errors")
    ]
    start, end = now - timedelta(days=_METRIC_DAYS), now + timedelta(minutes=5)
    found = clients.cloudwatch.get_metric_data(MetricDataQueries=wanted, StartTime=start, EndTime=end)
    sums = {one["Id"]: int(sum(one["Values"])) for one in found["MetricDataResults"]}
    return {name: sums.get(name.lower(), 0) for name in ("Invocations", "Errors")}


def _read_job(clients: Clients, names: Names) -> JobActivity | None:
    from botocore.exceptions import ClientError

    try:
        runs, more = list_newest_runs(clients.glue, names.job)
    except ClientError as error:
        if error_code(error) == "EntityNotFoundException":
            return None
        raise
    return JobActivity(tuple(runs), not more)


def _read_tables(clients: Clients, names: Names) -> tuple[TableCount, ...] | None:
    tables = list_tables(clients.glue, names.database)
    if not tables and not database_exists(clients.glue, names.database):
        return None
    return tuple(TableCount(str(one["Name"]), _read_estimate(one)) for one in tables)


def _read_estimate(table: Mapping[str, Any]) -> int | None:
    told = str(table.get("Parameters", {}).get("recordCount", ""))
    return int(told) if told.isdigit() else None


def _read_queries(clients: Clients, names: Names) -> QueryActivity | None:
    page = clients.athena.list_query_executions(WorkGroup=names.workgroup, MaxResults=50)
    ids = page["QueryExecutionIds"]
    if not ids:
        return QueryActivity(0, True, "", None, 0)
    last = clients.athena.get_query_execution(QueryExecutionId=ids[0])["QueryExecution"]
    status, figures = last["Status"], last.get("Statistics", {})
    scanned = int(figures.get("DataScannedInBytes", 0))
    return QueryActivity(
        len(ids), not page.get("NextToken"), status["State"], status.get("SubmissionDateTime"), scanned
    )


def _has_role(clients: Clients, name: str) -> bool:
    from botocore.exceptions import ClientError

    try:
        clients.iam.get_role(RoleName=name.rsplit("/", 1)[-1])  # a role may be given as an ARN
    except ClientError as error:
        if error_code(error) == "NoSuchEntity":
            return False
        raise
    return True


_READERS: Mapping[str, Callable[[Clients, Names], Any]] = {
    "raw": lambda clients, names: _read_bucket(clients, names.raw_bucket),
    "processed": lambda clients, names: _read_bucket(clients, names.processed_bucket),
    "rules": _read_rules,
    "function": _read_function,
    "job": _read_job,
    "raw_crawler": lambda clients, names: find_crawler(clients.glue, names.raw_crawler),
    "processed_crawler": lambda clients, names: find_crawler(clients.glue, names.processed_crawler),
    "tables": _read_tables,
    "queries": _read_queries,
    "glue_role": lambda clients, names: _has_role(clients, names.glue_role),
    "lambda_role": lambda clients, names: _has_role(clients, names.lambda_role),
}
