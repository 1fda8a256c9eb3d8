"""Notebook 8 without a cloud: what fakes of Glue and CloudWatch Logs tell is read, judged and explained."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labkit.checks.context import Answer, Context
from labkit.checks.evaluation.measured import KIND
from labkit.checks.evaluation.model import compute_break_even
from labkit.checks.evaluation.workloads import STEADY, build_loads, describe_load
from labkit.checks.finding import NOT_ATTEMPTED, NOT_YET, PASSED, CheckResult
from labkit.checks.journal import Journal
from labkit.checks.run import run_check
from labkit.checks.step_8.choice import price_month
from labkit.checks.step_8.deciding import _estimate_steady
from labkit.checks.step_8.measuring import compute_units
from labkit.checks.tasks import get_task
from labkit.checks.truth import Truth
from labkit.checks.values import MISSING, Function, export
from labkit.data.samples import compute_copies
from labkit.prices import compute_function_cost, compute_instance_cost, compute_job_cost, load_prices
from labkit.settings import read_settings
from labkit.steps.bench import build_bench
from tests.unit.checks.revealing import find_revealed, show_result

PRICES = load_prices()
SIZES = {
    "months": {"format": "csv", "files": 12, "rows_mb": 0.6},
    "csv": {"format": "csv", "files": 1, "rows_mb": 8.4},
    "files": {"format": "csv", "files": 24, "rows_mb": 8.4},
    "parquet": {"format": "parquet", "files": 1, "rows_mb": 8.4},
}
SPENT = {
    "glue": {"months": 0.5, "csv": 1.0, "files": 1.2, "parquet": 0.6},
    "lambda": {"months": 0.1, "csv": 0.3, "files": 0.5},
    "pandas": {"months": 0.1, "csv": 0.2, "files": 0.4, "parquet": 0.1},
}
SECONDS = {"glue": 10.0, "lambda": 1.0, "pandas": 0.5}
THRESHOLDS = {"lambda_s": 600, "lambda_mb": 8000, "pandas_mb": 6000}


class FakeGlue:
    """Knows one run, which took four seconds on 2 DPU."""

    state = "SUCCEEDED"

    def __init__(self, *began: datetime) -> None:
        self._began = began

    def get_paginator(self, _name: str) -> FakeGlue:
        return self

    def paginate(self, JobName: str) -> list[dict[str, Any]]:  # noqa: N803 - AWS's spelling
        runs = [{"Id": "jr_1", "JobName": JobName, "JobRunState": self.state, "StartedOn": at} for at in self._began]
        return [{"JobRuns": runs}]

    def get_job_run(self, JobName: str, RunId: str) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        run = {"Id": RunId, "JobName": JobName, "JobRunState": self.state, "StartedOn": datetime.now(timezone.utc)}
        return {"JobRun": {**run, "ExecutionTime": 4, "MaxCapacity": 2.0}}


class FakeLogs:
    """Lines by log group."""

    def __init__(self, lines: dict[str, list[str]]) -> None:
        self._lines = lines

    def get_paginator(self, _name: str) -> FakeLogs:
        return self

    def paginate(self, logGroupName: str, **_wanted: Any) -> list[dict[str, Any]]:  # noqa: N803 - AWS's spelling
        found = self._lines.get(logGroupName, [])
        events = [
            {"eventId": str(place), "timestamp": place, "logStreamName": "s", "message": line}
            for place, line in enumerate(found)
        ]
        return [{"events": events}]


@pytest.fixture(scope="module", params=["", "Íñigo"])
def truth(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Truth:
    folder = tmp_path_factory.mktemp("evaluation")
    return Truth(read_settings({"LABKIT_STUDENT": request.param, "LABKIT_STATE": str(folder)}, folder))


@pytest.fixture
def context(truth: Truth, tmp_path: Path) -> Context:
    """Nothing predicted, nothing measured."""
    clients: Any = SimpleNamespace(glue=FakeGlue(), logs=FakeLogs({}))
    return Context(clients, truth._settings, truth, Journal(tmp_path))


@pytest.fixture
def measured(context: Context) -> Context:
    """A prediction, then the three runs."""
    predict(context)
    return measure(context)


def predict(context: Context, seconds: Any = None) -> None:
    values = {"seconds": export(SECONDS if seconds is None else seconds)}
    context.journal.record("prediction", task="8.1", values=values)


def measure(context: Context, times: float = 1.0) -> Context:
    units, copies = compute_units(context), compute_copies(context.truth.sales_files)
    lines = {
        engine: [
            {"sample": name, "seconds": spent, "units": scale(units, times * (1 if name == "months" else copies))}
            for name, spent in samples.items()
        ]
        for engine, samples in SPENT.items()
    }
    logs = {
        "/aws-glue/jobs/output": ["hello", *(f"MEASURE {json.dumps(line)}" for line in lines["glue"])],
        f"/aws/lambda/{build_bench(context.names).function}": [
            *(f"[INFO]\t2026\tr-1\tMEASURE {json.dumps(line)}" for line in lines["lambda"]),
            "REPORT RequestId: r-1\tDuration: 899.1 ms\tBilled Duration: 900 ms\tMemory Size: 1769 MB\t",
        ],
    }
    context.journal.record(KIND, engine="glue", run_id="jr_1", since_ms=0, samples=SIZES, cores=2)
    context.journal.record(KIND, engine="lambda", run_id="r-1", since_ms=0, samples=SIZES)
    context.journal.record(KIND, engine="pandas", run_id="p-1", since_ms=0, samples=SIZES, lines=lines["pandas"])
    clients: Any = SimpleNamespace(glue=context.clients.glue, logs=FakeLogs(logs))
    return replace(context, clients=clients)


def scale(units: dict[str, float], times: float) -> dict[str, float]:
    return {name: value * times for name, value in units.items()}


def look(context: Context, task: str, choose: Callable[[Any], Any] | None = None, **values: Any) -> CheckResult:
    def ask(_name: str, calls: Any) -> list[Answer]:
        return [answer(choose, call) for call in calls]

    if choose is not None:
        values["choose"] = Function("choose")
    return run_check(get_task(task), replace(context, values=values, ask=ask))


def answer(choose: Any, call: Any) -> Answer:
    try:
        return Answer(value=choose(*call))
    except Exception as error:  # noqa: BLE001 - as the kernel does
        return Answer(error=f"{type(error).__name__}: {error}")


def believed(result: CheckResult) -> set[str]:
    assert result.status == NOT_YET, result
    assert all(item.text() != item.key for item in result.findings)
    return {item.misconception for item in result.findings if not item.ok}


def usd_of(seconds: dict[str, float]) -> dict[str, float]:
    return {
        "glue": compute_job_cost(PRICES, seconds["glue"], 2),
        "lambda": compute_function_cost(PRICES, seconds["lambda"], 1769),
        "pandas": compute_instance_cost(PRICES),
    }


def choose_well(workload: dict[str, Any], thresholds: dict[str, float] = THRESHOLDS) -> str:
    usd = {"glue": price_month(PRICES, "glue", workload)}
    if workload["lambda_s"] <= thresholds["lambda_s"] and workload["memory_mb"] <= thresholds["lambda_mb"]:
        usd["lambda"] = price_month(PRICES, "lambda", workload)
    busy = workload["runs_per_month"] * workload["pandas_s"] > 730 * 3600
    if workload["memory_mb"] <= thresholds["pandas_mb"] and not busy:
        usd["pandas"] = price_month(PRICES, "pandas", workload)
    return min(usd, key=usd.__getitem__)


# 8.1


def test_a_prediction_locked_before_measuring_with_its_prices_passes(context: Context) -> None:
    predict(context)
    assert look(context, "8.1", seconds=SECONDS, usd=usd_of(SECONDS)).status == PASSED
    assert look(measure(context), "8.1", seconds=SECONDS, usd=usd_of(SECONDS)).status == PASSED
    rounded = {engine: float(f"{usd:.3g}") for engine, usd in usd_of(SECONDS).items()}
    assert look(context, "8.1", seconds=SECONDS, usd=rounded).status == PASSED


def test_without_a_prediction_nothing_was_attempted(context: Context) -> None:
    assert look(context, "8.1", seconds=SECONDS, usd=usd_of(SECONDS)).status == NOT_ATTEMPTED
    predict(context)
    assert look(context, "8.1", seconds=MISSING, usd=MISSING).status == NOT_ATTEMPTED
    assert look(context, "8.1", seconds=SECONDS, usd=MISSING).status == NOT_ATTEMPTED


def test_a_prediction_after_the_measurement_is_none(context: Context) -> None:
    found = measure(context)
    predict(found)
    assert look(found, "8.1", seconds=SECONDS, usd=usd_of(SECONDS)).status == NOT_YET
    found.journal.record("reset", step=8)
    predict(found)
    assert look(found, "8.1", seconds=SECONDS, usd=usd_of(SECONDS)).status == PASSED
    assert look(found, "8.2", usd=usd_of(BILLED), many_files=MANY).status == NOT_ATTEMPTED


def test_a_journal_begun_anew_does_not_hide_a_run_that_aws_remembers(context: Context) -> None:
    now = datetime.now(timezone.utc) - timedelta(seconds=1)
    found = replace(context, clients=SimpleNamespace(glue=FakeGlue(now), logs=FakeLogs({})))  # type: ignore[arg-type]
    predict(found)
    keys = {item.key for item in look(found, "8.1", seconds=SECONDS, usd=usd_of(SECONDS)).findings if not item.ok}
    assert keys == {"task_8.predict.ran_before"}
    # Starting over is a way out that is on record.
    found.journal.record("reset", step=8)
    predict(found)
    assert look(found, "8.1", seconds=SECONDS, usd=usd_of(SECONDS)).status == PASSED


def test_a_prediction_that_was_changed_afterwards_is_named(context: Context) -> None:
    predict(context)
    other = {**SECONDS, "glue": 4.0}
    assert "task_8.predict.changed" in believed(look(context, "8.1", seconds=other, usd=usd_of(other)))


@pytest.mark.parametrize("locked", [{"glue": 3}, {**SECONDS, "glue": -1}, {**SECONDS, "glue": "10"}, 7, None])
def test_an_unusable_prediction_says_how_to_start_over(context: Context, locked: Any) -> None:
    predict(context, locked if locked is not None else [])
    assert "task_8.predict.start_over" in believed(look(context, "8.1", seconds=locked, usd=usd_of(SECONDS)))


@pytest.mark.parametrize(
    ("engine", "usd", "why"),
    [
        ("glue", 10 / 3600 * 2 * 0.44, "minimum"),
        ("glue", 60 / 3600 * 0.44, "one_dpu"),
        ("glue", 0.88, "whole_hour"),
        ("lambda", 1.0 * 0.0000166667, "gigabytes"),
        ("lambda", 1769 * 0.0000166667, "gigabytes"),
        ("lambda", 0.0000002, "request_only"),
        ("pandas", 0.5 / 3600 * 0.0832, "always_on"),
        ("pandas", 0.0832, "always_on"),
        ("glue", 12.0, ""),
        ("glue", True, ""),
        ("glue", "0.0147", ""),
    ],
)
def test_a_wrong_price_is_explained(context: Context, engine: str, usd: Any, why: str) -> None:
    predict(context)
    result = look(context, "8.1", seconds=SECONDS, usd={**usd_of(SECONDS), engine: usd})
    assert believed(result) == {f"task_8.price.{why}" if why else ""}


# 8.2

BILLED = {"glue": 4.0, "lambda": 0.9, "pandas": 0.0}
MANY = {engine: spent["files"] / spent["csv"] for engine, spent in SPENT.items()}


def test_three_runs_read_right_pass(measured: Context) -> None:
    assert look(measured, "8.2", usd=usd_of(BILLED), many_files=MANY).status == PASSED
    rounded = {engine: round(ratio, 2) for engine, ratio in MANY.items()}
    assert look(measured, "8.2", usd=usd_of(BILLED), many_files=rounded).status == PASSED


def test_nothing_measured_is_not_attempted(context: Context) -> None:
    predict(context)
    assert look(context, "8.2", usd=MISSING, many_files=MISSING).status == NOT_ATTEMPTED
    assert look(measure(context), "8.2", usd=MISSING, many_files=MISSING).status == NOT_ATTEMPTED


def test_runs_made_before_the_prediction_do_not_count(context: Context) -> None:
    found = measure(context)
    predict(found)
    keys = {item.key for item in look(found, "8.2", usd=usd_of(BILLED), many_files=MANY).findings}
    assert keys == {"task_8.measure.too_early"}


def test_sums_of_other_data_are_seen(context: Context) -> None:
    predict(context)
    keys = {item.key for item in look(measure(context, times=2), "8.2", usd=usd_of(BILLED), many_files=MANY).findings}
    assert keys == {"task_8.measure.other_data"}


def test_a_run_that_aws_does_not_call_succeeded_is_none(measured: Context) -> None:
    measured.clients.glue.state = "FAILED"  # type: ignore[attr-defined]
    result = look(measured, "8.2", usd=usd_of(BILLED), many_files=MANY)
    assert [item.key for item in result.findings if not item.ok] == ["task_8.measure.incomplete"]


@pytest.mark.parametrize(
    ("usd", "why"),
    [
        ({"lambda": compute_function_cost(PRICES, 0.3, 1769)}, "task_8.price.billed"),
        ({"glue": 4 / 3600 * 2 * 0.44}, "task_8.price.minimum"),
        ({"pandas": 0.2 / 3600 * 0.0832}, "task_8.price.always_on"),
        ({"glue": None}, ""),
    ],
)
def test_a_wrong_price_of_a_run_is_explained(measured: Context, usd: dict[str, Any], why: str) -> None:
    assert believed(look(measured, "8.2", usd={**usd_of(BILLED), **usd}, many_files=MANY)) == {why}


def test_a_ratio_upside_down_is_named(measured: Context) -> None:
    wrong = {engine: 1 / ratio for engine, ratio in MANY.items()}
    assert believed(look(measured, "8.2", usd=usd_of(BILLED), many_files=wrong)) == {"task_8.measure.upside_down"}


@pytest.mark.parametrize("values", [{"usd": 3, "many_files": MANY}, {"usd": usd_of(BILLED), "many_files": [1, 2]}])
def test_other_shapes_are_said(measured: Context, values: dict[str, Any]) -> None:
    assert look(measured, "8.2", **values).status == NOT_YET


# 8.3


@pytest.mark.parametrize("thresholds", [THRESHOLDS, {"lambda_s": 900, "lambda_mb": 10_240, "pandas_mb": 8_192}])
def test_limits_then_money_passes_with_any_sensible_threshold(context: Context, thresholds: dict[str, float]) -> None:
    result = look(context, "8.3", lambda workload: choose_well(workload, thresholds), thresholds=thresholds)
    assert result.status == PASSED, result


def test_a_preference_among_near_ties_passes(context: Context) -> None:
    def choose(workload: dict[str, Any]) -> str:
        best = choose_well(workload)
        usd = price_month(PRICES, best, workload)
        simple = price_month(PRICES, "glue", workload) <= usd * 1.2
        return "glue" if simple and not workload["lambda_s"] <= THRESHOLDS["lambda_s"] else best

    assert look(context, "8.3", choose, thresholds=THRESHOLDS).status == PASSED


def without_time(workload: dict[str, Any]) -> str:
    return (
        choose_well({**workload, "lambda_s": min(workload["lambda_s"], 500)})
        if workload["memory_mb"] < 9000
        else "glue"
    )


def without_memory(workload: dict[str, Any]) -> str:
    return choose_well({**workload, "memory_mb": min(workload["memory_mb"], 4000)})


def without_queue(workload: dict[str, Any]) -> str:
    return choose_well({**workload, "pandas_s": 0.1})


def by_run(workload: dict[str, Any]) -> str:
    fits = workload["lambda_s"] <= 600 and workload["memory_mb"] <= 8000
    return "lambda" if fits else "glue"


@pytest.mark.parametrize(
    ("choose", "why"),
    [
        (without_time, "task_8.choose.limit_time"),
        (without_memory, "task_8.choose.limit_memory"),
        (without_queue, "task_8.choose.limit_busy"),
        (lambda _workload: "glue", "task_8.choose.one_for_all"),
        (by_run, "task_8.choose.never_instance"),
        (
            lambda workload: choose_well(workload, {"lambda_s": 450, "lambda_mb": 6000, "pandas_mb": 5000}),
            "task_8.choose.unused_threshold",
        ),
    ],
)
def test_a_wrong_decision_is_explained(context: Context, choose: Callable[[Any], Any], why: str) -> None:
    assert believed(look(context, "8.3", choose, thresholds=THRESHOLDS)) == {why}


@pytest.mark.parametrize(
    ("threshold", "why"),
    [
        ({"lambda_s": 5400}, "task_8.choose.beyond"),
        ({"lambda_mb": 32_768}, "task_8.choose.beyond"),
        ({"lambda_s": 1}, "task_8.choose.too_careful"),
        ({"pandas_mb": 512}, "task_8.choose.too_careful"),
    ],
)
def test_a_threshold_that_cannot_be_is_named(context: Context, threshold: dict[str, float], why: str) -> None:
    assert why in believed(look(context, "8.3", choose_well, thresholds={**THRESHOLDS, **threshold}))


@pytest.mark.parametrize("thresholds", [{}, {"lambda_s": "600"}, 600, {**THRESHOLDS, "pandas_mb": float("nan")}])
def test_thresholds_that_are_no_numbers_are_said(context: Context, thresholds: Any) -> None:
    result = look(context, "8.3", choose_well, thresholds=thresholds)
    assert any(item.key == "task_8.choose.thresholds_missing" for item in result.findings)
    assert result.status == NOT_YET


@pytest.mark.parametrize("given", ["Lambda", "LAMBDA", 3, ["glue"], {"glue": 1}])
def test_an_answer_that_is_no_engine_is_shown(context: Context, given: Any) -> None:
    result = look(context, "8.3", lambda _workload: given, thresholds=THRESHOLDS)
    assert any(item.key == "task_8.choose.no_engine" for item in result.findings)


def test_an_exception_of_choose_is_shown(context: Context) -> None:
    result = look(context, "8.3", lambda workload: workload["memory"], thresholds=THRESHOLDS)
    assert "KeyError" in "".join(item.text() for item in result.findings)


def test_a_function_that_is_still_empty_was_not_attempted(context: Context) -> None:
    assert look(context, "8.3", lambda _workload: None, thresholds=THRESHOLDS).status == NOT_ATTEMPTED
    assert look(context, "8.3", choose_well, thresholds=MISSING).status == NOT_ATTEMPTED
    assert look(context, "8.3", thresholds=THRESHOLDS).status == NOT_ATTEMPTED
    values = {"thresholds": THRESHOLDS, "choose": "glue"}
    assert run_check(get_task("8.3"), replace(context, values=values)).status == NOT_YET


# 8.4 and 8.5


def test_the_break_even_passes_as_a_number_or_a_whole_one(measured: Context) -> None:
    right = compute_break_even(_estimate_steady(measured)[0]["lambda"], PRICES)
    assert look(measured, "8.4", break_even=right).status == PASSED
    assert look(measured, "8.4", break_even=round(right)).status == PASSED
    assert look(measured, "8.4", break_even=right * 1.2).status == NOT_YET


def test_another_break_even_is_explained(measured: Context) -> None:
    estimates = _estimate_steady(measured)[0]
    right = compute_break_even(estimates["lambda"], PRICES)
    month = compute_instance_cost(PRICES)
    wrong = {
        "glue": month / estimates["glue"].usd_run,
        "a_day": right / 30.4,
        "dollars": month,
        "one_hour": right / 730,
    }
    for why, amount in wrong.items():
        assert believed(look(measured, "8.4", break_even=amount)) == {f"task_8.what_if.{why}"}
    assert look(measured, "8.4", break_even="many").status == NOT_YET


def test_without_measurements_there_is_no_break_even(context: Context) -> None:
    predict(context)
    assert look(context, "8.4", break_even=3.0).status == NOT_ATTEMPTED
    assert look(context, "8.4", break_even=MISSING).status == NOT_ATTEMPTED


def write_record(measured: Context, **changes: Any) -> dict[str, Any]:
    estimates, found = _estimate_steady(measured)
    engine = changes.get("engine", choose_well(steady(measured)))
    return {
        "engine": engine,
        "usd_month": estimates[engine].usd_month,
        "predicted_s": SECONDS[engine],
        "measured_s": found[engine].seconds["csv"],
        "revisit_runs": compute_break_even(estimates["lambda"], PRICES),
        **changes,
    }


def steady(measured: Context) -> dict[str, Any]:
    from labkit.checks.evaluation.measured import fit_measurements, read_measurements

    speeds = fit_measurements(read_measurements(measured.clients, measured.names, measured.journal))
    return describe_load(STEADY, build_loads(measured.truth.seed)[STEADY], speeds, PRICES)


def test_a_record_that_agrees_with_everything_passes(measured: Context) -> None:
    assert look(measured, "8.5", choose_well, record=write_record(measured)).status == PASSED


def test_a_record_against_ones_own_function_is_of_two_minds(measured: Context) -> None:
    record = write_record(measured, engine="glue")
    assert believed(look(measured, "8.5", choose_well, record=record)) == {"task_8.record.two_minds"}


def test_a_record_with_hindsight_is_seen(measured: Context) -> None:
    record = write_record(measured)
    changed = {**record, "predicted_s": record["measured_s"]}
    assert believed(look(measured, "8.5", choose_well, record=changed)) == {"task_8.record.hindsight"}


@pytest.mark.parametrize("name", ["usd_month", "measured_s", "revisit_runs"])
def test_a_number_that_nobody_measured_is_seen(measured: Context, name: str) -> None:
    record = write_record(measured)
    wrong = {**record, name: record[name] * 1.5 + 1}
    result = look(measured, "8.5", choose_well, record=wrong)
    assert [item.key for item in result.findings if not item.ok] == [f"task_8.record.{name}"]


@pytest.mark.parametrize("record", [{}, {"engine": "glue"}, 3, "lambda"])
def test_an_incomplete_record_says_what_it_lacks(measured: Context, record: Any) -> None:
    assert look(measured, "8.5", choose_well, record=record).status == NOT_YET


def test_no_record_is_not_attempted(measured: Context) -> None:
    assert look(measured, "8.5", choose_well, record=MISSING).status == NOT_ATTEMPTED


def test_the_rubric_shares_out_the_points_given_by_hand() -> None:
    import labkit.checks

    rubric = json.loads((Path(labkit.checks.__file__).parent / "rubric_8.json").read_text(encoding="utf-8"))
    task = get_task(rubric["task"])
    assert sum(item["points"] for item in rubric["items"]) == pytest.approx(task.by_hand) == rubric["points"]
    for item in rubric["items"]:
        assert all(set(item[part]) == {"es", "en"} for part in ("title", "met", "missed"))
        assert item["note"]


def test_wrong_numbers_are_not_told_the_right_ones(measured: Context) -> None:
    usd, many = dict.fromkeys(SECONDS, 9.0), dict.fromkeys(SECONDS, 77.0)
    break_even = compute_break_even(_estimate_steady(measured)[0]["lambda"], PRICES)
    record = {"engine": "lambda", "usd_month": 1.0, "predicted_s": 99.0, "measured_s": 99.0, "revisit_runs": 9.0}
    estimates, found = _estimate_steady(measured)
    cases = {
        "8.1": ({"seconds": {**SECONDS, "glue": 123.0}, "usd": usd}, usd_of(SECONDS).values()),
        "8.2": ({"usd": usd, "many_files": many}, [*usd_of(BILLED).values(), *MANY.values()]),
        "8.4": ({"break_even": 1.0}, [break_even]),
        "8.5": (
            {"record": record},
            [estimates["lambda"].usd_month, found["lambda"].seconds["csv"], SECONDS["lambda"], break_even],
        ),
    }
    for task, (values, right) in cases.items():
        result = look(measured, task, choose=(lambda _workload: "lambda") if task == "8.5" else None, **values)
        assert result.status == NOT_YET, task
        assert find_revealed(right, show_result(result)) == set(), task
