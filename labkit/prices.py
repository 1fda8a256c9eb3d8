"""What AWS charges: one dated file of prices, and the arithmetic of its minimums. Amounts are US dollars."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import SettingsError
from labkit.i18n import build_lesson

_FILE = Path(__file__).parent / "prices.json"
# Athena rounds scanned bytes up to whole megabytes and bills terabytes; both are powers of ten here, the cheaper guess by 5 %.
_MB = 1_000_000
_TB = 1_000_000_000_000
# What AWS itself multiplies by when it tells a month's price.
HOURS_A_MONTH = 730


@dataclass(frozen=True)
class Prices:
    """The price list: `items` by name, where and when they were read."""

    items: Mapping[str, float]
    read_on: str
    source: str
    region: str


def load_prices(overrides: Mapping[str, float] | None = None) -> Prices:
    """Read the dated list; `overrides` (from labkit.toml [prices]) win. SettingsError for an item that does not exist."""
    document = json.loads(_FILE.read_text(encoding="utf-8"))
    items = {name: float(value) for name, value in document["prices"].items()}
    unknown = sorted(set(overrides or {}) - set(items))
    if unknown:
        known = ", ".join(sorted(items))
        raise build_lesson(SettingsError, "error.price_unknown", items=", ".join(unknown), known=known)
    return Prices({**items, **(overrides or {})}, document["read_on"], document["source"], document["region"])


def compute_job_cost(prices: Prices, execution_s: float, dpu: float) -> float:
    """A Glue run: DPU × seconds, at least one minute."""
    return max(execution_s, prices.items["job_minimum_s"]) / 3600 * dpu * prices.items["dpu_hour"]


def compute_crawl_cost(prices: Prices, crawl_s: float) -> float:
    """A crawl: at least ten minutes. AWS publishes no DPU number for a small crawl; the list takes 2, the dearer estimate."""
    return max(crawl_s, prices.items["crawl_minimum_s"]) / 3600 * prices.items["crawl_dpu"] * prices.items["dpu_hour"]


def compute_query_cost(prices: Prices, scanned_bytes: int) -> float:
    """An Athena query: bytes scanned, rounded up to a megabyte, at least ten."""
    rounded = math.ceil(scanned_bytes / _MB) * _MB
    return max(rounded, prices.items["athena_minimum_bytes"]) / _TB * prices.items["athena_tb"]


def compute_function_cost(prices: Prices, billed_s: float, memory_mb: int) -> float:
    """One Lambda invocation, without the free tier."""
    return prices.items["lambda_request"] + billed_s * memory_mb / 1024 * prices.items["lambda_gb_s"]


def compute_instance_cost(prices: Prices, hours: float = HOURS_A_MONTH) -> float:
    """A small instance (t3.large: 2 vCPU, 8 GiB) that is on for so many hours; without its disk."""
    return hours * prices.items["instance_hour"]


def compute_storage_cost(prices: Prices, size_bytes: int) -> float:
    """Keeping these bytes in S3 Standard for a month."""
    return size_bytes / 1e9 * prices.items["s3_gb_month"]


def compute_call_cost(prices: Prices, item: str) -> float:
    """What one planned call costs at least: a crawl, a put, or nothing."""
    if not item:
        return 0.0
    return compute_crawl_cost(prices, 0) if item == "crawl" else prices.items[item]
