"""The proleptic ISO calendar for any year, on days since 1970-01-01 and microseconds since 1970-01-01 00:00."""

from __future__ import annotations

from datetime import date

DAY_US = 86_400_000_000
# 400 years are a whole number of weeks, so any year has a twin between 2000 and 2399 that ``date`` can handle.
_CYCLE_DAYS = 146_097
_BASE = date(2000, 1, 1).toordinal()
_EPOCH = date(1970, 1, 1).toordinal()


def days_of(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01; ValueError for a day that does not exist."""
    cycles, rest = divmod(year - 2000, 400)
    return date(2000 + rest, month, day).toordinal() - _EPOCH + cycles * _CYCLE_DAYS


def civil(days: int) -> tuple[int, int, int]:
    """Year, month and day of a day number."""
    cycles, rest = divmod(days + _EPOCH - _BASE, _CYCLE_DAYS)
    found = date.fromordinal(_BASE + rest)
    return found.year + cycles * 400, found.month, found.day


def is_leap(year: int) -> bool:
    """Does the year have a 29th of February?"""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_length(year: int, month: int) -> int:
    """Number of days of a month."""
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def weekday(days: int) -> int:
    """1 for Monday … 7 for Sunday."""
    return (days + 3) % 7 + 1


def day_of_year(days: int) -> int:
    """1 … 366."""
    return days - days_of(civil(days)[0], 1, 1) + 1


def iso_week(days: int) -> tuple[int, int]:
    """ISO week year and week number."""
    thursday = days - weekday(days) + 4
    year = civil(thursday)[0]
    return year, (thursday - days_of(year, 1, 1)) // 7 + 1


def week_start(week_year: int) -> int:
    """The Monday of week 1."""
    fourth = days_of(week_year, 1, 4)
    return fourth - weekday(fourth) + 1


def weeks_in(week_year: int) -> int:
    """52 or 53."""
    return (week_start(week_year + 1) - week_start(week_year)) // 7


def add_months(days: int, months: int) -> int:
    """The same day of another month, or that month's last day."""
    year, month, day = civil(days)
    index = year * 12 + month - 1 + months
    year, month = index // 12, index % 12 + 1
    return days_of(year, month, min(day, month_length(year, month)))


def truncated(unit: str, days: int) -> int:
    """First day of the week, month, quarter or year."""
    year, month, _ = civil(days)
    if unit == "week":
        return days - weekday(days) + 1
    if unit == "month":
        return days_of(year, month, 1)
    if unit == "quarter":
        return days_of(year, month - (month - 1) % 3, 1)
    return days_of(year, 1, 1) if unit == "year" else days


def months_between(first_us: int, last_us: int) -> int:
    """Whole months; the last day of a shorter month completes one."""
    if last_us < first_us:
        return -months_between(last_us, first_us)
    first_days, first_rest = divmod(first_us, DAY_US)
    last_days, last_rest = divmod(last_us, DAY_US)
    (year1, month1, day1), (year2, month2, day2) = civil(first_days), civil(last_days)
    if day2 == month_length(year2, month2) and day1 > day2:
        day1 = day2
    whole = (year2 - year1) * 12 + month2 - month1
    return whole - ((day2, last_rest) < (day1, first_rest))


_STEPS_US = {"microsecond": 1, "millisecond": 1000, "second": 10**6, "minute": 60 * 10**6, "hour": 3600 * 10**6}
_DAY_STEPS = {"day": 1, "week": 7}
_MONTH_STEPS = {"month": 1, "quarter": 3, "year": 12}
UNITS = (*_STEPS_US, *_DAY_STEPS, *_MONTH_STEPS)
CLOCK_UNITS = ("millisecond", "second", "minute", "hour")


def add(unit: str, count: int, wall_us: int) -> int:
    """``count`` units later on the wall clock."""
    if unit in _STEPS_US:
        return wall_us + count * _STEPS_US[unit]
    days, rest = divmod(wall_us, DAY_US)
    if unit in _DAY_STEPS:
        return wall_us + count * _DAY_STEPS[unit] * DAY_US
    return add_months(days, count * _MONTH_STEPS[unit]) * DAY_US + rest


def floor(unit: str, wall_us: int) -> int:
    """The start of the unit that holds the moment."""
    if unit in _STEPS_US:
        return wall_us - wall_us % _STEPS_US[unit]
    return truncated(unit, wall_us // DAY_US) * DAY_US


def difference(unit: str, first_us: int, last_us: int) -> int:
    """Whole units from one moment to another, towards zero."""
    step = _STEPS_US.get(unit) or _DAY_STEPS.get(unit, 0) * DAY_US
    if step:
        whole = abs(last_us - first_us) // step
        return whole if last_us >= first_us else -whole
    months = months_between(first_us, last_us)
    whole = abs(months) // _MONTH_STEPS[unit]
    return whole if months >= 0 else -whole
