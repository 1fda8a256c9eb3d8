"""One crawl, from the crawler's document to the catalog."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.crawler.classify import Classifier
from labkit.cloud.crawler.configuration import read_grouping, read_policy, read_targets
from labkit.cloud.crawler.grouping import Dataset
from labkit.cloud.crawler.publish import Changes, Policy, publish
from labkit.cloud.crawler.scan import CrawlFailed, Scan, scan_target
from labkit.cloud.crawler.table_documents import CrawlMark

if TYPE_CHECKING:
    from labkit.cloud.services import Services

_SUMMARY_LIMIT = 255  # the API's bound of the Summary field


@dataclass(frozen=True)
class Crawl:
    """A crawl to run: the crawler's stored document, the crawl's id and what to tell while it runs.

    ``turn`` is held while the catalog is written: two crawls that name tables at once would take the same name.
    """

    crawler: dict[str, Any]
    crawl_id: str
    scope: Scope
    classifiers: Sequence[Classifier]
    check: Callable[[], None]
    log: Callable[[str, str], None]
    turn: AbstractContextManager[Any]


def run_crawl(crawl: Crawl, services: Services) -> Changes:
    """Scan every target, then write; CrawlFailed with the reason, CrawlStopped when ``check`` says so."""
    crawler = crawl.crawler
    check_role(crawler["Role"], crawl.scope, services)
    targets = read_targets(crawler["Targets"])
    grouping = read_grouping(crawler.get("Configuration"))
    update, delete, _ = read_policy(crawler.get("SchemaChangePolicy"), crawler.get("RecrawlPolicy"))
    scan = Scan(services.store, crawl.classifiers, grouping, crawl.check, crawl.log)
    found = {dataset.location: dataset for target in targets for dataset in scan_target(target, scan)}
    crawl.check()
    database = crawler["DatabaseName"].lower()
    crawl.log("BENCHMARK", f"Classification complete, writing results to database {database}")
    policy = Policy(
        database,
        crawler.get("TablePrefix") or "",
        update,
        delete,
        grouping,
        tuple(target.path for target in targets),
        int(services.clock().timestamp()),
    )
    with crawl.turn:
        return _write(list(found.values()), policy, crawl, services)


def check_role(role: str, scope: Scope, services: Services) -> None:
    """Act as the role once; CrawlFailed when it does not exist."""
    arn = f"arn:aws:iam::{scope.account}:role/{role_name(role)}"
    try:
        services.role_credentials(arn, "AWS-Crawler", scope)
    except AwsError as error:
        raise CrawlFailed(
            f"Service is unable to assume provided role. Please verify role's TrustPolicy: {arn} ({error.message}) "
            "Create the role, or give the crawler one that exists."
        ) from error


def role_name(role: str) -> str:
    """Return path and name of a role given by ARN or name: what GetCrawler shows, whichever was given."""
    return role.partition(":role/")[2] if role.startswith("arn:") else role.lstrip("/")


def summary(changes: Changes) -> str:
    """Return the Summary that ListCrawls shows: counts of tables and partitions, as JSON text; empty for none."""
    parts: dict[str, dict[str, Any]] = {}
    tables = {"ADD": changes.created, "UPDATE": changes.updated, "DELETE": changes.deleted}
    for action, names in tables.items():
        if names:
            details = json.dumps({"names": names}, ensure_ascii=False)
            parts.setdefault("TABLE", {})[action] = {"Details": details, "Count": len(names)}
    partitions = changes.partitions
    counts = {"ADD": partitions.created, "UPDATE": partitions.updated, "DELETE": partitions.deleted}
    for action, count in counts.items():
        if count:
            parts.setdefault("PARTITION", {})[action] = {"Details": "", "Count": count}
    text = json.dumps(parts, ensure_ascii=False) if parts else ""
    if len(text) > _SUMMARY_LIMIT:
        for action in parts.get("TABLE", {}).values():
            action["Details"] = ""
        text = json.dumps(parts, ensure_ascii=False)
    return text


def _write(datasets: list[Dataset], policy: Policy, crawl: Crawl, services: Services) -> Changes:
    catalog = services.catalog(crawl.scope)
    mark = CrawlMark(crawl.crawler["Name"], crawl.crawl_id)
    try:
        if catalog.find_database(policy.database) is None:
            catalog.create_database({"Name": policy.database})
            crawl.log("INFO", f"Created database {policy.database}")
        return publish(datasets, catalog, policy, mark, crawl.log)
    except AwsError as error:
        raise CrawlFailed(f"The Data Catalog refused a change: {error.message} ({error.code}).") from error
