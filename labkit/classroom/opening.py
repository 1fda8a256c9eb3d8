"""`labkit.open(4)`: where the student is, and everything the notebook needs, ready."""

from __future__ import annotations

import time

from labkit.classroom.handing_over import is_graded
from labkit.classroom.lesson_error import teach_errors
from labkit.classroom.notebooks import NEEDS_BELOW, NOTEBOOKS
from labkit.classroom.student_lab import StudentLab
from labkit.classroom.surroundings import Surroundings, build_surroundings, find_settings
from labkit.errors import UsageError
from labkit.i18n import build_lesson, text, use_language
from labkit.steps.apply import apply_plan
from labkit.steps.catch_up import plan_catch_up
from labkit.steps.ledger import alone
from labkit.ui.opened import CaughtUp, OpenedView
from labkit.ui.show import show

_opened: list[StudentLab] = []


def open(step: int) -> StudentLab:  # noqa: A001 - `labkit.open(4)` is how a notebook begins
    """Open the notebook of a step: reach the cloud (started if it is down), and make what earlier steps still lack.

    What the student has made stays as it is; what was caught up is said. Opening again does nothing more. This process's AWS
    variables lead to the cloud afterwards, so that plain boto3 works. Errors: UsageError for a number without a notebook, CloudError.
    """
    began = time.monotonic()
    teach_errors()
    settings = find_settings()
    use_language(settings.language)
    if step not in NOTEBOOKS:
        known = ", ".join(str(number) for number in NOTEBOOKS)
        raise build_lesson(UsageError, "error.step_unknown", step=step, known=known)
    if _opened:
        _opened[-1].surroundings.checker.stop()
    around = build_surroundings(settings)
    if not is_graded():  # the grader checks where this process cannot see it
        around.checker.start()
    caught_up = tuple(catch_up(around, NEEDS_BELOW[step]))
    around.journal.record("open", step=step, caught_up=[item.number for item in caught_up])
    lab = StudentLab(around, step, NOTEBOOKS[step])
    _opened[:] = [lab]
    show(_describe(around, step, caught_up, time.monotonic() - began))
    return lab


def catch_up(around: Surroundings, before: int) -> list[CaughtUp]:
    """Make what the steps below `before` lack; says which step it is at, because a crawl takes seconds."""
    done = []
    with alone(around.settings.state_dir, "catch-up.lock"):
        for plan in plan_catch_up(around.clients, around.wanted, before, around.prices, around.ledger):
            if plan.calls:
                title = text(f"step.{plan.step.key}")
                apply_plan(around.clients, plan, around.ledger, lambda _step, _call: None)
                done.append(CaughtUp(plan.step.number, title, len(plan.calls)))
    return done


def _describe(around: Surroundings, step: int, caught_up: tuple[CaughtUp, ...], seconds: float) -> OpenedView:
    target = around.settings.target
    place = target.endpoint_url or f"AWS {target.account} {target.region}"
    title = text("opened.title", name=NOTEBOOKS[step])
    return OpenedView(title, place, around.settings.student, caught_up, seconds)
