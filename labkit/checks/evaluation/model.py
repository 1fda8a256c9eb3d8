"""From measured runs to a month on AWS: how long an engine would take for other sizes, and what that costs.

seconds = fixed + per_file × files + per_mb[format] × MB      fitted to the samples that were measured on this computer

Glue splits the part that grows over its executors' cores (4 a G.1X worker, one worker is the driver), as far as Spark cuts the input
(a piece is at least 4 MB). Lambda's part grows when its memory, and so its CPU, is below one core. One core of AWS is taken to be as
fast as one of this computer, network and disks likewise: the differences between engines hold, seconds are a rough guide.
MB are megabytes of the rows as CSV, whatever the format of the files. Free tiers are left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from labkit.prices import Prices, compute_function_cost, compute_instance_cost, compute_job_cost

GLUE, LAMBDA, PANDAS = "glue", "lambda", "pandas"
ENGINES = (GLUE, LAMBDA, PANDAS)
FORMATS = ("csv", "parquet")

# What AWS allows a function (its documentation): 15 minutes and 10,240 MB.
LAMBDA_LIMIT_S = 900
LAMBDA_LIMIT_MB = 10_240
LAMBDA_FULL_CORE_MB = 1_769
# The small instance of the comparison, t3.large.
INSTANCE_MB = 8_192
MONTH_S = 730 * 3600
CORES_A_WORKER = 4
# spark.sql.files.openCostInBytes: Spark makes no smaller pieces when it has cores to spare.
_PIECE_MB = 4


@dataclass(frozen=True)
class Measured:
    """Seconds of one sample with its size: `files` files of `format` holding `rows_mb` MB of rows."""

    format: str
    files: int
    rows_mb: float
    seconds: float


@dataclass(frozen=True)
class Speed:
    """One engine's fit; `cores` are those that shared the work when it was measured."""

    fixed_s: float
    per_file_s: float
    per_mb_s: Mapping[str, float]
    cores: int = 1


@dataclass(frozen=True)
class Load:
    """A workload: each run reads `rows_mb` MB of rows in `files` files; one process needs `memory_mb` to hold them."""

    rows_mb: float
    runs_per_month: float
    memory_mb: int
    files: int = 1
    format: str = "csv"
    workers: int = 2


@dataclass(frozen=True)
class Estimate:
    """What the model says; `refusals` names the limits that forbid the engine (then nobody would pay the dollars)."""

    engine: str
    seconds: float
    usd_run: float
    usd_month: float
    refusals: tuple[str, ...] = ()


def fit(samples: Mapping[str, Measured], cores: int = 1) -> Speed:
    """Fit the speed to the samples `months`, `csv`, `files` and, when it was measured, `parquet`.

    A negative slope is noise: it becomes 0 for a file, and the mean of the large sample for a megabyte.
    """
    months, large, pieces = samples["months"], samples["csv"], samples["files"]
    per_file = max(0.0, (pieces.seconds - large.seconds) / (pieces.files - large.files))
    small = months.seconds - per_file * (months.files - large.files)
    slope = (large.seconds - small) / (large.rows_mb - months.rows_mb)
    if slope <= 0:
        slope = large.seconds / large.rows_mb
    fixed = max(0.0, large.seconds - per_file * large.files - slope * large.rows_mb)
    per_mb = {"csv": slope}
    if "parquet" in samples:
        found = samples["parquet"]
        per_mb["parquet"] = max(slope / 100, (found.seconds - fixed - per_file * found.files) / found.rows_mb)
    return Speed(fixed, per_file, per_mb, cores)


def estimate(engine: str, speed: Speed, load: Load, prices: Prices) -> Estimate:
    """What a run takes and a month costs. KeyError for a format that this engine was not measured with."""
    growing = speed.per_file_s * load.files + speed.per_mb_s[load.format] * load.rows_mb
    if engine == GLUE:
        seconds = speed.fixed_s + growing * speed.cores / _count_cores(load)
        usd_run = compute_job_cost(prices, seconds, load.workers)
    elif engine == LAMBDA:
        seconds = speed.fixed_s + growing * max(1.0, LAMBDA_FULL_CORE_MB / load.memory_mb)
        usd_run = compute_function_cost(prices, seconds, load.memory_mb)
    else:
        seconds = speed.fixed_s + growing
        month = compute_instance_cost(prices)
        return Estimate(engine, seconds, month / load.runs_per_month, month, _refuse(engine, seconds, load))
    return Estimate(engine, seconds, usd_run, usd_run * load.runs_per_month, _refuse(engine, seconds, load))


def list_limits(engine: str, seconds: float, memory_mb: float, runs_per_month: float) -> tuple[str, ...]:
    """Names of the hard limits that a run would break: "time", "memory", "busy" (an instance has no second hour in an hour)."""
    found = []
    if engine == LAMBDA and seconds > LAMBDA_LIMIT_S:
        found.append("time")
    if memory_mb > {LAMBDA: LAMBDA_LIMIT_MB, PANDAS: INSTANCE_MB}.get(engine, math.inf):
        found.append("memory")
    if engine == PANDAS and seconds * runs_per_month > MONTH_S:
        found.append("busy")
    return tuple(found)


def compute_break_even(function: Estimate, prices: Prices) -> float:
    """Runs a month from which the instance, which costs the same however often it works, is cheaper than the function."""
    return compute_instance_cost(prices) / function.usd_run


def _refuse(engine: str, seconds: float, load: Load) -> tuple[str, ...]:
    return list_limits(engine, seconds, load.memory_mb, load.runs_per_month)


def _count_cores(load: Load) -> int:
    pieces = max(load.files, math.ceil(load.rows_mb / _PIECE_MB), 1)
    return min(CORES_A_WORKER * (load.workers - 1), pieces)
