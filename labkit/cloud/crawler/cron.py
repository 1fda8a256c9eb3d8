"""AWS's cron expressions: ``cron(Minutes Hours Day-of-month Month Day-of-week Year)``, in UTC."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_NAMES = {name: number for names in (_MONTHS, _DAYS) for number, name in enumerate(names, 1)}
_EXPRESSION = re.compile(r"cron\((?P<fields>[^()]*)\)")
_LIMITS = {  # field: smallest and largest value
    "Minutes": (0, 59),
    "Hours": (0, 23),
    "Day-of-month": (1, 31),
    "Month": (1, 12),
    "Day-of-week": (1, 7),
    "Year": (1970, 2199),
}
_LEAST_MINUTES = 5  # AWS: "Cron expressions that lead to rates faster than 5 minutes are not supported"
_SATURDAY = 5


@dataclass(frozen=True)
class Cron:
    """A parsed expression; the day fields keep what depends on the month (``L``, ``3W``, ``6L``, ``2#1``) as text."""

    minutes: frozenset[int]
    hours: frozenset[int]
    month_days: frozenset[int] | str | None
    months: frozenset[int]
    week_days: frozenset[int] | str | None
    years: frozenset[int]

    def matches(self, moment: datetime) -> bool:
        """Whether a crawl is due in this minute (UTC)."""
        if moment.minute not in self.minutes or moment.hour not in self.hours:
            return False
        if moment.month not in self.months or moment.year not in self.years:
            return False
        return self._on_month_day(moment.date()) and self._on_week_day(moment.date())

    def _on_month_day(self, day: date) -> bool:
        wanted = self.month_days
        if wanted is None or isinstance(wanted, frozenset):
            return wanted is None or day.day in wanted
        last = calendar.monthrange(day.year, day.month)[1]
        if wanted == "L":
            return day.day == last
        return day.day == _nearest_weekday(day, last if wanted == "LW" else min(int(wanted[:-1]), last))

    def _on_week_day(self, day: date) -> bool:
        wanted = self.week_days
        number = day.isoweekday() % 7 + 1  # AWS counts from SUN = 1
        if wanted is None or isinstance(wanted, frozenset):
            return wanted is None or number in wanted
        if "#" in wanted:
            which, nth = wanted.split("#")
            return number == int(which) and (day.day - 1) // 7 + 1 == int(nth)
        last = calendar.monthrange(day.year, day.month)[1]
        return number == int(wanted[:-1] or 7) and (wanted == "L" or day.day > last - 7)


def parse_cron(expression: str, least_minutes: int = _LEAST_MINUTES) -> Cron:
    """Return the schedule; ValueError names the field that is wrong. ``least_minutes``: 1 for EventBridge, which takes every minute."""
    found = _EXPRESSION.fullmatch(expression.strip())
    fields = found["fields"].split() if found else []
    if len(fields) != len(_LIMITS):
        raise ValueError(f'the schedule "{expression}" is not of the form cron(15 12 * * ? *), with six fields')
    given = dict(zip(_LIMITS, fields, strict=True))
    if (given["Day-of-month"] == "?") == (given["Day-of-week"] == "?"):
        raise ValueError("of Day-of-month and Day-of-week one and only one must be ?")
    minutes = _values("Minutes", given["Minutes"])
    ordered = sorted(minutes)
    gaps = [after - before for before, after in zip(ordered, [*ordered[1:], ordered[0] + 60], strict=True)]
    if min(gaps) < least_minutes:
        raise ValueError(f'the schedule "{expression}" runs more often than every {least_minutes} minutes')
    return Cron(
        minutes,
        _values("Hours", given["Hours"]),
        _days("Day-of-month", given["Day-of-month"], r"L|LW|(?:[1-9]|[12]\d|3[01])W"),
        _values("Month", given["Month"]),
        _days("Day-of-week", given["Day-of-week"], r"[1-7]?L|[1-7]#[1-5]"),
        _values("Year", given["Year"]),
    )


def _days(name: str, text: str, special: str) -> frozenset[int] | str | None:
    if text == "?":
        return None
    upper = text.upper()
    for day, number in zip(_DAYS, range(1, 8), strict=True):
        if name == "Day-of-week" and re.fullmatch(rf"{day}(?:L|#[1-5])", upper):
            upper = upper.replace(day, str(number))
    return upper if re.fullmatch(special, upper) else _values(name, text)


def _values(name: str, text: str) -> frozenset[int]:
    least, most = _LIMITS[name]
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = (str(least), "-", str(most)) if span == "*" else span.partition("-")
        start = _number(name, first)
        end = _number(name, last) if dash else most if slash else start
        every = _number(name, step) if slash else 1
        if not (least <= start <= end <= most) or every < 1:
            raise ValueError(f'the field {name} of the schedule, "{text}", must be between {least} and {most}')
        found.update(range(start, end + 1, every))
    return frozenset(found)


def _number(name: str, text: str) -> int:
    if text.isdecimal() and text.isascii():
        return int(text)
    number = _NAMES.get(text.upper())
    if number is None or name != ("Month" if text.upper() in _MONTHS else "Day-of-week"):
        raise ValueError(f'the field {name} of the schedule holds "{text}", which is not a value of it')
    return number


def _nearest_weekday(month: date, day: int) -> int:
    """The working day next to a day of the month, within the month."""
    last = calendar.monthrange(month.year, month.month)[1]
    weekday = date(month.year, month.month, day).weekday()
    if weekday < _SATURDAY:
        return day
    if weekday == _SATURDAY:
        return day - 1 if day > 1 else day + 2
    return day + 1 if day < last else day - 2
