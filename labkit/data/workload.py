"""A month of work to put a price on: each student's own, and others of the same shape that nobody has seen."""

from __future__ import annotations

import random

from labkit.data.student import compute_seed

# What one workload says. Times are those of one run, crawl or invocation; a month has `days` days.
FIELDS = (
    "days",
    "runs_per_day",
    "run_seconds",
    "dpu",
    "crawls_per_day",
    "crawl_seconds",
    "queries_per_day",
    "query_mb",
    "invocations_per_day",
    "invocation_ms",
    "memory_mb",
    "stored_gb",
)


def build_workload(student: str, number: int = 0) -> dict[str, int]:
    """The student's month (number 0), or another one: short and small (1), long and large (2), past Lambda's free tier (3)."""
    rng = random.Random(f"{compute_seed(student)}:workload:{number}")
    long, busy = number == 2, number == 3
    return {
        "days": 30,
        "runs_per_day": rng.randint(6, 40),
        "run_seconds": rng.randint(130, 900) if long else rng.randint(18, 52),
        "dpu": rng.choice((4, 5, 8, 10)) if long else rng.choice((2, 3)),
        "crawls_per_day": rng.randint(1, 6),
        "crawl_seconds": rng.randint(700, 1500) if long else rng.randint(35, 95),
        "queries_per_day": rng.randint(150, 900),
        "query_mb": rng.randint(1, 8) if number == 1 else rng.randint(300, 4000) if long else rng.choice((2, 4, 6)),
        "invocations_per_day": rng.randint(90_000, 150_000) if busy else rng.randint(200, 4_000),
        "invocation_ms": rng.randint(700, 1200) if busy else rng.randint(80, 400),
        "memory_mb": rng.choice((512, 1024)) if busy else rng.choice((128, 256)),
        "stored_gb": rng.randint(20, 900),
    }
