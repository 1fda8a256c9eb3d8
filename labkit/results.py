"""What a run of the pipeline gives back, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Month:
    """One month of sales: `rows` kept, `units` sold, `amount` in the currency of the file (None if it has no price)."""

    year: int
    month: int
    rows: int
    units: float
    amount: float | None

    @property
    def label(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@dataclass(frozen=True)
class Hop:
    """One link of the chain: when it began (ISO 8601, UTC) and how long it took."""

    key: str
    began_at: str
    seconds: float


@dataclass(frozen=True)
class CostLine:
    """One charge that AWS would have made: `key` and `facts` for its text, amount in dollars."""

    key: str
    facts: Mapping[str, object]
    usd: float


@dataclass(frozen=True)
class Rejected:
    """How many rows were put aside for one reason."""

    reason: str
    rows: int


@dataclass(frozen=True)
class RunReport:
    """The whole run: one Month per month of the processed table, one Rejected per reason, hops in order of time."""

    target: str
    endpoint_url: str | None
    account: str
    region: str
    file: str
    object_uri: str
    job_run_id: str
    processed_table: str
    processed_uri: str
    created: tuple[str, ...]
    parquet_objects: int
    parquet_bytes: int
    hops: tuple[Hop, ...]
    months: tuple[Month, ...]
    rejected: tuple[Rejected, ...]
    costs: tuple[CostLine, ...]
    prices_read_on: str
    prices_region: str
    notes: tuple[str, ...]
    chart: str | None
    seconds: float

    @property
    def rows_kept(self) -> int:
        return sum(month.rows for month in self.months)

    @property
    def rows_rejected(self) -> int:
        return sum(item.rows for item in self.rejected)

    @property
    def cost_usd(self) -> float:
        return sum(line.usd for line in self.costs)

    def as_document(self) -> dict[str, Any]:
        """The report as JSON values, totals included."""
        totals = {"rows_kept": self.rows_kept, "rows_rejected": self.rows_rejected, "cost_usd": self.cost_usd}
        return {**asdict(self), **totals}
