"""What the last exercise of Spark practice leaves in S3, written here with pyarrow."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from labkit.aws.session import Clients
from labkit.checks.context import Context, build_context
from labkit.checks.finding import NOT_ATTEMPTED, NOT_YET, PASSED
from labkit.checks.run import run_check
from labkit.checks.step_90 import clear
from labkit.checks.step_90.trips import read_last_reports
from labkit.checks.tasks import get_task
from labkit.settings import read_settings, with_endpoint
from tests.cloud.conftest import RunningCloud

PRUNED = "FileScan parquet … PartitionFilters: [isnotnull(day#1), (day#1 = 2024-05-07)], PushedFilters: []"
UNPRUNED = "FileScan parquet … PartitionFilters: [], PushedFilters: [IsNotNull(salida)]"


@pytest.fixture
def context(cloud: RunningCloud, aws: Callable[[str], Any], tmp_path: Path) -> Context:
    settings = read_settings({"LABKIT_PROCESSED_BUCKET": "practice-90", "LABKIT_STATE": str(tmp_path)}, tmp_path)
    settings = with_endpoint(settings, cloud.endpoint_url)
    aws("s3").create_bucket(Bucket="practice-90")
    found = build_context(settings, Clients(settings.target))
    clear(found)
    return found


def write(context: Context, times: int = 1, folder: str = "day") -> None:
    by_day = defaultdict[str, list[str]](list)
    for trip in read_last_reports(context):
        by_day[f"{trip.departure:%Y-%m-%d}"].append(trip.id)
    for number in range(times):
        for day, trips in by_day.items():
            body = io.BytesIO()
            pq.write_table(pa.table({"id_viaje": trips}), body)
            key = f"practice/trips/{folder}={day}/part-{number}.snappy.parquet"
            context.clients.s3.put_object(Bucket="practice-90", Key=key, Body=body.getvalue())
    context.clients.s3.put_object(Bucket="practice-90", Key="practice/trips/_SUCCESS", Body=b"")


def look(context: Context, plan: Any) -> tuple[str, str]:
    result = run_check(get_task("90.12"), replace(context, values={"plan": plan}))
    wrong = [item for item in result.findings if not item.ok]
    return result.status, wrong[0].misconception if wrong else ""


def test_partitions_by_day_and_a_pruned_plan_pass(context: Context) -> None:
    assert run_check(get_task("90.12"), context).status == NOT_ATTEMPTED
    write(context)
    assert look(context, PRUNED) == (PASSED, "")
    assert look(context, UNPRUNED) == (NOT_YET, "task.90_12.filter_belief")
    assert look(context, None) == (NOT_YET, "task.90_12.plan_belief")
    clear(context)
    assert run_check(get_task("90.12"), context).status == NOT_ATTEMPTED


def test_appending_twice_is_seen(context: Context) -> None:
    write(context, times=2)
    assert look(context, PRUNED) == (NOT_YET, "task.90_12.append_belief")


@pytest.mark.quick
def test_another_partition_column_is_seen(context: Context) -> None:
    write(context, folder="salida")
    assert look(context, PRUNED)[0] == NOT_YET
