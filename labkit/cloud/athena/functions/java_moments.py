"""Dates and times in java.util.Formatter: ``%tY``, ``%tc`` and how java.time writes itself."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

SUFFIXES = "HIklMSLQNpzZsTrRBbhAaCYyjmdeDFc"
_OF_DATE, _OF_TIME = "BbhAaCYyjmdeDF", "HIklMSLNpTrR"
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MOMENT = re.compile(
    r"(?:(-?\d+)-(\d\d)-(\d\d))?[ T]?(?:(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(?: ?([A-Za-z][\w/+-]*|[+-]\d\d:\d\d))?"
)


@dataclass(frozen=True)
class Moment:
    """A date, a time or both, perhaps with a zone; ``java_class`` is what Java would call it."""

    java_class: str
    date: tuple[int, int, int] | None
    clock: tuple[int, int, int, int] | None
    zone: str | None = None

    @staticmethod
    def of_text(text: str) -> Moment:
        """What Trino's CAST to VARCHAR wrote, such as ``2001-08-22 03:04:05.321 UTC``."""
        found = _MOMENT.fullmatch(text)
        if found is None:
            raise ValueError(text)
        year, month, day, hour, minute, second, fraction, zone = found.groups()
        date = (int(year), int(month), int(day)) if year else None
        nanos = int((fraction or "0").ljust(9, "0")[:9])
        clock = (int(hour), int(minute), int(second or 0), nanos) if hour else None
        name = "ZonedDateTime" if zone else "LocalDateTime" if date and clock else "LocalDate" if date else "LocalTime"
        return Moment(f"java.time.{name}", date, clock, zone)

    @staticmethod
    def of_millis(millis: int) -> Moment:
        """An instant in UTC."""
        made = _EPOCH + timedelta(milliseconds=millis)
        clock = (made.hour, made.minute, made.second, made.microsecond * 1000)
        return Moment("java.lang.Long", (made.year, made.month, made.day), clock, "UTC")

    def __str__(self) -> str:
        parts = [_iso_date(self.date)] if self.date else []
        parts += [_iso_clock(self.clock)] if self.clock else []
        text = "T".join(parts)
        if self.zone is None:
            return text
        shown = _offset(self.local(), ":")
        shown = "Z" if shown == "+00:00" else shown
        return text + shown + ("" if self.zone[0] in "+-" or self.zone == "Z" else f"[{self.zone}]")

    def local(self) -> datetime:
        """The moment with its zone, for offsets and names."""
        year, month, day = self.date or (1970, 1, 1)
        hour, minute, second, nanos = self.clock or (0, 0, 0, 0)
        return datetime(year, month, day, hour, minute, second, nanos // 1000, tzinfo=_zone(self.zone or "UTC"))


def _zone(name: str) -> timezone | None:
    found = re.fullmatch(r"([+-])(\d\d):(\d\d)", name)
    if found:
        minutes = int(found[2]) * 60 + int(found[3])
        return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
    from zoneinfo import ZoneInfo

    return timezone.utc if name in ("UTC", "Z") else ZoneInfo(name)  # type: ignore[return-value]


def _iso_date(date: tuple[int, int, int]) -> str:
    return f"{date[0]:04d}-{date[1]:02d}-{date[2]:02d}"


def _iso_clock(clock: tuple[int, int, int, int]) -> str:
    hour, minute, second, nanos = clock
    text = f"{hour:02d}:{minute:02d}"
    if second or nanos:
        text += f":{second:02d}"
    if nanos:
        digits = f"{nanos:09d}"
        while digits.endswith("000"):
            digits = digits[:-3]
        text += f".{digits}"
    return text


def _offset(moment: datetime, mark: str) -> str:
    delta = moment.utcoffset() or timedelta()
    minutes = abs(int(delta.total_seconds())) // 60
    return f"{'-' if delta < timedelta() else '+'}{minutes // 60:02d}{mark}{minutes % 60:02d}"


def write_moment(value: Moment, suffix: str) -> str | None:
    """``%t`` plus ``suffix``; None when the value has no such part."""
    if suffix in _OF_DATE:
        return _date_part(value.date, suffix) if value.date else None
    if suffix in _OF_TIME:
        return _time_part(value.clock, suffix) if value.clock else None
    if value.zone is None:
        return None
    local = value.local()
    if suffix == "z":
        return _offset(local, "")
    if suffix == "Z":
        return value.zone if value.zone[0] in "+-" else str(local.tzname())
    if suffix in "sQ":
        delta = local - _EPOCH
        return str(delta // (timedelta(seconds=1) if suffix == "s" else timedelta(milliseconds=1)))
    parts = (write_moment(value, one) for one in "abdTZY")
    return " ".join(part or "" for part in parts)


def _date_part(parts: tuple[int, int, int], suffix: str) -> str:
    year, month, day = parts
    weekday = calendar.weekday(year, month, day)
    made = {
        "B": calendar.month_name[month], "b": calendar.month_abbr[month], "h": calendar.month_abbr[month],
        "A": calendar.day_name[weekday], "a": calendar.day_abbr[weekday],
        "C": f"{year // 100:02d}", "Y": f"{year:04d}", "y": f"{year % 100:02d}",
        "m": f"{month:02d}", "d": f"{day:02d}", "e": str(day),
        "D": f"{month:02d}/{day:02d}/{year % 100:02d}", "F": f"{year:04d}-{month:02d}-{day:02d}",
    }  # fmt: skip
    return made[suffix] if suffix != "j" else f"{date(year, month, day).timetuple().tm_yday:03d}"


def _time_part(clock: tuple[int, int, int, int], suffix: str) -> str:
    hour, minute, second, nanos = clock
    twelve, half = hour % 12 or 12, "am" if hour < 12 else "pm"
    return {
        "H": f"{hour:02d}", "I": f"{twelve:02d}", "k": str(hour), "l": str(twelve), "M": f"{minute:02d}", "S": f"{second:02d}",
        "L": f"{nanos // 1_000_000:03d}", "N": f"{nanos:09d}", "p": half, "T": f"{hour:02d}:{minute:02d}:{second:02d}",
        "r": f"{twelve:02d}:{minute:02d}:{second:02d} {half.upper()}", "R": f"{hour:02d}:{minute:02d}",
    }[suffix]  # fmt: skip
