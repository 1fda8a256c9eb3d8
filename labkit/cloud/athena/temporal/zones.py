"""Time zones: which names there are, and the offset of each at a moment (Java's rules for gaps and overlaps)."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

from labkit.cloud.athena.temporal.calendar import DAY_US

_OFFSETS = 840  # the largest offset in minutes, 14:00
_NAMED = 2000  # code of the first named zone; below are UTC (0) and the fixed offsets
_CYCLE_US = 146_097 * DAY_US
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SECOND = 10**6
_UTC_NAMES = ("utc", "z", "ut", "uct", "gmt", "gmt0", "greenwich", "universal", "zulu")


@dataclass(frozen=True)
class Zone:
    """``code`` tells it from every other zone; ``minutes`` is its offset when that never changes."""

    id: str
    code: int
    minutes: int | None = None


UTC = Zone("UTC", 0, 0)


@functools.lru_cache(maxsize=1)
def _names() -> dict[str, tuple[str, int]]:
    from zoneinfo import available_timezones

    kept = sorted(
        name
        for name in available_timezones()
        if not name.startswith(("posix", "right", "build", "localtime", "Factory"))
        and name not in ("EST", "MST", "HST")
    )
    return {name.lower(): (name, _NAMED + index) for index, name in enumerate(kept)}


@functools.lru_cache(maxsize=4096)
def fixed(minutes: int) -> Zone:
    """The zone of a constant offset."""
    if minutes == 0:
        return UTC
    sign, rest = "-" if minutes < 0 else "+", abs(minutes)
    return Zone(f"{sign}{rest // 60:02d}:{rest % 60:02d}", 1 + minutes + _OFFSETS, minutes)


@functools.lru_cache(maxsize=4096)
def find_zone(text: str) -> Zone | None:
    """The zone of a name, in any case, or of an offset (``+02:00``, ``UTC+2``); None when there is none."""
    name = text.lower()
    plain = name.removeprefix("etc/")
    if plain in _UTC_NAMES:
        return UTC
    known = _names().get(name)
    if known and not plain.startswith(("gmt+", "gmt-", "gmt0")):
        return Zone(known[0], known[1])
    found = re.fullmatch(r"(utc|gmt|ut)?([+-])(\d{1,2}|\d\d:\d\d)", plain)
    if not found:
        return None
    hours, _, rest = found.group(3).partition(":")
    minutes = int(hours) * 60 + int(rest or 0)
    if minutes > _OFFSETS or int(rest or 0) > 59:
        return None
    flips = plain != name and plain.startswith("gmt") and not rest  # Etc/GMT+5 is five hours behind
    return fixed(-minutes if (found.group(2) == "-") != flips else minutes)


def exact_zone(text: str) -> Zone | None:
    """The zone with exactly this name; no offsets."""
    known = _names().get(text.lower())
    return find_zone(text) if known and known[0] == text else None


@functools.lru_cache(maxsize=4096)
def java_zone(text: str) -> Zone | None:
    """The zone as a literal or a cast names it: exact letters, but more forms of offsets (``+0200``, ``Z``)."""
    if text in ("Z", "UTC", "GMT", "UT"):
        return UTC
    found = re.fullmatch(r"(UTC|GMT|UT)?([+-])(\d{1,2}|\d\d\d\d|\d\d:\d\d)(?::?00)?", text)
    if found:
        digits = found.group(3).replace(":", "").rjust(2, "0").ljust(4, "0")
        return find_zone(f"{found.group(2)}{digits[:2]}:{digits[2:]}")
    return exact_zone(text)


@functools.lru_cache(maxsize=4096)
def zone_of(code: int) -> Zone:
    """The zone with a code."""
    if code < _NAMED:
        return UTC if code == 0 else fixed(code - 1 - _OFFSETS)
    return next(Zone(name, number) for name, number in _names().values() if number == code)


@functools.lru_cache(maxsize=1024)
def _rules(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def _plain(us: int) -> datetime:
    """A moment as a datetime; one outside its years goes to the same day of another 400-year cycle."""
    if not -62_000_000_000 * _SECOND < us < 253_000_000_000 * _SECOND:
        us = (us + _CYCLE_US // 8) % _CYCLE_US - _CYCLE_US // 8 if us < 0 else us % _CYCLE_US + 15 * _CYCLE_US
    return _EPOCH + timedelta(microseconds=us)


def offset_us(zone: Zone, instant_us: int) -> int:
    """What the zone adds to UTC at an instant."""
    return zone.minutes * 60 * _SECOND if zone.minutes is not None else offset_of_code(zone.code, instant_us)


def _ruled_us(zone: Zone, instant_us: int) -> int:
    """The same by the rules of the zone, looked up anew."""
    if zone.minutes is not None:
        return zone.minutes * 60 * _SECOND
    found = _plain(instant_us).astimezone(_rules(zone.id)).utcoffset()
    assert found is not None
    return int(found.total_seconds()) * _SECOND


_SPAN = 36  # bits of the microseconds within which a zone's offset is looked up once: 19 hours
_MOST_SPANS = 200_000
_SPANS: dict[tuple[int, int], int | None] = {}


def offset_of_code(code: int, instant_us: int) -> int:
    """The same by the zone's code, for millions of rows: an offset is remembered for hours at a time in which it does not change."""
    span = (code, instant_us >> _SPAN)
    found = _SPANS.get(span, -1)
    if found is None:
        return _ruled_us(zone_of(code), instant_us)
    return _span_offset(span, instant_us) if found == -1 else found


def _span_offset(span: tuple[int, int], instant_us: int) -> int:
    """Remember the offset of a span, or that it changes within it."""
    zone, start = zone_of(span[0]), span[1] << _SPAN
    first, last = _ruled_us(zone, start), _ruled_us(zone, start + (1 << _SPAN) - 1)
    if len(_SPANS) >= _MOST_SPANS:
        _SPANS.clear()
    _SPANS[span] = first if first == last else None
    return first if first == last else _ruled_us(zone, instant_us)


def wall_of(zone: Zone, instant_us: int) -> int:
    """What the clock on the wall shows."""
    return instant_us + offset_us(zone, instant_us)


def instants_of(zone: Zone, wall_us: int) -> list[int]:
    """The instants at which the clock shows this: two in an overlap, none in a gap."""
    if zone.minutes is not None:
        return [wall_us - offset_us(zone, 0)]
    offsets = {offset_us(zone, wall_us - DAY_US), offset_us(zone, wall_us + DAY_US)}
    found = sorted(wall_us - offset for offset in offsets)
    return [instant for instant in found if wall_of(zone, instant) == wall_us]


def instant_of(zone: Zone, wall_us: int, hint_us: int | None = None) -> int:
    """The instant of a wall time: the earlier one in an overlap (or the one with the hint's offset), moved forward in a gap."""
    found = instants_of(zone, wall_us)
    if not found:
        return wall_us - offset_us(zone, wall_us - DAY_US)
    if hint_us is not None and len(found) > 1:
        kept = wall_us - offset_us(zone, hint_us)
        return kept if kept in found else found[0]
    return found[0]


def short_name(zone: Zone, instant_us: int) -> str | None:
    """``UTC``, ``+02:00``, ``EST``; None for a zone whose abbreviation is not known here."""
    if zone.minutes is not None:
        return zone.id
    found = _plain(instant_us).astimezone(_rules(zone.id)).tzname() or ""
    return found if found.isalpha() else None
