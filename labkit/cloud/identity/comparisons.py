"""How the values of a condition are compared: texts, numbers, dates, truth values, bytes, addresses, ARNs."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from typing import Any

from labkit.cloud.identity.matching import Matcher, like, segmented, unquote

_DATE = re.compile(
    r"(?P<year>-?\d{4,9})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:[Tt](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?P<part>\.\d+)?)?(?P<zone>[Zz]|[+-]\d\d:?\d\d)?)?)?)?"
)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Comparison:
    """What an operator does with one value of the policy; `negated` operators hold where nothing matches."""

    matcher: Callable[[str], Matcher]
    negated: bool = False
    takes_variables: bool = False


def _equals(wanted: str) -> Matcher:
    return partial(operator.eq, unquote(wanted))


def _equals_ignoring_case(wanted: str) -> Matcher:
    lower = unquote(wanted).lower()
    return lambda value: value.lower() == lower


def _bytes(wanted: str) -> Matcher:
    expected = _decoded(unquote(wanted))
    return lambda value: expected is not None and _decoded(value) == expected


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _ordered(read: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Callable[[str], Matcher]:
    """A comparison of what two texts stand for; a text that stands for nothing compares with nothing."""

    @lru_cache(maxsize=1024)
    def matcher(wanted: str) -> Matcher:
        limit = read(wanted)

        def matches(value: str) -> bool:
            found = read(value)
            return limit is not None and found is not None and compare(found, limit)

        return matches

    return matcher


@lru_cache(maxsize=1024)
def read_number(text: str) -> Decimal | None:
    """A decimal number, or None."""
    if not _NUMBER.fullmatch(text.strip()):
        return None
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return None


@lru_cache(maxsize=1024)
def read_date(text: str) -> Decimal | None:
    """Seconds since 1970 of a W3C date (ISO 8601: year, month, day, time in any precision) or of a number of seconds; None."""
    match = _DATE.fullmatch(text)
    # Four digits alone are a year; more are seconds.
    if match is None or (text.lstrip("-").isdigit() and len(text) != 4):
        return read_number(text)
    parts = match.groupdict()
    numbers = [int(parts[name] or least) for name, least in _FIELDS]
    try:
        moment = datetime(*numbers, tzinfo=_zone(parts["zone"]))  # type: ignore[misc, arg-type]
    except (ValueError, OverflowError):
        return None
    since = moment - _EPOCH
    return Decimal(since.days * 86400 + since.seconds) + Decimal(parts["part"] or 0)


_FIELDS = (("year", 0), ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0))


def _zone(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return timezone.utc
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


@lru_cache(maxsize=1024)
def _addresses(wanted: str) -> Matcher:
    try:
        network = ipaddress.ip_network(wanted.strip(), strict=False)
    except ValueError:
        return lambda _value: False

    def matches(value: str) -> bool:
        address = _address(value)
        return address is not None and address in network

    return matches


@lru_cache(maxsize=1024)
def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _both(name: str, negation: str, matcher: Callable[[str], Matcher], takes_variables: bool) -> dict[str, Comparison]:
    return {
        name: Comparison(matcher, takes_variables=takes_variables),
        negation: Comparison(matcher, negated=True, takes_variables=takes_variables),
    }


def _scale(prefix: str, read: Callable[[str], Any]) -> dict[str, Comparison]:
    return {
        **_both(f"{prefix}Equals", f"{prefix}NotEquals", _ordered(read, operator.eq), False),
        f"{prefix}LessThan": Comparison(_ordered(read, operator.lt)),
        f"{prefix}LessThanEquals": Comparison(_ordered(read, operator.le)),
        f"{prefix}GreaterThan": Comparison(_ordered(read, operator.gt)),
        f"{prefix}GreaterThanEquals": Comparison(_ordered(read, operator.ge)),
    }


COMPARISONS: dict[str, Comparison] = {
    **_both("StringEquals", "StringNotEquals", _equals, True),
    **_both("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", _equals_ignoring_case, True),
    **_both("StringLike", "StringNotLike", like, True),
    **_scale("Numeric", read_number),
    **_scale("Date", read_date),
    "Bool": Comparison(_equals_ignoring_case, takes_variables=True),
    "BinaryEquals": Comparison(_bytes, takes_variables=True),
    **_both("IpAddress", "NotIpAddress", _addresses, False),
    **_both("ArnEquals", "ArnNotEquals", segmented, True),
    **_both("ArnLike", "ArnNotLike", segmented, True),
}
