"""The crawls that a Glue crawler has made, as ListCrawls tells them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient


@dataclass(frozen=True)
class Crawl:
    """One crawl: COMPLETED, FAILED, STOPPED or RUNNING; counts of tables and partitions by what was done (ADD, UPDATE, DELETE)."""

    id: str
    crawler: str
    state: str
    started_on: datetime
    ended_on: datetime | None
    error: str
    tables: dict[str, int]
    partitions: dict[str, int]
    stream: str
    dpu_hours: float

    @property
    def seconds(self) -> float:
        """From its start to its end (0.0 until then)."""
        return (self.ended_on - self.started_on).total_seconds() if self.ended_on else 0.0


def list_crawls(glue: GlueClient, crawler: str, most: int = 100) -> list[Crawl]:
    """The newest crawls of a crawler, newest first."""
    found = glue.list_crawls(CrawlerName=crawler, MaxResults=min(most, 1000))["Crawls"]
    crawls = [_build(crawler, item) for item in found]
    return sorted(crawls, key=lambda one: one.started_on, reverse=True)


def list_crawlers(glue: GlueClient) -> list[str]:
    """Names of all crawlers of the account in this region."""
    names: list[str] = []
    token: dict[str, Any] = {}
    while True:  # boto3 has no paginator for it
        page = glue.list_crawlers(**token)
        names += page["CrawlerNames"]
        if not page.get("NextToken"):
            return sorted(names)
        token = {"NextToken": page["NextToken"]}


def _build(crawler: str, item: Any) -> Crawl:
    summary = _read_summary(item.get("Summary", ""))
    return Crawl(
        id=item["CrawlId"],
        crawler=crawler,
        state=str(item.get("State", "")),
        started_on=item["StartTime"],
        ended_on=item.get("EndTime"),
        error=item.get("ErrorMessage", "") or "",
        tables=_counts(summary.get("TABLE")),
        partitions=_counts(summary.get("PARTITION")),
        stream=item.get("LogStream", ""),
        dpu_hours=float(item.get("DPUHour") or 0),
    )


def _read_summary(told: str) -> dict[str, Any]:
    try:
        found = json.loads(told) if told else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _counts(told: Any) -> dict[str, int]:
    if not isinstance(told, dict):
        return {}
    return {action: int(facts.get("Count", 0)) for action, facts in told.items() if isinstance(facts, dict)}
