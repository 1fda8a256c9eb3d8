"""``DATE '…'``, ``TIME '…'``, ``TIMESTAMP '…'`` and ``INTERVAL '…'``, and the moment at which a query runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labkit.cloud.athena.dialect.moments import EXACT, check_kept, unpacked
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.temporal import intervals, texts
from labkit.cloud.athena.temporal.calendar import civil
from labkit.cloud.athena.temporal.texts import DAY_PICOS, PICO, Written
from labkit.cloud.athena.temporal.zoned import Zoned, encode
from labkit.cloud.athena.temporal.zones import UTC
from labkit.cloud.athena.types import DATE, DAY_INTERVAL, MONTH_INTERVAL, Type, clock, precision

if TYPE_CHECKING:
    from labkit.cloud.athena.dialect.scope import Context

Place = tuple[int, int] | None
_INT_LIMIT = 2**31


def literal(word: str, text: str, place: Place) -> Typed:
    """A typed literal; its digits say its precision. INVALID_LITERAL for what is none."""
    try:
        if word == "date":
            return _date(texts.read_date(text.strip(texts.BLANKS)))
        written = texts.read_moment(text) if word == "timestamp" else texts.read_time(text)
        if len(written.fraction) > 12:
            name = f"{word} with time zone" if written.zone else word
            raise too_precise(name, len(written.fraction), place)
        return _timestamp(written, place) if word == "timestamp" else _time(written, place)
    except ValueError:
        raise QueryFailure("INVALID_LITERAL", f"'{text}' is not a valid {word} literal", place) from None


def too_precise(name: str, digits: int, place: Place) -> QueryFailure:
    """More than picoseconds."""
    text = f"{name.upper()} precision must be in range [0, 12]: {digits}"
    return QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", text, place)


def _date(days: int) -> Typed:
    year, month, day = civil(days)
    if 1 <= year <= 9999:
        return Typed(f"DATE '{year:04d}-{month:02d}-{day:02d}'", DATE)
    if not -_INT_LIMIT < days < _INT_LIMIT:
        raise ValueError("out of range")
    return Typed(f"(DATE '1970-01-01' + {days})", DATE)


def timestamp(picos: int, digits: int) -> Typed:
    """A TIMESTAMP constant from picoseconds since 1970."""
    kind = clock("timestamp", digits)
    if digits > EXACT:
        return Typed(f"CAST({picos} AS HUGEINT)", kind)
    micros = picos // 10**6
    if not -(2**63) < micros < 2**63 - 1:
        raise ValueError("out of range")
    shown = texts.show_moment(picos, 6)
    return Typed(
        f"TIMESTAMP '{shown}'" if shown[0].isdigit() and shown[:4] != "0000" else f"make_timestamp({micros})", kind
    )


def zoned(value: Zoned, digits: int) -> Typed:
    """A constant with a zone."""
    return Typed(unpacked(f"'{encode(value)}'"), clock("timestamp with time zone", digits))


def _timestamp(written: Written, place: Place) -> Typed:
    digits = len(written.fraction)
    if written.zone is None:
        return timestamp(written.picos, digits)
    check_kept(Type("timestamp with time zone", (digits,)), place)
    return zoned(texts.literal_instant(written), digits)


def _time(written: Written, place: Place) -> Typed:
    digits = len(written.fraction)
    if written.zone is None:
        return Typed(f"CAST({written.picos} AS BIGINT)", clock("time", digits))
    kind = clock("time with time zone", digits)
    check_kept(kind, place)
    return Typed(unpacked(f"'{encode(daily(written.picos, written.zone))}'"), kind)


def daily(picos: int, offset: str) -> Zoned:
    """A TIME WITH TIME ZONE."""
    zone = texts.time_offset(offset)
    return Zoned((picos - (zone.minutes or 0) * 60 * PICO) % DAY_PICOS // 1000, zone)


def interval(node: Any, place: Place) -> Typed:
    """``INTERVAL -'1 2:03' DAY TO MINUTE``."""
    value, unit = node.this, node.args["unit"]
    negative = type(value).__name__ == "Neg"
    text = value.this.name if negative else value.name
    spans = type(unit).__name__ == "IntervalSpan"
    first = (unit.this if spans else unit).name.lower()
    last = unit.expression.name.lower() if spans else first
    found = intervals.read_interval(text, first, last)
    if found is None:
        raise QueryFailure("INVALID_LITERAL", f"'{text}' is not a valid interval literal", place)
    amount, months = found
    amount = -amount if negative else amount
    if months and not -_INT_LIMIT <= amount < _INT_LIMIT:
        raise QueryFailure("INVALID_LITERAL", f"'{text}' is not a valid interval literal", place)
    return Typed(f"CAST({amount} AS {'INTEGER' if months else 'BIGINT'})", MONTH_INTERVAL if months else DAY_INTERVAL)


_NOW = {
    "current_timestamp": "timestamp with time zone", "now": "timestamp with time zone", "localtimestamp": "timestamp",
    "current_time": "time with time zone", "localtime": "time",
}  # fmt: skip


def now(ctx: Context, word: str, digits: int | None, place: Place) -> Typed:
    """CURRENT_TIMESTAMP, LOCALTIME …: the query's one instant, in UTC."""
    kind = clock(_NOW[word], 3 if digits is None else digits)
    if precision(kind) > 12:
        raise too_precise(kind.name, precision(kind), place)
    check_kept(kind, place)
    micros = int(ctx.now.replace(microsecond=0).timestamp()) * 10**6 + ctx.now.microsecond
    picos = texts.round_picos(micros * 10**6, precision(kind)) if precision(kind) < 3 else micros * 10**6
    picos -= picos % 10 ** (12 - precision(kind))
    if kind.name == "timestamp":
        return timestamp(picos, precision(kind))
    if kind.name == "timestamp with time zone":
        return zoned(Zoned(picos // 1000, UTC), precision(kind))
    if kind.name == "time":
        return Typed(f"CAST({picos % DAY_PICOS} AS BIGINT)", kind)
    return Typed(unpacked(f"'{encode(Zoned(picos % DAY_PICOS // 1000, UTC))}'"), kind)
