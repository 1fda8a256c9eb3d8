"""A partitioned write: what lies in S3 afterwards, and which part of it a question reads."""

from __future__ import annotations

import re
from collections import Counter

from labkit.aws.s3 import S3Object, list_objects
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.step_90.trips import read_last_reports

FOLDER = "practice/trips/"
_DAY = re.compile(r"/day=(\d{4}-\d{2}-\d{2})/[^/]+\.parquet$")


def check_partitions(context: Context) -> list[Finding]:
    """One folder a day under FOLDER, each with that day's trips once; `plan` is the text of a plan that reads a single day."""
    objects = list_objects(context.clients.s3, context.names.processed_bucket, FOLDER)
    files = [item for item in objects if item.key.endswith(".parquet")]
    if not files:
        raise NotAttempted("task.90_12.nothing", folder=f"s3://{context.names.processed_bucket}/{FOLDER}")
    return [*_check_days(context, files), _check_plan(context)]


def _check_days(context: Context, files: list[S3Object]) -> list[Finding]:
    counted = Counter(f"{trip.departure:%Y-%m-%d}" for trip in read_last_reports(context))
    stored = Counter[str]()
    for item in files:
        found = _DAY.search(item.key)
        if found is None:
            return [Finding(False, "task.90_12.not_by_day", {"key": item.key})]
        stored[found[1]] += _count_rows(context, item)
    wrong = sorted(day for day in counted.keys() | stored.keys() if counted[day] != stored[day])
    facts = {"days": len(stored), "rows": sum(stored.values()), "wrong": ", ".join(wrong[:3])}
    if wrong:
        doubled = sum(stored.values()) > sum(counted.values())
        return [Finding(False, "task.90_12.days_wrong", facts, "task.90_12.append_belief" if doubled else "")]
    return [Finding(True, "task.90_12.days_right", facts)]


def _count_rows(context: Context, item: S3Object) -> int:
    import io

    import pyarrow.parquet

    body = context.clients.s3.get_object(Bucket=item.bucket, Key=item.key)["Body"].read()
    return int(pyarrow.parquet.ParquetFile(io.BytesIO(body)).metadata.num_rows)


def _check_plan(context: Context) -> Finding:
    plan = context.get("plan")
    filters = re.search(r"PartitionFilters: \[([^\]]*)\]", plan) if isinstance(plan, str) else None
    if filters is None:
        return Finding(False, "task.90_12.no_plan", misconception="task.90_12.plan_belief")
    if "day" not in filters[1]:
        return Finding(False, "task.90_12.reads_all", {"filters": filters[0]}, "task.90_12.filter_belief")
    return Finding(True, "task.90_12.reads_one", {"filters": filters[0][:80]})
