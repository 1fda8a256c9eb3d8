"""The table is whole: both languages, evidence that exists, and a row for every AWS call that the lab makes."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from labkit.parity.rows import (
    AWS,
    DIFFERS,
    ENGINE,
    NOT_RECORDED,
    RECORDING,
    STATUSES,
    Area,
    Row,
    load_areas,
    load_rows,
    load_sources,
    load_steps,
)
from labkit.steps.step import STEPS
from tests.unit.parity.calls_in_code import (
    ALSO,
    ROOT,
    cell_calls,
    client_calls,
    operations,
    planned_calls,
    step_calls,
)

# botocore's model of EC2 is larger than all others together, and nothing here calls it.
NEVER_CALLED = {"ec2", "emr", "redshift"}
NOTEBOOKS = {int(path.name[:2]): path for path in (ROOT / "notebooks" / "source").glob("*.ipynb")}


def named_calls() -> set[str]:
    return {call for row in load_rows() for call in row.calls}


@pytest.mark.parametrize("row", load_rows(), ids=lambda row: row.id)
def test_a_row_is_whole_and_its_evidence_exists(row: Row) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.id)
    assert row.status in STATUSES
    for words in (row.what, row.how):
        assert set(words) == {"es", "en"}
        assert words["es"].strip() == words["es"]
        assert words["es"].count("`") == words["en"].count("`")
        assert bool(words["es"]) is bool(words["en"])
    assert row.what["en"]
    assert row.how["en"] or row.status != DIFFERS, "what differs is named"
    assert not [path for path in row.evidence if not (ROOT / path).is_file() or not Path(path).name.startswith("test_")]
    assert set(row.steps) <= {step.number for step in load_steps()}
    assert date.fromisoformat(row.checked).year >= 2026
    if row.recorded != NOT_RECORDED:
        date.fromisoformat(row.recorded)


@pytest.mark.parametrize("area", load_areas(), ids=lambda area: area.name)
def test_an_area_is_told_in_both_languages(area: Area) -> None:
    assert set(area.title) == {"es", "en"}
    assert set(area.note) in ({"es", "en"}, set())
    assert area.rows


def test_no_id_stands_for_two_things() -> None:
    ids = [
        *(row.id for row in load_rows()),
        *(key for key, source in load_sources().items() if source.kind == RECORDING),
    ]
    assert len(set(ids)) == len(ids)


def test_every_source_is_cited_and_says_what_it_is() -> None:
    cited = {source.key for row in load_rows() for source in row.sources}
    for source in load_sources().values():
        assert source.key in cited, source.key
        assert source.kind in (AWS, RECORDING, ENGINE), source.key
        assert set(source.title) == {"es", "en"}, source.key
        assert source.url.startswith("https://") or (ROOT / source.url).is_file(), source.key
        # A recording elsewhere has a day; documents change and have none.
        assert bool(source.date) is (source.kind == RECORDING and source.url.startswith("https://")), source.key


def test_calls_are_spelled_as_boto3_spells_them() -> None:
    for call in sorted(named_calls()):
        service, operation = call.split(".")
        assert service in NEVER_CALLED or operation in operations(service), call


def test_the_notebooks_are_those_of_the_lab() -> None:
    assert [step.number for step in load_steps()] == sorted(NOTEBOOKS)
    assert {step.number for step in STEPS} <= set(NOTEBOOKS)


@pytest.mark.parametrize("number", sorted(NOTEBOOKS))
def test_a_notebook_is_listed_with_the_calls_of_its_plan_and_of_its_cells(number: int) -> None:
    modules = [step.plan.__module__.rpartition(".")[2] for step in STEPS if step.number == number]
    modules += [module for module, numbers in ALSO.items() if number in numbers]
    made = cell_calls(NOTEBOOKS[number]).union(*(step_calls(module) for module in modules))
    listed = set(next(step for step in load_steps() if step.number == number).calls)
    where = f"labkit/parity/steps.json, {number}"
    assert not made - listed, f"add to {where}: {sorted(made - listed)}"
    assert not listed - made, f"no longer made, take from {where}: {sorted(listed - made)}"
    assert not made - named_calls(), f"these need a row in labkit/parity/table: {sorted(made - named_calls())}"


def test_every_call_that_the_lab_makes_has_a_row() -> None:
    services = {call.partition(".")[0] for call in named_calls()} - NEVER_CALLED
    modules = [path for path in (ROOT / "labkit").rglob("*.py") if (ROOT / "labkit" / "cloud") not in path.parents]
    described = set().union(*(planned_calls(path) for path in modules))
    asked = set().union(*(client_calls(path, services) for path in modules))
    real = {call for call in asked if call.partition(".")[2] in operations(call.partition(".")[0])}
    assert len(real) > 50
    assert not (described | real) - named_calls(), sorted((described | real) - named_calls())


def test_calls_in_cells_are_found_however_they_are_made(tmp_path: Path) -> None:
    source = (
        "%%writefile work/x.py\nimport boto3\nglue = boto3.client('glue')\nglue.start_job_run(JobName='x')\n"
        "boto3.client('s3').put_object()\nlab.client('logs').get_paginator('filter_log_events')\nother.delete_bucket()\n"
        "if True:\n    !aws s3 ls s3://x\n    !aws iam get-role --role-name x\n"
    )
    book = tmp_path / "x.ipynb"
    book.write_text(json.dumps({"cells": [{"cell_type": "code", "source": source}]}), encoding="utf-8")
    assert cell_calls(book) == {
        "glue.start_job_run",
        "s3.put_object",
        "logs.filter_log_events",
        "s3.list_objects_v2",
        "iam.get_role",
    }
