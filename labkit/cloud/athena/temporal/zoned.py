"""A moment with its zone, and how DuckDB holds it: as an INTERVAL.

DuckDB compares, groups, joins and sorts intervals by their length with a month counted as 30 days, but keeps months, days and
microseconds apart. So the length is the instant (in nanoseconds), and which of its many spellings it has says the zone: the months
modulo 4096 are the zone's code. Two values of one instant are equal whatever their zones, as in Trino.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.temporal.zones import UTC, Zone, instant_of, offset_us, zone_of

_LIMIT = 2**51 * 10**6  # nanoseconds
_CODES = 4096
_DAY = 86_400_000_000  # nanoseconds that DuckDB takes for the microseconds of a day
_MONTH = 30 * _DAY
_ORIGIN = 2**30  # months of the epoch: every part is then positive, which the comparison relies on
_PARTS = re.compile(r"(?:(\d+) years? ?)?(?:(\d+) months? ?)?(?:(\d+) days? ?)?(?:(\d+):(\d\d):(\d\d)(?:\.(\d+))?)?")


class Zoned(NamedTuple):
    """Nanoseconds since 1970 in UTC, and a zone."""

    ns: int
    zone: Zone

    @property
    def us(self) -> int:
        """The instant in whole microseconds."""
        return self.ns // 1000

    @property
    def wall_us(self) -> int:
        """What the clock on the wall shows."""
        return self.us + offset_us(self.zone, self.us)

    def moved(self, us: int) -> Zoned:
        """Another instant in the same zone, with the nanoseconds below the microsecond kept."""
        return Zoned(us * 1000 + self.ns % 1000, self.zone)

    def on_wall(self, wall_us: int) -> Zoned:
        """Another wall time in the same zone; in an overlap the offset stays as it is."""
        return self.moved(instant_of(self.zone, wall_us, self.us))


def encode(value: Zoned) -> str:
    """The text that CAST(… AS INTERVAL) reads; INVALID_FUNCTION_ARGUMENT beyond the 71,000 years that Trino keeps."""
    if not -_LIMIT <= value.ns < _LIMIT:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"Millis overflow: {value.ns // 10**6}")
    months, rest = divmod(value.ns, _MONTH)
    months += _ORIGIN
    kept = months - 1 - (months - 1 - value.zone.code) % _CODES
    days, micros = divmod(rest, _DAY)
    return f"{kept} months {(months - kept) * 30 + days} days {micros} microseconds"


def decode(text: str) -> Zoned:
    """The value of CAST(interval AS VARCHAR)."""
    found = _PARTS.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"not a moment with a zone: {text}")
    years, months, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[:6])
    if days < 30:
        raise ValueError(f"a moment lost its zone: {text}")
    clock = ((hours * 60 + minutes) * 60 + seconds) * 10**6 + int((found.group(7) or "").ljust(6, "0"))
    total = years * 12 + months
    return Zoned((total - _ORIGIN) * _MONTH + days * _DAY + clock, zone_of(total % _CODES))


def at(us: int, zone: Zone = UTC) -> Zoned:
    """A moment of whole microseconds."""
    return Zoned(us * 1000, zone)
