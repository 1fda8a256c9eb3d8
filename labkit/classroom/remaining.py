"""`lab.remains()` and `lab.teardown()`: what is still there, what it costs, and taking it down."""

from __future__ import annotations

from labkit.aws.session import aws_errors
from labkit.classroom.surroundings import Surroundings
from labkit.errors import AwsCallError
from labkit.i18n import text
from labkit.prices import HOURS_A_MONTH
from labkit.spending.record import record_spending
from labkit.teardown.belongings import Belongings
from labkit.teardown.contents import find_contents
from labkit.teardown.find import find_belongings
from labkit.teardown.pace import Pace
from labkit.teardown.tasks import Task, build_stages
from labkit.teardown.teardown import Outcome, tear_down
from labkit.ui.cost_meter import CostMeter, build_meter
from labkit.ui.remains import Remaining, RemainsView, TeardownView
from labkit.ui.teardown import render_contents

_DAYS_A_MONTH = HOURS_A_MONTH / 24


def find_remains(around: Surroundings) -> RemainsView:
    """List what is ours by ledger or tag, and price it by AWS's own records; nothing is changed."""
    found = _find(around)
    things = tuple(Remaining(one.thing.kind, one.thing.name, one.thing.created) for one in found.ours)
    meter, unread = _read_costs(around)
    return RemainsView(
        _tell_place(around),
        things,
        spent=meter.total if meter else 0.0,
        a_day=meter.monthly / _DAYS_A_MONTH if meter else 0.0,
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
        return TeardownView(place, lines, done=False, problems=(*_tell_unknown(found), *_tell_contents(around, found)))
    _read_costs(around)  # what AWS remembers of the runs goes with the jobs: it is written down before
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


def _tell_contents(around: Surroundings, found: Belongings) -> tuple[str, ...]:
    """What goes along: tables and folders that somebody may want to keep."""
    with aws_errors("lab.teardown"):
        contents = find_contents(around.clients, found)
    return tuple(f"{one.kind} {one.name}: {line}" for one in contents for line in render_contents(one))


def _read_costs(around: Surroundings) -> tuple[CostMeter | None, str]:
    """What the lab has spent by its own metering, or why that cannot be read."""
    try:
        usage = record_spending(around.clients, around.wanted, around.settings)
    except AwsCallError as error:
        return None, str(error.what)
    return build_meter(usage, around.prices), ""


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
