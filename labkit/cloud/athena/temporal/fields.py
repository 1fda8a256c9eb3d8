"""The fields of a moment that a format prints and reads, with Joda-Time's order, ranges and words."""

from __future__ import annotations

from dataclasses import dataclass, field

from labkit.cloud.athena.temporal import calendar
from labkit.cloud.athena.temporal.calendar import DAY_US
from labkit.cloud.athena.temporal.zones import Zone, instant_of, instants_of, offset_us

_DAY_MS = DAY_US // 1000
DEFAULT_YEAR = 2000  # of a text that names a month or a day and no year
# Fields are set from the widest to the narrowest; these two columns are the ranks of a field's range and of its unit.
_RANKS = {
    "year": (0, 1), "weekyear": (0, 1), "monthOfYear": (1, 2), "weekOfWeekyear": (1, 3), "dayOfYear": (1, 4),
    "dayOfMonth": (2, 4), "dayOfWeek": (3, 4), "halfdayOfDay": (4, 5), "hourOfDay": (4, 6), "clockhourOfDay": (4, 6),
    "hourOfHalfday": (5, 6), "clockhourOfHalfday": (5, 6), "minuteOfHour": (6, 7), "secondOfMinute": (7, 8), "millisOfSecond": (8, 9),
}  # fmt: skip
_RANGES = {
    "monthOfYear": (1, 12), "dayOfWeek": (1, 7), "halfdayOfDay": (0, 1), "hourOfDay": (0, 23), "clockhourOfDay": (1, 24),
    "hourOfHalfday": (0, 11), "clockhourOfHalfday": (1, 12), "minuteOfHour": (0, 59), "secondOfMinute": (0, 59), "millisOfSecond": (0, 999),
    "year": (-292275054, 292278993), "weekyear": (-292275054, 292278993),
}  # fmt: skip
_HOUR, _MINUTE, _SECOND = 3_600_000, 60_000, 1000
_WHOLE_DATE = {"year", "monthOfYear", "dayOfMonth"}
_PLAIN = {*_WHOLE_DATE, "hourOfDay", "minuteOfHour", "secondOfMinute", "millisOfSecond"}


@dataclass(frozen=True)
class Moment:
    """A wall time in milliseconds, and the zone it is in."""

    wall_ms: int
    zone: Zone

    @property
    def days(self) -> int:
        """Day number."""
        return self.wall_ms // _DAY_MS

    @property
    def ms(self) -> int:
        """Millisecond of the day."""
        return self.wall_ms % _DAY_MS

    def get(self, name: str) -> int:
        """One field."""
        if name in ("year", "yearOfEra", "monthOfYear", "dayOfMonth"):
            year, month, day = calendar.civil(self.days)
            era = year if year > 0 else 1 - year
            return {"year": year, "yearOfEra": era, "monthOfYear": month, "dayOfMonth": day}[name]
        if name in ("weekyear", "weekOfWeekyear"):
            return calendar.iso_week(self.days)[name == "weekOfWeekyear"]
        if name == "dayOfWeek":
            return calendar.weekday(self.days)
        if name == "dayOfYear":
            return calendar.day_of_year(self.days)
        if name == "era":
            return int(self.get("year") > 0)
        return self.get("yearOfEra") // 100 if name == "centuryOfEra" else self._clock(name)

    def _clock(self, name: str) -> int:
        hour = self.ms // _HOUR
        if name == "hourOfDay":
            return hour
        if name == "clockhourOfDay":
            return hour or 24
        if name == "hourOfHalfday":
            return hour % 12
        if name == "clockhourOfHalfday":
            return hour % 12 or 12
        if name == "halfdayOfDay":
            return hour // 12
        step, size = {"minuteOfHour": (_MINUTE, 60), "secondOfMinute": (_SECOND, 60), "millisOfSecond": (1, 1000)}[name]
        return self.ms // step % size


