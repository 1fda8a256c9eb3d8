"""Each student's three workloads, and those that no student sees before the check."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labkit.checks.evaluation.model import ENGINES, MONTH_S, Load, Speed, estimate
from labkit.prices import Prices

TINY, NIGHTLY, STEADY = "tiny", "nightly", "steady"
NAMES = (TINY, NIGHTLY, STEADY)
_MINUTES_A_MONTH = 730 * 60


def build_loads(seed: int) -> dict[str, Load]:
    """The student's workloads: a tiny file every few minutes, a join of tens of gigabytes a night, and one in between.

    The one in between is of the size and pace at which a function and an instance are rivals.
    """
    rng = random.Random(f"{seed}:workloads")  # noqa: S311 - numbers of a lesson
    steady_mb = rng.randrange(180, 920, 20)
    nightly_gb = rng.randrange(24, 62, 2)
    return {
        TINY: Load(round(rng.uniform(0.02, 0.09), 3), _MINUTES_A_MONTH // rng.choice((2, 5, 10)), 256),
        NIGHTLY: Load(
            nightly_gb * 1000.0, 30, int(nightly_gb * 1600), files=nightly_gb * 8, workers=rng.choice((5, 10))
        ),
        STEADY: Load(float(steady_mb), MONTH_S // rng.choice((20, 30, 45, 60, 300, 900)), 128 + steady_mb * 5 // 2),
    }


def describe_load(name: str, load: Load, speeds: Mapping[str, Speed], prices: Prices) -> dict[str, Any]:
    """The workload as `choose` gets it: its size, its memory, its frequency, and the seconds that each engine would take."""
    seconds = {f"{engine}_s": round(estimate(engine, speeds[engine], load, prices).seconds, 3) for engine in ENGINES}
    return {
        "name": name,
        "input_mb": load.rows_mb,
        "memory_mb": load.memory_mb,
        "runs_per_month": load.runs_per_month,
        "workers": load.workers,
        **seconds,
    }


def build_unseen(seed: int) -> list[dict[str, Any]]:
    """Workloads on both sides of every limit and of the break-even; only memory, seconds and frequency differ."""
    rng = random.Random(f"{seed}:unseen")  # noqa: S311 - numbers of a lesson

    def case(memory_mb: float, runs: float, glue_s: float, lambda_s: float, pandas_s: float) -> dict[str, Any]:
        stretch = rng.uniform(0.96, 1.04)
        return {
            "name": "unseen",
            "input_mb": round(memory_mb / 2.5, 1),
            "memory_mb": int(memory_mb),
            "runs_per_month": int(runs * stretch),
            "workers": 2,
            "glue_s": round(glue_s * stretch, 2),
            "lambda_s": round(lambda_s * stretch, 2),
            "pandas_s": round(pandas_s * stretch, 2),
        }

    return [
        case(3_000, 30, 200, 1_200, 400),  # too long for a function
        case(14_000, 60, 150, 300, 200),  # too large for a function and for the instance
        case(9_400, 8_760, 120, 400, 90),  # too large for the instance
        case(256, 8_760, 20, 0.4, 0.2),  # tiny and often
        case(256, 21_900, 15, 0.2, 0.1),
        case(3_000, 43_800, 90, 60, 20),  # all month long: the instance is cheapest
        case(3_000, 2_190, 90, 60, 20),  # the same less often: the function is
        case(2_048, 43_800, 200, 200, 200),  # more work than one instance has time for
        case(3_500, 4, 110, 250, 60),  # seldom
        case(40_000, 30, 900, 2_500, 1_800),  # a nightly join
    ]


def build_flip(threshold: str, value: float, factor: float) -> dict[str, Any]:
    """A workload at `factor` times a stated threshold, where below it the engine it speaks of is by far the cheapest."""
    base: dict[str, Any] = {"name": "unseen", "workers": 2}
    if threshold == "lambda_s":
        base |= {
            "memory_mb": 1_024,
            "runs_per_month": 30,
            "glue_s": value,
            "lambda_s": value * factor,
            "pandas_s": 300.0,
        }
    elif threshold == "lambda_mb":
        base |= {
            "memory_mb": int(value * factor),
            "runs_per_month": 30,
            "glue_s": 400.0,
            "lambda_s": 60.0,
            "pandas_s": 50.0,
        }
    else:
        base |= {"memory_mb": int(value * factor), "runs_per_month": 43_800, "glue_s": 100.0, "lambda_s": 120.0}
        base |= {"pandas_s": 20.0}
    return {**base, "input_mb": round(base["memory_mb"] / 2.5, 1)}
