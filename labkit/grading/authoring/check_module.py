"""The texts of a scaffold's Python: its check, which passes nobody, and the test that says so."""

from __future__ import annotations

from labkit.grading.authoring.wish import Wish

_CHECK = '''"""Task {task}: in one sentence, what must be true."""

from __future__ import annotations

from labkit.checks.amounts import show_value
from labkit.checks.context import Context
from labkit.checks.finding import Finding


def check_{module}(context: Context) -> list[Finding]:
    """Look through AWS at what the student made (context.clients), or at what was handed over; context.truth says what is right."""
    given = context.get("{answer}")
    # A scaffold looks at nothing yet, so nobody passes, whatever was handed over.
    return [Finding(False, "{key}.scaffold", {{"task": "{task}", "given": show_value(given)}})]
'''

_TEST = '''"""Task {task}: what passes, what does not, and what is said to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labkit.checks.context import Context
from labkit.checks.finding import NOT_ATTEMPTED, NOT_YET, CheckResult
from labkit.checks.journal import Journal
from labkit.checks.run import run_check
from labkit.checks.tasks import get_task
from labkit.checks.truth import Truth
from labkit.checks.values import MISSING
from labkit.settings import read_settings


@pytest.fixture
def context(tmp_path: Path) -> Context:
    settings = read_settings({{"LABKIT_STUDENT": "Ñandú", "LABKIT_STATE": str(tmp_path)}}, tmp_path)
    nowhere: Any = None
    return Context(nowhere, settings, Truth(settings), Journal(tmp_path))


def look(context: Context, given: Any) -> CheckResult:
    return run_check(get_task("{task}"), replace(context, values={{"{answer}": given}}))


def test_the_placeholder_is_not_attempted(context: Context) -> None:
    assert look(context, MISSING).status == NOT_ATTEMPTED


@pytest.mark.parametrize("given", [None, 0, "", [], {{}}])
def test_a_wrong_answer_is_not_yet(context: Context, given: Any) -> None:
    assert look(context, given).status == NOT_YET


# Next: every form of a right answer passes, for more than one student; each misconception is named; no finding says what is expected.
'''


def build_check(wish: Wish) -> str:
    """The module of the check."""
    return _CHECK.format(task=wish.task, module=wish.module, answer=wish.answer, key=wish.key)


def build_test(wish: Wish) -> str:
    """The module of its test."""
    return _TEST.format(task=wish.task, answer=wish.answer)
