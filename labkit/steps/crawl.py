"""Step 3: the database and the crawler that finds the schema of the raw CSV files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from labkit.aws.call import AwsCall
from labkit.aws.crawler import CrawlerState, find_crawler, wait_crawler
from labkit.aws.data_catalog import database_exists, find_table
from labkit.aws.session import Clients
from labkit.steps.lab import Lab


@dataclass(frozen=True)
class Crawler:
    """A crawler over S3 folders; the crawl makes a table for each, named after its folder: `table` is that of the first."""

    name: str
    role: str
    database: str
    paths: tuple[str, ...]
    table: str

    @property
    def params(self) -> dict[str, Any]:
        targets = {"S3Targets": [{"Path": path} for path in self.paths]}
        return {"Name": self.name, "Role": self.role, "DatabaseName": self.database, "Targets": targets}


def build_wanted(lab: Lab) -> Crawler:
    """The crawler over the raw CSV files."""
    names = lab.names
    return Crawler(names.raw_crawler, names.glue_role, names.database, (names.raw_uri,), names.dataset)


def build_processed(lab: Lab) -> Crawler:
    """The crawler over the Parquet that the job writes: the sales, and the rows it put aside."""
    names = lab.names
    paths = (names.processed_uri, names.rejected_uri)
    return Crawler(names.processed_crawler, names.glue_role, names.database, paths, names.processed)


def plan(clients: Clients, lab: Lab) -> list[AwsCall]:
    """The database and the crawler, and one crawl if none has succeeded yet."""
    crawler = build_wanted(lab)
    calls: list[AwsCall] = []
    if not database_exists(clients.glue, crawler.database):
        params: dict[str, Any] = {"DatabaseInput": {"Name": crawler.database}}
        if lab.tags:
            params["Tags"] = dict(lab.tags)
        name = crawler.database
        calls.append(
            AwsCall("glue", "create_database", params, "create", "glue-database", name, reason="plan.reason.missing")
        )
    found = find_crawler(clients.glue, crawler.name)
    calls += plan_crawler(crawler, found, lab.tags)
    if _needs_crawl(clients, lab, crawler, found):
        calls.append(build_crawl(crawler))
    return calls


def plan_crawler(crawler: Crawler, found: CrawlerState | None, tags: Mapping[str, str] | None = None) -> list[AwsCall]:
    """The call that makes the crawler, or corrects it, or nothing. It runs on demand only: no schedule is ever set."""
    name, wanted = crawler.name, crawler.params
    if found is None:
        params = {**wanted, "Tags": dict(tags)} if tags else wanted
        return [AwsCall("glue", "create_crawler", params, "create", "glue-crawler", name, reason="plan.reason.missing")]
    # Glue tells a role's name whether it was given that or the ARN.
    if (found.role, found.database, found.paths) != (crawler.role.rsplit("/", 1)[-1], crawler.database, crawler.paths):
        return [AwsCall("glue", "update_crawler", wanted, "update", "glue-crawler", name, reason="plan.reason.differs")]
    return []


def build_crawl(crawler: Crawler) -> AwsCall:
    """Start the crawl and wait for it: on AWS the dearest call of the lab."""
    wait = partial(_wait, crawler.name)
    params, name = {"Name": crawler.name}, crawler.name
    return AwsCall("glue", "start_crawler", params, "run", "glue-crawl", name, "crawl", wait, "plan.reason.crawl")


def _needs_crawl(clients: Clients, lab: Lab, crawler: Crawler, found: CrawlerState | None) -> bool:
    table = find_table(clients.glue, crawler.database, crawler.table)
    if found is not None and found.last_status == "SUCCEEDED" and table is not None:
        return False
    # An empty folder has no schema to find: there is something to crawl only where step 1 sends samples.
    return bool(lab.samples)


def _wait(name: str, clients: Clients) -> None:
    wait_crawler(clients.glue, name)
