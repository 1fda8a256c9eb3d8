"""Parts of a compiled format: each prints its piece of a moment, and reads it from a text as Joda-Time does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from labkit.cloud.athena.temporal.fields import Bucket, Moment
from labkit.cloud.athena.temporal.zones import exact_zone, find_zone

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NAMES = {"monthOfYear": MONTHS, "dayOfWeek": DAYS, "halfdayOfDay": ("AM", "PM"), "era": ("BC", "AD")}
_FIRST = {"monthOfYear": 1, "dayOfWeek": 1}


class Part(Protocol):
    """One piece of a format. ``read`` gives the position after it, or -1 - the position where the text goes wrong."""

    def show(self, moment: Moment) -> str: ...
    def read(self, text: str, start: int, bucket: Bucket) -> int: ...


@dataclass(frozen=True)
class Literal:
    """Letters that stand for themselves; read in any case."""

    text: str

    def show(self, moment: Moment) -> str:  # noqa: ARG002  # a Part
        return self.text

    def read(self, text: str, start: int, bucket: Bucket) -> int:  # noqa: ARG002  # a Part
        end = start + len(self.text)
        return end if text[start:end].lower() == self.text.lower() else -1 - start


@dataclass(frozen=True)
class Number:
    """A number of at least ``low`` digits when printed and at most ``high`` when read."""

    field: str
    low: int
    high: int
    signed: bool = False

    def show(self, moment: Moment) -> str:
        value = moment.get(self.field)
        return f"{'-' if value < 0 else ''}{abs(value):0{self.low}d}"

    def read(self, text: str, start: int, bucket: Bucket) -> int:
        limit, at = min(len(text), start + self.high), start
        if self.signed and text[at : at + 1] in ("-", "+") and text[at + 1 : at + 2].isdecimal():
            at, limit = at + 1, min(len(text), limit + 1)
        first = at
        while at < limit and "0" <= text[at] <= "9":
            at += 1
        if at == first:
            return -1 - start
        value = int(text[first:at])
        bucket.values.append((_SAVED.get(self.field, self.field), -value if text[start] == "-" else value))
        return at


_SAVED = {"yearOfEra": "year"}


@dataclass(frozen=True)
class TwoDigitYear:
    """The last two digits of a year; the century comes from the format's pivot."""

    field: str
    pivot: int
    lenient: bool

    def show(self, moment: Moment) -> str:
        return f"{abs(moment.get(self.field)) % 100:02d}"

    def read(self, text: str, start: int, bucket: Bucket) -> int:
        end, sign = start, 1
        if self.lenient:
            if text[end : end + 1] in ("-", "+") and text[end + 1 : end + 2].isdecimal():
                sign, end = (-1 if text[end] == "-" else 1), end + 1
            first = end
            while end < len(text) and "0" <= text[end] <= "9":
                end += 1
            if end == first:
                return -1 - start
            if end - start != 2:
                bucket.values.append((self.field, sign * int(text[first:end])))
                return end
        else:
            end = start + 2
            if not (len(text) >= end and text[start:end].isascii() and text[start:end].isdigit()):
                return -1 - start
        low = self.pivot - 50
        value = int(text[start:end])
        bucket.values.append((self.field, low + (value - low) % 100))
        return end


@dataclass(frozen=True)
class Fraction:
    """Digits of the second's fraction; what is below a millisecond is read and dropped."""

    low: int
    high: int

    def show(self, moment: Moment) -> str:
        return f"{moment.get('millisOfSecond'):03d}".ljust(self.low, "0")[: max(self.low, 0)]

    def read(self, text: str, start: int, bucket: Bucket) -> int:
        at = start
        while at < min(len(text), start + self.high) and "0" <= text[at] <= "9":
            at += 1
        if at == start:
            return -1 - start
        bucket.values.append(("millisOfSecond", int(text[start:at][:3].ljust(3, "0"))))
        return at


@dataclass(frozen=True)
class Name:
    """A month, day or half of the day in English; read in its short and its long form."""

    field: str
    short: bool = False

    def show(self, moment: Moment) -> str:
        found = NAMES[self.field][moment.get(self.field) - _FIRST.get(self.field, 0)]
        return found[:3] if self.short else found

    def read(self, text: str, start: int, bucket: Bucket) -> int:
        known = _spellings(self.field)
        for end in range(min(len(text), start + 9), start, -1):
            value = known.get(text[start:end])
            if value is not None:
                if self.field != "era":
                    bucket.values.append((self.field, value))
                return end
        return -1 - start


