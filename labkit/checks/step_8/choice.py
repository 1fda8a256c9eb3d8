"""Task 8.3: the student's decision as a function, asked about workloads it has not seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.checks.amounts import read_amount, show_value
from labkit.checks.context import Answer, Context
from labkit.checks.evaluation.model import (
    ENGINES,
    GLUE,
    INSTANCE_MB,
    LAMBDA,
    LAMBDA_LIMIT_MB,
    LAMBDA_LIMIT_S,
    PANDAS,
    list_limits,
)
from labkit.checks.evaluation.workloads import build_flip, build_unseen
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.values import MISSING, Function
from labkit.prices import Prices, compute_function_cost, compute_instance_cost, compute_job_cost

# What a threshold may be: the limit itself, or as cautious as half of it.
BOUNDS = {
    "lambda_s": (LAMBDA_LIMIT_S / 2, LAMBDA_LIMIT_S),
    "lambda_mb": (LAMBDA_LIMIT_MB / 2, LAMBDA_LIMIT_MB),
    "pandas_mb": (INSTANCE_MB / 2, INSTANCE_MB),
}
# Two engines this close are both right: the model is no more exact than that.
NEAR_TIE = 1.25


def price_month(prices: Prices, engine: str, workload: Mapping[str, Any]) -> float:
    """What a month of a workload costs with an engine, limits aside."""
    runs, seconds = float(workload["runs_per_month"]), float(workload[f"{engine}_s"])
    if engine == GLUE:
        return runs * compute_job_cost(prices, seconds, workload["workers"])
    if engine == LAMBDA:
        return runs * compute_function_cost(prices, seconds, workload["memory_mb"])
    return compute_instance_cost(prices)


def find_limits(engine: str, workload: Mapping[str, Any]) -> tuple[str, ...]:
    """The hard limits that forbid the engine for this workload."""
    return list_limits(engine, workload[f"{engine}_s"], workload["memory_mb"], workload["runs_per_month"])


def is_within(engine: str, workload: Mapping[str, Any], thresholds: Mapping[str, float]) -> bool:
    """True when neither a limit nor the student's own threshold forbids the engine."""
    if find_limits(engine, workload):
        return False
    if engine == LAMBDA:
        return bool(workload["lambda_s"] <= thresholds["lambda_s"] and workload["memory_mb"] <= thresholds["lambda_mb"])
    return engine != PANDAS or bool(workload["memory_mb"] <= thresholds["pandas_mb"])


def check_choice(context: Context) -> list[Finding]:
    """Answers are engines, keep to limits, follow the money, and flip at the thresholds that the student states."""
    if not isinstance(context.get("choose"), Function):
        return [Finding(False, "task_8.choose.no_function")]
    thresholds, findings = _read_thresholds(context.get("thresholds"))
    unseen = build_unseen(context.truth.seed)
    answers = context.call("choose", [(workload,) for workload in unseen])
    if all(answer.value is MISSING or (answer.value is None and not answer.error) for answer in answers):
        raise NotAttempted("task_8.choose.nothing")
    wrong = next((pair for pair in zip(unseen, answers, strict=True) if pair[1].value not in ENGINES), None)
    if wrong is not None:
        return [*findings, _tell_no_engine(*wrong)]
    findings += _check_limits(unseen, answers)
    if all(finding.ok for finding in findings):
        findings.append(_check_costs(context.prices, unseen, answers, thresholds))
    if all(finding.ok for finding in findings):
        findings += [_check_flip(context, name, value) for name, value in thresholds.items()]
    return findings


def _read_thresholds(given: Any) -> tuple[dict[str, float], list[Finding]]:
    numbers = {name: read_amount(given.get(name)) for name in BOUNDS} if isinstance(given, dict) else {}
    missing = [name for name in BOUNDS if numbers.get(name) is None]
    if missing:
        return {}, [Finding(False, "task_8.choose.thresholds_missing", {"names": ", ".join(missing)})]
    found = {name: value for name, value in numbers.items() if value is not None}
    findings = []
    for name, value in found.items():
        low, high = BOUNDS[name]
        believed = "task_8.choose.beyond" if value > high else "task_8.choose.too_careful"
        findings.append(
            Finding(low <= value <= high, "task_8.choose.threshold", {"name": name, "value": f"{value:g}"}, believed)
        )
    return found, findings


def _tell_no_engine(workload: Mapping[str, Any], answer: Answer) -> Finding:
    facts = {**_facts(workload), "given": show_value(answer.value), "error": answer.error}
    return Finding(False, "task_8.choose.raised" if answer.error else "task_8.choose.no_engine", facts)


def _check_limits(unseen: list[dict[str, Any]], answers: list[Answer]) -> list[Finding]:
    broken = [
        (workload, answer.value, limits)
        for workload, answer in zip(unseen, answers, strict=True)
        if (limits := find_limits(answer.value, workload))
    ]
    if not broken:
        return [Finding(True, "task_8.choose.limits", {"count": len(unseen)})]
    workload, given, limits = broken[0]
    believed = {
        "time": "task_8.choose.limit_time",
        "memory": "task_8.choose.limit_memory",
        "busy": "task_8.choose.limit_busy",
    }
    facts = {**_facts(workload), "given": given, "count": len(broken)}
    return [Finding(False, "task_8.choose.over_limit", facts, believed[limits[0]])]


def _check_costs(
    prices: Prices, unseen: list[dict[str, Any]], answers: list[Answer], thresholds: Mapping[str, float]
) -> Finding:
    for workload, answer in zip(unseen, answers, strict=True):
        possible = {
            engine: price_month(prices, engine, workload)
            for engine in ENGINES
            if is_within(engine, workload, thresholds)
        }
        paid, least = price_month(prices, answer.value, workload), min(possible.values())
        facts = {**_facts(workload), "given": answer.value, "paid": f"{paid:.2f}", "times": f"{paid / least:.1f}"}
        if answer.value not in possible:
            return Finding(False, "task_8.choose.own_threshold", facts, "task_8.choose.unused_threshold")
        if paid > least * NEAR_TIE:
            return Finding(False, "task_8.choose.dear", facts, _explain_dear(answers))
    return Finding(True, "task_8.choose.cheap", {"count": len(unseen)})


def _explain_dear(answers: list[Answer]) -> str:
    given = {answer.value for answer in answers}
    if len(given) == 1:
        return "task_8.choose.one_for_all"
    return "task_8.choose.never_instance" if PANDAS not in given else "task_8.choose.not_by_month"


def _check_flip(context: Context, name: str, value: float) -> Finding:
    engine = name.partition("_")[0]
    below, above = build_flip(name, value, 0.97), build_flip(name, value, 1.03)
    answers = context.call("choose", [(below,), (above,)])
    facts = {
        "name": name,
        "value": f"{value:g}",
        "below": show_value(answers[0].value),
        "above": show_value(answers[1].value),
    }
    ok = answers[0].value == engine and answers[1].value in ENGINES and answers[1].value != engine
    return Finding(ok, "task_8.choose.flip", facts, "task_8.choose.unused_threshold")


def _facts(workload: Mapping[str, Any]) -> dict[str, Any]:
    names = ("memory_mb", "runs_per_month", "glue_s", "lambda_s", "pandas_s")
    return {name: f"{workload[name]:g}" for name in names}
