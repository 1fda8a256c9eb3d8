"""The six steps against the local cloud: as labkit makes them, as the AWS CLI makes them, and as plain boto3 lines."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labkit.prices import load_prices
from labkit.steps.apply import apply_step
from labkit.steps.function import build_wanted as build_function
from labkit.steps.plan import plan_step
from labkit.steps.step import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from labkit.aws.call import AwsCall
    from labkit.aws.session import Clients
    from labkit.steps.lab import Lab
    from labkit.steps.ledger import Ledger

PRICES = load_prices()


def plan(clients: Clients, lab: Lab) -> list[AwsCall]:
    return [call for step in STEPS for call in plan_step(clients, lab, step, PRICES).calls]


def build(clients: Clients, lab: Lab, ledger: Ledger) -> list[AwsCall]:
    return [
        c for step in STEPS for c in apply_step(clients, lab, step, PRICES, ledger, lambda _step, _call: None).calls
    ]


def test_six_steps_once_are_six_steps_twice(clients: Clients, ledger: Ledger, build_lab: Callable[[str], Lab]) -> None:
    lab = build_lab("seis")
    made = build(clients, lab, ledger)
    assert {call.verb for call in made} == {"create", "run"}
    assert plan(clients, lab) == []
    assert build(clients, lab, ledger) == []
    table = clients.glue.get_table(DatabaseName="seis_db", Name="raw_sales")["Table"]
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["id_venta", "fecha", "cantidad"]
    crawler = clients.glue.get_crawler(Name="seis-bsg-raw-crawler")["Crawler"]
    assert (crawler["State"], crawler["LastCrawl"]["Status"]) == ("READY", "SUCCEEDED")


def test_a_changed_job_is_corrected(clients: Clients, ledger: Ledger, build_lab: Callable[[str], Lab]) -> None:
    lab = build_lab("cambio")
    build(clients, lab, ledger)
    other = replace(lab, job_arguments={**lab.job_arguments, "--encoding": "ISO-8859-1"})
    assert [call.operation for call in build(clients, other, ledger)] == ["update_job"]
    job = clients.glue.get_job(JobName=lab.names.job)["Job"]
    assert job["DefaultArguments"]["--encoding"] == "ISO-8859-1"
    assert job["GlueVersion"] == "5.1"
    assert plan(clients, other) == []


@pytest.mark.slow
def test_the_aws_cli_lines_of_the_plan_do_the_same(
    clients: Clients, target: Any, build_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    lab = build_lab("cli")
    write_zip(lab, tmp_path)
    run_lines(clients, lab, target, tmp_path, lambda calls: ["sh", "-ec", "\n".join(call.as_cli() for call in calls)])


@pytest.mark.slow
def test_the_boto3_lines_of_the_plan_do_the_same(
    clients: Clients, target: Any, build_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    lab = build_lab("boto")
    write_zip(lab, tmp_path)

    def program(calls: list[AwsCall]) -> list[str]:
        lines = ["import boto3, json, pathlib", *(call.as_boto3() for call in calls)]
        return [sys.executable, "-c", "\n".join(lines)]

    run_lines(clients, lab, target, tmp_path, program)


def write_zip(lab: Lab, folder: Path) -> None:
    wanted = build_function(lab)
    (folder / wanted.archive_name).write_bytes(wanted.archive)


def run_lines(
    clients: Clients, lab: Lab, target: Any, folder: Path, program: Callable[[list[AwsCall]], list[str]]
) -> None:
    """Make the calls of each step with another program; then nothing may be left to do."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "AWS_ENDPOINT_URL": target.endpoint_url, "AWS_PAGER": ""}
    for step in STEPS:
        calls = list(plan_step(clients, lab, step, PRICES).calls)
        assert calls
        done = subprocess.run(program(calls), cwd=folder, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{step.key}: {done.stderr}"
        for call in calls:
            if call.wait is not None:
                call.wait(clients)
    assert plan(clients, lab) == []
