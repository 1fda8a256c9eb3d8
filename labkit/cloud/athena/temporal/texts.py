"""Texts of dates, times and timestamps: what Trino reads in literals and casts, and what it writes."""

from __future__ import annotations

import re
from typing import NamedTuple

from labkit.cloud.athena.temporal.calendar import DAY_US, civil, days_of
from labkit.cloud.athena.temporal.zoned import Zoned
from labkit.cloud.athena.temporal.zones import Zone, find_zone, instants_of, java_zone

PICO = 10**12
DAY_PICOS = 86_400 * PICO
_MOMENT = re.compile(
    r"(?P<year>[-+]?[0-9]{4,})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"( (?:(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2})(?:\.(?P<fraction>[0-9]+))?)?)?"
    r"\s*(?P<zone>.+)?)?"
)
_TIME = re.compile(
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2})(?:\.(?P<fraction>[0-9]+))?)?"
    r"\s*(?P<zone>[+-][0-9]{2}:[0-9]{2})?"
)
_DATE = re.compile(r"([-+]?[0-9]{1,9})-([0-9]{1,2})-([0-9]{1,2})")
BLANKS = " \t\n\r\f\v\x1c\x1d\x1e\x1f\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000"


class Written(NamedTuple):
    """A text taken apart: whole seconds on the wall clock, digits of the fraction, and the zone's own text."""

    seconds: int
    fraction: str
    zone: str | None

    @property
    def picos(self) -> int:
        """Picoseconds since the epoch, or since midnight."""
        return self.seconds * PICO + int(self.fraction.ljust(12, "0")[:12] or 0)

    def rounded(self, precision: int) -> int:
        """Picoseconds, rounded half up to a precision."""
        return round_picos(self.seconds * PICO + _fraction(self.fraction, precision), precision)


def _fraction(digits: str, precision: int) -> int:
    if len(digits) <= 12:
        return int(digits.ljust(12, "0"))
    step = int(10 ** (len(digits) - precision))
    return (int(digits) + step // 2) // step * int(10 ** (12 - precision))


def round_picos(picos: int, precision: int) -> int:
    """Half up at a precision between 0 and 12."""
    step = int(10 ** (12 - precision))
    return (picos + step // 2) // step * step


def _clock(found: re.Match[str]) -> int:
    hour, minute, second = (int(found.group(name) or 0) for name in ("hour", "minute", "second"))
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("no such time")
    return (hour * 60 + minute) * 60 + second


def read_moment(text: str) -> Written:
    """``2024-01-02 03:04:05.678 America/Bogota`` in any part; ValueError for what is no moment."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError("not a timestamp")
    days = days_of(int(found.group("year")), int(found.group("month")), int(found.group("day")))
    return Written(days * 86_400 + _clock(found), found.group("fraction") or "", found.group("zone"))


def read_time(text: str) -> Written:
    """``10:11:12.345+02:00``; ValueError for what is no time."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError("not a time")
    return Written(_clock(found), found.group("fraction") or "", found.group("zone"))


def read_date(text: str) -> int:
    """Days of ``2024-01-02``; ValueError for what is no date."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError("not a date")
    return days_of(*(int(part) for part in found.groups()))


def zone_in(text: str) -> Zone:
    """The zone that a literal or a cast names; ValueError for one that Java does not know."""
    found = java_zone(text)
    if found is None:
        raise ValueError("no such zone")
    return found


def time_offset(text: str) -> Zone:
    """The offset of a TIME WITH TIME ZONE."""
    found = find_zone(text)
    if found is None:
        raise ValueError("no such offset")
    return found


def literal_instant(written: Written) -> Zoned:
    """A literal with a zone; ValueError in a gap, where Trino refuses it too."""
    zone = zone_in(written.zone or "")
    found = instants_of(zone, written.seconds * 10**6)
    if not found:
        raise ValueError("in a gap")
    return Zoned(found[0] * 1000 + written.picos % PICO // 1000, zone)


def year_text(year: int) -> str:
    """Four digits, and a sign when that is not enough."""
    if year > 9999:
        return f"+{year}"
    return f"{year:04d}" if year >= 0 else f"-{-year:04d}"


def show_date(days: int) -> str:
    """A DATE in a result."""
    year, month, day = civil(days)
    return f"{year_text(year)}-{month:02d}-{day:02d}"


def date_text(days: int) -> str:
    """A DATE cast to VARCHAR: a far year has no sign."""
    return show_date(days).lstrip("+")


def show_clock(picos: int, precision: int) -> str:
    """A TIME: ``10:11:12.345``."""
    seconds, fraction = divmod(picos, PICO)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{f'{fraction:012d}'[:precision]}" if precision else text


def show_moment(picos: int, precision: int, between: str = " ") -> str:
    """A TIMESTAMP from picoseconds since the epoch."""
    days, rest = divmod(picos, DAY_PICOS)
    return f"{show_date(days)}{between}{show_clock(rest, precision)}"


def show_zoned(value: Zoned, precision: int) -> str:
    """A TIMESTAMP WITH TIME ZONE in its own zone."""
    return f"{show_moment(wall_picos(value), precision)} {value.zone.id}"


def wall_picos(value: Zoned) -> int:
    """Picoseconds of the wall clock in the value's zone."""
    return value.wall_us * 10**6 + value.ns % 1000 * 1000


def show_zoned_time(value: Zoned, precision: int) -> str:
    """A TIME WITH TIME ZONE: ``10:11:12.345+02:00``."""
    return show_clock(wall_picos(value) % DAY_PICOS, precision) + (value.zone.id if value.zone.minutes else "+00:00")


def show_days(millis: int) -> str:
    """INTERVAL DAY TO SECOND: ``-1 02:03:04.567``."""
    sign, rest = ("-" if millis < 0 else ""), abs(millis)
    days, rest = divmod(rest, DAY_US // 1000)
    seconds, fraction = divmod(rest, 1000)
    return f"{sign}{days} {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{fraction:03d}"


def show_months(months: int) -> str:
    """INTERVAL YEAR TO MONTH: ``2-3``."""
    return f"{'-' if months < 0 else ''}{abs(months) // 12}-{abs(months) % 12}"
