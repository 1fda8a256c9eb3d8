"""Stored aggregates as periods: which data point a query's period gets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone

from labkit.cloud.metrics.aggregate import Aggregate
from labkit.cloud.metrics.storage import Row

_DAY_S = 86400
SUB_MINUTE = (1, 5, 10, 20, 30)
# How long data is kept for periods of at least so many seconds (docs.aws.amazon.com/AmazonCloudWatch, "Metrics retention").
_KEPT = ((3600, 455 * _DAY_S), (300, 63 * _DAY_S), (60, 15 * _DAY_S), (1, 3 * 3600))
_AHEAD_S = 3 * 3600


@dataclass(frozen=True)
class Window:
    """The time of a query (epoch seconds): data of `start` and later, before `end`; periods count from `start`."""

    start: int
    end: int
    period: int

    def grid(self) -> range:
        """When the periods begin."""
        return range(self.start, self.end, self.period)

    def period_of(self, moment: int) -> int:
        """When the period begins in which a moment lies."""
        return moment - (moment - self.start) % self.period


def is_period(seconds: int) -> bool:
    """Whether CloudWatch has periods of this length."""
    return seconds in SUB_MINUTE or (seconds > 0 and seconds % 60 == 0)


def window(start: float, end: float, period: int, now: float) -> Window:
    """A query's window: StartTime is rounded down to a minute, five or sixty by its age, as CloudWatch documents it."""
    age = now - start
    step = 60
    if period < 60:
        step = period
    elif age > 63 * _DAY_S:
        step = 3600
    elif age > 15 * _DAY_S:
        step = 300
    first, last = int(start // 1), min(-int(-end // 1), int(now) + _AHEAD_S)
    first -= first % step
    oldest = int(now) - next(kept for shortest, kept in _KEPT if period >= shortest)
    if first < oldest:
        # Nothing older is kept, and a query may ask for centuries of it: whole periods are left out.
        first += -(-(oldest - first) // period) * period
    return Window(first, last, period)


def by_period(rows: Iterable[Row], asked: Window) -> dict[int, Aggregate]:
    """One aggregate for each period that has data.

    Data of a coarser resolution than the period is left out, as CloudWatch does with data that is older than the period allows; a
    minute's data point is one of the second at which the minute begins.
    """
    found: dict[int, Aggregate] = {}
    merged: set[int] = set()
    for row in rows:
        fits = row.resolution <= 60 if asked.period < 60 else asked.period % row.resolution == 0
        if fits:
            moment = asked.period_of(row.time)
            if moment in found and moment not in merged:
                merged.add(moment)
                whole = Aggregate()
                whole.merge(found[moment])
                found[moment] = whole
            if moment in found:
                found[moment].merge(row.aggregate)
            else:
                found[moment] = row.aggregate
    return found


def epoch(moment: datetime) -> float:
    """Seconds since 1970; a time without a zone is UTC (moto's parsers drop the zone)."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def as_datetime(moment: int) -> datetime:
    """An aware UTC time."""
    return datetime.fromtimestamp(moment, timezone.utc)
