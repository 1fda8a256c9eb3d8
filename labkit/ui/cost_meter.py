"""What everything that was done in this account would have cost on AWS, with AWS's minimums, and what its free tier would take off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkit.aws.session import Clients, aws_errors
from labkit.aws.usage import QueryUse, Usage, read_usage
from labkit.i18n import text
from labkit.prices import (
    Prices,
    compute_crawl_cost,
    compute_function_cost,
    compute_job_cost,
    compute_storage_cost,
)
from labkit.ui.figures import describe_usd, format_usd
from labkit.ui.glue_progress import format_size
from labkit.ui.nodes import Bar, Card, Chip, Code, Details, Line, Listing, Node, Quiet, Table, line
from labkit.ui.plots import Plot, draw_bars
from labkit.ui.query_bill import compute_bill
from labkit.ui.shown import Shown

if TYPE_CHECKING:
    from labkit.aws.glue_jobs import JobRun

# Services in the order in which the lab meets them; the sums of what was done, and what goes on costing month by month.
_DONE = ("job", "crawler", "query", "function", "put", "request")
# S3's two prices: whatever writes or lists costs as a put, whatever else is read costs as a get, deleting is free. Puts of objects
# are counted by the objects.
_LISTING = ("List", "Put", "Create", "Copy", "Complete")
_FREE = ("Delete", "Abort", "PutObject", "UploadPart", "CreateMultipartUpload", "CompleteMultipartUpload")


@dataclass(frozen=True)
class Charge:
    """What one resource has cost: `kind` is job, crawler, query, function, put or storage (a month of it)."""

    kind: str
    resource: str
    count: int
    quantity: str
    usd: float


@dataclass(frozen=True, repr=False)
class CostMeter(Shown):
    """What `lab.costs` gives back; amounts in dollars. `monthly` is what keeping the objects costs a month, beside the total."""

    charges: tuple[Charge, ...]
    lambda_requests: int
    lambda_gb_s: float
    prices: Prices
    unread: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        """Everything done so far by the price list, without any free tier."""
        return sum(charge.usd for charge in self.charges if charge.kind in _DONE)

    @property
    def monthly(self) -> float:
        return sum(charge.usd for charge in self.charges if charge.kind == "storage")

    @property
    def total_with_free_tier(self) -> float:
        """The same when Lambda's monthly free tier, which does not expire, covers all of it."""
        covered = (
            sum(charge.usd for charge in self.charges if charge.kind == "function") if self._lambda_is_free() else 0.0
        )
        return self.total - covered

    def by_service(self) -> dict[str, float]:
        """Dollars by service, dearest first."""
        sums: dict[str, float] = defaultdict(float)
        for charge in self.charges:
            sums[_name_kind(charge.kind)] += charge.usd
        return dict(sorted(sums.items(), key=lambda item: -item[1]))

    def plot(self) -> Plot:
        """The charges by service as a plot."""
        return draw_bars(text("cost.plot"), self.by_service(), "USD")

    def view(self) -> Node:
        if not self.charges:
            return Card(
                text("meter.title"),
                (line(text("meter.nothing")), *self._unread(), *self._sources()),
                Chip("0 USD", "good"),
            )
        most = max(charge.usd for charge in self.charges) or 1.0
        rows = tuple(
            (
                _name_kind(charge.kind), Code(charge.resource), f"{charge.count:,}", charge.quantity,
                Bar(charge.usd / most, format_usd(charge.usd)),
            )
            for charge in sorted(self.charges, key=lambda one: -one.usd)
        )  # fmt: skip
        heads = (text("meter.service"), text("meter.resource"), text("meter.count"), text("meter.quantity"), "USD")
        table = Table(text("meter.caption"), heads, rows, frozenset({2}), keyed=True)
        return Card(
            text("meter.title"), (table, *self._sums(), *self._sources()), Chip(describe_usd(self.total), "note")
        )

    def _sums(self) -> Sequence[Node]:
        return [
            Listing(
                (
                    line(text("meter.total", usd=describe_usd(self.total))),
                    line(text("meter.free", usd=describe_usd(self.total_with_free_tier))),
                    line(text("meter.monthly", usd=describe_usd(self.monthly))),
                    *self._unread(),
                )
            )
        ]

    def _unread(self) -> Sequence[Line]:
        return [line(text("meter.unread", bucket=name)) for name in self.unread]

    def _sources(self) -> Sequence[Node]:
        requests, gb_s = (self.prices.items.get(name, 0.0) for name in ("lambda_free_requests", "lambda_free_gb_s"))
        covered = text(
            "meter.lambda", requests=f"{self.lambda_requests:,}", gb_s=f"{self.lambda_gb_s:.3f}", free=f"{requests:,.0f}",
            free_gb_s=f"{gb_s:,.0f}",
        )  # fmt: skip
        notes = (line(covered), line(text("meter.no_free")), line(text("meter.credits")), line(text("meter.least")))
        dated = text(
            "meter.prices",
            region=self.prices.region,
            read_on=self.prices.read_on,
            source=self.prices.source,
            caveat=text("meter.caveat"),
        )
        return [Details(text("meter.notes"), (Listing((*notes, line(Quiet(dated)))),))]

    def _lambda_is_free(self) -> bool:
        items = self.prices.items
        requests, gb_s = items.get("lambda_free_requests", 0.0), items.get("lambda_free_gb_s", 0.0)
        return self.lambda_requests <= requests and self.lambda_gb_s <= gb_s


