"""Carrying a teardown out: stage after stage, each failure kept, the rest gone on with, and everything looked for again at the end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from labkit.aws.error_codes import is_expired
from labkit.aws.session import Clients, aws_errors
from labkit.errors import LabError
from labkit.settings import Settings
from labkit.steps.ledger import Ledger
from labkit.steps.shared_groups import KIND as SHARED_KIND
from labkit.teardown.belongings import Belongings
from labkit.teardown.find import find_belongings, make_clients
from labkit.teardown.pace import Pace
from labkit.teardown.refusal import explain
from labkit.teardown.tasks import Task, build_deletions, build_stops

_AT_ONCE = 8
DONE, STOPPED, FAILED, NOT_TRIED = "deleted", "stopped", "failed", "not tried"
_STOPS = ("glue-run", "glue-crawl", "athena-query")


@dataclass(frozen=True)
class Outcome:
    """How one task ended. `state` is "deleted", "stopped" (with `detail`: what was), "failed" (with `error`) or "not tried"."""

    task: Task
    state: str
    detail: str = ""
    error: LabError | None = None


@dataclass(frozen=True)
class Report:
    """A whole teardown: what there was, how each task ended, and what the second look saw (None when it could not look)."""

    before: Belongings
    outcomes: tuple[Outcome, ...]
    after: Belongings | None
    error: LabError | None = None

    @property
    def failures(self) -> tuple[Outcome, ...]:
        return tuple(one for one in self.outcomes if one.state in (FAILED, NOT_TRIED))

    @property
    def is_proven(self) -> bool:
        """True if everything was looked at again and nothing of ours is left."""
        return self.after is not None and self.after.is_empty and not self.after.blind


@dataclass(frozen=True)
class Hooks:
    """What a teardown tells and asks on its way.

    `on_outcome` hears how each task ended. `on_stopped` is called when nothing of ours runs any more and everything is still
    there: the last moment to read what it cost. `on_expired` is asked when the keys have ended: True once there are new ones.
    """

    on_outcome: Callable[[Outcome], None] = lambda _outcome: None
    on_stopped: Callable[[], None] = lambda: None
    on_expired: Callable[[], bool] = lambda: False


def tear_down(
    clients: Clients,
    settings: Settings,
    ledger: Ledger,
    before: Belongings,
    hooks: Hooks | None = None,
    pace: Pace | None = None,
) -> Report:
    """Delete what `before` says is ours, and prove by listing that it is gone; the ledger loses a line when its resource is seen gone.

    Nothing is raised for what AWS refuses: the report tells it.
    """
    told = hooks or Hooks()
    outcomes, ended = _run_stages(clients, ledger, build_stops(before, pace or Pace()), told)
    if not ended:
        told.on_stopped()
    deleted, _ = _run_stages(clients, ledger, build_deletions(before), told, ended=ended)
    return _prove(clients, settings, ledger, before, (*outcomes, *deleted))


def _run_stages(
    clients: Clients, ledger: Ledger, stages: list[list[Task]], hooks: Hooks, *, ended: bool = False
) -> tuple[list[Outcome], bool]:
    """The outcomes, and whether the keys have ended for good; then the rest was not tried."""
    outcomes: list[Outcome] = []
    for stage in stages:
        waiting = stage
        while waiting and not ended:
            found = _run_stage(clients, ledger, waiting)
            expired = [one for one in found if one.error is not None and is_expired(one.error.__cause__)]
            renewed = bool(expired) and hooks.on_expired()
            done = [one for one in found if not (renewed and one in expired)]
            for one in done:
                hooks.on_outcome(one)
            outcomes += done
            waiting = [one.task for one in expired] if renewed else []
            ended = bool(expired) and not renewed
            if renewed:
                clients.renew()
        outcomes += [Outcome(task, NOT_TRIED) for task in waiting]
    return outcomes, ended


def _run_stage(clients: Clients, ledger: Ledger, stage: list[Task]) -> list[Outcome]:
    make_clients(clients)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        told = list(pool.map(lambda task: _run(clients, ledger, task), stage))
    return [one for one in told if one is not None]


def _run(clients: Clients, ledger: Ledger, task: Task) -> Outcome | None:
    """None for a task that found nothing to do, such as stopping a job that rests."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        detail = task.act(clients)
        if detail is None:
            return None
        ledger.forget(task.forgets)
    except (BotoCoreError, ClientError, LabError) as error:
        return Outcome(task, FAILED, error=explain(task.kind, task.name, error, clients.target))
    return Outcome(task, STOPPED if task.kind in _STOPS else DONE, detail)


def _prove(
    clients: Clients, settings: Settings, ledger: Ledger, before: Belongings, outcomes: tuple[Outcome, ...]
) -> Report:
    """Look once more. Lists of AWS may lag behind a deletion for some seconds, so one that failed nowhere is looked at again."""
    has_failed = any(one.error for one in outcomes)
    seen: list[Belongings] = []

    def is_clean() -> bool:
        seen.append(find_belongings(clients, settings, ledger))
        return seen[-1].is_empty or has_failed

    try:
        with aws_errors("labkit teardown"):
            Pace(first_s=0.5, patience_s=20.0).wait(is_clean)
    except LabError as error:
        return Report(before, outcomes, None, error)
    forget_gone(ledger, seen[-1])
    return Report(before, outcomes, seen[-1])


def forget_gone(ledger: Ledger, belongings: Belongings) -> None:
    """Take out of the ledger what it names and no list shows; which shared groups were absent is told until all is gone."""
    gone = {entry.identity for entry in belongings.gone if entry.kind != SHARED_KIND or belongings.is_empty}
    ledger.forget(lambda entry: entry.identity in gone)
