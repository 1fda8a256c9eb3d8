"""Crawler schedules: the calls that start, stop and change them, and the clock that starts crawls."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.crawler.configuration import invalid
from labkit.cloud.crawler.cron import parse_cron

if TYPE_CHECKING:
    from labkit.cloud.services import Services

CRAWLER = "crawler"
_RUNNING, _STOPPED = "SCHEDULED", "NOT_SCHEDULED"


def schedule_document(expression: str) -> dict[str, str]:
    """Return the Schedule of a crawler, running; AwsError InvalidInputException for a wrong expression."""
    try:
        parse_cron(expression)
    except ValueError as error:
        raise invalid(f"{error}.") from error
    return {"ScheduleExpression": expression, "State": _RUNNING}


def schedule_routes(services: Services, lock: threading.RLock) -> dict[tuple[str, str], Handler]:
    """Return the handlers of the schedule calls; ``lock`` guards the crawlers' documents."""
    calls = _ScheduleCalls(services, lock)
    return {
        ("glue", "UpdateCrawlerSchedule"): calls.update,
        ("glue", "StartCrawlerSchedule"): calls.start,
        ("glue", "StopCrawlerSchedule"): calls.stop,
    }


def due(services: Services, moment: datetime) -> list[tuple[Scope, str]]:
    """Return scope and name of the crawlers whose schedule runs and names this minute."""
    found = []
    for scope, name, document in services.documents.list(CRAWLER):
        schedule = document.get("Schedule") or {}
        if schedule.get("State") == _RUNNING and parse_cron(schedule["ScheduleExpression"]).matches(moment):
            found.append((scope, name))
    return found


class ScheduleClock:
    """Calls ``tick`` once a minute with that minute (UTC), until it is stopped. What was due while stopped is not made up."""

    def __init__(self, clock: Callable[[], datetime], tick: Callable[[datetime], None]) -> None:
        self._clock, self._tick = clock, tick
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="crawler-schedules", daemon=True)

    def start(self) -> None:
        """Begin with the next full minute."""
        self._thread.start()

    def stop(self) -> None:
        """End; returns at once."""
        self._stopped.set()

    def _run(self) -> None:
        # Asked anew each time: a laptop that slept does not run what it missed, all at once.
        while not self._stopped.wait(_to_next_minute_s(self._clock())):
            self._tick(self._clock().astimezone(timezone.utc).replace(second=0, microsecond=0))


def _to_next_minute_s(now: datetime) -> float:
    """Seconds to the next full minute, and a little more: a clock that is early would tell the last one."""
    return 60.05 - now.second - now.microsecond / 1e6


class _ScheduleCalls:
    def __init__(self, services: Services, lock: threading.RLock) -> None:
        self._services, self._lock = services, lock

    def update(self, call: Call) -> dict[str, Any]:
        with self._lock:
            document = self._find(call)
            expression = call.params.get("Schedule") or ""
            if expression:
                document["Schedule"] = schedule_document(expression)
            else:
                document.pop("Schedule", None)
            self._put(call, document)
        return {}

    def start(self, call: Call) -> dict[str, Any]:
        with self._lock:
            document = self._find(call)
            schedule = document.get("Schedule")
            if not schedule:
                raise AwsError("NoScheduleException", f"Crawler {document['Name']} has no schedule.")
            if schedule["State"] == _RUNNING:
                raise AwsError("SchedulerRunningException", f"The schedule of crawler {document['Name']} is running.")
            self._put(call, {**document, "Schedule": {**schedule, "State": _RUNNING}})
        return {}

    def stop(self, call: Call) -> dict[str, Any]:
        with self._lock:
            document = self._find(call)
            schedule = document.get("Schedule") or {}
            if schedule.get("State") != _RUNNING:
                raise AwsError(
                    "SchedulerNotRunningException", f"The schedule of crawler {document['Name']} is not running."
                )
            self._put(call, {**document, "Schedule": {**schedule, "State": _STOPPED}})
        return {}

    def _find(self, call: Call) -> dict[str, Any]:
        name = call.params.get("CrawlerName") or ""
        found = self._services.documents.find(CRAWLER, call.scope, name)
        if found is None:
            raise AwsError("EntityNotFoundException", f"Crawler entry with name {name} does not exist")
        return found

    def _put(self, call: Call, document: dict[str, Any]) -> None:
        now = self._services.clock().timestamp()
        changed = {**document, "LastUpdated": now, "Version": document["Version"] + 1}
        self._services.documents.put(CRAWLER, call.scope, document["Name"], changed)
