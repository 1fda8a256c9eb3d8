"""Usage as JSON values and back: what a bill needs of each run, crawl, query and invocation, by its id."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from labkit.aws.crawls import Crawl
from labkit.aws.glue_jobs import JobRun
from labkit.aws.invocations import Invocation
from labkit.aws.usage import QueryUse, Usage

_BY_ID = ("runs", "crawls", "queries", "invocations")


def describe(usage: Usage, requests: Mapping[str, int]) -> dict[str, Any]:
    """The usage as JSON values; `requests` are labkit's own of S3 since they were last described."""
    return {
        "runs": {
            run.id: {
                "job": run.job, "state": run.state, "started": run.started_on.isoformat(), "seconds": run.execution_s,
                "dpu": run.capacity_dpu,
            }
            for run in usage.runs
        },
        "crawls": {
            one.id: {
                "crawler": one.crawler, "state": one.state, "started": one.started_on.isoformat(), "seconds": one.seconds,
            }
            for one in usage.crawls
        },
        "queries": {
            one.id: {
                "workgroup": one.workgroup, "kind": one.kind, "state": one.state, "bytes": one.scanned_bytes,
                "reused": one.reused,
            }
            for one in usage.queries
        },
        "invocations": {
            one.request: {
                "function": one.function, "started_ms": one.started_ms, "billed_ms": one.billed_ms, "memory_mb": one.memory_mb,
            }
            for one in usage.invocations
        },
        "objects": {bucket.name: bucket.objects for bucket in usage.buckets if bucket.objects},
        "s3_requests": dict(requests),
    }  # fmt: skip


def merge(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of one id last wins; of a bucket the most objects that it ever held; requests add up."""
    merged: dict[str, Any] = {part: {**before.get(part, {}), **now.get(part, {})} for part in _BY_ID}
    held, holds = before.get("objects", {}), now.get("objects", {})
    merged["objects"] = {name: max(held.get(name, 0), holds.get(name, 0)) for name in {**held, **holds}}
    made, makes = before.get("s3_requests", {}), now.get("s3_requests", {})
    merged["s3_requests"] = {name: made.get(name, 0) + makes.get(name, 0) for name in {**made, **makes}}
    return merged


def build_past(place: Mapping[str, Any]) -> Usage:
    """The usage that was written down; buckets are told by `puts` alone, for nobody knows what they hold now."""
    return Usage(
        runs=tuple(_build_run(id_, item) for id_, item in place.get("runs", {}).items()),
        crawls=tuple(_build_crawl(id_, item) for id_, item in place.get("crawls", {}).items()),
        queries=tuple(
            QueryUse(id_, item["workgroup"], "", item["kind"], item["state"], item["bytes"], item["reused"])
            for id_, item in place.get("queries", {}).items()
        ),
        invocations=tuple(
            Invocation(
                id_, item["function"], item["started_ms"], billed_ms=item["billed_ms"], memory_mb=item["memory_mb"]
            )
            for id_, item in place.get("invocations", {}).items()
        ),
        buckets=(),
        puts=dict(place.get("objects", {})),
        s3_requests=dict(place.get("s3_requests", {})),
    )


def _build_run(id_: str, item: Mapping[str, Any]) -> JobRun:
    started = datetime.fromisoformat(item["started"])
    return JobRun(id_, item["job"], item["state"], started, None, item["seconds"], "", {}, item["dpu"])


def _build_crawl(id_: str, item: Mapping[str, Any]) -> Crawl:
    started = datetime.fromisoformat(item["started"])
    ended = started + timedelta(seconds=item["seconds"])
    return Crawl(id_, item["crawler"], item["state"], started, ended, "", {}, {}, "", 0.0)
