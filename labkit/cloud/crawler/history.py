"""The crawls of a crawler: their documents, ListCrawls and GetCrawlerMetrics."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from statistics import median
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import Scope
from labkit.cloud.crawler.configuration import invalid

if TYPE_CHECKING:
    from labkit.cloud.services import Services

KIND = "crawl"
LOG_GROUP = "/aws-glue/crawlers"
_FIELDS = {
    "CRAWL_ID": "CrawlId",
    "STATE": "State",
    "START_TIME": "StartTime",
    "END_TIME": "EndTime",
    "DPU_HOUR": "DPUHour",
}
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "GT": operator.gt,
    "GE": operator.ge,
    "LT": operator.lt,
    "LE": operator.le,
    "EQ": operator.eq,
    "NE": operator.ne,
}
_SHOWN = (
    "CrawlId", "State", "StartTime", "EndTime", "Summary", "ErrorMessage", "LogGroup", "LogStream", "MessagePrefix", "DPUHour",
)  # fmt: skip
_MILLISECONDS_FROM = 100_000_000_000  # a time as large as this is in milliseconds, not seconds


def crawls_of(crawler: str, scope: Scope, services: Services) -> list[dict[str, Any]]:
    """Return the crawl documents of a crawler, oldest first."""
    return [document for _, _, document in services.documents.list(KIND, scope) if document["CrawlerName"] == crawler]


def new_crawl(crawler: str, crawl_id: str, started: float) -> dict[str, Any]:
    """Return the document of a crawl that starts now. DPUHour stays 0: a local crawl uses none."""
    return {
        "CrawlerName": crawler,
        "CrawlId": crawl_id,
        "State": "RUNNING",
        "StartTime": started,
        "LogGroup": LOG_GROUP,
        "LogStream": crawler,
        "MessagePrefix": crawl_id,
        "DPUHour": 0.0,
        "TablesCreated": 0,
        "TablesUpdated": 0,
        "TablesDeleted": 0,
    }


def list_crawls(crawls: Sequence[dict[str, Any]], filters: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the crawls that pass every filter as ListCrawls shows them, newest first."""
    tests = [_test(one) for one in filters]
    shown = [{key: crawl[key] for key in _SHOWN if crawl.get(key) not in (None, "")} for crawl in crawls]
    return [crawl for crawl in reversed(shown) if all(test(crawl) for test in tests)]


def metrics(crawler: str, crawls: Sequence[dict[str, Any]], now: float) -> dict[str, Any]:
    """Return GetCrawlerMetrics' entry; runtimes in seconds, tables summed over all crawls."""
    runtimes = [crawl["EndTime"] - crawl["StartTime"] for crawl in crawls if crawl.get("EndTime")]
    running = bool(crawls) and crawls[-1]["State"] == "RUNNING"
    typical = median(runtimes) if runtimes else 0.0
    elapsed = now - crawls[-1]["StartTime"] if running else 0.0
    return {
        "CrawlerName": crawler,
        "TimeLeftSeconds": max(typical - elapsed, 0.0) if running else 0.0,
        "StillEstimating": running and not runtimes,
        "LastRuntimeSeconds": runtimes[-1] if runtimes else 0.0,
        "MedianRuntimeSeconds": typical,
        "TablesCreated": sum(crawl["TablesCreated"] for crawl in crawls),
        "TablesUpdated": sum(crawl["TablesUpdated"] for crawl in crawls),
        "TablesDeleted": sum(crawl["TablesDeleted"] for crawl in crawls),
    }


def _test(one: Mapping[str, Any]) -> Callable[[dict[str, Any]], bool]:
    field, name, value = one.get("FieldName", ""), one.get("FilterOperator", ""), one.get("FieldValue", "")
    if field not in _FIELDS or name not in _OPERATORS:
        raise invalid(f"The filter on {field!r} with operator {name!r} is not one that ListCrawls knows.")
    wanted = value if field in ("CRAWL_ID", "STATE") else _number(field, value)
    compare, key = _OPERATORS[name], _FIELDS[field]
    return lambda crawl: key in crawl and compare(crawl[key], wanted)


def _number(field: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        try:
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError as error:
            raise invalid(f"The filter on {field} needs a number or an ISO time, not {value!r}.") from error
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    return number / 1000 if field != "DPU_HOUR" and number >= _MILLISECONDS_FROM else number
