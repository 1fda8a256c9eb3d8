"""Tasks 8.4 and 8.5: a break-even read from the what-if model, and the numbers of the decision record."""

from __future__ import annotations

from typing import Any

from labkit.checks.amounts import is_near, read_amount, show_value
from labkit.checks.context import Context
from labkit.checks.evaluation.measured import Measurement, fit_measurements, read_measurements
from labkit.checks.evaluation.model import ENGINES, GLUE, LAMBDA, Estimate, compute_break_even, estimate
from labkit.checks.evaluation.predictions import find_prediction, read_seconds
from labkit.checks.evaluation.workloads import STEADY, build_loads, describe_load
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.values import Function
from labkit.prices import compute_instance_cost

_RECORD = ("engine", "usd_month", "predicted_s", "measured_s", "revisit_runs")


def check_break_even(context: Context) -> list[Finding]:
    """From how many runs a month the instance is cheaper than Lambda for the student's steady workload."""
    given = context.get("break_even")
    estimates, _found = _estimate_steady(context)
    expected = compute_break_even(estimates[LAMBDA], context.prices)
    amount = read_amount(given)
    facts = {"given": show_value(given), "usd_run": f"{estimates[LAMBDA].usd_run:.6f}"}
    if amount is None:
        return [Finding(False, "task_8.what_if.number", facts)]
    if is_near(amount, expected, expected * 0.02 + 1):
        return [Finding(True, "task_8.what_if.break_even", facts)]
    month = compute_instance_cost(context.prices)
    wrong = {
        "task_8.what_if.glue": month / estimates[GLUE].usd_run,
        "task_8.what_if.a_day": expected / 30.4,
        "task_8.what_if.one_hour": context.prices.items["instance_hour"] / estimates[LAMBDA].usd_run,
        "task_8.what_if.dollars": month,
    }
    believed = next((key for key, value in wrong.items() if is_near(amount, value, value * 0.03)), "")
    return [Finding(False, "task_8.what_if.break_even", facts, believed)]


def check_record(context: Context) -> list[Finding]:
    """The record's numbers are those of the locked prediction, the measured run, the model and the student's own function."""
    record = context.get("record")
    if not isinstance(record, dict):
        return [Finding(False, "task_8.record.shape", {"given": show_value(record)})]
    missing = [name for name in _RECORD if record.get(name) in (None, "") or name not in record]
    if missing:
        return [Finding(False, "task_8.record.missing", {"names": ", ".join(missing)})]
    engine = record["engine"]
    if engine not in ENGINES:
        return [Finding(False, "task_8.record.no_engine", {"given": show_value(engine)})]
    estimates, found = _estimate_steady(context)
    return [
        _check_engine(context, engine),
        _compare("task_8.record.usd_month", record["usd_month"], estimates[engine].usd_month, 0.02, 0.01),
        _check_predicted(context, engine, record["predicted_s"]),
        _compare("task_8.record.measured_s", record["measured_s"], found[engine].seconds["csv"], 0.02, 0.01),
        _compare(
            "task_8.record.revisit_runs",
            record["revisit_runs"],
            compute_break_even(estimates[LAMBDA], context.prices),
            0.10,
            1,
        ),
    ]


def _estimate_steady(context: Context) -> tuple[dict[str, Estimate], dict[str, Measurement]]:
    found = read_measurements(context.clients, context.names, context.journal)
    speeds = fit_measurements(found)
    missing = [engine for engine in ENGINES if engine not in speeds]
    if missing:
        raise NotAttempted("task_8.what_if.unmeasured", engines=", ".join(missing))
    load = build_loads(context.truth.seed)[STEADY]
    return {engine: estimate(engine, speeds[engine], load, context.prices) for engine in ENGINES}, found


def _check_engine(context: Context, engine: str) -> Finding:
    """The record decides what `choose` decides for the same workload."""
    if not isinstance(context.get("choose"), Function):
        return Finding(False, "task_8.choose.no_function")
    speeds = fit_measurements(read_measurements(context.clients, context.names, context.journal))
    load = build_loads(context.truth.seed)[STEADY]
    answer = context.call("choose", [(describe_load(STEADY, load, speeds, context.prices),)])[0]
    facts = {"engine": engine, "chosen": answer.error or show_value(answer.value)}
    return Finding(answer.value == engine, "task_8.record.engine", facts, "task_8.record.two_minds")


def _check_predicted(context: Context, engine: str, given: Any) -> Finding:
    entry = find_prediction(context.journal)
    locked = read_seconds(entry) if entry else {}
    if engine not in locked:
        return Finding(False, "task_8.predict.not_locked")
    finding = _compare("task_8.record.predicted_s", given, locked[engine], 0.001, 0.01)
    return Finding(finding.ok, finding.key, finding.facts, "task_8.record.hindsight")


def _compare(key: str, given: Any, expected: float, share: float, least: float) -> Finding:
    amount = read_amount(given)
    ok = amount is not None and is_near(amount, expected, max(least, expected * share))
    return Finding(ok, key, {"given": show_value(given)})