def _spellings(field: str) -> Mapping[str, int]:
    if field not in _KNOWN:
        _KNOWN[field] = {
            spelling: index + _FIRST.get(field, 0)
            for index, name in enumerate(NAMES[field])
            for whole in {name, name[:3]}
            for spelling in (whole, whole.lower(), whole.upper())
        }
    return _KNOWN[field]


_KNOWN: dict[str, dict[str, int]] = {}


@dataclass(frozen=True)
class Offset:
    """``+0200`` or ``+02:00``; ``Z`` reads as zero."""

    separated: bool

    def show(self, moment: Moment) -> str:
        from labkit.cloud.athena.temporal.fields import offset_ms

        minutes = offset_ms(moment) // 60_000
        sign, rest = "-" if minutes < 0 else "+", abs(minutes)
        return f"{sign}{rest // 60:02d}{':' if self.separated else ''}{rest % 60:02d}"

    def read(self, text: str, start: int, bucket: Bucket) -> int:
        if text[start : start + 1] in ("Z", "z"):
            bucket.offset_ms = 0
            return start + 1
        sign, at = text[start : start + 1], start + 1
        hours = text[at : at + 2]
        if sign not in ("+", "-") or not (len(hours) == 2 and hours.isdigit()) or int(hours) > 23:
            return -1 - start
        at, separated, minutes = at + 2, False, "0"
        if text[at : at + 1] == ":":
            separated, at = True, at + 1
        following = text[at : at + 2]
        if len(following) == 2 and following.isdigit() and int(following) <= 59:
            minutes, at = following, at + 2
        elif separated:
            return -1 - at
        total = (int(hours) * 60 + int(minutes)) * 60_000
        bucket.offset_ms = -total if sign == "-" else total
        return at


@dataclass(frozen=True)
class ZoneId:
    """The zone's own name: ``America/Bogota``."""

    def show(self, moment: Moment) -> str:
        return moment.zone.id

    def read(self, text: str, start: int, bucket: Bucket) -> int:
        for end in range(len(text), start, -1):
            found = exact_zone(text[start:end])
            if found is not None:
                bucket.zone, bucket.offset_ms = found, None
                return end
        return -1 - start


# The abbreviations that Joda-Time reads, and the zones that it takes them for.
_ABBREVIATIONS = {
    "UTC": "UTC", "UT": "UTC", "GMT": "UTC", "EST": "America/New_York", "EDT": "America/New_York", "CST": "America/Chicago",
    "CDT": "America/Chicago", "MST": "America/Denver", "MDT": "America/Denver", "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
}  # fmt: skip


@dataclass(frozen=True)
class ZoneName:
    """The zone's abbreviation, where this engine knows it."""

    def show(self, moment: Moment) -> str:
        from labkit.cloud.athena.errors import not_supported
        from labkit.cloud.athena.temporal.zones import instant_of, short_name

        found = short_name(moment.zone, instant_of(moment.zone, moment.wall_ms * 1000))
        if found is None:
            raise not_supported(f"the abbreviation of the time zone {moment.zone.id}")
        return found

    def read(self, text: str, start: int, bucket: Bucket) -> int:
        for name, zone in _ABBREVIATIONS.items():
            if text.startswith(name, start):
                bucket.zone = find_zone(zone)
                return start + len(name)
        return -1 - start


@dataclass(frozen=True)
class Format:
    """A whole format."""

    parts: tuple[Part, ...]
    pivot: int = 2000

    def show(self, moment: Moment) -> str:
        """The text of a moment."""
        return "".join(part.show(moment) for part in self.parts)

    def read(self, text: str) -> Bucket:
        """What a text says; ValueError in Joda's words."""
        bucket, at = Bucket(self.pivot), 0
        for part in self.parts:
            at = part.read(text, at, bucket)
            if at < 0:
                raise ValueError(malformed(text, -1 - at))
        if at < len(text):
            raise ValueError(malformed(text, at))
        return bucket


def malformed(text: str, position: int) -> str:
    """Joda-Time's sentence for a text that does not fit its format."""
    sample = text if len(text) <= position + 35 else text[: position + 32] + "..."
    if position <= 0:
        return f'Invalid format: "{sample}"'
    if position >= len(text):
        return f'Invalid format: "{sample}" is too short'
    return f'Invalid format: "{sample}" is malformed at "{sample[position:]}"'
