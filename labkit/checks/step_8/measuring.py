"""Task 8.2: three runs that were really made, and what the student reads from them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from labkit.checks.amounts import is_near, read_amount, show_value
from labkit.checks.context import Context
from labkit.checks.evaluation.measured import Measurement, read_measurements
from labkit.checks.evaluation.model import ENGINES, GLUE, LAMBDA, PANDAS
from labkit.checks.evaluation.predictions import explain_price, find_prediction, price_run
from labkit.checks.finding import Finding, NotAttempted
from labkit.data.samples import compute_copies
from labkit.prices import Prices, compute_function_cost

_SAMPLES = ("months", "csv", "files")


def check_measurements(context: Context) -> list[Finding]:
    """Each engine ran after the prediction and added up this student's sales; prices and the cost of many files are read right."""
    found = read_measurements(context.clients, context.names, context.journal)
    if not found:
        raise NotAttempted("task_8.measure.none")
    findings = [_check_run(context, engine, found.get(engine)) for engine in ENGINES]
    if not all(finding.ok for finding in findings):
        return findings
    return findings + _check_costs(context, found) + _check_many_files(context, found)


def _check_run(context: Context, engine: str, run: Measurement | None) -> Finding:
    if run is None:
        return Finding(False, "task_8.measure.missing", {"engine": engine})
    facts = {"engine": engine, "run": run.run_id, "state": run.state, "samples": ", ".join(run.seconds) or "–"}
    if run.state != "SUCCEEDED" or not set(_SAMPLES) <= set(run.seconds):
        return Finding(False, "task_8.measure.incomplete", facts)
    predicted = find_prediction(context.journal)
    if predicted is None or run.number < predicted.number:
        return Finding(False, "task_8.measure.too_early", facts)
    months = compute_units(context)
    copies = compute_copies(context.truth.sales_files)
    right = _same(run.units["months"], months, 1) and _same(run.units["csv"], months, copies)
    return Finding(right, "task_8.measure.units" if right else "task_8.measure.other_data", facts)


def compute_units(context: Context) -> dict[str, float]:
    """Units sold by channel in the student's twelve months: quantities that are numbers above 0."""
    units: dict[str, float] = defaultdict(float)
    for row in context.truth.sales:
        try:
            sold = float(row["cantidad"])
        except ValueError:
            continue
        if sold > 0:
            units[row["canal"].strip()] += sold
    return dict(units)


def _same(found: Any, expected: dict[str, float], times: int) -> bool:
    return set(found) == set(expected) and all(
        is_near(float(found[name]), value * times, 1e-6 * value * times) for name, value in expected.items()
    )


def price_measured(prices: Prices, run: Measurement) -> float:
    """What this very run would have cost on AWS; a month for the instance."""
    if run.engine == LAMBDA:
        return compute_function_cost(prices, run.billed_s, int(run.size))
    return price_run(prices, run.engine, run.billed_s)


def _check_costs(context: Context, found: dict[str, Measurement]) -> list[Finding]:
    usd = context.get("usd")
    if not isinstance(usd, dict):
        return [Finding(False, "task_8.measure.usd_shape", {"given": show_value(usd)})]
    findings = []
    for engine in ENGINES:
        run, amount = found[engine], read_amount(usd.get(engine))
        facts = {"engine": engine, "billed": f"{run.billed_s:g}", "given": show_value(usd.get(engine))}
        expected = price_measured(context.prices, run)
        ok = amount is not None and is_near(amount, expected, expected * 0.02)
        believed = "" if ok or amount is None else _explain(context.prices, run, amount)
        key = "task_8.usd_instance" if engine == PANDAS else "task_8.measure.usd"
        findings.append(Finding(ok, key, facts, believed))
    return findings


def _explain(prices: Prices, run: Measurement, amount: float) -> str:
    if run.engine == LAMBDA and is_near(
        amount, compute_function_cost(prices, run.seconds["csv"], int(run.size)), amount * 0.02
    ):
        return "task_8.price.billed"
    seconds = run.billed_s if run.engine in (GLUE, LAMBDA) else run.seconds["csv"]
    return explain_price(prices, run.engine, seconds, amount)


def _check_many_files(context: Context, found: dict[str, Measurement]) -> list[Finding]:
    ratios = context.get("many_files")
    if not isinstance(ratios, dict):
        return [Finding(False, "task_8.measure.ratio_shape", {"given": show_value(ratios)})]
    findings = []
    for engine in ENGINES:
        seconds, given = found[engine].seconds, ratios.get(engine)
        expected = seconds["files"] / seconds["csv"]
        amount = read_amount(given)
        ok = amount is not None and is_near(amount, expected, max(0.02, expected * 0.02))
        upside_down = not ok and amount is not None and is_near(amount, 1 / expected, 0.02 / expected)
        facts = {"engine": engine, "given": show_value(given)}
        findings.append(Finding(ok, "task_8.measure.ratio", facts, "task_8.measure.upside_down" if upside_down else ""))
    return findings
