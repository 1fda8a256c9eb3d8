"""The functions of Logs Insights (docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html)."""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from labkit.cloud.logs.insights.values import Moment, sort_key, to_number, to_text

_UNITS_MS = {
    "ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
}  # fmt: skip
Function = Callable[..., Any]


def duration_ms(text: str) -> int | None:
    """`5m` in milliseconds; None for a unit whose length changes (months, quarters, years)."""
    digits = "".join(c for c in text if c.isdigit())
    unit = _UNITS_MS.get(text[len(digits) :])
    return int(digits) * unit if unit else None


def floor_time(at: Any, period_ms: int) -> Moment | None:
    """The beginning of the period that a time lies in."""
    number = to_number(at)
    return None if number is None else Moment(int(number) // period_ms * period_ms)


def ceil_time(at: Any, period_ms: int) -> Moment | None:
    """The end of the period that a time lies in."""
    number = to_number(at)
    return None if number is None else Moment(-(-int(number) // period_ms) * period_ms)


def _numeric(function: Callable[[float], float]) -> Function:
    def call(value: Any) -> Any:
        number = to_number(value)
        try:
            return None if number is None else function(number)
        except (ValueError, OverflowError):
            return None

    return call


def _text(function: Callable[..., Any]) -> Function:
    def call(value: Any, *others: Any) -> Any:
        return None if value is None else function(to_text(value), *others)

    return call


def _pick(values: Sequence[Any], *, last: bool) -> Any:
    present = [value for value in values if value is not None]
    return (max if last else min)(present, key=sort_key) if present else None


def _substr(text: str, start: Any, length: Any = None) -> str:
    begin = int(to_number(start) or 0)
    return text[begin:] if length is None else text[begin : begin + int(to_number(length) or 0)]


def _trim(strip: Callable[[str, str | None], str]) -> Function:
    return _text(lambda text, chars=None: strip(text, None if chars is None else to_text(chars)))


def _in_subnet(version: int | None) -> Function:
    def call(value: Any, subnet: Any) -> bool:
        try:
            address, network = ipaddress.ip_address(to_text(value)), ipaddress.ip_network(to_text(subnet), strict=False)
        except ValueError:
            return False
        return address in network and version in (None, address.version)

    return call


def _is_ip(version: int | None) -> Function:
    def call(value: Any) -> bool:
        try:
            return version in (None, ipaddress.ip_address(to_text(value)).version)
        except ValueError:
            return False

    return call


FUNCTIONS: dict[str, tuple[int, int, Function]] = {
    "abs": (1, 1, _numeric(abs)),
    "ceil": (1, 1, _numeric(math.ceil)),
    "floor": (1, 1, _numeric(math.floor)),
    "sqrt": (1, 1, _numeric(math.sqrt)),
    "log": (1, 1, _numeric(math.log)),
    "greatest": (1, 99, lambda *values: _pick(values, last=True)),
    "least": (1, 99, lambda *values: _pick(values, last=False)),
    "ispresent": (1, 1, lambda value: value is not None),
    "unmask": (1, 1, lambda value: value),  # no policy masks anything here
    "coalesce": (1, 99, lambda *values: next((value for value in values if value is not None), None)),
    "isempty": (1, 1, lambda value: value is None or to_text(value) == ""),
    "isblank": (1, 1, lambda value: value is None or not to_text(value).strip()),
    "concat": (1, 99, lambda *values: "".join(to_text(value) for value in values if value is not None)),
    "strlen": (1, 1, _text(len)),
    "toupper": (1, 1, _text(str.upper)),
    "tolower": (1, 1, _text(str.lower)),
    "trim": (1, 2, _trim(str.strip)),
    "ltrim": (1, 2, _trim(str.lstrip)),
    "rtrim": (1, 2, _trim(str.rstrip)),
    "substr": (2, 3, _text(_substr)),
    "replace": (3, 3, _text(lambda text, old, new: text.replace(to_text(old), to_text(new)))),
    "strcontains": (2, 2, _text(lambda text, part: int(to_text(part) in text))),
    "frommillis": (1, 1, lambda value: None if to_number(value) is None else Moment(int(to_number(value) or 0))),
    "tomillis": (1, 1, lambda value: None if to_number(value) is None else int(to_number(value) or 0)),
    "now": (0, 0, lambda: int(time.time())),
    "isvalidip": (1, 1, _is_ip(None)),
    "isvalidipv4": (1, 1, _is_ip(4)),
    "isvalidipv6": (1, 1, _is_ip(6)),
    "isipinsubnet": (2, 2, _in_subnet(None)),
    "isipv4insubnet": (2, 2, _in_subnet(4)),
    "isipv6insubnet": (2, 2, _in_subnet(6)),
}
