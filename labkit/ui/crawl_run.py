"""Running a Glue crawler for somebody in a notebook, and what it found."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkit.aws.crawler import CrawlerState, find_crawler, start_crawler
from labkit.aws.crawls import Crawl, list_crawls
from labkit.aws.data_catalog import list_partitions, list_tables
from labkit.aws.session import Clients, aws_errors
from labkit.errors import PipelineError
from labkit.i18n import build_lesson, text
from labkit.prices import Prices, compute_crawl_cost
from labkit.ui.crawl_result import FoundTable, read_table
from labkit.ui.figures import describe_usd, format_seconds
from labkit.ui.live_display import open_display
from labkit.ui.nodes import Card, Chip, Code, Details, Line, Listing, Node, Quiet, Table, line
from labkit.ui.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATES = {
    "COMPLETED": ("state.succeeded", "good"),
    "FAILED": ("state.failed", "bad"),
    "STOPPED": ("state.stopped", "warn"),
    "RUNNING": ("state.running", "run"),
}
# The mark of a table in the text twin is its word: new, changed, same.
_TABLES = {"new": ("crawl.new", "good"), "changed": ("crawl.changed", "warn"), "same": ("crawl.same", "idle")}
_POLL_S = 0.05
_POLL_AWS_S = 2.0
_PATIENCE_S = 900.0


@dataclass(frozen=True, repr=False)
class CrawlResult(Shown):
    """What `lab.crawl` gives back; `tables` are those that lie under the crawler's paths, after the crawl."""

    crawler: str
    crawl: Crawl
    tables: tuple[FoundTable, ...]
    paths: tuple[str, ...]
    usd: float

    @property
    def state(self) -> str:
        """COMPLETED, FAILED, STOPPED or RUNNING."""
        return self.crawl.state

    @property
    def error(self) -> str:
        return self.crawl.error

    @property
    def seconds(self) -> float:
        return self.crawl.seconds

    def view(self) -> Node:
        word, tone = _STATES.get(self.state, ("state.unknown", "note"))
        inside: list[Node] = [line(self.error)] if self.error else []
        inside += [_show_table(one) for one in self.tables]
        if not self.tables and self.state == "COMPLETED":
            inside.append(line(text("crawl.no_table", paths=", ".join(self.paths))))
        inside.append(Listing(tuple(self._figures())))
        return Card(text("crawl.title", name=self.crawler), tuple(inside), Chip(f"{text(word)} ({self.state})", tone))

    def _figures(self) -> Sequence[Line]:
        took = line(text("run.took", seconds=format_seconds(self.seconds)))
        return [took, line(text("crawl.bill", usd=describe_usd(self.usd)), Quiet(text("crawl.bill_why")))]


@dataclass(frozen=True, repr=False)
class CrawlNote(Shown):
    """One line about a crawl that goes on, or that has ended."""

    crawler: str
    state: str
    elapsed_s: float

    def view(self) -> Node:
        word, tone = _STATES.get(self.state, ("state.running", "run"))
        return Line((Chip(text(word), tone), self.crawler, Quiet(format_seconds(self.elapsed_s))))


def run_crawl(clients: Clients, prices: Prices, name: str, *, wait: bool = True) -> CrawlResult:
    """Start the crawler (one that runs already is waited for) and give what it found; a crawl that fails is a result too.

    An interrupt leaves it going. Errors: PipelineError for a crawler that does not exist, AwsCallError for what AWS refuses.
    """
    with aws_errors(f"glue.start_crawler ({name})"):
        crawler = find_crawler(clients.glue, name)
        if crawler is None:
            raise build_lesson(PipelineError, "error.crawler_missing", name=name)
        before = _versions(clients, crawler.database)
        start_crawler(clients.glue, name)
        if wait:
            _wait(clients, name)
        return _read(clients, prices, name, crawler, before)


def _wait(clients: Clients, name: str) -> None:
    display, began = open_display(), time.monotonic()
    pause_s = _POLL_AWS_S if clients.target.charges else _POLL_S
    state = "RUNNING"
    try:
        while time.monotonic() - began < _PATIENCE_S:
            found = find_crawler(clients.glue, name)
            if found is None or found.state == "READY":
                state = "COMPLETED" if found and found.last_status == "SUCCEEDED" else "FAILED"
                break
            display.show(CrawlNote(name, "RUNNING", time.monotonic() - began))
            time.sleep(pause_s)
    except KeyboardInterrupt:
        pass  # The crawl belongs to AWS; what it has found so far is shown.
    display.show(CrawlNote(name, state, time.monotonic() - began), final=True)


def _read(clients: Clients, prices: Prices, name: str, crawler: CrawlerState, before: Mapping[str, str]) -> CrawlResult:
    crawls = list_crawls(clients.glue, name, 1)
    if not crawls:
        raise build_lesson(PipelineError, "error.crawl_unseen", name=name)
    tables = []
    for table in list_tables(clients.glue, crawler.database):
        location = str(table.get("StorageDescriptor", {}).get("Location", "")).rstrip("/") + "/"
        if any(location.startswith(path.rstrip("/") + "/") for path in crawler.paths):
            known = before.get(table["Name"])
            state = "new" if known is None else "same" if known == table.get("VersionId", "") else "changed"
            count = (
                len(list_partitions(clients.glue, crawler.database, table["Name"])) if table.get("PartitionKeys") else 0
            )
            tables.append(read_table(table, state, count))
    return CrawlResult(name, crawls[0], tuple(tables), crawler.paths, compute_crawl_cost(prices, crawls[0].seconds))


def _versions(clients: Clients, database: str) -> dict[str, str]:
    return {table["Name"]: table.get("VersionId", "") for table in list_tables(clients.glue, database)}


def _show_table(one: FoundTable) -> Node:
    word, tone = _TABLES[one.state]
    told = [line(Chip(text(word), tone), one.classification, Code(one.location))]
    if one.estimate:
        told.append(line(Quiet(text("crawl.estimate", count=one.estimate))))
    if one.keys:
        told.append(line(text("crawl.partitions", count=one.partitions)))
    columns = [(name, kind, "") for name, kind in one.columns] + [
        (name, kind, text("crawl.key")) for name, kind in one.keys
    ]
    caption = text("crawl.columns", table=f"{one.database}.{one.name}", count=len(columns))
    heads = (text("crawl.column"), text("crawl.type"), text("crawl.role"))
    listed = Details(caption, (Table(caption, heads, tuple(columns), keyed=True),), open=len(columns) <= 20)
    return Card(f"{one.database}.{one.name}", (*told, listed), tone=tone)
