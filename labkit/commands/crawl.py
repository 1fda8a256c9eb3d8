"""`labkit crawl`: an S3 folder becomes tables of the Data Catalog, and what was found is shown."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from typing import TYPE_CHECKING, Any

from labkit.commands.confirming import confirm
from labkit.commands.glue import reached_cloud
from labkit.errors import LabError, PipelineError, UsageError
from labkit.i18n import build_lesson, text
from labkit.names import build_slug
from labkit.settings import Settings

if TYPE_CHECKING:
    from labkit.aws.call import AwsCall
    from labkit.aws.session import Clients
    from labkit.ui.crawl_result import FoundTable

# As `glue run`, this is no step of the lab; the ledger tells its resources apart by this number.
_LEDGER_STEP = 9


def crawl(options: argparse.Namespace, settings: Settings) -> int:
    """Make database, role and crawler as far as they are missing, crawl, and show each table that the crawl touched."""
    from labkit.aws.session import Clients
    from labkit.ui.crawl_result import print_tables
    from labkit.ui.reporter import open_console

    for path in options.paths:
        if not re.match(r"s3://[^/]+", path):
            raise build_lesson(UsageError, "error.crawl_path", path=path)
    settings = confirm(settings, options, text("aws.doing_crawl"))
    with reached_cloud(options, settings) as reached:
        clients = Clients(reached.target)
        name = options.name or "labkit-crawl-" + build_slug("-".join(options.paths)).replace("_", "-")
        database = (options.database or reached.names.database).lower()
        _prepare(options, reached, clients, name, database)
        before = _versions(clients, database)
        print(text("crawl.running", name=name), file=sys.stderr, flush=True)
        _run(clients, name, options.verbose)
        found = _changed(clients, database, before, options.paths)
        print_tables(open_console(sys.stdout, os.environ), database, found)
        _summarise(reached, clients, name, found)
    return 0


def _prepare(options: argparse.Namespace, settings: Settings, clients: Clients, name: str, database: str) -> None:
    """Database, role and crawler, written in the ledger as the lab's own resources are."""
    from labkit.aws.session import aws_errors, send
    from labkit.commands.cloud import find_state_dir
    from labkit.steps.ledger import Ledger
    from labkit.steps.ownership import Wanted, refuse_foreign
    from labkit.steps.shared_groups import note_absent_groups
    from labkit.steps.tags import build_tags

    ledger = Ledger(find_state_dir(options, settings), settings.target)
    refuse_foreign(clients, build_tags(settings), ledger, Wanted(_LEDGER_STEP, "glue-crawler", name))
    with aws_errors(f"glue.get_crawler ({name})"):
        calls = _plan(options, settings, clients, name, database)
    for call in calls:
        if not options.ephemeral:
            note_absent_groups(clients, ledger, _LEDGER_STEP, call)
            ledger.announce(_LEDGER_STEP, call)
        send(clients, call)
        if not options.ephemeral:
            ledger.settle(call, made=True)


def _plan(options: argparse.Namespace, settings: Settings, clients: Clients, name: str, database: str) -> list[AwsCall]:
    from labkit.aws.call import AwsCall
    from labkit.aws.crawler import find_crawler
    from labkit.aws.data_catalog import database_exists
    from labkit.commands.glue_job import name_role, plan_own_role
    from labkit.steps.tags import build_tags

    tags, role = build_tags(settings), options.role or name_role(settings)
    calls = [] if options.role else plan_own_role(clients, role, tags)
    if not database_exists(clients.glue, database):
        params: dict[str, Any] = {"DatabaseInput": {"Name": database}, "Tags": tags}
        calls.append(AwsCall("glue", "create_database", params, "create", "glue-database", database))
    targets = [{"Path": path, "Exclusions": options.exclude or []} for path in options.paths]
    definition = {
        "Name": name,
        "Role": role,
        "DatabaseName": database,
        "TablePrefix": options.prefix,
        "Targets": {"S3Targets": targets},
        "Classifiers": options.classifier or [],
    }
    if find_crawler(clients.glue, name) is None:
        tagged = {**definition, "Tags": tags}
        calls.append(AwsCall("glue", "create_crawler", tagged, "create", "glue-crawler", name))
    else:
        calls.append(AwsCall("glue", "update_crawler", definition, "update", "glue-crawler", name))
    return calls


