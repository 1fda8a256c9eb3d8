"""ISO 8601 as Trino's from_iso8601 functions read it."""

from __future__ import annotations

import re

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.temporal import calendar
from labkit.cloud.athena.temporal.calendar import DAY_US
from labkit.cloud.athena.temporal.fields import Bucket
from labkit.cloud.athena.temporal.formats import Number, Offset, malformed
from labkit.cloud.athena.temporal.texts import zone_in
from labkit.cloud.athena.temporal.zoned import Zoned
from labkit.cloud.athena.temporal.zones import UTC, Zone, fixed, instant_of

_CLOCK_MS = (("hourOfDay", 3_600_000), ("minuteOfHour", 60_000), ("secondOfMinute", 1000))


def _refused(text: str, position: int) -> QueryFailure:
    return QueryFailure("INVALID_FUNCTION_ARGUMENT", malformed(text, position))


def _number(text: str, start: int, bucket: Bucket, name: str, digits: int) -> int:
    return Number(name, digits, digits, name in ("year", "weekyear")).read(text, start, bucket)


def _date(text: str, bucket: Bucket) -> int:
    """The date at the start; the position after it, or -1 - where it goes wrong."""
    year = Bucket(0)
    at = _number(text, 0, year, "year", 9)
    if at < 0:
        return at
    value = year.values[0][1]
    if text[at : at + 2] in ("-W", "-w"):
        bucket.values.append(("weekyear", value))
        at = _number(text, at + 2, bucket, "weekOfWeekyear", 2)
        if at >= 0 and text[at : at + 1] == "-":
            at = _number(text, at + 1, bucket, "dayOfWeek", 1)
        return at
    bucket.values.append(("year", value))
    if text[at : at + 1] != "-":
        return at
    if re.match(r"-[0-9]{3}(?![0-9])", text[at:]):
        return _number(text, at + 1, bucket, "dayOfYear", 3)
    at = _number(text, at + 1, bucket, "monthOfYear", 2)
    if at >= 0 and text[at : at + 1] == "-":
        at = _number(text, at + 1, bucket, "dayOfMonth", 2)
    return at


def _clock(text: str, at: int, bucket: Bucket) -> tuple[int, int]:
    """Position after the time, and milliseconds of a fraction of its last part."""
    for index, (name, unit) in enumerate(_CLOCK_MS):
        if index:
            if text[at : at + 1] != ":":
                break
            at += 1
        at = _number(text, at, bucket, name, 2)
        if at < 0:
            return at, 0
        found = re.match(r"[.,]([0-9]+)", text[at:])
        if found:
            digits = found.group(1)[:9]
            return at + found.end(), int(digits) * unit // 10 ** len(digits)
    return at, 0


def from_iso8601_date(text: str) -> int:
    """Days of ``2024-01-02``, ``2024-W05-3`` or ``2024-032``."""
    bucket = Bucket(0)
    at = _date(text, bucket)
    if at < 0 or at < len(text):
        raise _refused(text, at if at >= 0 else -1 - at)
    return _wall_ms(bucket, text) * 1000 // DAY_US


def _wall_ms(bucket: Bucket, text: str) -> int:
    try:
        return bucket.wall_ms(text)
    except ValueError as failure:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", str(failure)) from None


def from_iso8601_timestamp(text: str) -> Zoned:
    """``2024-01-02T03:04:05.678+02:00`` in the offset that it names, or UTC."""
    bucket, extra = Bucket(0), 0
    at = 0 if text[:1] in ("T", "t") else _date(text, bucket)
    if at >= 0 and text[at : at + 1] in ("T", "t"):
        at += 1
        if text[at : at + 1].isdigit():
            at, extra = _clock(text, at, bucket)
        if at >= 0 and at < len(text):
            at = Offset(True).read(text, at, bucket)
    if at < 0 or at < len(text):
        raise _refused(text, at if at >= 0 else -1 - at)
    wall = _wall_ms(bucket, text) + extra
    zone = fixed((bucket.offset_ms or 0) // 60_000)
    return Zoned((wall - (bucket.offset_ms or 0)) * 10**6, zone)


_NANOS = re.compile(
    r"(?P<year>[+-]\d{4,9}|\d{4})-(?P<month>\d\d)-(?P<day>\d\d)[Tt](?P<hour>\d\d):(?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?(?P<offset>[Zz]|[+-]\d\d:\d\d(?::\d\d)?)?(?:\[(?P<zone>[^\]]+)\])?"
)


def from_iso8601_timestamp_nanos(text: str) -> Zoned:
    """The same with nanoseconds, in Java's stricter form."""
    found = _NANOS.fullmatch(text)
    if found is None:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", _nanos_problem(text))
    try:
        days = calendar.days_of(*(int(found.group(name)) for name in ("year", "month", "day")))
        zone = _nanos_zone(found)
    except ValueError:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"Text '{text}' could not be parsed: Invalid date") from None
    hour, minute, second = (int(found.group(name) or 0) for name in ("hour", "minute", "second"))
    if hour > 23 or minute > 59 or second > 59:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"Text '{text}' could not be parsed: Invalid time")
    wall = (days * 86_400 + (hour * 60 + minute) * 60 + second) * 10**6
    instant = instant_of(zone, wall)
    if found.group("zone") and found.group("offset"):
        instant = wall - (zone_in(found.group("offset").upper()).minutes or 0) * 60 * 10**6
    return Zoned(instant * 1000 + int((found.group("fraction") or "").ljust(9, "0")), zone)


def _nanos_zone(found: re.Match[str]) -> Zone:
    if found.group("zone"):
        return zone_in(found.group("zone"))
    return zone_in(found.group("offset").upper()) if found.group("offset") else UTC


def _nanos_problem(text: str) -> str:
    template, at = "dddd-dd-ddTdd:dd", 0
    while at < min(len(text), len(template)):
        fits = text[at].isdigit() if template[at] == "d" else text[at].upper() == template[at]
        if not fits:
            break
        at += 1
    if at == len(template):
        rest = re.match(r"(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d(:\d\d)?)?(\[[^\]]+\])?", text[at:])
        at += rest.end() if rest else 0
        return f"Text '{text}' could not be parsed, unparsed text found at index {at}"
    return f"Text '{text}' could not be parsed at index {0 if at < 10 and at < 5 else at}"
