"""7.2: the same question to CSV, to Parquet and to one partition, in bytes and cents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.checks.amounts import is_near, read_amount, show_value
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.step_7.executions import Execution, find_execution, read_rows
from labkit.checks.step_7.processed import judge_processed, read_processed
from labkit.prices import Prices, compute_query_cost

_WAYS = ("csv", "parquet", "partition")
# How many times more data the second bill is for.
GROWTH = 100_000
# Rounding up to whole megabytes or not makes less than this.
_SHARE = 0.01


def check_scanned(context: Context) -> list[Finding]:
    """Three runs of one question: their tables, answers and bytes are Athena's; ratio and cents must follow from those bytes."""
    month, query_ids = context.get("month"), context.get("query_ids")
    given = {name: context.get(name) for name in ("scanned", "ratio", "cents_now", "cents_grown")}
    runs = _find_runs(context, query_ids)
    if unknown := [way for way in _WAYS if runs.get(way) is None]:
        raise NotAttempted("task_7.scanned.no_runs", ways=", ".join(unknown))
    executions = {way: run for way, run in runs.items() if run is not None}
    if failed := [run for run in executions.values() if run.state != "SUCCEEDED"]:
        facts = {"state": failed[0].state, "reason": failed[0].reason[:300]}
        return [Finding(False, "task_7.query_failed", facts)]
    actual = {way: run.scanned_bytes for way, run in executions.items()}
    sources = _judge_sources(context, executions)
    return [
        sources,
        *_judge_answers(context, executions, month),
        _judge_order(actual),
        _judge_bytes(given["scanned"], actual),
        _judge_ratio(given["ratio"], actual),
        _judge_cents("cents_now", given["cents_now"], actual, context.prices, 1),
        _judge_cents("cents_grown", given["cents_grown"], actual, context.prices, GROWTH),
    ]


def _find_runs(context: Context, query_ids: Any) -> dict[str, Execution | None]:
    ids = query_ids if isinstance(query_ids, dict) else {}
    return {way: find_execution(context, ids.get(way)) for way in _WAYS}


def _judge_sources(context: Context, runs: Mapping[str, Execution]) -> Finding:
    """CSV from the raw table, the other two from the processed one, the last with the partition's keys."""
    names = context.names
    wrong = [] if runs["csv"].reads(names.dataset) and not runs["csv"].reads(names.processed) else ["csv"]
    wrong += [
        way
        for way in ("parquet", "partition")
        if not runs[way].reads(names.processed) or runs[way].reads(names.dataset)
    ]
    facts = {"csv": names.dataset, "parquet": names.processed, "wrong": ", ".join(wrong) or "—"}
    if wrong:
        return Finding(False, "task_7.scanned.sources_differ", facts)
    return Finding(True, "task_7.scanned.sources", facts)


def _judge_answers(context: Context, runs: Mapping[str, Execution], month: Any) -> list[Finding]:
    """One question has one answer: the units that were accepted in the student's month."""
    sales = read_processed(context)
    processed = judge_processed(context, sales)
    units = sum(sale.units for sale in sales if sale.month == month)
    if type(month) is not int or not units:
        return [processed, Finding(False, "task_7.scanned.month", {"value": show_value(month)})]
    answers = {way: _read_answer(context, run) for way, run in runs.items()}
    wrong = [way for way, answer in answers.items() if answer is None or not is_near(answer, units, 0.001)]
    said = "; ".join(f"{way}: {'—' if answer is None else f'{answer:g}'}" for way, answer in answers.items())
    facts = {"answers": said, "month": month, "wrong": ", ".join(wrong) or "—"}
    if not wrong:
        return [processed, Finding(True, "task_7.scanned.answers", facts)]
    mistake = "task_7.scanned.dirt_is_counted" if wrong == ["csv"] else "task_7.scanned.another_question"
    return [processed, Finding(False, "task_7.scanned.answers_differ", facts, mistake)]


