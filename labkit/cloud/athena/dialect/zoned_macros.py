"""Values with a zone in DuckDB's own arithmetic, for the cases that tables are full of: instants in UTC and zones known beforehand.

The layout is temporal/zoned.py's: months modulo 4096 are the zone's code (0 is UTC), the whole length is the instant in nanoseconds.
Each macro binds its argument once, so that nested calls do not grow.
"""

from __future__ import annotations

from labkit.cloud.athena.dialect.moments import unpacked
from labkit.cloud.athena.temporal.zones import find_zone

_MONTH_US = 30 * 86_400_000  # microseconds in what DuckDB counts as a month of nanoseconds
_DAY_US = 86_400_000
_ORIGIN = 2**30
_MONTHS = "(year(e) * 12 + month(e))"
_MICROS = "(hour(e) * 3600000000 + minute(e) * 60000000 + microsecond(e))"
_INSTANT = f"(({_MONTHS} - {_ORIGIN}) * {_MONTH_US} + day(e) * {_DAY_US} + {_MICROS} // 1000)"
_FLOOR_MONTH = f"((u - ((u % {_MONTH_US} + {_MONTH_US}) % {_MONTH_US})) // {_MONTH_US} + {_ORIGIN} - 1)"
_REST = f"((u % {_MONTH_US} + {_MONTH_US}) % {_MONTH_US})"
_OFFSET = f"(CASE WHEN {_MONTHS} % 4096 = 0 THEN 0 ELSE moment_offset({_MONTHS} % 4096, {_INSTANT}) END)"
_BACK = f"(({_FLOOR_MONTH} - code) % 4096)"

_ISO = "[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?Z?"

MACROS = (
    f"""CREATE MACRO zoned_at(us, code) AS list_transform([us], lambda u: to_months(CAST({_FLOOR_MONTH} - {_BACK} AS INTEGER))
         + to_days(CAST(({_BACK} + 1) * 30 + {_REST} // {_DAY_US} AS INTEGER)) + to_microseconds(({_REST} % {_DAY_US}) * 1000))[1]""",
    f"CREATE MACRO zoned_instant(z) AS list_transform([z], lambda e: {_INSTANT})[1]",
    f"""CREATE MACRO zoned_wall(z) AS list_transform([z], lambda e: {_INSTANT} + {_OFFSET})[1]""",
    f"""CREATE MACRO zoned_moved_to(z, code) AS list_transform([z], lambda e:
         to_months(CAST({_MONTHS} - ({_MONTHS} - code) % 4096 AS INTEGER))
         + to_days(CAST(day(e) + (({_MONTHS} - code) % 4096) * 30 AS INTEGER)) + to_microseconds({_MICROS}))[1]""",
    f"""CREATE MACRO zoned_text(z, size, digits) AS list_transform([z], lambda e: CASE WHEN {_MONTHS} % 4096 = 0
         THEN timestamp_text(make_timestamp({_INSTANT}), size, digits) || ' UTC'
         ELSE list_transform([make_timestamp({_INSTANT} + {_OFFSET})], lambda t: timestamp_text(t, size, digits))[1]
           || ' ' || moment_code_zone({_MONTHS} % 4096) END)[1]""",
    # On the wall clock. Where the offset there is not the one here (a day on which clocks change), Python finds the instant.
    f"""CREATE MACRO zoned_trunc(z, unit) AS list_transform([z], lambda e:
         list_transform([{{'offset': {_OFFSET}, 'code': {_MONTHS} % 4096}}], lambda s: list_transform(
         [epoch_us(CAST(date_trunc(unit, make_timestamp({_INSTANT} + s.offset)) AS TIMESTAMP)) - s.offset],
         lambda us: CASE WHEN s.code = 0 OR unit IN ('second', 'minute', 'hour') OR moment_offset(s.code, us) = s.offset
           THEN zoned_at(us, s.code) ELSE {unpacked("moment_zoned_trunc(unit, CAST(e AS VARCHAR))")} END)[1])[1])[1]""",
    f"""CREATE MACRO zoned_stepped(z, step, unit, count) AS list_transform([{{'z': z, 'step': step, 'count': count}}], lambda a:
         list_transform([a.z], lambda e: list_transform([{{'offset': {_OFFSET}, 'code': {_MONTHS} % 4096}}],
         lambda s: list_transform([epoch_us(make_timestamp({_INSTANT} + s.offset) + a.step) - s.offset],
         lambda us: CASE WHEN s.code = 0 OR moment_offset(s.code, us) = s.offset
           THEN zoned_at(us, s.code) ELSE {unpacked("moment_zoned_add(unit, a.count, CAST(e AS VARCHAR))")} END)[1])[1])[1])[1]""",
    # Both moments on the clock of the first one's zone, in whole milliseconds: date_diff of days and more.
    f"""CREATE MACRO zoned_walls(a, b) AS list_transform([{{'z': a, 'last': zoned_instant(b)}}], lambda p: list_transform([p.z], lambda e:
         {{'first': date_trunc('millisecond', make_timestamp({_INSTANT} + {_OFFSET})),
           'last': date_trunc('millisecond', make_timestamp(p.last + CASE WHEN {_MONTHS} % 4096 = 0 THEN 0
             ELSE moment_offset({_MONTHS} % 4096, p.last) END))}})[1])[1]""",
    f"""CREATE MACRO zoned_shift(z, ms) AS list_transform([{{'z': z, 'ms': ms}}], lambda s: list_transform([s.z], lambda e:
         zoned_at({_INSTANT} + s.ms * 1000, {_MONTHS} % 4096))[1])[1]""",
    f"""CREATE MACRO iso_moment(x) AS coalesce(
         zoned_at(epoch_us(date_trunc('millisecond', TRY_CAST(CASE WHEN regexp_full_match(x, '{_ISO}')
           THEN replace(rtrim(x, 'Z'), 'T', ' ') END AS TIMESTAMP))), 0), {unpacked("moment_iso_moment(x)")})""",
    f"""CREATE MACRO unix_moment(x) AS CASE WHEN x BETWEEN -1e11 AND 1e11
         THEN zoned_at(CAST(floor(x * 1000 + 0.5) AS BIGINT) * 1000, 0) ELSE {unpacked("moment_unix(x, 'UTC')")} END""",
    f"""CREATE MACRO joda_moment(x, plain, fast, pattern) AS coalesce(zoned_at(epoch_us(
         try_strptime(CASE WHEN regexp_full_match(x, plain) THEN x END, fast)), 0), {unpacked("moment_joda_read(x, pattern)")})""",
)


def code_of(zone: str | None) -> int | None:
    """The code of a zone that a literal names, if there is such a zone."""
    found = find_zone(zone) if zone is not None else None
    return found.code if found else None
