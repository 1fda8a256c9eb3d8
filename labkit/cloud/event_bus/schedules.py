"""Schedule expressions of rules, ``rate(5 minutes)`` and ``cron(0 9 ? * MON-FRI *)``, in UTC, and the clock that fires them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from labkit.cloud.call import AwsError
from labkit.cloud.crawler.cron import Cron, parse_cron
from labkit.cloud.event_bus.records import Rule

_RATE = re.compile(r"rate\((?P<value>[1-9]\d*) (?P<unit>minutes?|hours?|days?)\)")
_UNIT_S = {"minute": 60, "hour": 3600, "day": 86400}
_INVALID = "Parameter ScheduleExpression is not valid."
_TICK_S = 1.0
_LATE = timedelta(seconds=90)


def check_schedule(expression: str) -> None:
    """ValidationException for what is no schedule."""
    if _period_s(expression) is None:
        _cron(expression)


def is_due(rule: Rule, since: datetime, until: datetime) -> datetime | None:
    """The latest moment after ``since`` and not after ``until`` at which the rule's schedule fires, or None."""
    expression = rule.schedule or ""
    period = _period_s(expression)
    if period is not None:
        fired = int((until.timestamp() - rule.since) // period)
        moment = datetime.fromtimestamp(rule.since + fired * period, timezone.utc)
        return moment if fired >= 1 and moment > since else None
    cron = _cron(expression)
    minute = until.astimezone(timezone.utc).replace(second=0, microsecond=0)
    while minute > since:
        if cron.matches(minute):
            return minute
        minute -= timedelta(minutes=1)
    return None


class Clock:
    """Asks every second what is due. What was due while it was stopped, or while the machine slept, is not made up."""

    def __init__(
        self, clock: Callable[[], datetime], rules: Callable[[], list[Rule]], fire: Callable[[Rule, datetime], None]
    ) -> None:
        self._clock, self._rules, self._fire = clock, rules, fire
        self._stopped = threading.Event()
        self._last = clock()
        self._thread = threading.Thread(target=self._run, name="event-schedules", daemon=True)

    def start(self) -> None:
        """Begin with what is due from now on."""
        self._last = self._clock()
        self._thread.start()

    def stop(self) -> None:
        """End; returns at once."""
        self._stopped.set()

    def tick(self) -> None:
        """Fire what became due since the last time."""
        now, last = self._clock(), self._last
        if now <= last:  # the clock was set back: what fired does not fire again
            return
        self._last = now
        since = max(last, now - _LATE)
        for rule in self._rules():
            moment = is_due(rule, since, now)
            if moment is not None:
                self._fire(rule, moment)

    def _run(self) -> None:
        while not self._stopped.wait(_TICK_S):
            self.tick()


def _period_s(expression: str) -> int | None:
    if not expression.startswith("rate"):
        return None
    found = _RATE.fullmatch(expression)
    if found is None:
        raise AwsError("ValidationException", _INVALID)
    value, unit = int(found["value"]), found["unit"]
    if (value == 1) == unit.endswith("s"):  # rate(1 minute), rate(5 minutes)
        raise AwsError("ValidationException", _INVALID)
    return value * _UNIT_S[unit.removesuffix("s")]


@lru_cache(maxsize=512)
def _cron(expression: str) -> Cron:
    try:
        # AWS takes no spaces around it, which the crawlers' schedules do.
        return parse_cron(expression if expression == expression.strip() else "", least_minutes=1)
    except ValueError:
        raise AwsError("ValidationException", _INVALID) from None