def read_costs(clients: Clients, prices: Prices) -> CostMeter:
    """Read what was done from AWS's own records and price it."""
    with aws_errors("glue, athena, logs, s3"):
        return build_meter(read_usage(clients), prices)


def build_meter(usage: Usage, prices: Prices) -> CostMeter:
    """Price what was used."""
    builders = (_jobs, _crawls, _queries, _functions, _storage, _requests)
    charges = tuple(charge for build in builders for charge in build(prices, usage))
    gb_s = sum(one.billed_ms / 1000 * one.memory_mb / 1024 for one in usage.invocations)
    unread = tuple(bucket.name for bucket in usage.buckets if bucket.refused)
    return CostMeter(charges, len(usage.invocations), gb_s, prices, unread)


def _jobs(prices: Prices, usage: Usage) -> list[Charge]:
    by_job: dict[str, list[JobRun]] = defaultdict(list)
    for run in usage.runs:
        by_job[run.job].append(run)
    charges = []
    for job, runs in by_job.items():
        usd = sum(compute_job_cost(prices, run.execution_s, run.capacity_dpu) for run in runs)
        dpu_s = sum(max(run.execution_s, prices.items["job_minimum_s"]) * run.capacity_dpu for run in runs)
        charges.append(Charge("job", job, len(runs), text("meter.dpu_seconds", count=f"{dpu_s:,.0f}"), usd))
    return charges


def _crawls(prices: Prices, usage: Usage) -> list[Charge]:
    by_crawler: dict[str, list[float]] = defaultdict(list)
    for crawl in usage.crawls:
        by_crawler[crawl.crawler].append(crawl.seconds)
    minimum = prices.items["crawl_minimum_s"]
    return [
        Charge(
            "crawler", name, len(found), text("meter.minutes", count=f"{sum(max(one, minimum) for one in found) / 60:,.0f}"),
            sum(compute_crawl_cost(prices, one) for one in found),
        )
        for name, found in by_crawler.items()
    ]  # fmt: skip


def _queries(prices: Prices, usage: Usage) -> list[Charge]:
    by_group: dict[str, list[QueryUse]] = defaultdict(list)
    for query in usage.queries:
        by_group[query.workgroup].append(query)
    return [
        Charge("query", group, len(found), format_size(sum(one.scanned_bytes for one in found)), sum(_price(prices, one) for one in found))
        for group, found in by_group.items()
    ]  # fmt: skip


def _price(prices: Prices, query: QueryUse) -> float:
    return compute_bill(prices, query.kind, query.state, query.scanned_bytes, reused=query.reused)


def _functions(prices: Prices, usage: Usage) -> list[Charge]:
    by_function: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for one in usage.invocations:
        by_function[one.function].append((one.billed_ms / 1000, one.memory_mb))
    return [
        Charge(
            "function", name, len(found), text("meter.gb_seconds", count=f"{sum(s * mb / 1024 for s, mb in found):,.3f}"),
            sum(compute_function_cost(prices, s, mb) for s, mb in found),
        )
        for name, found in by_function.items()
    ]  # fmt: skip


def _storage(prices: Prices, usage: Usage) -> list[Charge]:
    # S3 keeps no count of requests: each object that is or was there was put at least once.
    held = {bucket.name: bucket.objects for bucket in usage.buckets}
    most = {name: max(held.get(name, 0), usage.puts.get(name, 0)) for name in sorted({*held, *usage.puts})}
    charges = [
        Charge("put", name, count, text("meter.at_least"), count * prices.items["s3_put"])
        for name, count in most.items()
        if count
    ]
    for bucket in usage.buckets:
        if not bucket.objects:
            continue
        size = format_size(bucket.size_bytes) if bucket.complete else f">{format_size(bucket.size_bytes)}"
        charges.append(
            Charge("storage", bucket.name, bucket.objects, size, compute_storage_cost(prices, bucket.size_bytes))
        )
    return charges


def _requests(prices: Prices, usage: Usage) -> list[Charge]:
    """The requests of S3 that labkit itself made and wrote down."""
    billed = {name: count for name, count in usage.s3_requests.items() if not name.startswith(_FREE)}
    listing = sum(count for name, count in billed.items() if name.startswith(_LISTING))
    reading = sum(billed.values()) - listing
    if not billed:
        return []
    usd = listing * prices.items["s3_put"] + reading * prices.items["s3_get"]
    return [
        Charge(
            "request", "labkit", listing + reading, text("meter.own_requests", listing=listing, reading=reading), usd
        )
    ]


def _name_kind(kind: str) -> str:
    words = {
        "job": text("meter.job"), "crawler": text("meter.crawler"), "query": text("meter.query"), "function": text("meter.function"),
        "put": text("meter.put"), "request": text("meter.request"), "storage": text("meter.storage"),
    }  # fmt: skip
    return words[kind]
