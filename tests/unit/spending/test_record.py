"""The record of spending: to the cent, not counted twice, and there after a teardown."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labkit import i18n
from labkit.aws.call import AwsCall
from labkit.aws.crawls import Crawl
from labkit.aws.glue_jobs import JobRun
from labkit.aws.invocations import Invocation
from labkit.aws.usage import BucketUse, QueryUse, Scope, Usage
from labkit.errors import LabError
from labkit.prices import load_prices
from labkit.settings import Settings, read_settings, with_account
from labkit.spending import record
from labkit.spending.record import read_record, record_requests, record_spending
from labkit.spending.scope import build_scope
from labkit.steps.ledger import Ledger
from labkit.ui.cost_meter import CostMeter, build_meter

BEGAN = datetime(2026, 11, 29, 10, tzinfo=timezone.utc)
ENDED = BEGAN + timedelta(seconds=40)
USED = Usage(
    runs=(
        JobRun("jr_1", "job", "SUCCEEDED", BEGAN, ENDED, 45, "", {}, 2.0),
        JobRun("jr_2", "job", "FAILED", BEGAN, ENDED, 90, "no", {}, 2.0),
    ),
    crawls=(Crawl("c-1", "crawler", "COMPLETED", BEGAN, ENDED, "", {}, {}, "", 0.0),),
    queries=(
        QueryUse("q-1", "bsg-lab", "SELECT 1", "DML", "SUCCEEDED", 545_300, reused=False),
        QueryUse("q-2", "bsg-lab", "SELECT 1", "DML", "FAILED", 0, reused=False),
        QueryUse("q-3", "bsg-lab", "SELECT 1", "DML", "SUCCEEDED", 25_000_001, reused=False),
    ),
    invocations=(Invocation("r-1", "function", 0, billed_ms=147, memory_mb=128),),
    buckets=(BucketUse("raw", 12, 600_000, complete=True),),
)
NOTHING = Usage((), (), (), (), ())


@pytest.fixture(autouse=True)
def spanish() -> None:
    i18n.use_language("es")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    environ = {"LABKIT_TARGET": "aws", "LABKIT_STUDENT": "ana", "LABKIT_STATE": str(tmp_path / "state")}
    return with_account(read_settings(environ, tmp_path), "210987654321")


class Account:
    """What AWS tells; and which scope it was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.usage = USED
        self.scopes: list[Scope | None] = []
        monkeypatch.setattr(record, "read_usage", self.read)

    def read(self, _clients: object, scope: Scope | None) -> Usage:
        self.scopes.append(scope)
        return self.usage


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    return Account(monkeypatch)


def clients(settings: Settings, **requests: int) -> Any:
    return SimpleNamespace(target=settings.target, s3_requests=Counter(requests))


def lab(settings: Settings) -> Any:
    return SimpleNamespace(names=settings.names)


def meter(usage: Usage) -> CostMeter:
    return build_meter(usage, load_prices())


def by_kind(costs: CostMeter) -> dict[str, float]:
    sums: Counter[str] = Counter()
    for charge in costs.charges:
        sums[charge.kind] += charge.usd  # type: ignore[assignment]
    return dict(sums)


def test_everything_is_priced_as_by_hand(settings: Settings, account: Account) -> None:
    requests = {"PutObject": 13, "ListObjectsV2": 4, "CreateBucket": 4, "HeadObject": 10, "DeleteObject": 9}
    spent = by_kind(meter(record_spending(clients(settings, **requests), lab(settings), settings)))
    assert spent["job"] == pytest.approx((60 + 90) / 3600 * 2 * 0.44)  # 0.0367 USD: one minute at least, then seconds
    assert spent["crawler"] == pytest.approx(0.146667, abs=1e-6)
    assert spent["query"] == pytest.approx(0.00005 + 26e6 / 1e12 * 5)  # 10 MB at least, then whole MB; failures free
    assert spent["function"] == pytest.approx(0.0000002 + 0.147 * 0.125 * 0.0000166667)
    assert spent["put"] == pytest.approx(12 * 0.000005)
    assert spent["request"] == pytest.approx(8 * 0.000005 + 10 * 0.0000004)  # puts are counted by objects, deletes free
    assert spent["storage"] == pytest.approx(0.0006 * 0.023)
    total = meter(read_record(settings)).total
    assert f"{total:.2f}" == "0.18"


def test_writing_down_twice_counts_once(settings: Settings, account: Account) -> None:
    first = meter(record_spending(clients(settings, HeadObject=5), lab(settings), settings))
    second = meter(record_spending(clients(settings), lab(settings), settings))
    assert second.total == pytest.approx(first.total)


def test_what_was_spent_is_there_after_the_resources_are_gone(settings: Settings, account: Account) -> None:
    before = meter(record_spending(clients(settings), lab(settings), settings))
    account.usage = NOTHING
    after = meter(record_spending(clients(settings), lab(settings), settings))
    assert after.total == pytest.approx(before.total)
    assert after.monthly == 0  # Nothing is stored any more.
    assert before.monthly > 0


def test_a_run_that_went_on_is_known_by_its_last_figure(settings: Settings, account: Account) -> None:
    record_spending(clients(settings), lab(settings), settings)
    longer = replace(USED.runs[0], execution_s=600)
    account.usage = replace(USED, runs=(longer, USED.runs[1]))
    assert by_kind(meter(record_spending(clients(settings), lab(settings), settings)))["job"] == pytest.approx(
        690 / 3600 * 2 * 0.44
    )


def test_requests_of_several_commands_add_up_without_asking_aws(settings: Settings, account: Account) -> None:
    mine = clients(settings, HeadObject=3)
    record_requests(mine, settings)
    record_requests(mine, settings)
    record_requests(clients(settings, HeadObject=4), settings)
    assert read_record(settings).s3_requests == {"HeadObject": 7}
    assert account.scopes == []


def test_each_account_region_and_target_has_a_record_of_its_own(settings: Settings, account: Account) -> None:
    record_spending(clients(settings), lab(settings), settings)
    for other in (
        with_account(settings, "111122223333"),
        replace(settings, target=replace(settings.target, region="eu-west-1")),
        replace(settings, target=replace(settings.target, rehearsal=True)),
    ):
        assert read_record(other) == replace(NOTHING, puts={}, s3_requests={})
    places = json.loads((settings.state_dir / "spending.json").read_text(encoding="utf-8"))["places"]
    assert list(places) == ["aws/210987654321/us-east-1"]


def test_on_aws_only_the_labs_own_count_and_locally_everything(settings: Settings, account: Account) -> None:
    ledger = Ledger(settings.state_dir, settings.target)
    ledger.announce(8, AwsCall("glue", "create_job", {}, "create", "glue-job", "mi-script"))
    scope = build_scope(lab(settings), ledger)
    assert scope.jobs == {settings.names.job, "mi-script"}
    assert settings.names.raw_bucket in scope.buckets
    record_spending(clients(settings), lab(settings), settings)
    local = read_settings({"LABKIT_STATE": str(settings.state_dir)}, settings.state_dir)
    record_spending(clients(local), lab(local), local)
    assert account.scopes == [scope, None]


def test_a_record_that_is_none_is_left_alone(settings: Settings, account: Account) -> None:
    settings.state_dir.mkdir(parents=True)
    path = settings.state_dir / "spending.json"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(LabError, match="Apártalo") as caught:
        record_spending(clients(settings), lab(settings), settings)
    assert "spending.json" in caught.value.what
    assert path.read_text(encoding="utf-8") == "[]"
