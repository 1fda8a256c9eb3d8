"""The plan on target aws: reads only, few enough of them, and to the cent."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from labkit.cli import main
from labkit.prices import load_prices
from labkit.steps.plan import plan_whole

if TYPE_CHECKING:
    from collections.abc import Callable

PRICES = load_prices()


def test_a_plan_of_thirty_six_calls_makes_reads_only(rehearse: Callable[[str], Any]) -> None:
    mine = rehearse("plan-1")
    mine.listen()
    began = time.process_time()
    plan = plan_whole(mine.clients, mine.lab, PRICES, mine.ledger)
    # The processor's time of this process; on AWS the reads of the six steps wait side by side.
    assert time.process_time() - began < 2
    assert len(plan.calls) == 36
    assert mine.changes == []
    assert 30 < sum(mine.calls.values()) < 60
    assert not mine.ledger.path.exists()
    assert all(call.reason for call in plan.calls)


def test_the_plan_is_right_to_the_cent(rehearse: Callable[[str], Any]) -> None:
    mine = rehearse("plan-2")
    plan = plan_whole(mine.clients, mine.lab, PRICES, mine.ledger)
    by_step = {one.step.key: one.cost_usd for one in plan.steps}
    assert by_step["buckets"] == pytest.approx(11 * 0.000005)
    assert by_step["crawl"] == pytest.approx(0.146667, abs=1e-6)
    assert by_step["job"] == pytest.approx(0.000005)
    assert [by_step[key] for key in ("roles", "function", "trigger")] == [0, 0, 0]
    assert plan.cost_usd == pytest.approx(0.146727, abs=1e-6)


def test_the_plan_of_two_steps_as_json(
    rehearse: Callable[[str], Any], shell: Callable[[Any], None], capsys: pytest.CaptureFixture[str]
) -> None:
    shell(rehearse("plan-3"))
    assert main(["plan", "3", "4", "--json"]) == 0
    shown = capsys.readouterr()
    document = json.loads(shown.out)
    assert [step["step"] for step in document["steps"]] == [3, 4]
    crawl = document["steps"][0]["calls"][-1]
    assert (crawl["operation"], crawl["free_tier"]) == ("start_crawler", "none")
    assert crawl["usd"] == pytest.approx(0.146667, abs=1e-6)
    assert round(document["once"]["usd"], 2) == 0.31
    assert shown.err.startswith("ENSAYO")


def test_nothing_to_take_down_still_says_in_which_account_and_that_it_is_a_rehearsal(
    rehearse: Callable[[str], Any], shell: Callable[[Any], None], capsys: pytest.CaptureFixture[str]
) -> None:
    mine = rehearse("plan-4")
    shell(mine)
    assert main(["teardown", "--dry-run"]) == 0
    shown = capsys.readouterr()
    assert shown.err.startswith("ENSAYO")
    assert mine.settings.target.account in shown.err
    assert mine.settings.target.region in shown.err


def test_the_printed_plan_says_reason_price_total_and_day(
    rehearse: Callable[[str], Any], shell: Callable[[Any], None], capsys: pytest.CaptureFixture[str]
) -> None:
    shell(rehearse("plan-4"))
    assert main(["plan"]) == 0
    said = capsys.readouterr().out
    for part in (
        "(no existe todavía; no se cobra)",
        "0.146667 USD: mínimo de 10 min × 2 DPU",
        "sin nivel gratuito: 0.31 USD",
        "los rastreadores no tienen horario",
        "3.52 USD al día",
        "2025-07-15",
    ):
        assert part in said


def test_a_foreign_resource_is_shown_and_apply_changes_nothing(
    rehearse: Callable[..., Any], shell: Callable[[Any], None], capsys: pytest.CaptureFixture[str], aws: Any
) -> None:
    aws("s3").create_bucket(Bucket="bucket-de-otra-persona")
    mine = rehearse("plan-5", LABKIT_RAW_BUCKET="bucket-de-otra-persona")
    shell(mine)
    assert main(["plan", "1"]) == 1
    assert "CONFLICTO: s3-bucket bucket-de-otra-persona" in capsys.readouterr().out
    before = {bucket["Name"] for bucket in aws("s3").list_buckets()["Buckets"]}
    assert main(["apply", "--yes"]) == 2
    assert "LABKIT_STUDENT" in capsys.readouterr().err
    assert {bucket["Name"] for bucket in aws("s3").list_buckets()["Buckets"]} == before
    assert not mine.ledger.path.exists()
    # The other steps have no business with that bucket's owner.
    assert main(["plan", "2"]) == 0


def test_a_step_that_does_not_exist_is_named(
    rehearse: Callable[[str], Any], shell: Callable[[Any], None], capsys: pytest.CaptureFixture[str]
) -> None:
    shell(rehearse("plan-6"))
    assert main(["plan", "7"]) == 2
    assert main(["apply", "0", "--yes"]) == 2
    assert "No hay paso 7" in capsys.readouterr().err
