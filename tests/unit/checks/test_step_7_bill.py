"""The bill of task 7.5 needs no cloud: a function, four workloads, and each likely mistake by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labkit.aws.session import Clients
from labkit.checks.context import Answer, Context, build_context
from labkit.checks.finding import BROKEN, NOT_ATTEMPTED, NOT_YET, PASSED, CheckResult
from labkit.checks.run import run_check
from labkit.checks.step_7.bill import compute_bill
from labkit.checks.tasks import get_task
from labkit.checks.values import MISSING, Function, export, read_value
from labkit.data.workload import FIELDS, build_workload
from labkit.settings import read_settings
from tests.unit.checks.revealing import find_revealed, show_result

P = {"dpu": 0.44, "tb": 5.0, "request": 2e-7, "gb_s": 0.0000166667, "gb_month": 0.023}
Bill = dict[str, float]


def reference(w: Mapping[str, int]) -> Bill:
    """The rules once more, written out independently of labkit.prices."""
    requests = w["days"] * w["invocations_per_day"]
    seconds = requests * w["invocation_ms"] / 1000 * w["memory_mb"] / 1024
    bill = {
        "glue": w["days"] * w["runs_per_day"] * max(60, w["run_seconds"]) / 3600 * w["dpu"] * P["dpu"],
        "crawler": w["days"] * w["crawls_per_day"] * max(600, w["crawl_seconds"]) / 3600 * 2 * P["dpu"],
        "athena": w["days"] * w["queries_per_day"] * max(10, w["query_mb"]) / 1e6 * P["tb"],
        "lambda": max(0, requests - 1_000_000) * P["request"] + max(0, seconds - 400_000) * P["gb_s"],
        "s3": w["stored_gb"] * P["gb_month"],
    }
    return {**bill, "total": sum(bill.values())}


@pytest.fixture
def context() -> Context:
    settings = read_settings({"LABKIT_STUDENT": "Ana Núñez", "LABKIT_STATE": "/nowhere/state"}, Path("/nowhere"))
    return build_context(settings, Clients(settings.target))


def check(context: Context, bill: Callable[[Mapping[str, int]], Any] | None) -> CheckResult:
    def ask(_name: str, calls: Sequence[Sequence[Any]]) -> list[Answer]:
        assert bill is not None
        return [_answer(bill, arguments[0]) for arguments in calls]

    value = MISSING if bill is None else Function("monthly_bill")
    return run_check(get_task("7.5"), replace(context, values={"monthly_bill": value}, ask=ask))


def _answer(bill: Callable[[Mapping[str, int]], Any], workload: Mapping[str, int]) -> Answer:
    try:
        return Answer(value=read_value(export(bill(workload))))
    except Exception as error:  # noqa: BLE001
        return Answer(error=f"{type(error).__name__}: {error}")


def test_the_rules_written_out_pass(context: Context) -> None:
    assert check(context, reference).status == PASSED
    assert check(context, None).status == NOT_ATTEMPTED
    for number in range(4):
        workload = build_workload(context.truth.student, number)
        assert compute_bill(context, workload) == pytest.approx(reference(workload))


def test_a_bill_of_cents_passes_and_more_lines_do_no_harm(context: Context) -> None:
    assert check(context, lambda w: {**{k: round(v, 2) for k, v in reference(w).items()}, "tax": 0}).status == PASSED


WRONG: list[tuple[str, Callable[[Mapping[str, int]], float], str]] = [
    ("glue", lambda w: 30 * w["runs_per_day"] * w["run_seconds"] / 3600 * w["dpu"] * 0.44, "no_job_minimum"),
    ("glue", lambda w: reference(w)["glue"] / w["dpu"], "no_dpu"),
    ("glue", lambda w: 30 * w["runs_per_day"] * -(-w["run_seconds"] // 60) / 60 * w["dpu"] * 0.44, "whole_minutes"),
    (
        "glue",
        lambda w: 30 * w["runs_per_day"] * max(600, w["run_seconds"]) / 3600 * w["dpu"] * 0.44,
        "ten_minutes_a_job",
    ),
    ("glue", lambda w: reference(w)["glue"] / 30, "one_day"),
    ("crawler", lambda w: 30 * w["crawls_per_day"] * w["crawl_seconds"] / 3600 * 2 * 0.44, "no_crawl_minimum"),
    ("crawler", lambda w: 30 * w["crawls_per_day"] * max(60, w["crawl_seconds"]) / 3600 * 0.88, "one_minute_a_crawl"),
    ("crawler", lambda w: reference(w)["crawler"] / 2, "no_dpu"),
    ("athena", lambda w: 30 * w["queries_per_day"] * w["query_mb"] / 1e6 * 5, "no_query_minimum"),
    ("athena", lambda w: reference(w)["athena"] * 1e6 / 2**20, "binary_terabytes"),
    ("athena", lambda w: reference(w)["athena"] * 1000, "gigabytes"),
    ("athena", lambda w: max(10, 30 * w["queries_per_day"] * w["query_mb"]) / 1e6 * 5, "no_query_minimum"),
    (
        "lambda",
        lambda w: (
            30 * w["invocations_per_day"] * (2e-7 + w["invocation_ms"] / 1000 * w["memory_mb"] / 1024 * 0.0000166667)
        ),
        "no_free_tier",
    ),
    ("lambda", lambda _w: 0.0, "everything_free"),
    ("lambda", lambda w: max(0, 30 * w["invocations_per_day"] - 1_000_000) * 2e-7, "only_requests"),
    ("s3", lambda w: reference(w)["s3"] * 30, "stored_per_day"),
    ("s3", lambda w: reference(w)["s3"] * 1.073741824, "binary_gigabytes"),
    ("total", lambda w: reference(w)["total"] + 1, "total_is_no_sum"),
    ("s3", lambda _w: "mucho", "answers_are_texts"),  # type: ignore[list-item,return-value]
]


@pytest.mark.parametrize(("line", "way", "why"), WRONG)
def test_a_wrong_line_is_named(context: Context, line: str, way: Any, why: str) -> None:
    def bill(workload: Mapping[str, int]) -> Bill:
        lines = {**reference(workload), line: way(workload)}
        if line != "total" and isinstance(lines[line], float):
            lines["total"] = sum(value for name, value in lines.items() if name != "total")
        return lines

    result = check(context, bill)
    assert result.status == NOT_YET
    assert why in {
        item.misconception.rsplit(".", 1)[1] for item in result.findings if item.misconception and not item.ok
    }
    assert all(item.text() != item.key for item in result.findings)


def test_what_is_no_bill_is_said(context: Context) -> None:
    assert {item.key for item in check(context, lambda _w: 12.5).findings} == {"task_7.bill.shape"}
    assert {item.key for item in check(context, lambda w: w["workers"]).findings} == {"task_7.bill.raised"}
    result = run_check(get_task("7.5"), replace(context, values={"monthly_bill": 3}))
    assert result.status != BROKEN
    assert "not callable" in result.findings[0].text()


def test_every_student_has_a_month_of_their_own() -> None:
    months = [tuple(build_workload(name).values()) for name in ("", "ana", "Iñaki", "o'neill", "李")]
    assert len(set(months)) == 5
    assert build_workload(" Ana ") == build_workload("ana")
    assert all(set(build_workload("ana", number)) == set(FIELDS) for number in range(4))
    for name in ("ana", "luis", "zoe"):
        small, large, busy = (build_workload(name, number) for number in (1, 2, 3))
        assert small["run_seconds"] < 60 < large["run_seconds"]
        assert small["query_mb"] < 10 < large["query_mb"]
        assert large["crawl_seconds"] > 600
        assert busy["days"] * busy["invocations_per_day"] > 1_000_000
        assert (
            busy["days"] * busy["invocations_per_day"] * busy["invocation_ms"] / 1000 * busy["memory_mb"] / 1024
            > 400_000
        )


@pytest.mark.parametrize("wrong", [lambda value: 0.0, lambda value: value * 1.37, lambda value: str(value + 1)])
def test_a_wrong_bill_is_not_told_the_right_one(context: Context, wrong: Callable[[float], Any]) -> None:
    result = check(context, lambda workload: {line: wrong(value) for line, value in reference(workload).items()})
    assert result.status == NOT_YET
    right = [build_workload(context.truth.student, number) for number in range(4)]
    amounts = [amount for workload in right for amount in reference(workload).values()]
    assert find_revealed(amounts, show_result(result)) == set()
