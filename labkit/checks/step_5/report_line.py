"""Task 5.6: the REPORT line of a cold start, and what a month of such invocations costs beside the runs that they start."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from labkit.aws.logs import list_lines
from labkit.checks.amounts import read_amount, show_value
from labkit.checks.context import Context
from labkit.checks.finding import Finding
from labkit.prices import compute_function_cost, compute_job_cost
from labkit.steps.practice import build_practice

# Two G.1X workers, as the lab's job has.
JOB_DPU = 2
_NUMBER = r"([\d.]+)"
_REPORT = re.compile(
    rf"REPORT RequestId: (\S+)\s+Duration: {_NUMBER} ms\s+Billed Duration: (\d+) ms\s+Memory Size: (\d+) MB"
    rf"\s+Max Memory Used: (\d+) MB(?:\s+Init Duration: {_NUMBER} ms)?"
)


@dataclass(frozen=True)
class Report:
    """One REPORT line; `init_ms` is None for an environment that was warm."""

    request_id: str
    duration_ms: float
    billed_ms: int
    memory_mb: int
    used_mb: int
    init_ms: float | None


def parse_report(line: str) -> Report | None:
    """What a REPORT line says; None for any other line."""
    found = _REPORT.search(line)
    if found is None:
        return None
    init = float(found[6]) if found[6] else None
    return Report(found[1], float(found[2]), int(found[3]), int(found[4]), int(found[5]), init)


def check_report(context: Context) -> list[Finding]:
    """The request, its billed milliseconds, and the two bills for one event a sale of the student's data."""
    request, billed = context.get("cold_request"), context.get("billed_ms")
    function_usd, job_usd = context.get("lambda_usd"), context.get("glue_usd")
    group = f"/aws/lambda/{build_practice(context.names).seed_function}"
    reports = [found for line in list_lines(context.clients.logs, group) if (found := parse_report(line.message))]
    facts = {"given": str(request)[:60], "group": group, "count": len(reports)}
    report = next((item for item in reports if item.request_id == str(request).strip()), None)
    if report is None:
        return [Finding(False, "task_5.report_not_found", facts)]
    events = len(context.truth.sales)
    return [
        _judge_cold(report, facts),
        _judge_billed(report, billed),
        _judge_function_bill(context, report, events, function_usd),
        _judge_job_bill(context, events, job_usd),
    ]


def _judge_cold(report: Report, facts: dict[str, Any]) -> Finding:
    if report.init_ms is None:
        return Finding(False, "task_5.report_warm", facts, "task_5.misconception.warm")
    return Finding(True, "task_5.report_cold", {**facts, "init": report.init_ms})


def _judge_billed(report: Report, given: Any) -> Finding:
    facts = {"given": show_value(given)}
    number = read_amount(given)
    if number is None:
        return Finding(False, "task_5.billed_type", facts)
    if number == report.billed_ms:
        return Finding(True, "task_5.billed_right", facts)
    others = {
        report.duration_ms,
        report.init_ms,
        round(report.duration_ms),
        float(report.used_mb),
        float(report.memory_mb),
    }
    why = "task_5.misconception.duration" if number in others else ""
    return Finding(False, "task_5.billed_wrong", facts, why)


def _judge_function_bill(context: Context, report: Report, events: int, given: Any) -> Finding:
    facts = {"given": show_value(given), "events": f"{events:,}"}
    number = read_amount(given)
    if number is None:
        return Finding(False, "task_5.bill_type", facts)
    prices = context.prices
    right = events * compute_function_cost(prices, report.billed_ms / 1000, report.memory_mb)
    if _is_near(number, right):
        return Finding(True, "task_5.function_bill_right", facts)
    requests, seconds = events * prices.items["lambda_request"], report.billed_ms / 1000
    compute = events * seconds * prices.items["lambda_gb_s"]
    beliefs = (
        (requests, "task_5.misconception.only_requests"),
        (compute * report.memory_mb / 1024, "task_5.misconception.only_time"),
        (requests + compute, "task_5.misconception.no_memory"),
        (requests + compute * report.memory_mb, "task_5.misconception.megabytes"),
        (requests + compute * report.memory_mb / 1024 * 1000, "task_5.misconception.milliseconds"),
        (right / events, "task_5.misconception.one_event"),
        (0.0, "task_5.misconception.free_tier"),
    )
    why = next((key for value, key in beliefs if _is_near(number, value)), "")
    return Finding(False, "task_5.function_bill_wrong", facts, why)


def _judge_job_bill(context: Context, events: int, given: Any) -> Finding:
    facts = {"given": show_value(given), "events": f"{events:,}", "dpu": JOB_DPU}
    number = read_amount(given)
    if number is None:
        return Finding(False, "task_5.bill_type", facts)
    right = events * compute_job_cost(context.prices, 0, JOB_DPU)
    if _is_near(number, right):
        return Finding(True, "task_5.job_bill_right", facts)
    beliefs = (
        (right / JOB_DPU, "task_5.misconception.one_dpu"),
        (right * 60, "task_5.misconception.hour"),
        (right / events, "task_5.misconception.one_event"),
    )
    why = next((key for value, key in beliefs if _is_near(number, value)), "")
    return Finding(False, "task_5.job_bill_wrong", facts, why)


def _is_near(given: float, right: float) -> bool:
    """Within half a percent: rounding to cents of a small bill would not be, and is no answer here."""
    return math.isclose(given, right, rel_tol=0.005, abs_tol=1e-9)
