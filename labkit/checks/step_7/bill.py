"""7.5: a month's bill as a function, tried on the student's own workload and on three that nobody has seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import fsum

from labkit.checks.amounts import read_amount, show_value
from labkit.checks.context import Answer, Context
from labkit.checks.finding import Finding
from labkit.data.workload import build_workload
from labkit.prices import compute_crawl_cost, compute_job_cost, compute_query_cost, compute_storage_cost

Workload = Mapping[str, int]
Items = Mapping[str, float]
_LINES = ("glue", "crawler", "athena", "lambda", "s3", "total")
_HALF_CENT = 0.005
# What each workload is about, when the bill is right and when it is not: the student's own first, then the hidden ones.
_TEXTS = (
    ("task_7.bill.own", "task_7.bill.own_wrong"),
    ("task_7.bill.small", "task_7.bill.small_wrong"),
    ("task_7.bill.large", "task_7.bill.large_wrong"),
    ("task_7.bill.busy", "task_7.bill.busy_wrong"),
)


def check_bill(context: Context) -> list[Finding]:
    """The function must give every line of every workload to the cent."""
    workloads = [build_workload(context.truth.student, number) for number in range(len(_TEXTS))]
    answers = context.call("monthly_bill", [(workload,) for workload in workloads])
    tried = zip(_TEXTS, workloads, answers, strict=True)
    findings: list[Finding] = []
    for texts, workload, answer in tried:
        finding = _judge(context, texts, workload, answer)
        # A function that raises or returns no dict does so four times in the same words.
        findings += [finding] if finding not in findings else []
    return findings


def compute_bill(context: Context, workload: Workload) -> dict[str, float]:
    """US dollars a month by line, with AWS's minimums and Lambda's free tier."""
    prices, days = context.prices, workload["days"]
    bill = {
        "glue": days * workload["runs_per_day"] * compute_job_cost(prices, workload["run_seconds"], workload["dpu"]),
        "crawler": days * workload["crawls_per_day"] * compute_crawl_cost(prices, workload["crawl_seconds"]),
        "athena": days * workload["queries_per_day"] * compute_query_cost(prices, workload["query_mb"] * 1_000_000),
        "lambda": _compute_lambda(workload, prices.items),
        "s3": compute_storage_cost(prices, workload["stored_gb"] * 10**9),
    }
    bill["total"] = fsum(bill.values())
    return bill


def _compute_lambda(workload: Workload, items: Items, *, free: bool = True) -> float:
    calls = workload["days"] * workload["invocations_per_day"]
    # Whole numbers as long as they are: milliseconds × MB, of which 1000 × 1024 are a GB-second.
    used = calls * workload["invocation_ms"] * workload["memory_mb"] / 1_024_000
    paid = (calls, used)
    if free:
        paid = (max(0, calls - int(items["lambda_free_requests"])), max(0.0, used - items["lambda_free_gb_s"]))
    return paid[0] * items["lambda_request"] + paid[1] * items["lambda_gb_s"]


def _judge(context: Context, texts: tuple[str, str], workload: Workload, answer: Answer) -> Finding:
    if answer.error:
        return Finding(False, "task_7.bill.raised", {"reason": answer.error[:200]})
    bill = answer.value
    if not isinstance(bill, dict) or not set(_LINES) <= set(bill):
        return Finding(False, "task_7.bill.shape", {"value": show_value(bill), "lines": ", ".join(_LINES)})
    right = compute_bill(context, workload)
    given = {line: read_amount(bill[line]) for line in _LINES}
    wrong = [line for line in _LINES if not _is_right(given[line], right[line])]
    values = ", ".join(f"{line} {show_value(bill[line])}" for line in wrong)
    facts = {"workload": ", ".join(f"{name}={value}" for name, value in workload.items()), "wrong": values or "—"}
    if not wrong:
        return Finding(True, texts[0], facts)
    return Finding(False, texts[1], facts, _explain(wrong, given, right, workload, context.prices.items))


def _is_right(value: float | None, right: float) -> bool:
    return value is not None and abs(value - right) <= _HALF_CENT + 1e-9


def _explain(
    wrong: list[str], given: Mapping[str, float | None], right: Mapping[str, float], workload: Workload, items: Items
) -> str:
    """The mistake that gives the first wrong line, or none."""
    line = wrong[0]
    if wrong == ["total"]:
        return "task_7.bill.total_is_no_sum"
    value = given[line]
    if value is None:
        return "task_7.answers_are_texts"
    if abs(value * workload["days"] - right[line]) <= _HALF_CENT * workload["days"] and line != "s3":
        return "task_7.bill.one_day"
    found = [key for key, wrong_way in _MISTAKES.get(line, {}).items() if _is_right(value, wrong_way(workload, items))]
    return found[0] if found else ""


def _glue(workload: Workload, items: Items, seconds: float, dpu: float) -> float:
    return workload["days"] * workload["runs_per_day"] * seconds / 3600 * dpu * items["dpu_hour"]


def _crawler(workload: Workload, items: Items, seconds: float, dpu: float) -> float:
    return workload["days"] * workload["crawls_per_day"] * seconds / 3600 * dpu * items["dpu_hour"]


def _athena(workload: Workload, items: Items, megabytes: float, terabyte: float) -> float:
    return workload["days"] * workload["queries_per_day"] * megabytes / terabyte * items["athena_tb"]


def _billed(seconds: float, least: float) -> float:
    return max(float(seconds), least)


def _tb_minimum(workload: Workload, items: Items) -> float:
    return max(float(workload["query_mb"]), items["athena_minimum_bytes"] / 1e6)


# What each likely mistake would make of a line.
_MISTAKES: Mapping[str, Mapping[str, Callable[[Workload, Items], float]]] = {
    "glue": {
        "task_7.bill.no_job_minimum": lambda w, i: _glue(w, i, w["run_seconds"], w["dpu"]),
        "task_7.bill.no_dpu": lambda w, i: _glue(w, i, _billed(w["run_seconds"], i["job_minimum_s"]), 1),
        "task_7.bill.whole_minutes": lambda w, i: _glue(w, i, -(-w["run_seconds"] // 60) * 60, w["dpu"]),
        "task_7.bill.ten_minutes_a_job": lambda w, i: _glue(
            w, i, _billed(w["run_seconds"], i["crawl_minimum_s"]), w["dpu"]
        ),
    },
    "crawler": {
        "task_7.bill.no_crawl_minimum": lambda w, i: _crawler(w, i, w["crawl_seconds"], i["crawl_dpu"]),
        "task_7.bill.one_minute_a_crawl": lambda w, i: _crawler(
            w, i, _billed(w["crawl_seconds"], i["job_minimum_s"]), i["crawl_dpu"]
        ),
        "task_7.bill.no_dpu": lambda w, i: _crawler(w, i, _billed(w["crawl_seconds"], i["crawl_minimum_s"]), 1),
        "task_7.bill.dpu_of_the_job": lambda w, i: _crawler(
            w, i, _billed(w["crawl_seconds"], i["crawl_minimum_s"]), w["dpu"]
        ),
    },
    "athena": {
        "task_7.bill.no_query_minimum": lambda w, i: _athena(w, i, w["query_mb"], 1e6),
        "task_7.bill.binary_terabytes": lambda w, i: _athena(w, i, _tb_minimum(w, i), 2**20),
        "task_7.bill.gigabytes": lambda w, i: _athena(w, i, _tb_minimum(w, i), 1e3),
        "task_7.bill.minimum_once": lambda w, i: (
            max(w["days"] * w["queries_per_day"] * w["query_mb"], i["athena_minimum_bytes"] / 1e6)
            / 1e6
            * i["athena_tb"]
        ),
    },
    "lambda": {
        "task_7.bill.no_free_tier": lambda w, i: _compute_lambda(w, i, free=False),
        "task_7.bill.everything_free": lambda _w, _i: 0.0,
        "task_7.bill.only_requests": lambda w, i: (
            max(0.0, w["days"] * w["invocations_per_day"] - i["lambda_free_requests"]) * i["lambda_request"]
        ),
    },
    "s3": {
        "task_7.bill.stored_per_day": lambda w, i: w["days"] * w["stored_gb"] * i["s3_gb_month"],
        "task_7.bill.binary_gigabytes": lambda w, i: w["stored_gb"] * 1.073741824 * i["s3_gb_month"],
    },
}