def _run(clients: Clients, name: str, verbose: bool) -> None:
    from labkit.aws.crawler import start_crawler, wait_crawler
    from labkit.aws.session import aws_errors

    with aws_errors(f"glue.start_crawler ({name})"):
        start_crawler(clients.glue, name)
        try:
            wait_crawler(clients.glue, name, poll_s=0.05)
        except LabError as error:
            _print_log(clients, name, everything=True)
            raise build_lesson(
                PipelineError, "error.crawl_ended", name=name, reason=error.cause or error.what
            ) from error
    if verbose:
        _print_log(clients, name, everything=True)


def _print_log(clients: Clients, name: str, *, everything: bool) -> None:
    """The lines of the last crawl in `/aws-glue/crawlers`, on stderr."""
    from botocore.exceptions import ClientError

    try:
        events = clients.logs.get_log_events(
            logGroupName="/aws-glue/crawlers", logStreamName=name, startFromHead=everything
        )
    except ClientError:
        return
    messages = [event["message"].rstrip() for event in events["events"]]
    starts = [index for index, message in enumerate(messages) if "Running Start Crawl" in message]
    for message in messages[starts[-1] if starts else 0 :]:
        print(f"  {message}", file=sys.stderr)


def _versions(clients: Clients, database: str) -> dict[str, str]:
    from labkit.aws.data_catalog import list_tables

    return {table["Name"]: table.get("VersionId", "") for table in list_tables(clients.glue, database)}


def _changed(clients: Clients, database: str, before: dict[str, str], paths: list[str]) -> list[FoundTable]:
    """The tables whose data lies below the crawled paths, with what is new about each."""
    from labkit.aws.data_catalog import list_tables
    from labkit.ui.crawl_result import read_table

    found = []
    for table in list_tables(clients.glue, database):
        location = str(table.get("StorageDescriptor", {}).get("Location", ""))
        if any(location.rstrip("/").startswith(path.rstrip("/")) for path in paths):
            known = before.get(table["Name"])
            state = "new" if known is None else "same" if known == table.get("VersionId") else "changed"
            found.append(read_table(table, state, _count_partitions(clients, database, table)))
    return found


def _count_partitions(clients: Clients, database: str, table: dict[str, Any]) -> int:
    from labkit.aws.data_catalog import list_partitions

    return len(list_partitions(clients.glue, database, table["Name"])) if table.get("PartitionKeys") else 0


def _summarise(settings: Settings, clients: Clients, name: str, found: list[FoundTable]) -> None:
    from labkit.prices import compute_crawl_cost, load_prices

    metrics = clients.glue.get_crawler_metrics(CrawlerNameList=[name])["CrawlerMetricsList"]
    seconds = float(metrics[0].get("LastRuntimeSeconds", 0)) if metrics else 0.0
    usd = compute_crawl_cost(load_prices(settings.prices), seconds)
    print(text("crawl.summary", tables=len(found), seconds=f"{seconds:.1f}", usd=f"{usd:.2f}"), file=sys.stderr)
    known = next((one for one in found if one.classification != "UNKNOWN"), None)
    if known is not None:
        sql = f'SELECT * FROM "{known.name}" LIMIT 10'  # noqa: S608  # a line to read, not one that is run
        print(text("crawl.next", database=shlex.quote(known.database), sql=shlex.quote(sql)), file=sys.stderr)
    else:
        print(text("crawl.nothing"), file=sys.stderr)
