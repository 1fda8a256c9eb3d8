"""What the lab costs, checked against figures worked out by hand from AWS's price pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from labkit.prices import load_prices
from labkit.steps.forecast import build_forecast
from labkit.steps.lab import Upload

if TYPE_CHECKING:
    from pathlib import Path

    from labkit.steps.lab import Lab


@pytest.fixture
def drop(lab: Lab, tmp_path: Path) -> Upload:
    path = tmp_path / "ventas_2024_12.csv"
    path.write_bytes(b"x" * 50_000)
    return Upload(path, lab.names.raw_bucket, f"{lab.names.raw_prefix}{path.name}")


def test_the_lab_once_is_thirty_one_cents_line_by_line(lab: Lab, drop: Upload) -> None:
    forecast = build_forecast(lab, load_prices(), drop)
    usd = {line.key: line.usd for line in forecast.once}
    assert usd["forecast.crawls"] == pytest.approx(0.293333, abs=1e-6)  # 2 × 10 min × 2 DPU × 0.44 USD an hour
    assert usd["forecast.job"] == pytest.approx(0.014667, abs=1e-6)  # 1 min × 2 DPU × 0.44 USD an hour
    assert usd["forecast.queries"] == pytest.approx(0.0001)  # 2 × 10 MB × 5 USD a TB
    assert usd["forecast.function"] == pytest.approx(0.00000228, abs=1e-8)  # 0.20 USD a million + 0.125 GB-s
    assert usd["forecast.puts"] == pytest.approx(0.000065)  # 11 samples, the script, the dropped file
    assert f"{forecast.total:.2f}" == "0.31"
    assert forecast.total == pytest.approx(0.308168, abs=1e-6)


def test_a_forgotten_day_costs_what_the_samples_weigh(lab: Lab, drop: Upload) -> None:
    forecast = build_forecast(lab, load_prices(), drop)
    assert forecast.stored_bytes == 600_000
    # 0.0006 GB × 0.023 USD a month ÷ (730 ÷ 24 days)
    assert forecast.forgotten_a_day == pytest.approx(4.537e-7, rel=1e-3)
    assert f"{forecast.schedule_a_day:.2f}" == "3.52"  # 24 crawls
    assert f"{forecast.session_a_day:.2f}" == "21.12"  # 24 h × 2 DPU × 0.44


def test_a_price_of_the_users_is_used(lab: Lab, drop: Upload) -> None:
    dearer = build_forecast(lab, load_prices({"dpu_hour": 0.88}), drop)
    assert f"{dearer.total:.2f}" == "0.62"
