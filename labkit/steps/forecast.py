"""What doing the lab once costs on AWS, and what it costs a day when it is forgotten. Amounts are US dollars."""

from __future__ import annotations

from dataclasses import dataclass

from labkit.prices import (
    HOURS_A_MONTH,
    Prices,
    compute_crawl_cost,
    compute_function_cost,
    compute_job_cost,
    compute_query_cost,
    compute_storage_cost,
)
from labkit.results import CostLine
from labkit.steps.function import build_wanted as build_function
from labkit.steps.job import build_wanted as build_job
from labkit.steps.lab import Lab, Upload

# What `labkit run` adds to the six steps: one file dropped, so one invocation and one run; one crawl of what the run wrote;
# one query for the months and one for the rows put aside.
_CRAWLS = 2
_QUERIES = 2
# The function makes one API call; a second is more than it takes.
_FUNCTION_S = 1.0
_HOURS_A_DAY = 24


@dataclass(frozen=True)
class Forecast:
    """`once` is one line per kind of charge for the whole lab from nothing to answers, with AWS's minimums and no free tier.

    `forgotten_a_day` is what stays when nobody does anything: the bytes in S3. `schedule_a_day` and `session_a_day` are two
    things that the lab never makes, for comparison: a crawler that runs each hour, and a Glue session of 2 DPU left open.
    """

    once: tuple[CostLine, ...]
    stored_bytes: int
    forgotten_a_day: float
    schedule_a_day: float
    session_a_day: float

    @property
    def total(self) -> float:
        return sum(line.usd for line in self.once)


def build_forecast(lab: Lab, prices: Prices, drop: Upload) -> Forecast:
    """Reckon from the lab's wanted state alone; `drop` is the file that sets the pipeline off."""
    workers = int(build_job(lab).job.definition["NumberOfWorkers"])
    memory_mb = build_function(lab).memory_mb
    puts = len(lab.samples) + 2  # The samples, the script and the dropped file.
    minimum_s = int(prices.items["job_minimum_s"])
    once = (
        CostLine("forecast.crawls", {"count": _CRAWLS}, _CRAWLS * compute_crawl_cost(prices, 0)),
        CostLine("forecast.job", {"seconds": minimum_s, "dpu": workers}, compute_job_cost(prices, 0, workers)),
        CostLine("forecast.queries", {"count": _QUERIES}, _QUERIES * compute_query_cost(prices, 0)),
        CostLine("forecast.function", {"count": 1}, compute_function_cost(prices, _FUNCTION_S, memory_mb)),
        CostLine("forecast.puts", {"count": puts}, puts * prices.items["s3_put"]),
    )
    stored = sum(upload.path.stat().st_size for upload in (*lab.samples, drop))
    hour = prices.items["dpu_hour"]
    return Forecast(
        once,
        stored,
        compute_storage_cost(prices, stored) * _HOURS_A_DAY / HOURS_A_MONTH,
        _HOURS_A_DAY * compute_crawl_cost(prices, 0),
        _HOURS_A_DAY * 2 * hour,
    )
