from __future__ import annotations

import threading
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.crawler import schedules

if TYPE_CHECKING:
    from tests.unit.cloud.crawler.conftest import Lab

SALES = b"id,total\n1,2\n3,4\n"
NOON = datetime(2026, 1, 1, 12, 15, tzinfo=timezone.utc)


def code(lab: Lab, action: str, **params: Any) -> str:
    with pytest.raises(AwsError) as caught:
        lab.call(action, **params)
    return caught.value.code


def state(lab: Lab) -> str:
    return str(lab.call("GetCrawler", Name="ventas")["Crawler"]["Schedule"]["State"])


def test_a_schedule_starts_the_crawler_in_its_minute_only(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.create("s3://b/v/", Schedule="cron(15 12 * * ? *)")
    assert lab.call("GetCrawler", Name="ventas")["Crawler"]["Schedule"] == {
        "ScheduleExpression": "cron(15 12 * * ? *)",
        "State": "SCHEDULED",
    }
    lab.engine.run_due(NOON.replace(minute=14))
    assert "LastCrawl" not in lab.call("GetCrawler", Name="ventas")["Crawler"]
    lab.engine.run_due(NOON)
    assert lab.wait()["Status"] == "SUCCEEDED"
    assert list(lab.tables()) == ["v"]


def test_stop_start_and_change_a_schedule(lab: Lab) -> None:
    lab.create("s3://b/v/")
    assert code(lab, "StartCrawlerSchedule", CrawlerName="ventas") == "NoScheduleException"
    assert code(lab, "StopCrawlerSchedule", CrawlerName="ventas") == "SchedulerNotRunningException"
    lab.call("UpdateCrawlerSchedule", CrawlerName="ventas", Schedule="cron(15 12 * * ? *)")
    assert state(lab) == "SCHEDULED"
    assert code(lab, "StartCrawlerSchedule", CrawlerName="ventas") == "SchedulerRunningException"
    lab.call("StopCrawlerSchedule", CrawlerName="ventas")
    assert state(lab) == "NOT_SCHEDULED"
    lab.engine.run_due(NOON)
    assert "LastCrawl" not in lab.call("GetCrawler", Name="ventas")["Crawler"]
    lab.call("StartCrawlerSchedule", CrawlerName="ventas")
    assert state(lab) == "SCHEDULED"
    assert code(lab, "UpdateCrawlerSchedule", CrawlerName="ventas", Schedule="cada hora") == "InvalidInputException"
    assert code(lab, "UpdateCrawlerSchedule", CrawlerName="nadie", Schedule="cron(15 12 * * ? *)") == (
        "EntityNotFoundException"
    )


def test_a_crawler_that_runs_is_not_started_again(lab: Lab) -> None:
    lab.create("s3://b/v/", Schedule="cron(15 12 * * ? *)")
    document = lab.documents.find("crawler", lab.scope, "ventas")
    assert document is not None
    lab.documents.put("crawler", lab.scope, "ventas", {**document, "State": "RUNNING", "_started": 0})
    lab.engine.run_due(NOON)
    assert lab.call("ListCrawls", CrawlerName="ventas")["Crawls"] == []


def test_the_clock_ticks_with_the_minute_that_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "_to_next_minute_s", lambda now: 0.001)
    times = iter([NOON, NOON.replace(second=1), NOON.replace(hour=20, second=7), NOON.replace(hour=20, minute=59)])
    ticks: list[datetime] = []
    done = threading.Event()

    def tick(moment: datetime) -> None:
        ticks.append(moment)
        if len(ticks) == 2:
            clock.stop()
            done.set()

    clock = schedules.ScheduleClock(lambda: next(times, NOON), tick)
    clock.start()
    assert done.wait(5)
    assert ticks == [NOON, NOON.replace(hour=20, minute=59)]


def test_seconds_to_the_next_minute() -> None:
    assert schedules._to_next_minute_s(NOON.replace(second=59, microsecond=500_000)) == pytest.approx(0.55)
