"""One crawl, from the crawler's document to the catalog."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.crawler.catalog_targets import publish_existing, scan_table
from labkit.cloud.crawler.classify import Classifier
from labkit.cloud.crawler.configuration import (
    CatalogTable,
    Grouping,
    Target,
    Targets,
    read_grouping,
    read_policy,
    read_targets,
)
from labkit.cloud.crawler.grouping import Dataset
from labkit.cloud.crawler.incremental import known_folders, remember_folders, scan_new_folders
from labkit.cloud.crawler.permissions import SESSION, catalog_denied, permitted
from labkit.cloud.crawler.publish import Changes, Policy, Writer, is_of, publish
from labkit.cloud.crawler.scan import CrawlFailed, Scan, scan_target
from labkit.cloud.crawler.table_documents import CrawlMark
from labkit.cloud.identity.authorizer import is_denied

if TYPE_CHECKING:
    from labkit.cloud.services import Services

_DEFAULT_DATABASE = (
    "default"  # AWS: "if your crawler does not specify a database, your tables are placed in the default database"
)
_SERVICE = "glue.amazonaws.com"


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
    may = permitted(services, role_arn(crawler["Role"], crawl.scope), crawl.scope)
    targets = read_targets(crawler["Targets"])
    grouping = read_grouping(crawler.get("Configuration"))
    scan = Scan(may.store, crawl.classifiers, grouping, crawl.check, crawl.log)
    policy = _policy(crawler, targets, grouping, services)
    catalog = may.catalog
    mark = CrawlMark(crawler["Name"], crawl.crawl_id, policy.now)
    writer = Writer(catalog, policy, mark, Changes(), crawl.log, _session_arn(crawler["Role"], crawl.scope))
    if targets.catalog:
        _crawl_tables(targets.catalog, scan, crawl, writer)
        return writer.changes
    with _refusals():
        datasets, seen = _scan(targets.s3, scan, crawl, writer, services)
    crawl.check()
    _check_threshold(datasets, grouping, crawl)
    _log_configuration(crawl, policy.database)
    with crawl.turn, _refusals():
        if catalog.find_database(policy.database) is None:
            catalog.create_database({"Name": policy.database})
            crawl.log("INFO", f"Created database {policy.database}")
        publish(datasets, writer)
    remember_folders(seen, crawler["Name"], crawl.scope, services)
    return writer.changes


def _policy(crawler: Mapping[str, Any], targets: Targets, grouping: Grouping, services: Services) -> Policy:
    update, delete, behavior = read_policy(crawler.get("SchemaChangePolicy"), crawler.get("RecrawlPolicy"))
    return Policy(
        (crawler.get("DatabaseName") or _DEFAULT_DATABASE).lower(),
        crawler.get("TablePrefix") or "",
        update,
        delete,
        grouping,
        tuple(target.path for target in targets.s3),
        int(services.clock().timestamp()),
        behavior == "CRAWL_NEW_FOLDERS_ONLY",
    )


def _scan(
    targets: Sequence[Target], scan: Scan, crawl: Crawl, writer: Writer, services: Services
) -> tuple[list[Dataset], list[Dataset]]:
    """The data sets to publish, and all that were looked at."""
    if not writer.policy.partial:
        found = {dataset.location: dataset for target in targets for dataset in scan_target(target, scan)}
        return list(found.values()), list(found.values())
    name, database = crawl.crawler["Name"], writer.policy.database
    known = known_folders(name, crawl.scope, services)
    exists = writer.catalog.find_database(database) is not None
    tables = [one for one in writer.catalog.list_tables(database) if is_of(one, name)] if exists else []
    fitting: dict[str, Dataset] = {}
    ignored: list[Dataset] = []
    for target in targets:
        good, bad = scan_new_folders(target, scan, known, tables)
        fitting.update({dataset.location: dataset for dataset in good})
        ignored += bad
    return list(fitting.values()), [*fitting.values(), *ignored]


def _check_threshold(datasets: Sequence[Dataset], grouping: Grouping, crawl: Crawl) -> None:
    """AWS: every location is logged, the crawl fails, and nothing is written to the Data Catalog."""
    most = grouping.table_threshold
    if not most or len(datasets) <= most:
        return
    crawl.log("INFO", f"Table Threshold value = {most}, Tables detected - {len(datasets)}")
    for dataset in datasets:
        crawl.log("INFO", f"Detected table location: {dataset.location}")
    raise CrawlFailed(
        f"The number of tables detected by crawler: {len(datasets)} is greater than the table threshold value "
        f"provided: {most}. Failing crawler without writing to Data Catalog."
    )


def _crawl_tables(tables: Sequence[CatalogTable], scan: Scan, crawl: Crawl, writer: Writer) -> None:
    with _refusals():
        found = [(wanted, *scan_table(wanted, writer.catalog, scan)) for wanted in tables]
    crawl.check()
    _log_configuration(crawl, writer.policy.database)
    with crawl.turn, _refusals():
        for wanted, table, dataset in found:
            if dataset is None:
                crawl.log("WARN", f"Table {wanted.table} has no files that belong to it; it is left as it is")
            else:
                policy = replace(writer.policy, database=wanted.database)
                publish_existing(table, dataset, replace(writer, policy=policy))


def _log_configuration(crawl: Crawl, database: str) -> None:
    crawler = crawl.crawler
    crawl.log("BENCHMARK", f"Classification complete, writing results to database {database}")
    policy = json.dumps(crawler["SchemaChangePolicy"], separators=(",", ":"))
    given = crawler.get("Configuration")
    if not given:
        crawl.log("INFO", f"Crawler configured with SchemaChangePolicy {policy}.")
        return
    crawl.log(
        "INFO",
        f"Crawler configured with Configuration {given} and SchemaChangePolicy {policy}. "
        "Note that values in the Configuration override values in the SchemaChangePolicy for S3 Targets.",
    )


def check_role(role: str, scope: Scope, services: Services) -> None:
    """Act as the role once; CrawlFailed when it does not exist or does not let Glue assume it."""
    arn = role_arn(role, scope)
    reason = ""
    try:
        if services.role_trusts(arn, _SERVICE, scope):
            services.role_credentials(arn, SESSION, scope)
        else:
            reason = f"its trust policy does not allow {_SERVICE} to call sts:AssumeRole. Add that to the role."
    except AwsError as error:
        reason = f"{error.message} Create the role, or give the crawler one that exists."
    if reason:
        raise CrawlFailed(
            f"Service is unable to assume provided role. Please verify role's TrustPolicy: {arn} ({reason})"
        )


def _session_arn(role: str, scope: Scope) -> str:
    """CreatedBy of what a crawl makes, as in public dumps; a session's ARN leaves the role's path out."""
    return f"arn:aws:sts::{scope.account}:assumed-role/{role_name(role).rpartition('/')[2]}/{SESSION}"


def role_arn(role: str, scope: Scope) -> str:
    """The ARN of a role given by ARN, name or path and name."""
    return f"arn:aws:iam::{scope.account}:role/{role_name(role)}"


def role_name(role: str) -> str:
    """Return path and name of a role given by ARN or name: what GetCrawler shows, whichever was given."""
    return role.partition(":role/")[2] if role.startswith("arn:") else role.lstrip("/")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except AwsError as error:
        if is_denied(error):
            raise CrawlFailed(catalog_denied(error)) from error
        raise CrawlFailed(f"The Data Catalog refused a change: {error.message} ({error.code}).") from error
