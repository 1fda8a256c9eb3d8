"""What a run would have cost on AWS, line by line, with AWS's minimums."""

from __future__ import annotations

import re
from collections.abc import Sequence

from labkit.aws.athena import QueryResult
from labkit.aws.glue_jobs import JobRun
from labkit.aws.logs import LogLine
from labkit.prices import (
    Prices,
    compute_crawl_cost,
    compute_function_cost,
    compute_job_cost,
    compute_query_cost,
    compute_storage_cost,
)
from labkit.results import CostLine

# Two G.1X workers (labkit/steps/job.py), one DPU each.
JOB_DPU = 2
_REPORT = re.compile(r"Billed Duration: (\d+) ms\s+Memory Size: (\d+) MB")


def build_costs(
    prices: Prices,
    run: JobRun,
    crawls_s: Sequence[float],
    queries: Sequence[QueryResult],
    function_lines: Sequence[LogLine],
    puts: int,
    stored_bytes: int,
) -> tuple[CostLine, ...]:
    """Return one line per kind of charge; `crawls_s` are the seconds of each crawl.

    `puts` counts the objects sent; `stored_bytes` is raw and Parquet together.
    """
    crawl = sum(compute_crawl_cost(prices, seconds) for seconds in crawls_s)
    scanned = sum(query.scanned_bytes for query in queries)
    invocations = [match for line in function_lines if (match := _REPORT.search(line.message))]
    function = sum(compute_function_cost(prices, int(found[1]) / 1000, int(found[2])) for found in invocations)
    return (
        CostLine(
            "cost.job", {"seconds": run.execution_s, "dpu": JOB_DPU}, compute_job_cost(prices, run.execution_s, JOB_DPU)
        ),
        CostLine("cost.crawls", {"count": len(crawls_s)}, crawl),
        CostLine(
            "cost.queries",
            {"count": len(queries), "megabytes": round(scanned / 1e6, 3)},
            sum(compute_query_cost(prices, query.scanned_bytes) for query in queries),
        ),
        CostLine("cost.function", {"count": len(invocations)}, function),
        CostLine("cost.puts", {"count": puts}, puts * prices.items["s3_put"]),
        CostLine(
            "cost.storage", {"megabytes": round(stored_bytes / 1e6, 3)}, compute_storage_cost(prices, stored_bytes)
        ),
    )
