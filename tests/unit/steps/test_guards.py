"""Nothing that the lab wants lacks its guard: what could cost without end has an end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labkit.run.inputs import build_lab
from labkit.settings import read_settings, with_account
from labkit.steps.crawl import build_processed, plan_crawler
from labkit.steps.crawl import build_wanted as build_crawler
from labkit.steps.function import build_wanted as build_function
from labkit.steps.job import build_wanted as build_job
from labkit.steps.log_group import plan_log_group
from labkit.steps.workgroup import build_configuration

if TYPE_CHECKING:
    from pathlib import Path

    from labkit.steps.lab import Lab


def test_a_run_ends_after_ten_minutes_on_two_small_workers(lab: Lab) -> None:
    job = build_job(lab).job.definition
    assert (job["WorkerType"], job["NumberOfWorkers"], job["Timeout"], job["MaxRetries"]) == ("G.1X", 2, 10, 0)
    assert job["ExecutionProperty"] == {"MaxConcurrentRuns": 1}
    assert job["GlueVersion"] == "5.1"
    assert "MaxCapacity" not in job


def test_crawlers_run_on_demand_only(lab: Lab) -> None:
    for crawler in (build_crawler(lab), build_processed(lab)):
        (call,) = plan_crawler(crawler, None, lab.tags)
        assert "Schedule" not in call.params


def test_a_query_is_stopped_and_clients_cannot_change_that(lab: Lab) -> None:
    configuration = build_configuration(lab)
    assert configuration["BytesScannedCutoffPerQuery"] == 1_000_000_000  # 0.005 USD at most
    assert configuration["EnforceWorkGroupConfiguration"] is True


def test_the_function_ends_and_is_small(lab: Lab) -> None:
    function = build_function(lab)
    assert function.timeout_s <= 60
    assert function.memory_mb == 128


class NoGroups:
    def get_paginator(self, _name: str) -> Any:
        return self

    def paginate(self, **_params: str) -> list[dict[str, list[Any]]]:
        return [{"logGroups": []}]


def test_logs_are_kept_for_a_week(lab: Lab) -> None:
    class Clients:
        logs = NoGroups()

    calls = plan_log_group(Clients(), "/aws/lambda/f", lab)  # type: ignore[arg-type]
    assert [call.operation for call in calls] == ["create_log_group", "put_retention_policy"]
    assert calls[1].params["retentionInDays"] == 7


def test_on_aws_the_lab_has_a_workgroup_tags_and_retention_of_its_own(tmp_path: Path) -> None:
    settings = with_account(read_settings({"LABKIT_TARGET": "aws"}, tmp_path), "210987654321")
    lab = build_lab(settings)
    assert lab.names.workgroup != "primary"
    assert lab.log_retention_days == 7
    assert lab.tags["labkit:lab"]
    assert build_lab(read_settings({}, tmp_path)).log_retention_days == 0
