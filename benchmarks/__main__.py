"""`python -m benchmarks [NAME …]`: run the measurements, print a table, write build/bench.json; exit 1 when a bound is missed."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

from benchmarks import (
    athena,
    bigfile,
    crawler,
    events,
    glue,
    grading,
    invoke,
    notebooks,
    pipeline,
    pipeline_map,
    policies,
    spark_session,
    startup,
    teardown,
)
from benchmarks.measure import Number

BENCHMARKS: dict[str, Callable[[], list[Number]]] = {
    "help": startup.help_time,
    "up": startup.up_time,
    "first-job": startup.first_job,
    "idle": startup.idle_memory,
    "warm": pipeline.warm_chain,
    "cold": pipeline.cold_script,
    "gateway": bigfile.gateway_ratio,
    "real-input": bigfile.real_input_run,
    "athena-sql": athena.tpch,
    "athena-small": athena.small_count,
    "athena-s3": athena.s3_meanwhile,
    "athena-partitions": athena.partitions,
    "athena-result": athena.big_result,
    "crawl-partitions": crawler.partitions,
    "crawl-big": crawler.big_files,
    "invoke-overhead": invoke.overhead,
    "put-to-handler": events.put_to_handler,
    "drill-500": events.drill_paced,
    "drill-burst": events.drill_burst,
    "glue-csv": glue.catalog_csv,
    "glue-json": glue.json_choices,
    "glue-relationalize": glue.relationalize,
    "glue-map": glue.map_filter,
    "policy-evaluation": policies.evaluation,
    "spark-session": spark_session.session,
    "notebooks": notebooks.solutions,
    "open": notebooks.opening,
    "map": pipeline_map.refresh,
    "teardown": teardown.after_a_full_lab,
    "grading": grading.one_student,
    "grading-class": grading.whole_class,
}

# A quarter of an hour: only when it is asked for.
_WHEN_NAMED = {"grading-class"}


def main() -> int:
    """Run the benchmarks that are named and write their numbers."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"one of {', '.join(BENCHMARKS)}; all but grading-class when none is named",
    )
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"))
    options = parser.parse_args()
    numbers: list[Number] = []
    for name in options.names or [name for name in BENCHMARKS if name not in _WHEN_NAMED]:
        print(f"… {name}", file=sys.stderr, flush=True)
        found = BENCHMARKS[name]()
        for number in found:
            print(_row(number), flush=True)
        numbers += found
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(_report(numbers), indent=1), encoding="utf-8")
    return 1 if any(number.is_met is False for number in numbers) else 0


def _row(number: Number) -> str:
    bound = "" if number.bound is None else f"at most {number.bound:g} {number.unit}"
    verdict = {True: "met", False: "MISSED", None: ""}[number.is_met]
    return f"{number.name:<55} {number.value:>10.2f} {number.unit:<6} {bound:<18} {verdict}"


def _report(numbers: list[Number]) -> dict[str, object]:
    machine = {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
    }
    when = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return {
        "when": when,
        "machine": machine,
        "numbers": [{**asdict(number), "met": number.is_met} for number in numbers],
    }


if __name__ == "__main__":
    sys.exit(main())
