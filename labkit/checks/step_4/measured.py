"""4.7: the same question to a DataFrame and to a DynamicFrame, measured; and a plan that reads the cache."""

from __future__ import annotations

from typing import Any

from labkit.checks.amounts import is_near, read_amount, show_value
from labkit.checks.context import Context
from labkit.checks.finding import Finding
from labkit.checks.step_4 import places
from labkit.checks.step_4.parquet import read_folder
from labkit.checks.step_4.plans import parse_plan
from labkit.checks.step_4.sales_input import SalesReader

# The kinds of frame that are measured, and the answers that the notebook offers for why one is slower.
FRAMES = ("DataFrame", "DynamicFrame")
PYTHON_RECORDS = "python"


def check_measured(context: Context) -> list[Finding]:
    """Both frames gave the right number; the conclusion follows from the student's own times."""
    rows, seconds = context.get("rows"), context.get("seconds")
    names = {"rows": rows, "seconds": seconds}
    wrong = [name for name, value in names.items() if not isinstance(value, dict) or set(value) != set(FRAMES)]
    if wrong:
        facts = {"name": wrong[0], "value": show_value(names[wrong[0]])}
        return [Finding(False, "task_4.not_by_frame", facts)]
    return [
        *_judge_rows(context, rows),
        *_judge_times(seconds, context.get("ratio"), context.get("faster")),
        _judge_reason(context.get("reason")),
        _judge_cache(context.get("cached_plan")),
    ]


def _judge_rows(context: Context, rows: dict[str, Any]) -> list[Finding]:
    given = SalesReader(context).find_input(read_folder(context, places.FEW).first_written)
    wanted = sum(row[7] == "web" and row[5] >= 2 for row in given.clean)
    believed = sum(row[7] == "web" for row in given.clean)
    return [
        Finding(
            type(rows[name]) is int and rows[name] == wanted,
            "task_4.measured_rows",
            {"frame": name, "rows": show_value(rows[name])},
            "task_4.one_condition" if rows[name] == believed else "",
        )
        for name in FRAMES
    ]


def _judge_times(seconds: dict[str, Any], ratio: Any, faster: Any) -> list[Finding]:
    times = {name: read_amount(seconds[name]) or 0.0 for name in FRAMES}
    facts = {"frames": " · ".join(f"{name}: {show_value(seconds[name])} s" for name in FRAMES)}
    if min(times.values()) <= 0:
        return [Finding(False, "task_4.no_times", facts)]
    measured = times["DynamicFrame"] / times["DataFrame"]
    given = read_amount(ratio) or 0.0
    upside_down = is_near(given, 1 / measured, 0.02 / measured)
    return [
        Finding(True, "task_4.times", facts),
        Finding(
            is_near(given, measured, 0.02 * measured),
            "task_4.ratio",
            {"value": show_value(ratio)},
            "task_4.ratio_upside_down" if upside_down else "",
        ),
        Finding(faster == min(times, key=lambda name: times[name]), "task_4.faster", {"value": show_value(faster)}),
    ]


def _judge_reason(reason: Any) -> Finding:
    return Finding(reason == PYTHON_RECORDS, "task_4.reason", {"value": show_value(reason)}, "task_4.reason_is_python")


def _judge_cache(value: Any) -> Finding:
    plan = parse_plan(value) if isinstance(value, str) else None
    if plan is None or not plan.is_plan:
        return Finding(
            False, "task_4.no_plan", {"name": "cached_plan", "type": type(value).__name__}, "task_4.explain_prints"
        )
    facts = {"name": "cached_plan"}
    if plan.reads_cache:
        return Finding(True, "task_4.cached", facts)
    return Finding(False, "task_4.not_cached", facts, "task_4.cache_is_another_frame")
