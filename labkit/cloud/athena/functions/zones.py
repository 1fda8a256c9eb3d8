"""Time zones: AT TIME ZONE, at_timezone, with_timezone, timezone, timezone_hour …"""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.moments import EXACT, check_kept, converted, packed, picos, unpacked
from labkit.cloud.athena.dialect.scope import Context, Typed
from labkit.cloud.athena.dialect.zoned_macros import code_of
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.types import DAY_INTERVAL, clock, precision, show

Place = tuple[int, int] | None


def _now_us(ctx: Context) -> int:
    return int(ctx.now.replace(microsecond=0).timestamp()) * 10**6


def at_time_zone(ctx: Context, value: Typed, zone: Typed, place: Place, literal: str | None = None) -> Typed:
    """``value AT TIME ZONE zone``: the same instant on another clock; a value without zone is taken as UTC."""
    code = code_of(literal)
    if code is not None and value.type.name == "timestamp" and precision(value.type) <= EXACT:
        return Typed(
            f"zoned_at(epoch_us({value.sql}), {code})", clock("timestamp with time zone", precision(value.type))
        )
    if code is not None and value.type.name == "timestamp with time zone":
        return Typed(f"zoned_moved_to({value.sql}, {code})", value.type)
    if value.type.name in ("timestamp", "time"):
        made = converted(value, clock(f"{value.type.name} with time zone", precision(value.type)))
        assert made is not None
        value = made
    if value.type.name not in ("timestamp with time zone", "time with time zone"):
        text = f"Type of value must be a time or timestamp with or without time zone (actual {show(value.type)})"
        raise QueryFailure("TYPE_MISMATCH", text, place)
    if zone.type == DAY_INTERVAL:
        return Typed(unpacked(f"moment_at_offset({packed(value.sql)}, {zone.sql})"), value.type)
    if zone.type.name not in ("varchar", "char"):
        raise QueryFailure(
            "TYPE_MISMATCH", f"Expected expression of varchar or interval, but has {show(zone.type)}", place
        )
    if value.type.name == "time with time zone":
        made_sql = f"moment_daily_at_zone({packed(value.sql)}, {zone.sql}, {_now_us(ctx)})"
        return Typed(unpacked(made_sql), value.type)
    return Typed(unpacked(f"moment_at_zone({packed(value.sql)}, {zone.sql})"), value.type)


def _at(call: Any) -> Typed:
    return at_time_zone(call.ctx, call.values[0], call.values[1], call.place, call.text(1))


def _with_timezone(call: Any) -> Typed:
    value = call.values[0]
    kind = clock("timestamp with time zone", precision(value.type))
    check_kept(kind, call.place)
    return Typed(unpacked(f"moment_with_zone({picos(value)}, {call.values[1].sql})"), kind)


def _zone_name(call: Any) -> str:
    name = "moment_zone" if call.values[0].type.name.startswith("timestamp") else "moment_daily_zone"
    return f"{name}({packed(call.values[0].sql)})"


def offset_part(value: Typed, part: str) -> str:
    """timezone_hour and timezone_minute."""
    return f"moment_zone_offset({packed(value.sql)}, '{part}')"


_ZONED = ("timestamp with time zone", "time with time zone")

ENTRIES: list[Entry] = [
    *((f"at_timezone({name}, varchar) -> {name}", _at) for name in _ZONED),
    *((f"at_timezone({name}, interval day to second) -> {name}", _at) for name in _ZONED),
    ("with_timezone(timestamp, varchar) -> timestamp with time zone", _with_timezone),
    *((f"timezone({name}) -> varchar", _zone_name) for name in _ZONED),
    *((f"timezone_hour({name}) -> bigint", lambda call: offset_part(call.values[0], "hour")) for name in _ZONED),
    *((f"timezone_minute({name}) -> bigint", lambda call: offset_part(call.values[0], "minute")) for name in _ZONED),
    ("current_timezone() -> varchar", "'UTC'"),
]
