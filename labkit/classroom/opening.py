"""`labkit.open(4)`: where the student is, and everything the notebook needs, ready."""

from __future__ import annotations

import time

from labkit.classroom.catching_up import catch_up, list_missing
from labkit.classroom.handing_over import is_graded
from labkit.classroom.lesson_error import teach_errors
from labkit.classroom.notebooks import NEEDS_BELOW, NOTEBOOKS, ROLES
from labkit.classroom.recording import Recorder, record_calls
from labkit.classroom.student_lab import StudentLab
from labkit.classroom.surroundings import Surroundings, build_surroundings, find_settings
from labkit.classroom.whose import find_whose
from labkit.errors import UsageError
from labkit.i18n import build_lesson, text, use_language
from labkit.ui.opened import OpenedView
from labkit.ui.show import show

_opened: list[StudentLab] = []


def open(step: int, *, account: str = "") -> StudentLab:  # noqa: A001 - `labkit.open(4)` is how a notebook begins
    """Open the notebook of a step: reach the cloud (started if it is down), and make what earlier steps still lack.

    What the student has made stays as it is; what was caught up is said. Opening again does nothing more. This process's AWS
    variables lead to the cloud afterwards, so that plain boto3 works. On AWS nothing is made here: what is missing is listed with
    its price, and `lab.catch_up()` makes it; `account` (LABKIT_ACCOUNT, labkit.toml) must be named, and be the caller's.
    Errors: UsageError for a number without a notebook or another account, AwsCallError without credentials, CloudError.
    """
    began = time.monotonic()
    teach_errors()
    settings = find_settings()
    use_language(settings.language)
    whose = find_whose(settings, account, step)
    settings = whose.settings
    if step not in NOTEBOOKS:
        known = ", ".join(str(number) for number in NOTEBOOKS)
        raise build_lesson(UsageError, "error.step_unknown", step=step, known=known)
    if _opened:
        _opened[-1].surroundings.checker.stop()
    around = build_surroundings(settings)
    if not is_graded():  # the grader checks where this process cannot see it
        around.checker.start()
    charges = settings.target.charges
    caught_up = () if charges else tuple(catch_up(around, NEEDS_BELOW[step]))
    missing = tuple(list_missing(around, NEEDS_BELOW[step])) if charges else ()
    around.journal.record("open", step=step, caught_up=[item.number for item in caught_up])
    lab = StudentLab(around, step, NOTEBOOKS[step])
    _opened[:] = [lab]
    record_calls(Recorder(around.ledger, around.clients, step))
    place = settings.target.endpoint_url or f"AWS {settings.target.account} {settings.target.region}"
    title = text("opened.title", name=NOTEBOOKS[step])
    seconds = time.monotonic() - began
    show(OpenedView(title, place, settings.student, caught_up, seconds, whose.told, missing, _list_notes(around, step)))
    return lab


def _list_notes(around: Surroundings, step: int) -> list[str]:
    """What is still there on AWS; and notebook 2 is about making roles, which an account with a given role lets nobody do."""
    from labkit.classroom.remaining import remind

    names = around.settings.names
    notes = [remind(around)] if around.settings.target.charges else []
    if step == ROLES and names.gives_roles:
        notes.append(text("opened.roles_given", role=names.glue_role_name))
    return [note for note in notes if note]
