"""`lab.remains()` and `lab.teardown()`: what is still there, what it costs, and taking it down."""

from __future__ import annotations

from collections.abc import Collection

from labkit.aws.session import aws_errors
from labkit.classroom.surroundings import Surroundings
from labkit.errors import AwsCallError
from labkit.i18n import text
from labkit.prices import HOURS_A_MONTH
from labkit.teardown.belongings import Belongings
from labkit.teardown.find import find_belongings
from labkit.teardown.pace import Pace
from labkit.teardown.tasks import Task, build_stages
from labkit.teardown.teardown import Outcome, tear_down
from labkit.ui.cost_meter import Charge, read_costs
from labkit.ui.remains import Remaining, RemainsView, TeardownView

_DAYS_A_MONTH = HOURS_A_MONTH / 24


def find_remains(around: Surroundings) -> RemainsView:
    """List what is ours by ledger or tag, and price it by AWS's own records; nothing is changed."""
    found = _find(around)
    things = tuple(Remaining(one.thing.kind, one.thing.name, one.thing.created) for one in found.ours)
    names = {item.name for item in things} | {around.settings.names.workgroup}
    charges, unread = _read_charges(around) if things else ((), "")
    return RemainsView(
        _tell_place(around),
        things,
        spent=_sum(charges, names, is_stored=False),
        a_day=_sum(charges, names, is_stored=True) / _DAYS_A_MONTH,
        charges=around.settings.target.charges and not around.settings.target.rehearsal,
        unseen=tuple(blind.kind for blind in found.blind),
        unknown=_tell_unknown(found),
        unpriced=unread,
    )


def remind(around: Surroundings) -> str:
    """One sentence about what is still there; "" when nothing is."""
    found = _find(around)
    dates = [one.thing.created for one in found.ours if one.thing.created]
    if not found.ours:
        return ""
    since = f"{min(dates).astimezone():%Y-%m-%d %H:%M}" if dates else "?"
    return text("remains.reminder", count=len(found.ours), since=since)


def take_down(around: Surroundings, *, delete: bool) -> TeardownView:
    """Show what would go; with `delete` take it down, and prove by looking again that nothing is left."""
    found = _find(around)
    place = _tell_place(around)
    if not delete:
        planned = [task for stage in build_stages(found, Pace()) for task in stage if task.is_sure]
        lines = [(*_tell_task(task), "–") for task in planned]
        return TeardownView(place, lines, done=False, problems=_tell_unknown(found))
    report = tear_down(around.clients, around.settings, around.ledger, found)
    lines = [(*_tell_task(one.task), _tell_state(one)) for one in report.outcomes]
    problems = [str(one.error) for one in report.outcomes if one.error] + ([str(report.error)] if report.error else [])
    problems += _tell_unknown(report.after) if report.after else ()
    return TeardownView(place, lines, done=True, is_proven=report.is_proven, problems=problems)


def _find(around: Surroundings) -> Belongings:
    with aws_errors("lab.remains"):
        return find_belongings(around.clients, around.settings, around.ledger)


def _tell_unknown(found: Belongings) -> tuple[str, ...]:
    """What the ledger names and this version cannot look at; cells may create more kinds of things than teardown knows."""
    return tuple(text("remains.unknown", kind=entry.kind, name=entry.name) for entry in found.unknown)


def _read_charges(around: Surroundings) -> tuple[tuple[Charge, ...], str]:
    """The charges, or why they cannot be read: a caller may be allowed to see only what is the lab's."""
    try:
        return read_costs(around.clients, around.prices).charges, ""
    except AwsCallError as error:
        return (), str(error.what)


def _sum(charges: Collection[Charge], names: Collection[str], *, is_stored: bool) -> float:
    """Dollars of what is ours: what was done, or what is kept for a month."""
    return sum(charge.usd for charge in charges if charge.resource in names and (charge.kind == "storage") is is_stored)


def _tell_task(task: Task) -> tuple[str, str, str]:
    return task.kind, task.name, text(task.reason.key, **task.reason.facts)


def _tell_state(outcome: Outcome) -> str:
    words = {
        "deleted": text("remains.state_deleted"),
        "stopped": text("remains.state_stopped"),
        "failed": text("remains.state_failed"),
        "not tried": text("remains.state_not_tried"),
    }
    return words[outcome.state]


def _tell_place(around: Surroundings) -> str:
    target = around.settings.target
    return f"{target.account} · {target.region}" if target.charges else text("remains.here")
