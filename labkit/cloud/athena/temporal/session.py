"""The Python functions that a query's DuckDB text may call by name: dates, times and zones.

A value with a zone arrives as CAST(interval AS VARCHAR) and leaves as a text for CAST(… AS INTERVAL); see zoned.py.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.python_functions import PythonFunction
from labkit.cloud.athena.temporal import arithmetic, intervals, iso, patterns, texts
from labkit.cloud.athena.temporal.calendar import DAY_US
from labkit.cloud.athena.temporal.texts import BLANKS, DAY_PICOS, PICO
from labkit.cloud.athena.temporal.zoned import Zoned, decode, encode
from labkit.cloud.athena.temporal.zones import (
    UTC,
    Zone,
    find_zone,
    fixed,
    instant_of,
    offset_of_code,
    offset_us,
    zone_of,
)

_LIMIT_US = 2**63 - 1


def _cast_failure(kind: str, text: str) -> QueryFailure:
    return QueryFailure("INVALID_CAST_ARGUMENT", f"Value cannot be cast to {kind}: {text}")


def _in_range(us: int) -> int:
    if not -_LIMIT_US < us < _LIMIT_US:
        raise QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", "Timestamp out of range")
    return us


def _zone(name: str) -> Zone:
    found = find_zone(name)
    if found is None:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"'{name}' is not a valid time zone")
    return found


def _text_date(text: str) -> int:
    try:
        return texts.read_date(text.strip(BLANKS))
    except ValueError:
        raise _cast_failure("date", text) from None


def _text_picos(text: str, precision: int) -> int:
    try:
        return texts.read_moment(text.strip(BLANKS)).rounded(precision)
    except ValueError:
        raise _cast_failure("timestamp", text) from None


def _text_us(text: str, precision: int) -> int:
    return _in_range(_text_picos(text, precision) // 10**6)


def _text_time(text: str, precision: int) -> int:
    written = _read_time(text)
    if written is None or written.zone is not None:
        raise _cast_failure("time", text)
    return written.rounded(precision) % DAY_PICOS


def _read_time(text: str) -> texts.Written | None:
    try:
        written = texts.read_time(text)
    except ValueError:
        return None
    return written if len(written.fraction) <= 12 else None


def _text_zoned(text: str, precision: int) -> str:
    try:
        written = texts.read_moment(text.strip(BLANKS))
        zone = texts.zone_in(written.zone) if written.zone else UTC
    except ValueError:
        raise _cast_failure("timestamp", text) from None
    whole = instant_of(zone, written.seconds * 10**6) * 10**6
    return encode(Zoned((whole + written.rounded(precision) - written.seconds * PICO) // 1000, zone))


def _text_zoned_time(text: str, precision: int) -> str:
    written = _read_time(text.strip(BLANKS))
    zone = find_zone(written.zone or "UTC") if written else None
    if written is None or zone is None:
        raise _cast_failure("timestamp", text)  # Trino's word for a time, too
    return encode(_daily(written.rounded(precision), zone))


def _daily(wall_picos: int, zone: Zone) -> Zoned:
    """A TIME WITH TIME ZONE: its instant on one day in UTC."""
    return Zoned((wall_picos % DAY_PICOS - (zone.minutes or 0) * 60 * PICO) % DAY_PICOS // 1000, zone)


def _offset_now(zone: Zone, now_us: int) -> Zone:
    return zone if zone.minutes is not None else fixed(offset_us(zone, now_us) // (60 * 10**6))


def _with_zone(wall_picos: int, name: str) -> str:
    zone = _zone(name)
    return encode(Zoned(instant_of(zone, wall_picos // 10**6) * 1000 + wall_picos % 10**6 // 1000, zone))


def _at_zone(text: str, name: str) -> str:
    return encode(Zoned(decode(text).ns, _zone(name)))


def _at_offset(text: str, millis: int) -> str:
    return encode(Zoned(decode(text).ns, _offset(millis)))


def _offset(millis: int) -> Zone:
    minutes, rest = divmod(millis, 60_000)
    if rest:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", "Invalid time zone offset interval: interval contains seconds")
    if abs(minutes) > 840:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"Invalid offset minutes {minutes}")
    return fixed(minutes)


def _time_at_zone(text: str, name: str, now_us: int) -> str:
    return encode(Zoned(decode(text).ns, _offset_now(_zone(name), now_us)))


def _rounded(text: str, precision: int) -> str:
    value = decode(text)
    return encode(Zoned(texts.round_picos(value.ns * 1000, precision) // 1000, value.zone))


def _rounded_daily(text: str, precision: int) -> str:
    value = decode(text)
    return encode(_daily(texts.round_picos(texts.wall_picos(value) % DAY_PICOS, precision), value.zone))


def _shifted(text: str, millis: int) -> str:
    value = decode(text)
    return encode(value.moved(value.us + millis * 1000))


def _shifted_daily(text: str, millis: int) -> str:
    value = decode(text)
    return encode(Zoned((value.ns + millis * 10**6) % (DAY_US * 1000), value.zone))


def _zone_offset(text: str, part: str) -> int:
    value = decode(text)
    minutes = offset_us(value.zone, value.us) // (60 * 10**6)
    whole = abs(minutes) // 60 if part == "hour" else abs(minutes) % 60
    return whole if minutes >= 0 else -whole


def _iso_zoned(text: str, precision: int) -> str:
    value = decode(text)
    minutes = offset_us(value.zone, value.us) // (60 * 10**6)
    moment = texts.show_moment(texts.wall_picos(value), precision, "T")
    return moment + ("Z" if minutes == 0 else fixed(minutes).id)


def _iso_daily(text: str, precision: int) -> str:
    shown = texts.show_zoned_time(decode(text), precision)
    return shown.removesuffix("+00:00") + "Z" if shown.endswith("+00:00") else shown


def _from_unixtime(seconds: float, name: str) -> str:
    return encode(Zoned(_unix_ms(seconds) * 10**6, _zone(name)))


def _from_unixtime_offset(seconds: float, hours: int, minutes: int) -> str:
    total = hours * 60 + minutes
    if abs(total) > 840:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", f"Invalid offset minutes {total}")
    return encode(Zoned(_unix_ms(seconds) * 10**6, fixed(total)))


def _unix_ms(seconds: float) -> int:
    import math

    if math.isnan(seconds):
        return 0
    if abs(seconds) >= 2.0**51 / 1000:
        raise QueryFailure(
            "INVALID_FUNCTION_ARGUMENT", f"Millis overflow: {int(seconds * 1000) if abs(seconds) < 1e300 else seconds}"
        )
    return math.floor(seconds * 1000 + 0.5)


def _parse_zoned(text: str, pattern: str) -> str:
    instant, zone = patterns.read_zoned(patterns.joda(pattern), text)
    return encode(Zoned(instant * 1000, zone))


def _format_wall(us: int, pattern: str) -> str:
    if patterns.names_zone(pattern):
        raise QueryFailure(
            "INVALID_FUNCTION_ARGUMENT",
            "format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type does not contain TZ information",
        )  # Trino's sentence
    return patterns.show(patterns.joda(pattern), us)


def _shown(language: Callable[[str], Any]) -> Callable[[str, str], str]:
    def show(text: str, pattern: str) -> str:
        value = decode(text)
        return patterns.show(language(pattern), value.wall_us, value.zone)

    return show


def _trunc_zoned(unit: str, text: str) -> str:
    return encode(arithmetic.trunc_zoned(unit, decode(text)))


def _add_zoned(unit: str, count: int, text: str) -> str:
    return encode(arithmetic.add_zoned(unit, count, decode(text)))


def _diff_zoned(unit: str, first: str, last: str) -> int:
    return arithmetic.diff_zoned(unit, decode(first), decode(last))


_V, _B, _H, _D, _I = "VARCHAR", "BIGINT", "HUGEINT", "DOUBLE", "INTEGER"
_TABLE: tuple[tuple[str, Callable[..., Any], tuple[str, ...], str], ...] = (
    ("moment_text_date", _text_date, (_V,), _I),
    ("moment_text_us", _text_us, (_V, _I), _B),
    ("moment_text_picos", _text_picos, (_V, _I), _H),
    ("moment_text_time", _text_time, (_V, _I), _B),
    ("moment_text_zoned", _text_zoned, (_V, _I), _V),
    ("moment_text_daily", _text_zoned_time, (_V, _I), _V),
    ("moment_date_text", texts.date_text, (_I,), _V),
    ("moment_date_shown", texts.show_date, (_I,), _V),
    ("moment_us_text", lambda us, p: texts.show_moment(us * 10**6, p), (_B, _I), _V),
    ("moment_picos_text", lambda picos, p: texts.show_moment(picos, p), (_H, _I), _V),  # noqa: PLW0108  # two parameters
    ("moment_time_text", texts.show_clock, (_B, _I), _V),
    ("moment_zoned_text", lambda text, p: texts.show_zoned(decode(text), p), (_V, _I), _V),
    ("moment_daily_text", lambda text, p: texts.show_zoned_time(decode(text), p), (_V, _I), _V),
    ("moment_days_text", texts.show_days, (_B,), _V),
    ("moment_months_text", texts.show_months, (_I,), _V),
    ("moment_offset", offset_of_code, (_B, _B), _B),
    ("moment_code_zone", lambda code: zone_of(code).id, (_B,), _V),
    ("moment_wall_picos", lambda text: texts.wall_picos(decode(text)), (_V,), _H),
    ("moment_instant_us", lambda text: decode(text).us, (_V,), _B),
    ("moment_instant_ns", lambda text: decode(text).ns, (_V,), _H),
    ("moment_daily_wall", lambda text: texts.wall_picos(decode(text)) % DAY_PICOS, (_V,), _B),
    ("moment_daily", lambda picos: encode(_daily(picos, UTC)), (_B,), _V),
    ("moment_daily_moved", lambda text, picos: encode(_daily(picos, decode(text).zone)), (_V, _B), _V),
    ("moment_daily_instant", lambda text: decode(text).ns * 1000, (_V,), _B),
    ("moment_daily_of", lambda text: encode(_daily_of(decode(text))), (_V,), _V),
    ("moment_daily_on", lambda text, days: encode(Zoned(decode(text).ns + days * DAY_US * 1000, decode(text).zone)), (_V, _I), _V),
    ("moment_picos_us", lambda picos: _in_range(picos // 10**6), (_H,), _B),
    ("moment_picos_round", texts.round_picos, (_H, _I), _H),
    ("moment_time_round", lambda picos, p: texts.round_picos(picos, p) % DAY_PICOS, (_B, _I), _B),
    ("moment_zoned_round", _rounded, (_V, _I), _V),
    ("moment_daily_round", _rounded_daily, (_V, _I), _V),
    ("moment_utc", lambda us: encode(Zoned(us * 1000, UTC)), (_B,), _V),
    ("moment_utc_ns", lambda ns: encode(Zoned(ns, UTC)), (_H,), _V),
    ("moment_with_zone", _with_zone, (_H, _V), _V),
    ("moment_at_zone", _at_zone, (_V, _V), _V),
    ("moment_at_offset", _at_offset, (_V, _B), _V),
    ("moment_daily_at_zone", _time_at_zone, (_V, _V, _B), _V),
    ("moment_zone", lambda text: decode(text).zone.id, (_V,), _V),
    ("moment_daily_zone", lambda text: decode(text).zone.id if decode(text).zone.minutes else "+00:00", (_V,), _V),
    ("moment_zone_offset", _zone_offset, (_V, _V), _B),
    ("moment_shift", _shifted, (_V, _B), _V),
    ("moment_daily_shift", _shifted_daily, (_V, _B), _V),
    ("moment_trunc", arithmetic.trunc_wall, (_V, _B, _V), _B),
    ("moment_add", lambda unit, n, us, kind: _in_range(arithmetic.add_wall(unit, n, us, kind)), (_V, _B, _B, _V), _B),
    ("moment_diff", arithmetic.diff_wall, (_V, _B, _B, _V), _B),
    ("moment_zoned_trunc", _trunc_zoned, (_V, _V), _V),
    ("moment_zoned_add", _add_zoned, (_V, _B, _V), _V),
    ("moment_zoned_diff", _diff_zoned, (_V, _V, _V), _B),
    ("moment_time_trunc", arithmetic.trunc_time, (_V, _B), _B),
    ("moment_time_add", arithmetic.add_time, (_V, _B, _B), _B),
    ("moment_time_diff", arithmetic.diff_time, (_V, _B, _B), _B),
    ("moment_iso_zoned", _iso_zoned, (_V, _I), _V),
    ("moment_iso_daily", _iso_daily, (_V, _I), _V),
    ("moment_iso_date", iso.from_iso8601_date, (_V,), _I),
    ("moment_iso_moment", lambda text: encode(iso.from_iso8601_timestamp(text)), (_V,), _V),
    ("moment_iso_nanos", lambda text: encode(iso.from_iso8601_timestamp_nanos(text)), (_V,), _V),
    ("moment_unix", _from_unixtime, (_D, _V), _V),
    ("moment_unix_offset", _from_unixtime_offset, (_D, _B, _B), _V),
    ("moment_mysql", lambda us, pattern: patterns.show(patterns.mysql(pattern), us), (_B, _V), _V),
    ("moment_mysql_zoned", _shown(patterns.mysql), (_V, _V), _V),
    ("moment_mysql_read", lambda text, pattern: patterns.read_wall(patterns.mysql(pattern), text), (_V, _V), _B),
    ("moment_joda", _format_wall, (_B, _V), _V),
    ("moment_joda_zoned", _shown(patterns.joda), (_V, _V), _V),
    ("moment_joda_read", _parse_zoned, (_V, _V), _V),
    ("moment_teradata", _shown(patterns.teradata), (_V, _V), _V),
    ("moment_teradata_read", lambda text, pattern: patterns.read_wall(patterns.teradata(pattern), text), (_V, _V), _B),
    ("moment_scaled", intervals.scaled, (_B, _D), _B),
    ("moment_divided", intervals.divided, (_B, _D), _B),
    ("moment_duration", intervals.parse_duration, (_V,), _B),
    ("moment_human_seconds", intervals.human_readable_seconds, (_D,), _V),
)  # fmt: skip


def _daily_of(value: Zoned) -> Zoned:
    """The time of day of a moment, at its offset."""
    zone = _offset_now(value.zone, value.us)
    return _daily(texts.wall_picos(value), zone)


@functools.lru_cache(maxsize=1)
def functions() -> dict[str, PythonFunction]:
    """All of them by name."""
    return {name: PythonFunction(name, body, parameters, result) for name, body, parameters, result in _TABLE}
