"""The model of notebook 8: fitted to measurements, carried over to other loads, and stopped by limits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labkit.checks.evaluation.model import Load, Measured, Speed, compute_break_even, estimate, fit
from labkit.checks.evaluation.workloads import NAMES, STEADY, build_flip, build_loads, build_unseen
from labkit.prices import compute_instance_cost, load_prices

PRICES = load_prices()


def measure(fixed: float, per_file: float, per_mb: float, parquet: float | None = None) -> dict[str, Measured]:
    sizes = {"months": ("csv", 12, 0.6), "csv": ("csv", 1, 8.4), "files": ("csv", 24, 8.4)}
    found = {
        name: Measured(kind, files, mb, fixed + per_file * files + per_mb * mb)
        for name, (kind, files, mb) in sizes.items()
    }
    if parquet is not None:
        found["parquet"] = Measured("parquet", 1, 8.4, fixed + per_file + parquet * 8.4)
    return found


def test_a_fit_finds_the_speed_that_made_the_measurements() -> None:
    speed = fit(measure(0.3, 0.01, 0.05, parquet=0.02), cores=2)
    assert (speed.fixed_s, speed.per_file_s, speed.cores) == (pytest.approx(0.3), pytest.approx(0.01), 2)
    assert speed.per_mb_s == {"csv": pytest.approx(0.05), "parquet": pytest.approx(0.02)}


def test_noise_never_makes_time_run_backwards() -> None:
    noisy = measure(0.3, 0.01, 0.05, parquet=0.02)
    noisy["files"] = replace(noisy["files"], seconds=0.1)
    noisy["months"] = replace(noisy["months"], seconds=5.0)
    noisy["parquet"] = replace(noisy["parquet"], seconds=0.01)
    speed = fit(noisy)
    assert speed.per_file_s == 0
    assert speed.fixed_s >= 0
    assert all(slope > 0 for slope in speed.per_mb_s.values())


def test_glue_pays_a_minute_and_two_dpu_however_short_the_run() -> None:
    found = estimate("glue", Speed(0.1, 0, {"csv": 0.01}), Load(1, 10, 256), PRICES)
    assert found.usd_run == pytest.approx(2 * 0.44 / 60)
    assert found.usd_month == pytest.approx(10 * found.usd_run)


def test_more_workers_help_as_far_as_there_are_pieces() -> None:
    speed = Speed(0, 0, {"csv": 0.1}, cores=2)
    seconds = [estimate("glue", speed, Load(8, 1, 256, workers=workers), PRICES).seconds for workers in (2, 3, 10)]
    assert seconds[0] == seconds[1] == seconds[2]
    large = [estimate("glue", speed, Load(8_000, 1, 256, workers=workers), PRICES).seconds for workers in (2, 3, 10)]
    assert large[0] == pytest.approx(2 * large[1]) == pytest.approx(9 * large[2])


def test_a_function_with_less_than_a_core_is_slower_and_one_with_more_is_not_faster() -> None:
    speed = Speed(0, 0, {"csv": 0.1})
    small, whole, more = (estimate("lambda", speed, Load(100, 1, mb), PRICES).seconds for mb in (884, 1769, 10_240))
    assert small == pytest.approx(whole * 1769 / 884)
    assert whole == more


@pytest.mark.parametrize(
    ("engine", "load", "refusals"),
    [
        ("lambda", Load(10_000, 1, 1769), ("time",)),
        ("lambda", Load(10, 1, 10_241), ("memory",)),
        ("lambda", Load(10, 1, 10_240), ()),
        ("pandas", Load(10, 1, 8_193), ("memory",)),
        ("pandas", Load(10, 2_700_000, 512), ("busy",)),
        ("glue", Load(1_000_000, 100_000, 1_000_000), ()),
    ],
)
def test_limits_are_named(engine: str, load: Load, refusals: tuple[str, ...]) -> None:
    assert estimate(engine, Speed(0, 0, {"csv": 0.1}), load, PRICES).refusals == refusals


def test_an_instance_costs_the_same_however_often_it_works() -> None:
    speed = Speed(0, 0, {"csv": 0.01})
    months = {estimate("pandas", speed, Load(10, runs, 256), PRICES).usd_month for runs in (1, 1000)}
    assert months == {compute_instance_cost(PRICES)}


def test_at_the_break_even_both_cost_the_same() -> None:
    speed, load = Speed(0.1, 0, {"csv": 0.03}), Load(400, 1000, 1100)
    runs = compute_break_even(estimate("lambda", speed, load, PRICES), PRICES)
    again = estimate("lambda", speed, replace(load, runs_per_month=runs), PRICES)
    assert again.usd_month == pytest.approx(compute_instance_cost(PRICES))


def test_a_format_that_was_not_measured_is_not_made_up() -> None:
    with pytest.raises(KeyError):
        estimate("lambda", Speed(0, 0, {"csv": 0.1}), Load(1, 1, 256, format="parquet"), PRICES)


def test_workloads_differ_by_student_and_stay_the_same_for_one() -> None:
    assert build_loads(1) == build_loads(1)
    loads = [build_loads(seed) for seed in range(40)]
    assert all(set(load) == set(NAMES) for load in loads)
    assert len({(load[STEADY].rows_mb, load[STEADY].runs_per_month) for load in loads}) > 20
    assert build_unseen(1) != build_unseen(2)


@pytest.mark.parametrize(
    ("name", "value"), [("lambda_s", 450), ("lambda_s", 900), ("lambda_mb", 5_120), ("lambda_mb", 10_240)]
)
def test_both_sides_of_a_threshold_differ_in_one_thing(name: str, value: float) -> None:
    below, above = build_flip(name, value, 0.97), build_flip(name, value, 1.03)
    changed = {key for key in below if below[key] != above[key]}
    assert changed <= {"lambda_s"} if name == "lambda_s" else changed <= {"memory_mb", "input_mb"}
