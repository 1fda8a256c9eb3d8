"""The table as a person meets it: found by step, service and call, in a terminal, a notebook and two pages."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from labkit import i18n
from labkit.commands.parity import parity
from labkit.commands.parity_options import add_parity_options
from labkit.errors import UsageError
from labkit.parity.find import build_standings, find_call, find_rows, find_service, find_step
from labkit.parity.rows import DIFFERS, NOT_RECORDED, REFUSED, SAME, load_areas, load_rows, load_sources
from labkit.ui.parity.page import PAGES, render_page
from labkit.ui.parity.view import ParityView, show_step
from labkit.ui.parity.words import tell_shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def spanish() -> Iterator[None]:
    i18n.use_language("es")
    yield
    i18n.use_language("es")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def ask(*words: str) -> str:
        parser = argparse.ArgumentParser()
        add_parity_options(parser)
        assert parity(parser.parse_args(words), SimpleNamespace()) == 0  # type: ignore[arg-type]
        return capsys.readouterr().out

    return ask


@pytest.mark.parametrize(
    "word",
    [
        "glue.start_job_run",
        "glue:StartJobRun",
        "StartJobRun",
        "start-job-run",
        "glue start-job-run",
        "Glue.StartJobRun",
    ],
)
def test_a_call_is_found_in_every_spelling(word: str) -> None:
    assert find_call(word) == "glue.start_job_run"


def test_names_of_several_humps_are_spelled_as_boto3_does() -> None:
    assert find_call("ListObjectsV2") == "s3.list_objects_v2"
    assert find_call("s3api put-object") == "s3.put_object"
    assert find_call("sts:AssumeRoleWithSAML") == "sts.assume_role_with_saml"


def test_what_is_not_in_the_table_is_told_with_its_neighbours() -> None:
    with pytest.raises(UsageError, match=r"glue.start_job_rum.*\n.*moto.*\n.*glue\.start_job_run"):
        find_call("glue.start_job_rum")
    with pytest.raises(UsageError, match=r"varios servicios.*\n.*glue\.get_database"):
        find_call("get_database")
    with pytest.raises(UsageError, match="athena-service"):
        find_service("atena")
    with pytest.raises(UsageError, match="0, 1, 2, 3, 4, 5, 6, 7, 8, 90, query"):
        find_step("9")
    with pytest.raises(UsageError):
        find_step("²")


def test_steps_have_numbers_and_a_word() -> None:
    assert find_step("03").number == 3
    assert find_step("query").number == find_step("consulta").number == 7


def test_questions_narrow_each_other() -> None:
    every = load_rows()
    of_step = find_rows(step=3)
    assert 0 < len(of_step) < len(every)
    assert all(3 in row.steps for row in of_step)
    narrowed = find_rows(3, "crawlers", "glue.start_crawler")
    assert {row.area for row in narrowed} == {"crawlers"}
    assert {"crawler-time"} <= {row.id for row in narrowed} < {row.id for row in of_step}


def test_a_service_has_also_the_rows_without_a_call_of_its_areas() -> None:
    found = {row.area for row in find_rows(service="athena")}
    assert {"athena-service", "athena-queries", "athena-tables"} <= found
    assert "crawlers" not in found
    assert {row.area for row in find_rows(service="athena-queries")} == {"athena-queries"}


def test_a_call_stands_by_its_rows() -> None:
    (standing,) = build_standings(["glue.start_crawler"])
    assert "crawler-time" in standing.differs
    assert "crawler-refused-formats" in standing.refused
    assert "crawler-role-trust" in standing.same


def test_a_step_in_the_terminal_has_evidence_dates_and_calls(run: Callable[..., str]) -> None:
    shown = run("3", "--lang", "en")
    for words in (
        "Notebook 3 · Crawler and catalog",
        "seen on AWS by this project: 0 of",
        "glue.create_crawler",
        "tests/unit/cloud/crawler/test_engine.py",
        "recorded by others (2026-09-30)",
        "nobody has recorded it yet",
        "Row reviewed on 2026-11-29",
    ):
        assert words in shown


def test_without_a_question_the_table_is_counted_by_area(run: Callable[..., str]) -> None:
    shown = run()
    assert f"0 de {len(load_rows())}" in shown
    for area in load_areas():
        assert f"({area.name})" in shown


def test_json_has_the_rows_with_their_sources(run: Callable[..., str]) -> None:
    document = json.loads(run("--call", "glue.start_crawler", "--json"))
    found = {row["id"]: row for row in document["rows"]}
    assert found["crawler-time"]["status"] == DIFFERS
    assert found["crawler-time"]["sources"][0]["date"] == "2026-09-30"
    assert document["counts"]["recorded_here"] == 0
    assert sum(document["counts"][status] for status in (SAME, DIFFERS, REFUSED)) == len(found)


def test_a_notebook_gets_it_short_with_what_runs_the_same_folded() -> None:
    view = show_step(find_step("1"), full=False)
    shown, html = repr(view), view._repr_html_()
    assert "tests/" not in shown
    assert "labkit parity 1" in shown
    assert "docs/paridad.md" in shown
    assert html.count("<details open") == 2
    assert html.count("<details") > 2
    assert len(view.of(SAME)) + len(view.of(DIFFERS)) + len(view.of(REFUSED)) == len(view.rows)


def test_an_answer_without_rows_says_so() -> None:
    assert "ninguna fila" in repr(ParityView("x", ()))


def test_what_this_project_records_is_told_with_its_day() -> None:
    row = load_rows()[0]
    seen = type(row)(**{**vars(row), "recorded": "2027-01-02"})
    assert row.recorded == NOT_RECORDED
    assert tell_shown(seen) == "grabado por este proyecto el 2027-01-02"
    assert ParityView("x", [seen, row]).recorded == 1


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_page_is_up_to_date(language: str) -> None:
    written = (ROOT / "docs" / PAGES[language]).read_text(encoding="utf-8")
    assert written == render_page(language), "run: python -m labkit.ui.parity docs"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_page_has_every_row_once_and_no_link_leads_nowhere(language: str, run: Callable[..., str]) -> None:
    page = run("--markdown", language)
    anchors = re.findall(r'<a id="([^"]+)"></a>', page)
    assert sorted(anchors) == sorted(
        [row.id for row in load_rows()] + [one for one in load_sources() if one[:4] == "rec-"]
    )
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= set(anchors)
    for target in re.findall(r"\]\(((?!#|https://)[^)#]+)\)", page):
        assert (ROOT / "docs" / target).is_file(), target
    tables = [line for line in page.splitlines() if line.startswith("| ")]
    columns: Any = [len(re.findall(r"(?<!\\)\|", line)) - 1 for line in tables]
    assert set(columns) == {2, 3, 4, 7}