@dataclass
class Bucket:
    """What a text has said so far."""

    pivot: int
    values: list[tuple[str, int]] = field(default_factory=list)
    offset_ms: int | None = None
    zone: Zone | None = None

    def wall_ms(self, text: str) -> int:
        """The wall time; ValueError in Joda's words for a value out of range."""
        plain = self._plain_ms()
        return self._any_ms(text) if plain is None else plain

    def _plain_ms(self) -> int | None:
        """The usual text, with a whole date and a clock of 24 hours: no field depends on another one."""
        found = dict(self.values)
        if len(found) != len(self.values) or not _WHOLE_DATE <= found.keys() <= _PLAIN:
            return None
        hour, minute, second = (found.get(name, 0) for name in ("hourOfDay", "minuteOfHour", "secondOfMinute"))
        if hour > 23 or minute > 59 or second > 59:
            return None
        try:
            days = calendar.days_of(found["year"], found["monthOfYear"], found["dayOfMonth"])
        except ValueError:
            return None
        return ((days * 24 + hour) * 60 + minute) * _MINUTE + second * _SECOND + found.get("millisOfSecond", 0)

    def _any_ms(self, text: str) -> int:
        found = sorted(self.values, key=lambda item: _RANKS[item[0]])
        if found and found[0][0] in ("monthOfYear", "dayOfYear", "dayOfMonth", "dayOfWeek", "weekOfWeekyear"):
            found = sorted([*found, ("year", DEFAULT_YEAR)], key=lambda item: _RANKS[item[0]])
        total = 0
        try:
            for name, value in found:
                total = _set(total, name, value, True)
            for index, (name, value) in enumerate(found):
                total = _set(total, name, value, index == len(found) - 1)
        except ValueError as failure:
            raise ValueError(f'Cannot parse "{text}": {failure}') from None
        return total

    def instant(self, text: str) -> tuple[int, Zone | None]:
        """Milliseconds in UTC and the zone the text named."""
        wall = self.wall_ms(text)
        if self.offset_ms is not None:
            return wall - self.offset_ms, None
        if self.zone is None:
            return wall, None
        if not instants_of(self.zone, wall * 1000):
            raise ValueError(
                f'Cannot parse "{text}": Illegal instant due to time zone offset transition ({self.zone.id})'
            )
        return instant_of(self.zone, wall * 1000) // 1000, self.zone


def _bounds(name: str, days: int) -> tuple[int, int]:
    if name == "dayOfMonth":
        year, month, _ = calendar.civil(days)
        return 1, calendar.month_length(year, month)
    if name == "dayOfYear":
        return 1, 366 if calendar.is_leap(calendar.civil(days)[0]) else 365
    if name == "weekOfWeekyear":
        return 1, calendar.weeks_in(calendar.iso_week(days)[0])
    return _RANGES[name]


def _set(total: int, name: str, value: int, reset: bool) -> int:
    days, ms = divmod(total, _DAY_MS)
    low, high = _bounds(name, days)
    if not low <= value <= high:
        raise ValueError(f"Value {value} for {name} must be in the range [{low},{high}]")
    if _RANKS[name][1] <= 4:
        return _set_date(days, name, value, reset) * _DAY_MS + (0 if reset else ms)
    return days * _DAY_MS + _set_clock(ms, name, value, reset)


def _set_date(days: int, name: str, value: int, reset: bool) -> int:
    year, month, day = calendar.civil(days)
    if name == "year":
        return (
            calendar.days_of(value, 1, 1)
            if reset
            else calendar.days_of(value, month, min(day, calendar.month_length(value, month)))
        )
    if name == "monthOfYear":
        return calendar.days_of(year, value, 1 if reset else min(day, calendar.month_length(year, value)))
    if name == "dayOfMonth":
        return calendar.days_of(year, month, value)
    if name == "dayOfYear":
        return calendar.days_of(year, 1, 1) + value - 1
    if name == "dayOfWeek":
        return days - calendar.weekday(days) + value
    week = calendar.iso_week(days)[1]
    if name == "weekOfWeekyear":
        moved = days + (value - week) * 7
        return moved - calendar.weekday(moved) + 1 if reset else moved
    if reset:
        return calendar.week_start(value)
    return calendar.week_start(value) + (min(week, calendar.weeks_in(value)) - 1) * 7 + calendar.weekday(days) - 1


def _set_clock(ms: int, name: str, value: int, reset: bool) -> int:
    hour, rest = divmod(ms, _HOUR)
    if name == "halfdayOfDay":
        return value * 12 * _HOUR + (0 if reset else ms % (12 * _HOUR))
    if name in ("hourOfDay", "clockhourOfDay"):
        return value % 24 * _HOUR + (0 if reset else rest)
    if name in ("hourOfHalfday", "clockhourOfHalfday"):
        return (hour // 12 * 12 + value % 12) * _HOUR + (0 if reset else rest)
    step, size = {
        "minuteOfHour": (_MINUTE, _HOUR),
        "secondOfMinute": (_SECOND, _MINUTE),
        "millisOfSecond": (1, _SECOND),
    }[name]
    kept = 0 if reset else ms % step
    return ms // size * size + value * step + kept


def offset_ms(moment: Moment) -> int:
    """What the zone adds to UTC at this wall time."""
    return offset_us(moment.zone, instant_of(moment.zone, moment.wall_ms * 1000)) // 1000