def _read_answer(context: Context, run: Execution) -> float | None:
    """The number of a query that gives one row with one number in its last column."""
    _names, rows = read_rows(context, run, 2)
    try:
        return float(rows[0][-1] or "") if len(rows) == 1 else None
    except (ValueError, IndexError):
        return None


def _judge_order(actual: Mapping[str, int]) -> Finding:
    # The bytes themselves are asked for: only which is more is told.
    facts = {
        "first": _compare(actual["csv"], actual["parquet"]),
        "second": _compare(actual["parquet"], actual["partition"]),
    }
    if actual["csv"] > actual["parquet"] > actual["partition"] > 0:
        return Finding(True, "task_7.scanned.order", facts)
    if not actual["partition"]:
        return Finding(False, "task_7.scanned.order_differs", facts, "task_7.scanned.only_metadata")
    return Finding(False, "task_7.scanned.order_differs", facts, "task_7.scanned.no_pruning")


def _compare(one: int, other: int) -> str:
    return ">" if one > other else "=" if one == other else "<"


def _judge_bytes(scanned: Any, actual: Mapping[str, int]) -> Finding:
    values = scanned if isinstance(scanned, dict) else {}
    wrong = [way for way in _WAYS if read_amount(values.get(way)) != actual[way]]
    facts = {"value": show_value(scanned), "wrong": ", ".join(wrong) or "—"}
    if wrong:
        return Finding(False, "task_7.scanned.bytes_differ", facts, "task_7.scanned.other_statistics")
    return Finding(True, "task_7.scanned.bytes", facts)


def _judge_ratio(ratio: Any, actual: Mapping[str, int]) -> Finding:
    number, facts = read_amount(ratio), {"value": show_value(ratio)}
    if number is None or not actual["partition"] or not actual["csv"]:
        return Finding(False, "task_7.scanned.ratio_differs", facts)
    right = actual["csv"] / actual["partition"]
    if is_near(number, right, max(0.05, right * 0.001)):
        return Finding(True, "task_7.scanned.ratio", facts)
    upside_down = is_near(number, 1 / right, 0.001) or is_near(number, 100 / right, 0.1)
    return Finding(
        False, "task_7.scanned.ratio_differs", facts, "task_7.scanned.ratio_upside_down" if upside_down else ""
    )


def _judge_cents(name: str, cents: Any, actual: Mapping[str, int], prices: Prices, growth: int) -> Finding:
    values = cents if isinstance(cents, dict) else {}
    right = {way: compute_query_cost(prices, actual[way] * growth) * 100 for way in _WAYS}
    numbers = {way: read_amount(values.get(way)) for way in _WAYS}
    wrong = [
        way for way, number in numbers.items() if number is None or not is_near(number, right[way], right[way] * _SHARE)
    ]
    facts = {"name": name, "value": show_value(cents), "wrong": ", ".join(wrong) or "—", "growth": f"{growth:,}"}
    if not wrong:
        return Finding(True, "task_7.scanned.cents", facts)
    price = prices.items["athena_tb"] * 100
    bare = {way: actual[way] * growth / 1e12 * price for way in _WAYS}
    binary = {way: actual[way] * growth / 2**40 * price for way in _WAYS}
    mistakes = {
        "task_7.scanned.dollars": {way: value / 100 for way, value in right.items()},
        "task_7.scanned.no_minimum": bare,
        "task_7.scanned.binary_terabytes": binary,
    }
    return Finding(False, "task_7.scanned.cents_differ", facts, _find_mistake(numbers, mistakes, wrong))


def _find_mistake(
    numbers: Mapping[str, float | None], mistakes: Mapping[str, Mapping[str, float]], wrong: list[str]
) -> str:
    """The key of the mistake that explains every wrong value, or none."""
    for key, values in mistakes.items():
        found = [numbers[way] for way in wrong]
        if all(
            number is not None and is_near(number, values[way], values[way] * _SHARE)
            for way, number in zip(wrong, found, strict=True)
        ):
            return key
    return ""
