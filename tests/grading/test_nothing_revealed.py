"""Who answered wrong is not told what would have been right: neither in a finding nor anywhere on their page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from labkit.checks.finding import CheckResult, Finding
from labkit.grading.editions.places import find_places
from labkit.grading.editions.validate import read_source
from labkit.grading.marks.sheet import build_row
from labkit.grading.pages.report import Report
from labkit.grading.pages.student import build_student_page
from labkit.i18n import LANGUAGES, use_language
from tests.grading.grading_run import JOBS_CELL_S, grade
from tests.grading.wrong_answers import build_wrong, read_right
from tests.unit.checks.revealing import find_revealed, show_result

pytestmark = pytest.mark.slow

# Notebooks with values that come from the student's own data or cloud, and the tasks that are judged by them.
NOTEBOOKS = {
    "02_iam": ("2.4",),
    "03_crawler": ("3.1", "3.2", "3.3", "3.4"),
    "04_glue_etl": ("4.4", "4.6", "4.7"),
    "05_lambda": ("5.1", "5.6"),
    "06_trigger": ("6.2", "6.3"),
    "07_athena_costes": ("7.2", "7.3", "7.4"),
    # What 8.5 asks for was spoilt before (tests/unit/checks/test_step_8.py has it); the limits of 8.3 are the student's own.
    "08_evaluacion": ("8.1", "8.2", "8.4"),
}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_wrong_answer_is_not_told_the_right_one(name: str, tmp_path: Path) -> None:
    attack = build_wrong(name)
    papers = {"Íñigo": {name: attack.build()}}
    graded = grade(tmp_path / "batch", [name], papers, workers=1, cell_s=JOBS_CELL_S)["Íñigo"]
    right = read_right(graded)
    marks = {mark.task: mark for mark in graded.tasks}
    assert {task: marks[task].status for task in NOTEBOOKS[name]} == dict.fromkeys(NOTEBOOKS[name], "not_yet")
    # What the student's own cells printed is theirs; everything else on the page is ours.
    silent = replace(graded, cells=tuple(replace(cell, output="", error="") for cell in graded.cells))
    reference = read_source(find_places(), name).notebook
    revealed = set()
    for language in LANGUAGES:
        use_language(language)
        page = build_student_page(build_row(silent), Report((), (reference,), (), "", "", "", ""))
        page = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
        for task in NOTEBOOKS[name]:
            found = tuple(Finding(**item) for item in marks[task].findings)
            told = show_result(CheckResult(task, marks[task].status, found))
            revealed |= {(task, one) for one in find_revealed(right[task], told + page)}
    use_language("es")
    assert revealed == set()
