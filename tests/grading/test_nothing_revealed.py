"""Who answered wrong is not told what would have been right: neither in a finding nor anywhere on their page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labkit.checks.finding import Finding
from labkit.grading.editions.places import find_places
from labkit.grading.editions.validate import read_source
from labkit.grading.marks.sheet import build_row
from labkit.grading.pages.report import Report
from labkit.grading.pages.student import build_student_page
from labkit.grading.worker.outcome import Graded
from labkit.i18n import LANGUAGES, use_language
from tests.grading.grading_run import grade
from tests.grading.wrong_answers import build_wrong, read_right

pytestmark = pytest.mark.slow

# Notebooks with values that come from the student's own data, and how many of their tasks hand any over.
NOTEBOOKS = {
    "02_iam": 1,
    "03_crawler": 4,
    "04_glue_etl": 2,
    "05_lambda": 2,
    "06_trigger": 2,
    "07_athena_costes": 4,
    "08_evaluacion": 4,
}
# Said by the lab to everybody before the task, or by AWS's own rules; and what a student predicted themselves.
_NO_SECRET = {"DataFrame", "DynamicFrame", "glue", "lambda", "pandas"}


def list_spellings(value: Any) -> set[str]:
    """The ways in which a text may show a value; none of one so short that it stands anywhere by chance."""
    if isinstance(value, str):
        return {value} if len(value) >= 6 and value not in _NO_SECRET else set()
    if isinstance(value, int):
        return {str(value), f"{value:,}"} if abs(value) >= 100 else set()
    if not isinstance(value, float) or value == int(value):
        return list_spellings(int(value)) if isinstance(value, float) else set()
    shown = {str(value), f"{value:g}", *(f"{value:.{digits}f}" for digits in range(1, 7))}
    return {one for one in shown if len(one.strip("-0.").replace(".", "")) >= 3}


def find_revealed(right: list[Any], words: str) -> set[str]:
    """Which of the right values stand in a text by themselves."""
    spellings = {one for value in right for one in list_spellings(value)}
    return {one for one in spellings if re.search(rf"(?<![\w.]){re.escape(one)}(?!\w|\.\d)", words)}


def show_findings(graded: Graded, task: str) -> str:
    mark = next(mark for mark in graded.tasks if mark.task == task)
    found = [Finding(**item) for item in mark.findings]
    return "\n".join(part for one in found for part in (one.text(), one.misconception_text()))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_wrong_answer_is_not_told_the_right_one(name: str, tmp_path: Path) -> None:
    attack = build_wrong(name)
    graded = grade(tmp_path / "batch", [name], {"Íñigo": {name: attack.build()}}, workers=1)["Íñigo"]
    right = read_right(graded)
    assert len(right) == NOTEBOOKS[name]
    status = {mark.task: mark.status for mark in graded.tasks}
    assert {task: status[task] for task in right} == dict.fromkeys(right, "not_yet")
    # What the student's own cells printed is theirs; everything else on the page is ours.
    silent = replace(graded, cells=tuple(replace(cell, output="", error="") for cell in graded.cells))
    reference = read_source(find_places(), name).notebook
    for language in LANGUAGES:
        use_language(language)
        page = build_student_page(build_row(silent), Report((), (reference,), (), "", "", "", ""))
        for task, values in right.items():
            assert find_revealed(values, show_findings(graded, task)) == set(), (language, task)
            assert find_revealed(values, page) == set(), (language, task)
    use_language("es")
