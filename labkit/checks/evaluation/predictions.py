"""Task 8.1: a prediction that was locked before anything was measured, and its price by AWS's rules."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from labkit.checks.amounts import is_near, read_amount, show_value
from labkit.checks.context import Context
from labkit.checks.evaluation.measured import KIND, find_first_run
from labkit.checks.evaluation.model import ENGINES, GLUE, LAMBDA, PANDAS
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.journal import Entry, Journal
from labkit.checks.values import MISSING, read_value
from labkit.prices import Prices, compute_function_cost, compute_instance_cost, compute_job_cost
from labkit.steps.bench import FUNCTION_MB

TASK = "8.1"
# Two G.1X workers.
DPU = 2


def find_prediction(journal: Journal) -> Entry | None:
    """The locked prediction: the first since the notebook was last reset."""
    reset = journal.last("reset", step=8)
    found = [
        entry for entry in journal.entries("prediction", task=TASK) if reset is None or entry.number > reset.number
    ]
    return found[0] if found else None


def read_seconds(entry: Entry) -> dict[str, float]:
    """Engine → predicted seconds; engines without a usable number are left out."""
    seconds = read_value(entry.data["values"].get("seconds"))
    if not isinstance(seconds, dict):
        return {}
    found = {engine: read_amount(seconds.get(engine)) for engine in ENGINES}
    return {engine: value for engine, value in found.items() if value is not None and value > 0}


def price_run(prices: Prices, engine: str, seconds: float) -> float:
    """What one run of so many seconds costs on AWS; for the instance, what a month of it does."""
    if engine == GLUE:
        return compute_job_cost(prices, seconds, DPU)
    if engine == LAMBDA:
        return compute_function_cost(prices, seconds, FUNCTION_MB)
    return compute_instance_cost(prices)


def check_prediction(context: Context) -> list[Finding]:
    """The prediction is locked, complete and older than the first measurement; its prices follow from its seconds."""
    entry = find_prediction(context.journal)
    given = context.get("seconds")
    if entry is None:
        raise NotAttempted("task_8.predict.not_locked")
    locked = read_seconds(entry)
    reset = context.journal.last("reset", step=8)
    measured = [item for item in context.journal.entries(KIND) if reset is None or item.number > reset.number]
    first = measured[0].number if measured else None
    findings = [
        Finding(
            len(locked) == len(ENGINES),
            "task_8.predict.complete",
            {"engines": ", ".join(locked) or "–"},
            "task_8.predict.start_over",
        ),
        Finding(
            first is None or entry.number < first, "task_8.predict.before", {"at": entry.at[:16].replace("T", " ")}
        ),
    ]
    ran = find_first_run(context.clients, context.names, reset.at if reset else "")
    if ran is not None and ran < datetime.fromisoformat(entry.at):
        facts = {"at": entry.at[:16].replace("T", " "), "run": f"{ran.astimezone(timezone.utc):%Y-%m-%d %H:%M}"}
        findings.append(Finding(False, "task_8.predict.ran_before", facts))
    same = given == read_value(entry.data["values"].get("seconds"))
    findings.append(Finding(same, "task_8.predict.same", {"given": show_value(given)}, "task_8.predict.changed"))
    return findings + _check_prices(context, locked)


def _check_prices(context: Context, locked: dict[str, float]) -> list[Finding]:
    usd = context.get("usd")
    if not isinstance(usd, dict) or any(usd.get(engine, MISSING) is MISSING for engine in ENGINES):
        return [Finding(False, "task_8.predict.usd_shape", {"given": show_value(usd)})]
    return [_check_price(context.prices, engine, locked[engine], usd[engine]) for engine in ENGINES if engine in locked]


def _check_price(prices: Prices, engine: str, seconds: float, given: Any) -> Finding:
    facts = {"engine": engine, "seconds": f"{seconds:g}", "given": show_value(given)}
    amount = read_amount(given)
    expected = price_run(prices, engine, seconds)
    if amount is None:
        return Finding(False, "task_8.predict.usd_number", facts)
    key = "task_8.usd_instance" if engine == PANDAS else "task_8.predict.usd"
    if is_near(amount, expected, expected * 0.02):
        return Finding(True, key, facts)
    return Finding(False, key, facts, explain_price(prices, engine, seconds, amount))


def explain_price(prices: Prices, engine: str, seconds: float, amount: float) -> str:
    """The misconception behind a wrong price ("" when none is recognised)."""
    items = prices.items
    right = price_run(prices, engine, seconds)

    def near(wrong: float) -> bool:
        return abs(wrong - right) > right * 0.02 and is_near(amount, wrong, wrong * 0.02)

    if engine == GLUE:
        if near(seconds / 3600 * DPU * items["dpu_hour"]):
            return "task_8.price.minimum"
        if near(max(seconds, items["job_minimum_s"]) / 3600 * items["dpu_hour"]):
            return "task_8.price.one_dpu"
        if near(DPU * items["dpu_hour"]):
            return "task_8.price.whole_hour"
    if engine == LAMBDA:
        if near(seconds * items["lambda_gb_s"]) or near(seconds * FUNCTION_MB * items["lambda_gb_s"]):
            return "task_8.price.gigabytes"
        if near(items["lambda_request"]):
            return "task_8.price.request_only"
    if engine == PANDAS and (near(seconds / 3600 * items["instance_hour"]) or near(items["instance_hour"])):
        return "task_8.price.always_on"
    return ""
